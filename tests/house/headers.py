# Every header compiles alone: whoever includes it needs nothing before it.
import concurrent.futures
import os
import subprocess
import sys
import unittest

import tree

compiler = os.environ.get("CXX", "g++")


def compile_alone(path):
    """The compiler's first complaint, or None."""
    module = tree.module_of(path)
    folders = ["include"] + ([f"src/{module}"] if module else [])
    command = [
        compiler,
        "-std=c++20",
        "-fsyntax-only",
        "-w",
        '-DDRAGOMAN_VERSION="0"',
        "-x",
        "c++",
        *(f"-I{folder}" for folder in folders),
        "-",
    ]
    # Not the header itself: #pragma once in the main file is a warning of its own.
    done = subprocess.run(
        command, input=f'#include "{os.path.join(tree.root, path)}"\n', cwd=tree.root, text=True, capture_output=True
    )
    errors = [line for line in done.stderr.splitlines() if "error" in line]
    return f"{path}: {errors[0] if errors else done.stderr[:200]}" if done.returncode else None


class Headers(tree.Rule):
    def test_each_header_compiles_alone(self):
        headers = [path for path in tree.product() if path.endswith(".h") and path != "src/precompiled.h"]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            findings = [finding for finding in pool.map(compile_alone, headers) if finding]
        self.hold(findings, "Include what the header uses.")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
