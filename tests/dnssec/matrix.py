# What a client of the validating DNS64 gets, as a table: rows that test_matrix.py asks one by one, and that
# docs/dnssec.md shows. `python3 tests/dnssec/matrix.py` writes them there.
import dataclasses
import os

import breakages
import forge
import lies
from signers import Nsec3, Plan
from zones import Zone, root, standard, tlds

# The flags of a query, as DO, CD and AD.
cd0 = ("000", "001", "100", "101")
do0cd0 = ("000", "001")
do1cd0 = ("100", "101")
do0cd1, do1cd1 = ("010", "011"), ("110", "111")


@dataclasses.dataclass(frozen=True)
class Row:
    """One case. name: whose AAAA records are asked. addresses: IPv4 ones that are embedded in the answer, or IPv6 ones.
    ad: True where the answer is told to be secure to who asked for that, by DO or AD. ede: codes of which one is there;
    empty for none of validation, None for any. proof: whether a client with DO gets NSEC or NSEC3 records. signed: the
    types that have signatures in the answer for a client with DO."""

    number: str
    rfc: str
    case: str
    name: str
    flags: tuple
    rcode: str = "NOERROR"
    addresses: tuple = ()
    ad: bool = False
    ede: tuple = ()
    proof: bool = False
    signed: tuple = ()
    peers: tuple = ()


v4 = ("198.51.100.2", "198.51.100.3")
one = ("198.51.100.9",)
bogus = {"rcode": "SERVFAIL"}
error = {"rcode": "SERVFAIL", "ede": None}

rows = (
    # DO=0: RFC 6147 3, case 1; RFC 6840 5.7 for AD.
    Row("D1", "RFC 6147 5.5", "IPv4 alone, all signed", "v4.signed.nsec", do0cd0, addresses=v4, ad=True),
    Row("D1", "RFC 6147 5.5", "the same with NSEC3", "v4.signed.nsec3", do0cd0, addresses=v4, ad=True),
    Row("D1", "RFC 6147 5.5", "IPv4 alone, not signed", "v4.plain", do0cd0, addresses=("198.51.100.81",)),
    Row("D1", "RFC 6147 5.1.1", "real AAAA, signed", "www.signed.nsec", do0cd0, addresses=("2001:db8::1",), ad=True),
    Row("D1", "RFC 6147 5.1.2", "no such name, signed", "missing.signed.nsec", do0cd0, "NXDOMAIN", ad=True),
    # DO=1, CD=0: case 2.
    Row("D2", "RFC 6147 5.5", "IPv4 alone, all signed", "v4.signed.nsec", do1cd0, addresses=v4, ad=True),
    Row("D2", "RFC 6147 5.5", "the same with NSEC3", "v4.signed.nsec3", do1cd0, addresses=v4, ad=True),
    Row("D2", "RFC 6147 5.5", "IPv4 alone, not signed", "v4.plain", do1cd0, addresses=("198.51.100.81",)),
    Row("D2", "RFC 6147 5.1.1", "real AAAA, signed", "www.signed.nsec", do1cd0, addresses=("2001:db8::1",), ad=True,
        signed=("AAAA",)),
    Row("D2", "RFC 4035 5.4", "no such name, signed", "missing.signed.nsec3", do1cd0, "NXDOMAIN", ad=True, proof=True),
    Row("D2", "RFC 4035 5.4", "neither A nor AAAA, signed", "text.signed.nsec", do1cd0, ad=True, proof=True),
    Row("D2", "RFC 4035 5.4", "an empty non-terminal", "ent.signed.nsec3", do1cd0, ad=True, proof=True),
    Row("D2", "RFC 4035 5.4", "a wildcard with IPv4 alone", "new.wild.signed.nsec", cd0, addresses=("198.51.100.7",),
        ad=True),
    Row("D2", "RFC 5155 8.7", "the same with NSEC3", "new.wild.signed.nsec3", cd0, addresses=("198.51.100.7",),
        ad=True),
    Row("D2", "RFC 4035 5.2", "below an unsigned delegation of a signed zone", "v4.child.signed.nsec", cd0,
        addresses=v4),
    Row("D2", "RFC 5155 6", "below an unsigned delegation in an opt-out span", "v4.child.leaf.optout", cd0,
        addresses=v4),
    Row("D2", "RFC 7646 2", "a negative trust anchor for a broken zone", "v4.excused.broken", cd0, addresses=v4),
    Row("D2", "RFC 4035 5.2", "a zone of an unknown algorithm", "v4.unknown.broken", cd0, addresses=v4, ede=(1,)),
    # CD=1: cases 3 and 4.
    Row("D3", "RFC 6147 3", "IPv4 alone, all signed", "v4.signed.nsec", do1cd1, proof=True),
    Row("D3", "RFC 6147 3", "the same with NSEC3", "v4.signed.nsec3", do1cd1, proof=True),
    Row("D3", "RFC 6147 3", "real AAAA, signed", "www.signed.nsec", do1cd1, addresses=("2001:db8::1",),
        signed=("AAAA",)),
    Row("D3", "RFC 4035 3.2.2", "the denial is bogus", "denial-octet.victim.broken", do1cd1, proof=True),
    Row("D3", "RFC 4035 3.2.2", "real AAAA with a wrong signature", "aaaa-octet.victim.broken", do1cd1,
        addresses=("2001:db8::9",), signed=("AAAA",)),
    Row("D4", "RFC 6147 3", "IPv4 alone, all signed", "v4.signed.nsec", do0cd1),
    Row("D4", "RFC 6147 3", "IPv4 alone, not signed", "v4.plain", do0cd1),
    Row("D4", "RFC 4035 3.2.2", "the denial is bogus", "denial-octet.victim.broken", do0cd1),
    # The denial first.
    Row("D5", "RFC 6147 5.5", "the denial lacks its NSEC record", "no-nsec.victim.broken", cd0, ede=(12,), **bogus),
    Row("D5", "RFC 6147 5.5", "the denial lacks its signatures", "no-rrsig.victim.broken", cd0, ede=(10, 12), **bogus),
    Row("D5", "RFC 6147 5.5", "the denial has wrong signatures", "denial-octet.victim.broken", cd0, ede=(6, 12),
        **bogus),
    Row("D5", "RFC 4035 5.4", "the denial is another name's", "replayed.victim.broken", cd0, ede=(12, 6), **bogus),
    Row("D5", "RFC 4035 5.4", "AAAA exists; the denial is another name's", "has-aaaa.victim.broken", cd0,
        ede=(12, 6), **bogus),
    Row("D5", "RFC 4035 5.4", "AAAA exists; an unsigned denial", "downgraded.victim.broken", cd0, ede=(12, 10),
        **bogus),
    Row("D5", "RFC 4035 5.4", "an unsigned NXDOMAIN", "vanished.victim.broken", cd0, ede=(12, 10), **bogus),
    Row("D5", "RFC 5155 8.5", "an opt-out span in place of the denial", "v4.leaf.optout", cd0, ede=(12, 6), **bogus),
    Row("D5", "RFC 4035 5.4", "a wildcard's denial without proof that the name is missing",
        "new.wild.victim.broken", cd0, ede=(12, 6), **bogus),
    Row("D5", "RFC 4035 5.3.4", "the same for a real AAAA", "new.wild6.victim.broken", cd0, ede=(12, 6), **bogus),
    # Errors in place of a denial.
    Row("D6", "RFC 6147 5.1.2", "AAAA SERVFAIL, signed", "servfail.victim.broken", cd0, **error),
    Row("D6", "RFC 6147 5.1.2", "AAAA REFUSED, signed", "refused.victim.broken", cd0, **error),
    Row("D6", "RFC 6147 5.1.3", "AAAA never answered, signed", "silent.victim.broken", ("000", "101"), **error),
    Row("D6", "RFC 6147 5.1.2", "AAAA SERVFAIL, not signed", "servfail.plain", cd0, addresses=one),
    Row("D6", "RFC 6147 5.1.3", "AAAA never answered, not signed", "silent.plain", ("000", "101"), addresses=one),
    # A is bogus.
    Row("D7", "RFC 6147 5.5", "the A records have a wrong signature", "a-octet.victim.broken", cd0, ede=(6,), **bogus),
    Row("D7", "RFC 6147 5.5", "the A records have no signature", "a-stripped.victim.broken", cd0, ede=(10,), **bogus),
    Row("D7", "RFC 6147 5.5", "the A records' signature has expired", "a-expired.victim.broken", cd0, ede=(7,),
        **bogus),
    Row("D7", "RFC 6147 5.5", "the A records are a forger's", "a-forged.victim.broken", cd0, ede=(10,), **bogus),
    Row("D7", "RFC 6147 5.1.6", "the A query fails", "a-servfail.victim.broken", cd0, **error),
    # Excluded addresses.
    Row("D8", "RFC 6147 5.1.4", "only ::ffff:0:0/96, signed", "mapped.signed.nsec", cd0, addresses=("198.51.100.4",)),
    Row("D8", "RFC 6147 5.1.4", "::ffff:0:0/96 beside a real one, signed", "mixed.signed.nsec", cd0,
        addresses=("2001:db8::5",)),
    Row("D8", "RFC 6147 5.1.4", "only ::ffff:0:0/96, with a wrong signature", "mapped-octet.victim.broken", cd0,
        ede=(6,), **bogus),
    # Chains.
    Row("D9", "RFC 6147 5.1.5", "an alias, all signed", "alias.signed.nsec", cd0, addresses=v4, ad=True,
        signed=("CNAME",)),
    Row("D9", "RFC 6147 5.1.5", "an alias into a zone that is not signed", "alias-out.victim.broken", cd0,
        addresses=("198.51.100.81",), signed=("CNAME",)),
    Row("D9", "RFC 6147 5.5", "an alias with a wrong signature", "alias-octet.victim.broken", cd0, ede=(6,), **bogus),
    Row("D9", "RFC 6147 5.5", "an alias to A records with a wrong signature", "alias-to-octet.victim.broken", cd0,
        ede=(6,), **bogus),
)  # fmt: skip

# The attacks that deployed resolvers were measured with. peers: BIND 9.18, Unbound 1.17, PowerDNS Recursor 4.8, Knot
# Resolver 5.6 of Debian 12, as validating forwarders with a trust anchor.
attacks = (
    Row("1", "", "signed NODATA and signed A, DO=0", "v4.signed.nsec", do0cd0, addresses=v4, ad=True,
        peers=("synthesizes",) * 4),
    Row("2", "", "the same, DO=1", "v4.signed.nsec", do1cd0, addresses=v4, ad=True,
        peers=("**NODATA**", "synthesizes, AD", "synthesizes, no AD, NSEC left in", "synthesizes, AD, NSEC left in")),
    Row("3", "", "the same, DO=1 CD=1", "v4.signed.nsec", do1cd1, proof=True,
        peers=("NODATA", "NODATA", "**synthesizes**", "NODATA")),
    Row("4", "", "A with a wrong signature", "a-octet.victim.broken", cd0, ede=(6,), **bogus,
        peers=("SERVFAIL", "SERVFAIL", "**synthesizes**", "SERVFAIL, EDE 6")),
    Row("5", "", "the AAAA denial without its NSEC record", "no-nsec.victim.broken", cd0, ede=(12,), **bogus,
        peers=("SERVFAIL", "**synthesizes, AD=1**", "SERVFAIL", "SERVFAIL, EDE 12")),
    Row("6", "", "the AAAA denial with a wrong signature", "denial-octet.victim.broken", cd0, ede=(6, 12), **bogus,
        peers=("SERVFAIL", "**synthesizes, AD=1**", "**synthesizes**", "SERVFAIL, EDE 6")),
    Row("7", "", "a signed AAAA exists, the attacker says NODATA", "downgraded.victim.broken", cd0, ede=(12, 10),
        **bogus, peers=("SERVFAIL", "**synthesizes, AD=1**", "SERVFAIL", "SERVFAIL, EDE 12")),
    Row("8", "", "AAAA SERVFAIL in a signed zone", "servfail.victim.broken", cd0, **error,
        peers=("SERVFAIL", "**synthesizes, AD=1**", "**synthesizes**", "SERVFAIL")),
    Row("9", "", "a signed AAAA ::ffff:9.9.9.9, DO=1", "mapped.signed.nsec", do1cd0, addresses=("198.51.100.4",),
        peers=("**returned, AD**", "**returned**", "**returned**", "**returned**")),
)  # fmt: skip

victims = (
    "no-nsec", "no-rrsig", "denial-octet", "replayed", "vanished", "servfail", "refused", "silent", "a-octet",
    "a-stripped", "a-expired", "a-forged", "a-servfail", "has-aaaa", "downgraded", "aaaa-octet", "mapped-octet",
)  # fmt: skip


def _break_victim(zone):
    for name, kind in (("a-octet", "A"), ("aaaa-octet", "AAAA"), ("mapped-octet", "AAAA"), ("alias-octet", "CNAME")):
        breakages.damage(name, kind)(zone)
    zone.strip("a-stripped", "A")
    now = breakages.now()
    zone.sign("a-expired", "A", inception=now - 9 * forge.day, expiration=now - forge.day)


def _break_everything(zone):
    for name, kind, rrsigs in zone.signed_rrsets():
        zone.put_signatures(name, kind, *map(forge.damaged, rrsigs))


def zones():
    victim = [f"{name} A {one[0]}" for name in victims]
    victim += ["has-aaaa AAAA 2001:db8::9", "downgraded AAAA 2001:db8::9", "aaaa-octet AAAA 2001:db8::9"]
    victim += ["mapped-octet AAAA ::ffff:9.9.9.9", "*.wild6 AAAA 2001:db8::7"]
    victim += ["a.wild TXT behind"]  # so that the NSEC record of *.wild covers next to nothing
    victim += ["alias-out CNAME v4.plain.", "alias-octet CNAME v4", "alias-to-octet CNAME a-octet"]
    plain = [f"{name} A {one[0]}" for name in ("servfail", "silent")]
    tops = [zone for zone in tlds if zone.name != "plain."]
    unsigned = next(zone for zone in tlds if zone.name == "plain.")
    opt_out = Plan("ldns", denial=Nsec3(0, "ab", opt_out=True))
    return [
        root,
        *tops,
        dataclasses.replace(unsigned, text=unsigned.text + tuple(plain)),
        breakages.tld,
        Zone("signed.nsec.", Plan("bind"), standard),
        Zone("child.signed.nsec.", None, standard),
        Zone("signed.nsec3.", Plan("knot", 15, Nsec3(5, "abcd")), standard),
        Zone("leaf.optout.", opt_out, standard),
        Zone("child.leaf.optout.", None, standard),
        Zone("victim.broken.", Plan("ldns"), standard + tuple(victim), _break_victim),
        Zone("excused.broken.", Plan("bind"), standard, _break_everything),
        Zone("unknown.broken.", Plan("ldns"), standard, breakages.unknown_key_algorithm),
    ]


def rules(internet):
    forger = lies.forged("@ 300 A 203.0.113.66")
    missing = lies.forged(
        rcode="NXDOMAIN", authority=("victim.broken. 300 SOA nsd.server. host.server. 1 3600 600 86400 300",)
    )
    made = {
        "no-nsec": ("AAAA", lies.without("NSEC")),
        "no-rrsig": ("AAAA", lies.without("RRSIG")),
        "denial-octet": ("AAAA", lies.damage("NSEC")),
        "replayed": ("AAAA", lies.replay("text.victim.broken.", "AAAA")),
        "has-aaaa": ("AAAA", lies.replay("text.victim.broken.", "AAAA")),
        "downgraded": ("AAAA", lies.unsigned_nodata("victim.broken.")),
        "vanished": ("AAAA", missing),
        "new.wild": ("AAAA", lies.denial(internet.signed["victim.broken."], ["*.wild"])),
        "new.wild6": ("AAAA", lies.without("NSEC", where=("authority",))),
        "servfail": ("AAAA", lies.error("SERVFAIL")),
        "refused": ("AAAA", lies.error("REFUSED")),
        "silent": ("AAAA", lies.silence),
        "a-forged": ("A", forger),
        "a-servfail": ("A", lies.error("SERVFAIL")),
    }
    yield from ((f"{name}.victim.broken.", kind, rule) for name, (kind, rule) in made.items())
    yield "servfail.plain.", "AAAA", lies.error("SERVFAIL")
    yield "silent.plain.", "AAAA", lies.silence
    # NSEC3 records that cover something, with the opt-out flag: an answer to the DS question of an unsigned child.
    yield "v4.leaf.optout.", "AAAA", lies.replay("child.leaf.optout.", "DS")


# -- The page --
page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "dnssec.md")
begin, end = "<!-- written by tests/dnssec/matrix.py -->\n", "<!-- end of what it wrote -->\n"


def flags_cell(flags):
    names = {do0cd0: "DO=0 CD=0", do1cd0: "DO=1 CD=0", do0cd1: "DO=0 CD=1", do1cd1: "DO=1 CD=1"}
    return names.get(flags, "CD=0")


def answer_cell(row):
    if not row.addresses:
        return {"NOERROR": "NODATA", "NXDOMAIN": "NXDOMAIN"}.get(row.rcode, row.rcode)
    return "the AAAA records" if all(":" in address for address in row.addresses) else "**synthetic AAAA**"


def ad_cell(row):
    if row.rcode == "SERVFAIL":
        return "0"
    return {do1cd0: "1", do0cd0: "1 for AD=1"}.get(row.flags, "1 for DO or AD") if row.ad else "0"


def ede_cell(row):
    return " or ".join(map(str, row.ede)) if row.ede else ""


def table():
    lines = ["| | RFC | the AAAA question | asked with | answer | AD | EDE |\n|---|---|---|---|---|---|---|\n"]
    for row in rows:
        cells = (row.number, row.rfc, row.case, flags_cell(row.flags), answer_cell(row), ad_cell(row), ede_cell(row))
        lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)


def attack_table():
    lines = ["| attack | Dragoman | BIND 9.18 | Unbound 1.17 | PowerDNS Recursor 4.8 | Knot Resolver 5.6 |\n"]
    lines.append("|---|---|---|---|---|---|\n")
    for row in attacks:
        ours = answer_cell(row).replace("**", "") + (f", EDE {ede_cell(row)}" if row.ede else "")
        lines.append(f"| {row.case} | {ours} | {' | '.join(row.peers)} |\n")
    return "".join(lines)


def section():
    return f"""{begin}
## What a client gets

DNS64 and validation together, row by row: RFC 6147 3 and 5.5 for who gets synthetic records, RFC 4035 3.2 and RFC 6840
5.7 to 5.9 for the bits. A name is synthesized when its AAAA denial and its A records have both been validated, or both
may go without; each row is asked of the real program in `tests/dnssec/test_matrix.py`, with zones that BIND, ldns and
Knot DNS signed.

{table()}
- AD is never set on an answer to a query that has neither DO nor AD (RFC 6840 5.7, 5.8), nor with CD=1.
- A synthetic record has no signature and no denial beside it; the signatures of an alias in front of it stay (D9).
- Where records were left out of a signed answer (D8) AD is 0: what is given is not what was signed.
- With `dnssec.mode: off` (D10) CD=1 still means no synthesis; DO=1 alone gets it, AD is 0 whatever an upstream said.
- `trust_ad` (D11) is accepted with authenticated upstreams alone.

## What deployed resolvers do

Measured in Debian 12's versions, as validating forwarders with DNS64; what is wrong is bold.

{attack_table()}
{end}"""


def write():
    with open(page, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(begin, 1)
    with open(page, "w", encoding="utf-8") as file:
        file.write(before + section() + rest.split(end, 1)[1])


if __name__ == "__main__":
    write()
