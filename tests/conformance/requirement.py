# What the tests of this folder claim. Each test names a requirement by its number, the paragraph that asks for it, and
# what holds in one sentence; table.py makes docs/conformance.md of that. Import this first: it puts the laboratory of
# tests/integration on the path.
import collections
import glob
import importlib
import os
import sys

folder = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(folder))
sys.path.insert(1, os.path.join(root, "tests", "integration"))

# Letter -> the subject, and how many requirements there are. D and I (validation) are not here: nothing validates yet.
chapters = {
    "A": ("AAAA queries", range(1, 23)),
    "B": ("Addresses", range(1, 9)),
    "C": ("Reverse names", range(1, 6)),
    "E": ("ipv4only.arpa and prefix discovery", range(1, 9)),
    "F": ("HTTPS and SVCB records", range(1, 4)),
    "G": ("Caching", range(1, 11)),
    "H": ("Transport and EDNS", range(1, 9)),
    "J": ("Special names and error reporting", range(1, 5)),
    "K": ("Newer than RFC 6147", range(3, 4)),
}
numbers = [f"{letter}{number}" for letter, (_, those) in chapters.items() for number in those]

Claim = collections.namedtuple("Claim", "number paragraph sentence departs note test")
claims = []


def requirement(number, paragraph, sentence, departs=None, note=None):
    """What the decorated test shows. `departs` says why we differ on purpose: the test then pins what we do.
    `note` is for where our reading of the paragraph needs a word."""

    def mark(function):
        claims.append(Claim(number, paragraph, sentence, departs, note, function))
        return function

    return mark


def programs():
    """The test programs of this folder, by module name."""
    return sorted(os.path.basename(path)[:-3] for path in glob.glob(os.path.join(folder, "test_*.py")))


def all_claims():
    """The claims of every program, in the order of the requirements. For programs without claims of their own."""
    sys.path.insert(1, folder)
    for name in programs():
        importlib.import_module(name)
    order = {number: at for at, number in enumerate(numbers)}
    return sorted(claims, key=lambda claim: order.get(claim.number, len(order)))
