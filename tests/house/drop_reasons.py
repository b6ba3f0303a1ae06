# Why packets are dropped: every reason of the NAT64 has its line in docs/nat64.md with what to do about it, in the order of
# the enumeration, and its text in the label set is its name.
import re
import unittest

import tree

header = "include/dragoman/nat64/drop_reason.h"
page = "docs/nat64.md"


def enumerators():
    body = re.search(r"enum class DropReason[^{]*\{(.*?)\};", tree.read(header), re.S).group(1)
    return re.findall(r"^\s*(\w+)\s*(?:,|//|$)", body, re.M)


def labels():
    body = re.search(r"LabelValues<nat64::DropReason> \{.*?\{(.*?)\};", tree.read(header), re.S).group(1)
    return re.findall(r'"(\w+)"', body)


def rows():
    """(reason, what it was, what to do) of the table."""
    table = tree.read(page).split("## Why packets are dropped", 1)[1]
    return re.findall(r"^\| \**`(\w+)`\** \| (.*?) \| (.*?) \|$", table, re.M)


class DropReasons(tree.Rule):
    def test_labels_are_the_names(self):
        self.assertEqual(labels(), enumerators())

    def test_every_reason_is_explained(self):
        self.assertEqual([reason for reason, _, _ in rows()], enumerators(), f"mend the table of {page}")

    def test_every_line_says_what_it_was_and_what_to_do(self):
        self.hold(
            [reason for reason, what, do in rows() if len(what.split()) < 2 or not do.strip()],
            "Say what the packet was, and what an operator does about it; nothing is an answer.",
        )


if __name__ == "__main__":
    unittest.main()
