# Documentation that nobody runs rots: every path that the docs name exists, and every relative link leads somewhere.
# examples.py runs the examples.
import re
import unittest

import tree

top_level = ("src/", "include/", "tests/", "docs/", "config/", "bench/", "docker/", "certs/", "packaging/", ".ci/")
made_by_commands = ("certs/ca.", "certs/tls.", "build/")


def pages():
    return [path for path in tree.files() if path.endswith(".md")]


def named_paths(text):
    """Paths in code spans: `src/net/tls.cpp`, also `src/dns/{name,edns}.cpp` and `tests/house/layers`."""
    for span in re.findall(r"`([^`\n]+)`", text):
        for word in re.split(
            r"[\s,;()]+", re.sub(r"\{([^}]*)\}", lambda m: "{" + m.group(1).replace(",", "|") + "}", span)
        ):
            word = word.removeprefix("./").rstrip(".:")
            if (
                word.startswith(top_level)
                and not re.search(r"[<>*$]|\.\.\.", word)
                and not word.startswith(made_by_commands)
            ):
                yield from alternatives(word)


def alternatives(word):
    """`a/{b|c}.cpp` is a/b.cpp and a/c.cpp."""
    match = re.search(r"\{([^}]*)\}", word)
    if not match:
        return [word]
    return [word[: match.start()] + choice + word[match.end() :] for choice in match.group(1).split("|")]


def is_there(path):
    if tree.exists(path):
        return True
    folder, _, name = path.rpartition("/")
    return any(
        other.rsplit("/", 1)[1].split(".")[0] == name
        for other in tree.files(folder)
        if other.count("/") == path.count("/")
    )


class Docs(tree.Rule):
    def test_named_paths_exist(self):
        self.hold(
            [f"{page}: {path}" for page in pages() for path in named_paths(tree.read(page)) if not is_there(path)],
            "Name a file that is there.",
        )

    def test_paths_in_comments_exist(self):
        word = re.compile(r"//.*?\b((?:src|include|tests|docs|config|bench)/[\w/]+\.(?:h|cpp|py|md|yaml))\b")
        self.hold(
            [
                f"{path}: {match.group(1)}"
                for path in tree.cpp()
                for match in word.finditer(tree.read(path))
                if not tree.exists(match.group(1))
            ],
            "Name a file that is there.",
        )

    def test_links_lead_somewhere(self):
        found = []
        for page in pages():
            folder = page.rpartition("/")[0]
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)", tree.read(page)):
                if not target.startswith(("http:", "https:", "mailto:")):
                    if not tree.exists((folder + "/" if folder else "") + target):
                        found.append(f"{page}: {target}")
        self.hold(found, "Link to a file that is there.")

    def test_the_pages_stay_short(self):
        limits = {"README.md": 200, "docs/architecture.md": 200, "docs/life-of-a-query.md": 120, "docs/life-of-a-packet.md": 120}
        self.hold(
            [
                f"{page}: {tree.read(page).count(chr(10))} lines, limit {limit}"
                for page, limit in limits.items()
                if tree.exists(page) and tree.read(page).count("\n") > limit
            ],
            "Shorten it: every contributor is to read it whole.",
        )


if __name__ == "__main__":
    unittest.main()
