# The cases in which deployed DNS64 resolvers were measured: what the RFC says, what those do, and that ours does what
# the RFC says.
import collections
import re

import dns.message
import dns.rcode
import dns.reversename

import requirement  # noqa: F401, sets the path for the laboratory
from scene import Scene, aliases, embedded, has, rrsets

import clients
import lab
import replies

# case: in words. rfc: what is right. peers: BIND 9.18, Unbound 1.17, PowerDNS Recursor 4.8 and Knot Resolver 5.6 of
# Debian 12, measured as forwarders with validation off. question: name, type and options of clients.query(), `klass`
# and `transport` besides. expected: what `Cases.holds` looks at; addresses are IPv4 ones under the prefix, or IPv6.
Row = collections.namedtuple("Row", "case rfc peers question expected")

everybody_synthesizes = ("synthesizes",) * 4
forwards = ("asks the upstream",) * 4

rows = [
    Row("NODATA with SOA TTL 300, A TTL 3600", "TTL 300", ("300", "3600", "3600", "300"),
        ("soa.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "ttl": 300}),
    Row("NODATA without SOA, A TTL 3600", "TTL 600", ("600", "3600", "3600", "600"),
        ("no-soa.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "ttl": 600}),
    Row("AAAA SERVFAIL, A fine", "synthesize", ("SERVFAIL", "synthesizes", "synthesizes", "SERVFAIL"),
        ("servfail.test", "AAAA", {}), {"aaaa": ["198.51.100.1"]}),
    Row("AAAA REFUSED, A fine", "synthesize", ("SERVFAIL", "synthesizes", "synthesizes", "SERVFAIL"),
        ("refused.test", "AAAA", {}), {"aaaa": ["198.51.100.1"]}),
    Row("AAAA NOTIMP, A fine", "synthesize", ("SERVFAIL", "synthesizes", "synthesizes", "SERVFAIL"),
        ("notimp.test", "AAAA", {}), {"aaaa": ["198.51.100.1"]}),
    Row("AAAA never answered, A fine", "synthesize",
        ("SERVFAIL after 10 s", "no answer in 40 s", "synthesizes after 1.5 s", "SERVFAIL after 4 s"),
        ("silent.test", "AAAA", {}), {"aaaa": ["198.51.100.1"]}),
    Row("AAAA NXDOMAIN, A exists", "NXDOMAIN", ("NXDOMAIN", "synthesizes", "NXDOMAIN", "NXDOMAIN"),
        ("nx.test", "AAAA", {}), {"rcode": "NXDOMAIN", "aaaa": []}),
    Row("only AAAA is ::ffff:9.9.9.9", "as none: synthesize", ("synthesizes", "returned", "returned", "returned"),
        ("mapped.test", "AAAA", {}), {"aaaa": ["198.51.100.1"]}),
    Row("::ffff:9.9.9.9 and a real AAAA", "the real one", ("the real one", "both", "both", "both"),
        ("mixed.test", "AAAA", {}), {"aaaa": ["2001:db8::1"]}),
    Row("AAAA inside our own prefix", "the operator's choice", ("passes",) * 4,
        ("own.test", "AAAA", {}), {"aaaa": ["64:ff9b::909:909"]}),
    Row("CNAME to an A record", "chain and AAAA", ("right",) * 4,
        ("alias.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "chain": ["soa.test."]}),
    Row("two CNAMEs", "chain and AAAA", ("right",) * 4,
        ("alias2.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "chain": ["alias.test.", "soa.test."]}),
    Row("CNAME without any SOA", "chain and AAAA", ("right",) * 4,
        ("bare-alias.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "chain": ["soa.test."]}),
    Row("CNAME target differs for A and AAAA", "chain of the A query",
        ("AAAA chain, NODATA", "right", "AAAA chain, NODATA", "AAAA chain, NODATA"),
        ("split.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "chain": ["only4.test."]}),
    *(Row(f"A {address} and the Well-Known Prefix", "not to be synthesized", everybody_synthesizes,
          (f"{name}.test", "AAAA", {}), {"aaaa": [], "soas": 1})
      for name, address in (("private", "10.1.2.3"), ("loopback", "127.0.0.1"), ("zero", "0.0.0.0"))),
    Row("AAAA NODATA, A SERVFAIL", "SERVFAIL",
        ("SERVFAIL", "NOERROR, empty", "SERVFAIL and an SOA", "SERVFAIL and an SOA"),
        ("afail.test", "AAAA", {}), {"rcode": "SERVFAIL", "aaaa": [], "soas": 0}),
    Row("AAAA NODATA, A NXDOMAIN", "NXDOMAIN", ("NXDOMAIN", "NXDOMAIN", "NXDOMAIN", "NOERROR"),
        ("anx.test", "AAAA", {}), {"rcode": "NXDOMAIN", "aaaa": [], "soas": 1}),
    Row("both NODATA", "NODATA, one SOA", ("right", "right", "right", "right, but EDE 4 (forged)"),
        ("neither.test", "AAAA", {}), {"aaaa": [], "soas": 1, "ede": []}),
    Row("CD=1, DO=0", "unsaid; we do not synthesize", ("synthesizes", "does not", "synthesizes, CD lost", "does not"),
        ("soa.test", "AAAA", {"flags": "RD CD"}), {"aaaa": [], "flag": "CD"}),
    Row("CD=1, DO=1", "not to be synthesized", ("synthesizes", "does not", "synthesizes, CD lost", "does not"),
        ("soa.test", "AAAA", {"flags": "RD CD", "dnssec_ok": True}), {"aaaa": [], "flag": "CD"}),
    Row("DO=1, CD=0", "synthesize", everybody_synthesizes,
        ("soa.test", "AAAA", {"dnssec_ok": True}), {"aaaa": ["198.51.100.1"]}),
    Row("class CH, AAAA", "as without DNS64", ("REFUSED", "REFUSED", "synthetic IN data", "SERVFAIL"),
        ("soa.test", "AAAA", {"klass": "CH"}), {"rcode": None, "aaaa": []}),
    Row("90 addresses over UDP", "TC", ("TC",) * 4,
        ("many.test", "AAAA", {}), {"aaaa": [], "flag": "TC"}),
    Row("90 addresses over TCP", "all 90", ("all",) * 4,
        ("many.test", "AAAA", {"transport": "tcp"}), {"aaaa": [f"198.51.100.{number}" for number in range(1, 91)]}),
    Row("A TTL 0", "TTL 0", ("0", "0", "1", "5"),
        ("ttl0.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "ttl": 0}),
    Row("PTR inside the prefix", "local data, or a CNAME",
        ("CNAME, TTL 600", "the owner rewritten", "CNAME, TTL 0", "CNAME, TTL 60"),
        (dns.reversename.from_address("64:ff9b::193.0.14.1"), "PTR", {}),
        {"chain": ["1.14.0.193.in-addr.arpa."], "ptr": ["host.test."], "ttl": 600}),
    Row("PTR, in-addr.arpa name does not exist", "no CNAME", ("CNAME", "NXDOMAIN", "CNAME", "CNAME"),
        (dns.reversename.from_address("64:ff9b::193.0.14.2"), "PTR", {}),
        {"rcode": "NXDOMAIN", "chain": [], "ptr": []}),
    Row("ipv4only.arpa AAAA", "answered here (RFC 8880)", forwards,
        ("ipv4only.arpa", "AAAA", {}), {"aaaa": ["192.0.0.170", "192.0.0.171"], "asked": []}),
    Row("ipv4only.arpa A", "answered here (RFC 8880)", forwards,
        ("ipv4only.arpa", "A", {}), {"a": ["192.0.0.170", "192.0.0.171"], "asked": []}),
    Row("170.0.0.192.in-addr.arpa PTR", "answered here (RFC 8880)", ("the upstream's NXDOMAIN",) * 4,
        ("170.0.0.192.in-addr.arpa", "PTR", {}), {"ptr": ["ipv4only.arpa."], "asked": []}),
    Row("SOA beside a synthetic answer", "none: authority is the A answer's", ("none", "none", "none", "left in"),
        ("soa.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "soas": 0}),
    Row("EDE on synthesis", "none required; ours is 29", ("none", "none", "none", "4"),
        ("soa.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "ede": [29]}),
    Row("A and AAAA asked in parallel", "may be", ("no",) * 4,
        ("parallel.test", "AAAA", {}), {"aaaa": ["198.51.100.1"], "asked": ["A", "AAAA"]}),
]  # fmt: skip


class Cases(Scene):
    zone = {
        ("soa.test", "A"): ["198.51.100.1"],
        ("parallel.test", "AAAA"): replies.late(0.2, replies.nodata()),
        ("parallel.test", "A"): replies.late(0.2, replies.says("@ 300 A 198.51.100.1")),
        ("no-soa.test", "AAAA"): replies.empty,
        ("servfail.test", "AAAA"): replies.says(rcode=2),
        ("refused.test", "AAAA"): replies.says(rcode=5),
        ("notimp.test", "AAAA"): replies.says(rcode=4),
        ("silent.test", "AAAA"): replies.silence,
        ("nx.test", "AAAA"): replies.nxdomain(),
        ("mapped.test", "AAAA"): ["::ffff:9.9.9.9"],
        ("mixed.test", "AAAA"): ["::ffff:9.9.9.9", "2001:db8::1"],
        ("own.test", "AAAA"): ["64:ff9b::9.9.9.9"],
        **{
            (f"{name}.test", "A"): ["198.51.100.1"]
            for name in ("no-soa", "servfail", "refused", "notimp", "silent", "nx", "mapped", "mixed", "own")
        },
        ("alias.test", "CNAME"): ["soa.test."],
        ("alias2.test", "CNAME"): ["alias.test."],
        ("bare-alias.test", "AAAA"): replies.says("@ 300 CNAME soa.test."),
        ("bare-alias.test", "A"): replies.says("@ 300 CNAME soa.test.", "soa.test 300 A 198.51.100.1"),
        ("split.test", "AAAA"): replies.says("@ 300 CNAME only6.test.", authority=[f"test 300 SOA {replies.soa}"]),
        ("split.test", "A"): replies.says("@ 300 CNAME only4.test.", "only4.test 300 A 198.51.100.1"),
        ("private.test", "A"): ["10.1.2.3"],
        ("loopback.test", "A"): ["127.0.0.1"],
        ("zero.test", "A"): ["0.0.0.0"],
        ("afail.test", "AAAA"): replies.nodata(),
        ("afail.test", "A"): replies.says(rcode=2),
        ("anx.test", "AAAA"): replies.nodata(),
        ("anx.test", "A"): replies.nxdomain(),
        ("neither.test", "TXT"): ["there"],
        ("many.test", "A"): [f"198.51.100.{number}" for number in range(1, 91)],
        ("ttl0.test", "A"): replies.says("@ 0 A 198.51.100.1"),
        ("1.14.0.193.in-addr.arpa", "PTR"): ["host.test."],
        ("2.14.0.193.in-addr.arpa", "PTR"): replies.nxdomain(owner="14.0.193.in-addr.arpa."),
    }

    def answer(self, name, kind, options):
        transport, klass = options.get("transport", "udp"), options.get("klass")
        if klass:
            return self.front.udp(dns.message.make_query(name, kind, klass))
        options = {key: value for key, value in options.items() if key != "transport"}
        return self.ask(name, kind, transport=transport, **options)

    def holds(self, row):
        name, kind, options = row.question
        reply = self.answer(name, kind, options)
        expected = row.expected
        if expected.get("rcode", "NOERROR"):
            self.assertEqual(dns.rcode.to_text(reply.rcode()), expected.get("rcode", "NOERROR"))
        for key, records in (("a", "A"), ("ptr", "PTR")):
            if key in expected:
                self.assertEqual(clients.texts(reply, records), expected[key])
        if "aaaa" in expected:
            wanted = [embedded("64:ff9b::/96", a)[0] if ":" not in a else a for a in expected["aaaa"]]
            self.assertEqual(clients.texts(reply, "AAAA"), sorted(wanted))
        if "chain" in expected:
            self.assertEqual([target for _, target in aliases(reply)], expected["chain"])
        if "ttl" in expected:
            self.assert_ttl(reply, expected["ttl"], "CNAME" if kind == "PTR" else "AAAA")
        if "soas" in expected:
            self.assertEqual(len(rrsets(reply, "SOA", "authority")), expected["soas"])
        if "ede" in expected:
            self.assertEqual(clients.ede_codes(reply), expected["ede"])
        if "flag" in expected:
            self.assertTrue(has(reply, expected["flag"]), reply)
        if "asked" in expected:
            self.assertEqual(sorted(kind for _, kind in self.asked()), expected["asked"])
        if not options.get("klass"):
            self.assert_is_sound(reply)


def add_tests():
    """One test for each row, named by its case."""
    for row in rows:
        name = "test_" + re.sub(r"[^a-z0-9]+", "_", row.case.lower()).strip("_")
        setattr(Cases, name, lambda self, row=row: self.holds(row))


add_tests()

if __name__ == "__main__":
    lab.main()
