# The zones that are as they should be, and what they are asked: every algorithm by every signer, with NSEC and NSEC3,
# roles of keys, digests, chains of aliases across zones, delegations with and without DS records, opt-out, iterations.
from breakages import Question
from signers import Nsec, Nsec3, Plan, signers
from zones import Zone, root, standard, tlds

import keys

nsec3_few = Nsec3(iterations=5, salt="c0ffee")


def ask(zone, *rows, verdict="secure"):
    """Questions about a zone from "NAME TYPE" or "NAME TYPE VERDICT [EDE]" texts."""
    for row in rows:
        name, kind, said, *ede = (row.split() + [verdict] * (len(row.split()) == 2))
        yield Question(zone if name == "@" else f"{name}.{zone}", kind, said, frozenset(map(int, ede)))


# Every kind of answer and of denial, once.
every_kind = (
    "@ SOA", "@ NS", "@ DNSKEY", "@ DS", "@ TXT", "@ A", "@ NSEC3PARAM",
    "www A", "www AAAA", "v4 A", "v4 AAAA", "v6 A", "text A", "www HTTPS", "mapped AAAA", "mixed AAAA",
    "missing A", "missing AAAA", "a.b.missing TXT", "ent A", "ent TXT", "new.ent A", "host.ent A", "zzz A",
    "new.wild A", "new.wild AAAA", "new.wild TXT", "a.b.wild A", "wild A", "*.wild A",
    "new.aliases A", "new.aliases AAAA", "alias A", "alias AAAA", "alias CNAME", "alias2 A", "alias-www AAAA",
    "nowhere A", "www CNAME",
)  # fmt: skip
# One of each, for the many zones.
a_few = ("@ DNSKEY", "v4 A", "v4 AAAA", "missing A", "new.wild A", "new.wild AAAA")


def grid():
    """(zone, questions) for every algorithm, signer and kind of denial that go together."""
    for algorithm in keys.algorithms:
        for signer in signers:
            for denial, tld in ((Nsec(), "nsec."), (nsec3_few, "nsec3.")):
                # RFC 5155 2: algorithm 5 says NSEC, whoever signs so. 7 may have either.
                if algorithm == 5 and tld == "nsec3.":
                    continue
                name = f"a{algorithm}-{signer}.{tld}"
                server = "knot" if (algorithm + len(signer)) % 2 else "nsd"
                wanted = every_kind if (algorithm, signer) in ((8, "ldns"), (13, "bind"), (15, "knot")) else a_few
                yield Zone(name, Plan(signer, algorithm, denial), standard, server=server), ask(name, *wanted)


def roles():
    """Other sets of keys, and other digests in the DS records."""
    plans = {
        "single-bind": Plan("bind", 13, Nsec(), "single"),
        "single-ldns": Plan("ldns", 8, nsec3_few, "single"),
        "single-knot": Plan("knot", 14, nsec3_few, "single"),
        "several-bind": Plan("bind", 8, nsec3_few, "several"),
        "several-ldns": Plan("ldns", 13, Nsec(), "several"),
    }
    for label, plan in plans.items():
        yield Zone(f"{label}.nsec.", plan, standard), ask(f"{label}.nsec.", *a_few)
    for label, digests in (("ds1", (1,)), ("ds2", (2,)), ("ds4", (4,)), ("ds12", (1, 2)), ("ds124", (1, 2, 4))):
        yield Zone(f"{label}.nsec3.", Plan(), standard, ds=digests), ask(f"{label}.nsec3.", *a_few)


def parameters():
    """NSEC3 with and without salt, more iterations, opt-out. Beyond 50 iterations a denial proves nothing, and beyond
    500 it is an attack (RFC 9276 3.2); answers that need no denial stay secure."""
    denied = ("v4 AAAA", "missing A", "new.wild A", "new.wild AAAA", "new.ent A")
    for label, denial, verdict in (
        ("plain-salt", Nsec3(0, "ab"), "secure"),
        ("no-salt", Nsec3(0, ""), "secure"),
        ("ten", Nsec3(10, "abcd"), "secure"),
        ("sixty", Nsec3(60, "abcd"), "insecure 27"),
        ("sixhundred", Nsec3(600, "abcd"), "bogus 27"),
    ):
        for signer in ("ldns", "knot"):
            zone = f"{label}-{signer}.nsec3."
            rows = [f"{row} {verdict}" for row in denied]
            yield Zone(zone, Plan(signer, 13, denial), standard), ask(zone, "www A", "alias A", *rows)
    for signer in signers:
        zone = f"{signer}.optout."
        plan = Plan(signer, 13, Nsec3(0, "ab", opt_out=True))
        # A span with the opt-out flag does not deny what it covers (RFC 5155 9.2); a record that matches does.
        rows = ["www A", "v4 AAAA", "missing A insecure", "new.wild A insecure", "ent A"]
        yield Zone(zone, plan, standard), ask(zone, *rows)


# Records of many types, for the canonical form of each (RFC 4034 6.2, RFC 6840 5.1); letter case in every place.
varied = (
    "MiXed A 198.51.100.1",
    "Alias CNAME MiXed",
    "mail MX 10 Mail.Example.",
    "mail MX 5 MAIL2",
    "srv SRV 1 2 443 Host.Example.",
    'naptr NAPTR 1 2 "S" "SIP+D2U" "" _SIP._udp.Example.',
    "ptr PTR Some.Host.Example.",
    "rp RP Who.Example. Text.Example.",
    "afsdb AFSDB 1 AFS.Example.",
    "kx KX 10 KX.Example.",
    "sub DNAME Other.Plain.",
    'caa CAA 0 issue "ca.example"',
    "https HTTPS 1 Svc.Example. alpn=h2",
    "svcb SVCB 0 Other.Example.",
    "tlsa TLSA 3 1 1 " + "ab" * 32,
    "sshfp SSHFP 4 2 " + "cd" * 32,
    'hinfo HINFO "PC" "Linux"',
    "loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
    'uri URI 10 1 "https://Example/"',
    "unknown TYPE65400 \\# 3 abcdef",
    'texts TXT "" "a" "ab"',
    'texts TXT "b"',
    'texts TXT "B"',
    *(f"many A 198.51.100.{number}" for number in (9, 10, 100, 99, 1, 2, 200, 20)),
    *(f"large TXT {'x' * 200}{number}" for number in range(40)),
    "*.Star A 198.51.100.1",
    "under.*.star TXT literal",
    "Far.Away.In.Upper A 198.51.100.1",
)
varied_asked = (
    "mixed A", "MIXED AAAA", "alias A", "mail MX", "srv SRV", "naptr NAPTR", "ptr PTR", "rp RP", "afsdb AFSDB", "kx KX",
    "sub DNAME", "caa CAA", "https HTTPS", "svcb SVCB", "tlsa TLSA", "sshfp SSHFP", "hinfo HINFO", "loc LOC", "uri URI",
    "unknown TYPE65400", "texts TXT", "many A", "large TXT", "new.star A", "new.star TXT", "under.*.star TXT",
    "under.*.star A", "beside.*.star TXT", "in.upper A", "zz.in.upper A", "mIsSiNg A", "@ NSEC", "mixed NSEC",
)  # fmt: skip


def variety():
    """Signers differ in what they lower before they sign; none of these may. Knot serves these zones: NSD 4.6 lowers
    the target of SVCB records, whose signature then no longer fits."""
    for signer in signers:
        zone = f"varied-{signer}.nsec."
        yield Zone(zone, Plan(signer, 13), varied, server="knot"), ask(zone, *varied_asked)
        zone = f"varied-{signer}.nsec3."
        wanted = [row for row in varied_asked if not row.endswith(" NSEC")]
        yield Zone(zone, Plan(signer, 13, nsec3_few), varied, server="knot"), ask(zone, *wanted)


def chains():
    """Aliases that lead out of the zone."""
    zone = "chains.nsec."
    text = (
        "to-plain CNAME www.plain.",
        "to-plain-v4 CNAME v4.plain.",
        "to-signed CNAME www.a8-bind.nsec.",
        "to-signed-v4 CNAME v4.a8-bind.nsec.",
        "through CNAME home.plain.",
        "to-missing CNAME missing.a13-bind.nsec3.",
        "to-broken CNAME www.octet.broken.",
        "to-wild CNAME new.wild.a13-bind.nsec3.",
        "dname DNAME a13-bind.nsec.",
        "dname3 DNAME a13-ldns.nsec3.",
        "dname-plain DNAME plain.",
    )
    rows = (
        "to-plain A insecure", "to-plain-v4 AAAA insecure", "to-signed A", "to-signed-v4 AAAA", "through A insecure",
        "to-missing A", "to-broken A bogus 6", "to-wild A", "to-wild AAAA", "www.dname A", "v4.dname AAAA",
        "missing.dname A", "dname A", "dname DNAME", "www.dname3 A", "missing.dname3 AAAA", "new.wild.dname3 A",
        "www.dname-plain A insecure",
    )  # fmt: skip
    yield Zone(zone, Plan("bind"), text), ask(zone, *rows)
    yield None, ask("plain.", "www A insecure", "v4 AAAA insecure", "missing A insecure", "home A insecure", "@ DS")


def delegations():
    """Children of three kinds of parents: with a DS record and without, and signed ones below unsigned ones."""
    for parent, plan in (
        ("cuts.nsec.", Plan("bind")),
        ("cuts.nsec3.", Plan("ldns", denial=nsec3_few)),
        ("cuts.optout.", Plan("knot", denial=Nsec3(0, "ab", opt_out=True))),
    ):
        denied = "insecure" if "optout" in parent else "secure"
        # NSD 4.6 cannot prove that lost.no.ds has no DS record: in an opt-out zone no NSEC3 record is there for the
        # empty non-terminal no.ds, which leads to unsigned delegations alone.
        server = "knot" if "optout" in parent else "nsd"
        asked = ask(parent, "www A", f"unsigned DS {denied}", "signed DS", "signed NS", f"lost.no.ds DS {denied}")
        yield Zone(parent, plan, standard, server=server), asked
        yield Zone(f"signed.{parent}", Plan("ldns"), standard), ask(f"signed.{parent}", "www A", "v4 AAAA", "missing A")
        far = f"far.no.cut.{parent}"  # two names lie between, which are no delegations
        yield Zone(far, Plan("ldns"), standard), ask(far, "www A", "v4 AAAA")
        lost = f"lost.no.ds.{parent}"
        yield Zone(lost, None, standard), ask(lost, "www A", "missing A", verdict="insecure")
        below = f"deep.signed.{parent}"
        yield Zone(below, Plan("knot", 15), standard), ask(below, "www A", "v4 AAAA", "@ DS")
        unsigned = f"unsigned.{parent}"
        yield Zone(unsigned, None, standard), ask(unsigned, "www A", "v4 AAAA", "missing A", verdict="insecure")
        island = f"island.unsigned.{parent}"
        yield Zone(island, Plan("bind"), standard), ask(island, "www A", "v4 AAAA", "@ DS", verdict="insecure")


def world():
    """All zones, the root's and top-level ones too, and all questions about them."""
    pairs = [pair for make in (grid, roles, parameters, variety, chains, delegations) for pair in make()]
    found = [zone for zone, _ in pairs if zone]
    questions = [question for _, asked in pairs for question in asked]
    questions += list(ask("nsec.", "@ SOA", "@ DNSKEY", "missing A", "plain.missing AAAA"))
    questions += list(ask("nsec3.", "@ DNSKEY", "@ A", "missing A", "a.missing A"))
    questions += [Question(".", "DNSKEY", "secure"), Question("missing.", "A", "secure")]
    questions += [Question("plain.", "NS", "insecure")]
    return [root, *tlds, *found], questions
