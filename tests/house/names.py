# Words: file names that say nothing, text that points at one person's machine, notes to oneself, opening comments.
import re
import unittest

import tree

empty_words = {"util", "utils", "utility", "helper", "helpers", "misc", "manager", "common", "stuff", "impl"}
# Paths of somebody's machine and of private tools have no place in the tree.
machine_paths = re.compile(r"(?<![\w.])/(home|Users|work)/[\w.-]+|(?<!\w)/tmp/(BRIEF|order)\b|\.\./shared/")


def text_files():
    for path in tree.files():
        if path.startswith("tests/fuzz/corpus/") or path == "LICENSE":
            continue
        try:
            yield path, tree.read(path)
        except UnicodeDecodeError:
            continue


class Names(tree.Rule):
    def test_file_names_say_what_is_inside(self):
        self.hold(
            [path for path in tree.files() if empty_words & set(re.split(r"[/._-]", path.lower()))],
            "Name the file after the one type or job inside.",
        )

    def test_file_names_are_snake_case(self):
        self.hold(
            [path for path in tree.cpp() if not re.fullmatch(r"[a-z0-9_/]+\.(cpp|h)", path)],
            "C++ files are named in snake_case.",
        )

    def test_no_machine_paths(self):
        this_file = "tests/house/names.py"
        self.hold(
            [
                f"{path}:{number}: {match.group()}"
                for path, text in text_files()
                if path != this_file
                for number, line in enumerate(text.splitlines(), 1)
                for match in machine_paths.finditer(line)
            ],
            "The tree must make sense on any machine: take the path from the build or an argument.",
        )

    def test_notes_to_oneself_carry_an_issue_number(self):
        note = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b(?!\(#\d+\))")
        self.hold(
            [
                f"{path}:{number}: {line.strip()[:80]}"
                for path, text in text_files()
                for number, line in enumerate(text.splitlines(), 1)
                if note.search(line)
            ],
            "Do it, or file an issue and write its number: TO" + "DO(#123).",
        )

    def test_files_open_with_what_they_are_for(self):
        self.hold(
            [path for path in tree.cpp() if not tree.read(path).startswith(("//", "/*"))],
            "Open the file with a comment of 2 to 8 lines: what for, which thread, which RFC.",
        )

    def test_headers_are_guarded(self):
        self.hold(
            [path for path in tree.cpp() if path.endswith(".h") and "#pragma once" not in tree.read(path)],
            "Write #pragma once.",
        )


if __name__ == "__main__":
    unittest.main()
