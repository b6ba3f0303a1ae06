# What the house rules look at: the files of the tree, their includes, their text without comments. The rules themselves
# are the other files in this folder; each is a test program of its own, and its messages say what to do.
import os
import re
import subprocess
import unittest

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Lowest first. A file includes its own module and modules of lower layers only (docs/architecture.md).
# A new module: one word here, one dragoman_library() line, one line in docs/architecture.md.
layers = [
    ["base"],
    ["dns", "ip", "telemetry"],
    ["cache", "dns64", "dnssec", "nat64", "net"],
    ["upstream"],
    ["resolve", "gateway", "trust"],
    ["serve", "admin"],
    ["config"],
    ["app"],
]
rank = {module: number for number, row in enumerate(layers) for module in row}


def read(path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def exists(path):
    return os.path.exists(os.path.join(root, path))


def files(*folders):
    """Paths of all files that belong to the tree: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "--", *folders],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return sorted(path for path in set(listed) if exists(path))


def product():
    """C++ files of the program."""
    return [path for path in files("src", "include") if path.endswith((".cpp", ".h"))]


def cpp():
    """All C++ files."""
    return [path for path in files("src", "include", "tests", "bench") if path.endswith((".cpp", ".h"))]


def module_of(path):
    """The module of a file: src/<module>/... or include/dragoman/<module>/...; None for src/precompiled.h."""
    parts = path.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[0] == "include" and len(parts) > 3:
        return parts[2]
    return None


def includes(path):
    """(line number, included name, whether in angle brackets) of each #include."""
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(2), match.group(1) == "<"


_blanked = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def without_comments(text):
    """C++ with comments, strings and characters blanked out, line numbers kept."""

    def blank(match):
        # A digit separator (1'000) is not a character literal.
        start = match.start()
        if match.group().startswith("'") and start and match.string[start - 1].isalnum():
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())

    return _blanked.sub(blank, text)


class Rule(unittest.TestCase):
    """A rule collects everything that breaks it, then fails once with the list."""

    def hold(self, findings, what_to_do):
        findings = list(findings)
        if findings:
            self.fail("\n  " + "\n  ".join(findings) + "\n" + what_to_do)
