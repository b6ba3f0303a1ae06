# The unit tests mirror the sources: src/<module>/<file>.cpp has tests/unit/<module>/<file>_test.cpp.
import re
import unittest

import tree

# Sources without a unit test of their own. This list may only shrink. Each line says what tests them instead.
tested_elsewhere = {
    "src/app/main.cpp": "tests/integration/test_lifecycle.py",
    "src/app/supervisor.cpp": "tests/integration/test_lifecycle.py",
    "src/app/worker.cpp": "tests/integration/test_lifecycle.py",
    "src/gateway/nat64.cpp": "tests/integration/test_nat64_lifecycle.py",
    "src/gateway/nat64_worker.cpp": "tests/integration/test_nat64.py",
    "src/app/commands/serve.cpp": "tests/integration/test_lifecycle.py",
}


def expected_test(path):
    module, name = tree.module_of(path), path.rsplit("/", 1)[1]
    return f"tests/unit/{module}/{name.removesuffix('.cpp')}_test.cpp"


def sources():
    return [path for path in tree.product() if path.endswith(".cpp")]


class UnitTests(tree.Rule):
    def test_every_source_has_a_unit_test(self):
        self.hold(
            [
                f"{path}: no {expected_test(path)}"
                for path in sources()
                if not tree.exists(expected_test(path)) and path not in tested_elsewhere
            ],
            "Write it in the same commit as the source.",
        )

    def test_the_allowance_only_shrinks(self):
        self.hold(
            [path for path in tested_elsewhere if not tree.exists(path) or tree.exists(expected_test(path))],
            "The source is gone or has a unit test now: remove its line from tests/house/unit_tests.py.",
        )
        self.hold(
            [f"{path}: {other}" for path, other in tested_elsewhere.items() if not tree.exists(other)],
            "Name a test that exists.",
        )

    def test_tests_neither_sleep_nor_wait_for_the_clock(self):
        sleep = re.compile(r"(?<![.\w>])(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
        self.hold(
            [
                f"{path}:{number}: {line.strip()}"
                for path in tree.cpp()
                if path.startswith("tests/unit/")
                for number, line in enumerate(tree.without_comments(tree.read(path)).splitlines(), 1)
                if sleep.search(line)
            ],
            "Pass time as an argument, or turn the event loop until what you wait for has happened.",
        )

    def test_test_names_are_sentences(self):
        name = re.compile(r"^\s*TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
        self.hold(
            [
                f"{path}: {match.group(1)}.{match.group(2)}"
                for path in tree.cpp()
                if path.startswith("tests/unit/")
                for match in name.finditer(tree.read(path))
                if re.search(r"[a-z][A-Z]", match.group(2))
            ],
            "Name the behaviour: TEST(AnswerCache, forgets_an_entry_when_its_ttl_ends).",
        )


if __name__ == "__main__":
    unittest.main()
