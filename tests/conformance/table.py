# Writes docs/conformance.md from what the tests claim: python3 tests/conformance/table.py > docs/conformance.md
import os

import nat64_requirements
import requirement

page_path = os.path.join(requirement.root, "docs", "conformance.md")

opening = """\
# Conformance

What the RFCs ask of a DNS64, requirement by requirement, and the test that shows it. Each test runs the real program
between a client and a scripted upstream, and looks at what the client sees and at what the upstream was asked; they are
in `tests/conformance`, one file for each subject, and `ctest -L conformance` runs them. What is asked of a stateful
NAT64 has the letter R, further below.

This page is written by `python3 tests/conformance/table.py > docs/conformance.md`; a test holds it to the tests.
*Holds* means that the test passes as the RFC wants it. *Departs* means that we differ on purpose: the reason stands
there, and the test shows what we do instead. {count} claims, {departing} of them departures. The letters D and I,
DNSSEC validation, have a page of their own: [dnssec.md](dnssec.md).
"""

combined = """
## Combinations

Crashes and wrong answers of DNS64 servers mostly came from pairs of features. [`test_combinations.py`]\
(../tests/conformance/test_combinations.py) runs servers whose settings cover every pair of serve-stale, prefetch, local
data, rebinding protection, routes, excluded names, A after NXDOMAIN and no NXDOMAIN cut: both on, both off, each alone.
Each is asked A and AAAA, with and without DO and CD, by clients with and without DNS64, of upstreams that are healthy,
empty, malformed, silent, failing, or have aliases, loops, duplicates, TTL 0 and private addresses. No answer may have A
beside AAAA, a synthetic record for who may not have one, a TTL above its inputs, or another RCODE than its basis.
"""

notes_opening = """
## Readings

Where a paragraph can be read in more than one way, or is often misread:
"""

measured_opening = """
## Measured cases

What four deployed resolvers were measured to do, in Debian 12's versions, as forwarders with validation off and all
defaults. Ours is the column of the RFC: each row is a test in
[`test_measured_table.py`](../tests/conformance/test_measured_table.py).

| case | right is | BIND 9.18 | Unbound 1.17 | PowerDNS Recursor 4.8 | Knot Resolver 5.6 |
|---|---|---|---|---|---|
"""

nat64_opening = """
## R. Stateful NAT64

The tests of these are in three places: packets as text, octets in and octets out (`tests/golden/nat64`, one runner
reads them all), unit tests of the steps, tables and timers (`tests/unit/nat64`), and the real program between an
IPv6-only and an IPv4-only network (`tests/integration`, `test_nat64*.py`). Every number has one, which is tested, too.

| | RFC | what holds | shown by |
|---|---|---|---|
"""


def cell(text):
    return text.replace("|", "\\|")


def test_of(claim):
    path = os.path.basename(claim.test.__code__.co_filename)
    name = claim.test.__name__.split("_", 2)[2].replace("_", " ")
    return f"[{name}](../tests/conformance/{path})"


def row_of(claim):
    state = f"**departs**: {claim.departs}" if claim.departs else "holds"
    return f"| {claim.number} | {claim.paragraph} | {cell(claim.sentence)} | {test_of(claim)} | {cell(state)} |\n"


def nat64_row(row, places):
    """One requirement of the NAT64, with the tests that name it, file by file."""
    golden = [place.name for place in places if place.path.endswith(".txt")]
    shown = [f"golden packets `{row.number.lower()}_*`: {', '.join(golden)}"] if golden else []
    for path in dict.fromkeys(place.path for place in places if not place.path.endswith(".txt")):
        names = [place.name for place in places if place.path == path]
        link = f"[{os.path.basename(path)}](../{os.path.relpath(path, requirement.root)})"
        shown.append(link if None in names else f"{link}: {', '.join(names)}")
    return f"| {row.number} | {row.paragraph} | {cell(row.sentence)} | {'; '.join(shown)} |\n"


def nat64_rows():
    places = nat64_requirements.places()
    return [
        nat64_row(row, [place for place in places if place.number == row.number])
        for row in nat64_requirements.requirements
    ]


def page():
    """The whole page."""
    claims = requirement.all_claims()
    departing = sum(1 for claim in claims if claim.departs)
    parts = [opening.format(count=len(claims), departing=departing)]
    for letter, (subject, _) in requirement.chapters.items():
        parts.append(f"\n## {letter}. {subject}\n\n| | RFC | what holds | test | state |\n|---|---|---|---|---|\n")
        parts += [row_of(claim) for claim in claims if claim.number[0] == letter]
    parts += [nat64_opening, *nat64_rows()]
    parts.append(notes_opening)
    parts += [f"\n- {claim.number} ({claim.paragraph}): {claim.note}\n" for claim in claims if claim.note]
    parts.append(combined)
    parts.append(measured_opening)
    parts += [
        f"| {cell(row.case)} | {cell(row.rfc)} | {' | '.join(map(cell, row.peers))} |\n" for row in measured_rows()
    ]
    return "".join(parts)


def measured_rows():
    import test_measured_table  # its folder is on the path once the claims are collected

    return test_measured_table.rows


if __name__ == "__main__":
    print(page(), end="")
