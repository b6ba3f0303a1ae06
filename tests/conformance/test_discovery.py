# ipv4only.arpa, and the prefixes that hosts and we ourselves learn from it (RFC 7050, 8880).
import re
import signal

import dns.reversename

from requirement import requirement
from scene import Scene, aliases, embedded, has, kinds, rrsets

import clients
import lab
import replies
import upstreams

well_known_addresses = ["192.0.0.170", "192.0.0.171"]
own, other = "2001:67c:64::/96", "2001:67c:65::/64"


class Ipv4only(Scene):
    """Whatever the upstream would say of ipv4only.arpa is wrong here."""

    settings = {
        "dns64": {
            "prefixes": [
                {"prefix": own, "clients": ["127.0.0.2/32"]},
                {"prefix": "none", "clients": ["127.0.0.3/32"]},
                {"prefixes": [own, other], "clients": ["127.0.0.4/32"]},
                "64:ff9b::/96",
            ]
        }
    }
    zone = {
        ("ipv4only.arpa", "AAAA"): ["2001:db8:bad::1"],
        ("ipv4only.arpa", "A"): ["203.0.113.66"],
        ("ipv4only.arpa", "DS"): replies.nodata(owner="arpa.", serial=7),
        ("170.0.0.192.in-addr.arpa", "PTR"): ["bad.test."],
    }
    views = {
        "127.0.0.1": embedded("64:ff9b::/96", *well_known_addresses),
        "127.0.0.2": embedded(own, *well_known_addresses),
        "127.0.0.3": [],
        "127.0.0.4": sorted(embedded(own, *well_known_addresses) + embedded(other, *well_known_addresses)),
    }

    @requirement(
        "E1", "RFC 8880 7.1", "AAAA of ipv4only.arpa: both addresses under every prefix of the client's policy"
    )
    def test_E01_both_addresses_under_each_prefix(self):
        for source, expected in self.views.items():
            with self.subTest(source=source):
                reply = self.ask("ipv4only.arpa", source=source)
                self.assertEqual(clients.texts(reply, "AAAA"), expected)
                self.assertEqual(int(reply.rcode()), 0)
                self.assert_is_sound(reply)
        self.assertEqual(self.asked(), [])

    @requirement("E1", "RFC 8880 7.1", "A: 192.0.0.170 and .171, for everybody")
    def test_E01_the_well_known_addresses(self):
        for source in self.views:
            self.assertEqual(clients.texts(self.ask("IPv4only.ARPA", "A", source=source), "A"), well_known_addresses)
        self.assertEqual(self.asked(), [])

    @requirement("E1", "RFC 8880 7.1", "the apex has SOA and NS; other types have no data")
    def test_E01_the_other_types_of_the_apex(self):
        for kind in ("SOA", "NS"):
            self.assertEqual(kinds(self.ask("ipv4only.arpa", kind).answer), [kind])
        for kind in ("TXT", "MX", "CNAME", "HTTPS", "DNSKEY", "PTR"):
            reply = self.ask("ipv4only.arpa", kind)
            self.assertEqual((int(reply.rcode()), reply.answer), (0, []), kind)
            self.assertEqual(len(rrsets(reply, "SOA", "authority")), 1)
        self.assertEqual(self.asked(), [])

    @requirement("E1", "RFC 8880 7.1", "names below do not exist, and nobody is asked")
    def test_E01_names_below(self):
        for name in ("www.ipv4only.arpa", "a.b.c.ipv4only.arpa", "_dns.ipv4only.arpa"):
            for kind in ("AAAA", "A", "DS"):
                reply = self.ask(name, kind)
                self.assertEqual((int(reply.rcode()), reply.answer), (3, []), name)
                self.assertEqual(len(rrsets(reply, "SOA", "authority")), 1)
        self.assertEqual(self.asked(), [])

    @requirement("E1", "RFC 8880 7.1", "DS lives at the parent: it alone is asked of the upstream")
    def test_E01_ds_is_the_exception(self):
        reply = self.ask("ipv4only.arpa", "DS")
        self.assertEqual(rrsets(reply, "SOA", "authority")[0][0].serial, 7)
        self.assertEqual(self.asked(), [("ipv4only.arpa.", "DS")])

    @requirement("E2", "RFC 8880 7.2", "PTR of the two addresses is ipv4only.arpa; other types no data; nothing below")
    def test_E02_reverse_names_of_the_addresses(self):
        for number in (170, 171):
            name = f"{number}.0.0.192.in-addr.arpa"
            self.assertEqual(clients.texts(self.ask(name, "PTR"), "PTR"), ["ipv4only.arpa."])
            for kind in ("A", "AAAA", "TXT"):
                reply = self.ask(name, kind)
                self.assertEqual((int(reply.rcode()), reply.answer), (0, []), kind)
            self.assertEqual(int(self.ask(f"www.{name}", "PTR").rcode()), 3)
        self.assertEqual(self.asked(), [])

    @requirement(
        "E2", "RFC 8880 7.2, RFC 6147 5.3.1", "the ip6.arpa names of both addresses under a prefix lead there too"
    )
    def test_E02_reverse_names_under_the_prefixes(self):
        for source, texts in self.views.items():
            for text in texts:
                reply = self.ask(dns.reversename.from_address(text), "PTR", source=source)
                self.assertEqual(clients.texts(reply, "PTR"), ["ipv4only.arpa."], text)
                self.assertRegex(aliases(reply)[0][1] if aliases(reply) else "1", "^(170|171|1)")
        self.assertEqual(self.asked(), [])

    @requirement(
        "E7", "RFC 8880 7.1", "a client that validates (CD and DO) gets the same unsigned answer: the zone is unsigned"
    )
    def test_E07_clients_that_validate(self):
        for flags in ("RD CD", "RD AD", "RD"):
            reply = self.ask("ipv4only.arpa", flags=flags, dnssec_ok=True)
            self.assertEqual(clients.texts(reply, "AAAA"), self.views["127.0.0.1"], flags)
            self.assertEqual(kinds(reply.answer), ["AAAA", "AAAA"])
            self.assertFalse(has(reply, "AD"))
        self.assertEqual(self.asked(), [])

    @requirement("E8", "RFC 8880 7.1, RFC 7050 3", "the TTLs of these answers are at most 600 s")
    def test_E08_ttls_are_bounded(self):
        for kind in ("AAAA", "A"):
            for ttl in clients.ttls(self.ask("ipv4only.arpa", kind)):
                self.assertTrue(1 <= ttl <= 600, ttl)

    @requirement(
        "E6", "RFC 9872 3, RFC 7050 3", "hosts that do not learn the prefix by PREF64 find it with dig's discovery"
    )
    def test_E06_hosts_find_the_prefix(self):
        for source, expected in (("127.0.0.1", ["64:ff9b::/96"]), ("127.0.0.2", [own]), ("127.0.0.4", [other, own])):
            command = ["dig", f"@{self.front.address}", "-b", source, "-p", self.front.port, "+dns64prefix"]
            found = re.findall(r"^\S+/\d+", lab.run(*command), re.M)
            self.assertEqual(sorted(found), sorted(expected))


class DeadUpstream(Scene):
    @classmethod
    def configuration(cls, **changes):
        cls.dead = f"dns://127.0.0.1:{upstreams.refused_port()}"
        return cls.front.configuration(upstream=[cls.dead], **cls.settings)

    @requirement("E1", "RFC 8880 7.1", "with every upstream dead, too")
    def test_E01_with_a_dead_upstream(self):
        self.assertEqual(self.addresses("ipv4only.arpa"), embedded("64:ff9b::/96", *well_known_addresses))
        self.assertEqual(clients.texts(self.ask("ipv4only.arpa", "A"), "A"), well_known_addresses)
        self.assertEqual(int(self.ask("x.ipv4only.arpa").rcode()), 3)


class Filters(Scene):
    settings = {
        "dns64": {
            "prefixes": [own],
            "exclude_a": ["192.0.0.0/24"],
            "exclude_aaaa": [own],
            "exclude_names": ["arpa"],
            "own_prefix_aaaa": "exclude",
        },
        "rebinding_protection": {"enabled": True, "ranges": ["192.0.0.0/24", "2001:67c::/32"]},
    }

    @requirement("E1", "RFC 8880 7.1", "with rebinding protection, exclusions and other filters on, too")
    def test_E01_with_filters_on(self):
        self.assertEqual(self.addresses("ipv4only.arpa"), embedded(own, *well_known_addresses))
        self.assertEqual(clients.texts(self.ask("ipv4only.arpa", "A"), "A"), well_known_addresses)


class NoDns64(Scene):
    settings = {}

    @requirement("E1", "RFC 8880 7.1", "without DNS64 the A records are there all the same, and AAAA have no data")
    def test_E01_without_dns64(self):
        self.assertEqual(clients.texts(self.ask("ipv4only.arpa", "A"), "A"), well_known_addresses)
        self.assert_empty("ipv4only.arpa")
        self.assertEqual(self.asked(), [])


class Reloaded(Scene):
    @requirement("E8", "RFC 7050 3", "a changed prefix is told from the reload on")
    def test_E08_a_reload_changes_the_answer(self):
        self.addresses("ipv4only.arpa")
        self.reload(dns64={"prefixes": [own]})
        expected = embedded(own, *well_known_addresses)
        lab.eventually(lambda: self.addresses("ipv4only.arpa") == expected, 5, "the new prefix")


def pref64(*prefixes, addresses=tuple(well_known_addresses), ttl=3600):
    """What a network's own DNS64 says of ipv4only.arpa."""
    return replies.says(*(f"@ {ttl} AAAA {text}" for prefix in prefixes for text in embedded(prefix, *addresses)))


six = ["2001:67c::/32", "2001:67d:100::/40", "2001:67e:122::/48", "2001:67f:122:300::/56", "2001:680:1:2::/64", own]


class Client(Scene):
    """Our own discovery. What the network's resolver says is changed by the tests: `network[0]`."""

    network = [pref64(own)]
    zone = {("v4.test", "A"): ["203.0.113.1"]}

    @classmethod
    def configuration(cls, **changes):
        if not hasattr(cls, "resolver"):
            cls.resolver = upstreams.Scripted({("ipv4only.arpa", "AAAA"): replies.switch(cls.network)})
            cls.addClassCleanup(cls.resolver.stop)
        discovery = {
            "from": [cls.resolver.url],
            "min_interval": "1s",
            "timeout": "500ms",
            **changes.pop("discovery", {}),
        }
        return super().configuration(dns64={"prefixes": ["discovered"], "discovery": discovery}, **changes)

    def discover(self, said, *prefixes):
        """The network says this from now on: addresses under these prefixes come of it."""
        self.network[0] = said
        self.server.send(signal.SIGHUP)
        expected = sorted(text for prefix in prefixes for text in embedded(prefix, "203.0.113.1"))
        lab.eventually(lambda: self.addresses("v4.test") == expected, 8, f"synthesis under {prefixes}")

    @requirement("E3", "RFC 7050 3", "ipv4only.arpa AAAA is asked with CD clear, and the prefix found is used")
    def test_E03_the_prefix_is_found(self):
        self.discover(pref64(own), own)
        asked = self.resolver.asked[0]
        self.assertEqual((asked.name, asked.type), ("ipv4only.arpa.", "AAAA"))
        self.assertFalse(has(asked.message, "CD"))

    @requirement("E3", "RFC 7050 3, RFC 6052 2.2", "all six lengths are recognised, several prefixes at once as well")
    def test_E03_every_length_and_several_at_once(self):
        self.discover(pref64(*six), *six)
        self.discover(pref64(six[0]), six[0])

    @requirement(
        "E3", "RFC 7050 3", "NXDOMAIN, NODATA and addresses without the well-known ones: no prefix, no synthesis"
    )
    def test_E03_no_prefix_is_none(self):
        for said in (
            replies.nxdomain(owner="arpa."),
            replies.nodata(owner="arpa."),
            replies.says("@ 60 AAAA 2001:db8::1"),
        ):
            self.discover(pref64(own), own)
            self.discover(said)

    @requirement(
        "E3", "RFC 7050 3", "an address pattern inside prefix or suffix misleads nobody: both addresses must agree"
    )
    def test_E03_ambiguous_addresses(self):
        inside = "2001:67c:c000:aa::/96"
        self.discover(pref64(inside), inside)
        trailing = replies.says("@ 60 AAAA 2001:680:1:2:c0:0:aa00:aa", "@ 60 AAAA 2001:680:1:2:c0:0:ab00:aa")
        self.discover(trailing, "2001:680:1:2::/64")

    @requirement("E3", "RFC 7050 3", "while nobody answers the last known prefix stays")
    def test_E03_silence_changes_nothing(self):
        self.discover(pref64(own), own)
        for said in (replies.silence, replies.says(rcode=2)):
            self.network[0] = said
            self.resolver.forget_questions()
            self.server.send(signal.SIGHUP)
            lab.eventually(lambda: self.resolver.questions(), 5, "another question")
            self.assertEqual(self.addresses("v4.test"), embedded(own, "203.0.113.1"))
        self.network[0] = pref64(own)

    @requirement("E5", "RFC 7050 3", "it is asked again before the TTL ends, and what changed is followed")
    def test_E05_the_question_is_repeated(self):
        self.discover(pref64(own, ttl=2), own)
        self.resolver.forget_questions()
        lab.eventually(lambda: len(self.resolver.questions()) >= 2, 6, "two more questions")
        self.network[0] = pref64("2001:680:1:2::/64", ttl=2)
        expected = embedded("2001:680:1:2::/64", "203.0.113.1")
        lab.eventually(lambda: self.addresses("v4.test") == expected, 6, "the new prefix")

    @requirement("E5", "RFC 7050 3", "SIGHUP asks again at once")
    def test_E05_a_reload_asks_again(self):
        self.discover(pref64(own), own)
        self.resolver.forget_questions()
        self.server.send(signal.SIGHUP)
        lab.eventually(lambda: self.resolver.questions("ipv4only.arpa"), 3, "the question")

    @requirement(
        "E4",
        "RFC 7050 3.1",
        "a discovered prefix is validated by PTR, AAAA and A, for who validates with DNSSEC",
        departs="a network's name is rarely signed, and without that the three prove nothing: one question is asked, "
        "over the transport that `discovery.from` names",
    )
    def test_E04_nothing_else_is_asked(self):
        self.discover(pref64(own), own)
        self.assertEqual({asked[:2] for asked in self.resolver.questions()}, {("ipv4only.arpa.", "AAAA")})


if __name__ == "__main__":
    lab.main()
