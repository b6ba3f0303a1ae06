# Reverse names of addresses under a prefix: PTR (RFC 6147 5.3.1), and that nothing of them leaks (RFC 6303).
import time

import dns.name
import dns.reversename

from requirement import requirement
from scene import Scene, aliases, embedded, kinds, rrsets

import clients
import lab
import replies


def reverse(address):
    return str(dns.reversename.from_address(address))


# Outside the blocks of documentation, whose reverse zones are answered here in any case (RFC 6303).
prefixes = ["2001:67c::/32", "2001:db9:100::/40", "2001:dba:122::/48", "2001:dbb:122:300::/56", "2001:dbc:122:344::/64"]
prefixes += ["2001:dbd:122:344::/96"]
well_known = "64:ff9b::/96"
known, known_name = "193.0.14.1", "1.14.0.193.in-addr.arpa."


class Cname(Scene):
    settings = {"dns64": {"prefixes": [{"prefix": "none", "clients": ["127.0.0.3/32"]}, *prefixes]}}
    zone = {
        (known_name, "PTR"): ["host.test."],
        ("2.14.0.193.in-addr.arpa", "PTR"): replies.says("@ 86400 PTR host.test."),
        ("3.14.0.193.in-addr.arpa", "PTR"): replies.says("@ 30 PTR host.test."),
        ("4.14.0.193.in-addr.arpa", "PTR"): replies.nxdomain(owner="14.0.193.in-addr.arpa."),
        ("5.14.0.193.in-addr.arpa", "PTR"): replies.nodata(owner="14.0.193.in-addr.arpa."),
        ("6.14.0.193.in-addr.arpa", "PTR"): replies.says(
            "@ 300 CNAME 6.0-7.14.0.193.in-addr.arpa.", "6.0-7.14.0.193.in-addr.arpa 300 PTR host.test."
        ),
        ("7.14.0.193.in-addr.arpa", "PTR"): ["a.test.", "b.test.", "c.test."],
        ("8.14.0.193.in-addr.arpa", "PTR"): replies.says(rcode=2),
        ("9.14.0.193.in-addr.arpa", "PTR"): replies.silence,
        **{(f"{step}.chain.test", "PTR"): replies.says(f"@ 300 CNAME {step + 1}.chain.test.") for step in range(40)},
        ("10.14.0.193.in-addr.arpa", "PTR"): replies.says("@ 300 CNAME 0.chain.test."),
        (reverse("2001:4860::1"), "PTR"): ["elsewhere.test."],
        (reverse("2001:dbe::193.0.14.1"), "PTR"): ["nearby.test."],
    }

    def ptr(self, name, kind="PTR", **options):
        reply = self.ask(name, kind, **options)
        self.assert_is_sound(reply)
        return reply

    def address(self, last, prefix=well_known):
        return reverse(embedded(prefix, f"193.0.14.{last}")[0])

    @requirement("C1", "RFC 6147 5.3.1", "for each prefix in use and for the Well-Known Prefix, used or not")
    def test_C01_every_prefix_and_the_well_known_one(self):
        for prefix in (*prefixes, well_known):
            with self.subTest(prefix=prefix):
                name = self.address(1, prefix)
                reply = self.ptr(name)
                self.assertEqual(aliases(reply), [(name, known_name)])
                self.assertEqual(clients.texts(reply, "PTR"), ["host.test."])

    @requirement("C1", "RFC 6147 5.3.1", "for clients without synthesis, too: the prefix is in use at the site")
    def test_C01_clients_without_synthesis(self):
        reply = self.ptr(self.address(1), source="127.0.0.3")
        self.assertEqual(aliases(reply), [(self.address(1), known_name)])
        self.assertEqual(clients.texts(reply, "PTR"), ["host.test."])

    @requirement("C1", "RFC 6147 5.3.1", "dig -x of a synthetic address finds the IPv4 host's name")
    def test_C01_dig_finds_the_name(self):
        for prefix in prefixes:
            command = [
                "dig",
                f"@{self.front.address}",
                "-p",
                self.front.port,
                "+short",
                "-x",
                embedded(prefix, known)[0],
            ]
            self.assertEqual(lab.run(*command).split(), [known_name, "host.test."])

    @requirement("C1", "RFC 6147 5.3.1", "the ip6.arpa name itself is never asked of an upstream")
    def test_C01_nothing_is_forwarded(self):
        for prefix in (*prefixes, well_known):
            for last in (1, 4, 5):
                self.ptr(self.address(last, prefix))
        self.assertEqual([owner for owner, _ in self.asked() if owner.endswith("ip6.arpa.")], [])

    @requirement(
        "C2", "RFC 6147 5.3.1", "a CNAME to the in-addr.arpa name, and what is there: one or several PTR records"
    )
    def test_C02_an_alias_and_what_it_leads_to(self):
        reply = self.ptr(self.address(7))
        self.assertEqual(aliases(reply), [(self.address(7), "7.14.0.193.in-addr.arpa.")])
        self.assertEqual(clients.texts(reply, "PTR"), ["a.test.", "b.test.", "c.test."])

    @requirement("C2", "RFC 6147 5.3.1", "no CNAME to a name that does not exist or has no PTR record")
    def test_C02_no_alias_to_nothing(self):
        reply = self.ptr(self.address(4))
        self.assertEqual((int(reply.rcode()), reply.answer), (3, []))
        self.assertEqual(kinds(reply.authority), ["SOA"])
        reply = self.ptr(self.address(5))
        self.assertEqual((int(reply.rcode()), reply.answer), (0, []))
        self.assertEqual(kinds(reply.authority), ["SOA"])

    @requirement(
        "C2",
        "RFC 6147 5.3.1",
        "no CNAME to a name that is a CNAME itself, which would make the chain longer",
        note="The RFC says no more than that our CNAME should not be there. An empty answer does as well as one CNAME "
        "straight to the end of the chain (RFC 2317 delegations have such CNAMEs): the test takes either.",
    )
    def test_C02_no_longer_chains(self):
        reply = self.ptr(self.address(6))
        self.assertNotIn("6.14.0.193.in-addr.arpa.", [target for _, target in aliases(reply)])
        self.assertLessEqual(len(aliases(reply)), 1)

    @requirement("C2", "RFC 6147 5.3.1", "the CNAME's TTL is that of the PTR record, at most 600 s, and not 0")
    def test_C02_the_ttl_of_the_alias(self):
        for last, expected in ((2, 600), (3, 30)):
            reply = self.ptr(self.address(last))
            self.assert_ttl(reply, expected, "CNAME")

    @requirement("C2", "RFC 6147 5.3.1", "a failed lookup of the in-addr.arpa name is SERVFAIL")
    def test_C02_failures_are_told(self):
        for last in (8, 9):
            reply = self.ptr(self.address(last))
            self.assertEqual((int(reply.rcode()), reply.answer), (2, []))

    @requirement("C3", "RFC 4343 3", "upper-case digits are the same name, and stay as they were asked")
    def test_C03_upper_case_digits(self):
        for name in (self.address(1).upper(), self.address(1).replace("ip6.arpa", "IP6.Arpa")):
            reply = self.ptr(name)
            self.assertEqual(aliases(reply)[0][1].lower(), known_name)
            self.assertEqual(str(reply.question[0].name), name)

    @requirement("C3", "RFC 4592 2.2.2, RFC 8020", "a name above such names has no data: NODATA, not NXDOMAIN")
    def test_C03_short_names_are_empty(self):
        name = dns.name.from_text(self.address(1))
        for labels in (1, 4, 7):
            reply = self.ptr(dns.name.Name(name.labels[labels:]))
            self.assertEqual((int(reply.rcode()), reply.answer), (0, []), f"{labels} labels short")
        self.assertEqual([owner for owner, _ in self.asked() if owner.endswith("ip6.arpa.")], [])

    @requirement("C3", "RFC 3596 2.5", "a name below a full address does not exist")
    def test_C03_long_names_do_not_exist(self):
        for name in (f"a.{self.address(1)}", f"1.0.{self.address(1)}", f"www.{self.address(1)}"):
            reply = self.ptr(name)
            self.assertEqual((int(reply.rcode()), reply.answer), (3, []), name)
        self.assertEqual(self.asked(), [])

    @requirement("C3", "RFC 3596 2.5", "labels that are no hexadecimal digit do not exist: no SERVFAIL, no crash")
    def test_C03_labels_that_are_no_digits(self):
        name = dns.name.from_text(self.address(1)).labels
        for label in (b"g", b"10", b"-", b"*", b"\x00", b"\xff", b"x" * 63, b"0x1"):
            with self.subTest(label=label):
                reply = self.ptr(dns.name.Name((label, *name[1:])))
                self.assertEqual((int(reply.rcode()), reply.answer), (3, []))
        self.assertEqual(self.asked(), [])
        self.assertTrue(self.server.is_alive())

    @requirement("C3", "RFC 6147 5.3.1", "types other than PTR at these names: no data, and nobody is asked")
    def test_C03_other_types(self):
        for kind in ("A", "AAAA", "TXT", "NS", "ANY", "HTTPS"):
            with self.subTest(kind=kind):
                reply = self.ptr(self.address(1), kind)
                self.assertEqual([r for r in kinds(reply.answer) if r not in ("CNAME", "HINFO")], [])
        self.assertEqual([owner for owner, _ in self.asked() if owner.endswith("ip6.arpa.")], [])

    @requirement("C4", "RFC 6147 5.3.1", "an address under no prefix is asked for as any other name")
    def test_C04_other_addresses(self):
        for address, target in (("2001:4860::1", "elsewhere.test."), ("2001:dbe::193.0.14.1", "nearby.test.")):
            reply = self.ptr(reverse(address))
            self.assertEqual((aliases(reply), clients.texts(reply, "PTR")), ([], [target]))

    @requirement("C5", "RFC 6147 5.3.1", "a PTR question costs one lookup, whatever is at the other end")
    def test_C05_one_lookup(self):
        for last in (21, 22, 23):
            self.upstream.put(f"{last}.14.0.193.in-addr.arpa", "PTR", ["host.test."])
            self.ptr(self.address(last))
            self.assertEqual(self.asked(), [(f"{last}.14.0.193.in-addr.arpa.", "PTR")])
            self.upstream.forget_questions()

    @requirement("C5", "RFC 6147 5.3.1", "nor does an endless chain behind the name, nor silence, cost more than a few")
    def test_C05_hostile_reverse_zones(self):
        for last in (9, 10):
            self.upstream.forget_questions()
            begin = time.monotonic()
            self.ptr(self.address(last))
            self.assertLess(time.monotonic() - begin, 3)
            self.assertLess(len(self.asked()), 30)


class Modes(Scene):
    """One policy for each way to answer, by client."""

    settings = {
        "dns64": {
            "prefixes": ["2001:67c:64::/96"],
            "policies": [
                {"name": "local", "clients": ["127.0.0.2/32"], "ptr": "local"},
                {"name": "off", "clients": ["127.0.0.3/32"], "ptr": "off"},
            ],
        },
        "local_data": [{"name": reverse("2001:67c:64::193.0.14.2"), "ptr": "translated.test."}],
    }
    zone = {
        (known_name, "PTR"): ["host.test."],
        (reverse("2001:67c:64::193.0.14.1"), "PTR"): ["global.test."],
    }

    @requirement("C1", "RFC 6147 5.3.1", "ptr: local answers from local data, and asks nobody")
    def test_C01_local(self):
        reply = self.ask(reverse("2001:67c:64::193.0.14.1"), "PTR", source="127.0.0.2")
        self.assertEqual(aliases(reply), [])
        self.assertNotIn("global.test.", clients.texts(reply, "PTR"))
        self.assertIn(int(reply.rcode()), (0, 3))
        reply = self.ask(reverse("2001:67c:64::193.0.14.2"), "PTR", source="127.0.0.2")
        self.assertEqual(clients.texts(reply, "PTR"), ["translated.test."])
        self.assertEqual(self.asked(), [])

    @requirement("C1", "RFC 6147 5.3.1", "ptr: off asks the upstream, for a zone that somebody else serves")
    def test_C01_off(self):
        reply = self.ask(reverse("2001:67c:64::193.0.14.1"), "PTR", source="127.0.0.3")
        self.assertEqual((aliases(reply), clients.texts(reply, "PTR")), ([], ["global.test."]))

    @requirement("C1", "RFC 6147 5.3.1", "ptr: cname is the default")
    def test_C01_cname_is_the_default(self):
        reply = self.ask(reverse("2001:67c:64::193.0.14.1"), "PTR")
        self.assertEqual(aliases(reply)[0][1], known_name)


class NoDns64(Scene):
    settings = {}
    zone = {(reverse("64:ff9b::193.0.14.1"), "PTR"): ["real.test."]}

    @requirement("C4", "RFC 6147 5.3.1", "where there is no DNS64 at all every address is asked for as any other name")
    def test_C04_without_dns64(self):
        reply = self.ask(reverse("64:ff9b::193.0.14.1"), "PTR")
        self.assertEqual((aliases(reply), clients.texts(reply, "PTR")), ([], ["real.test."]))


class Leaks(Scene):
    settings = {"dns64": {"prefixes": ["2001:67c:64::/96", "64:ff9b:1::/48"]}}
    zone = {}

    @requirement(
        "J4", "RFC 6147 5.3.1, RFC 6303 3", "all names in the reverse zone of a prefix are answered here, with an SOA"
    )
    def test_J04_reverse_zones_are_served_here(self):
        zone = reverse("2001:67c:64::")[2 * 8 :]  # /96: the last 24 labels
        for name, kind in (
            (zone, "SOA"),
            (zone, "NS"),
            (zone, "TXT"),
            (f"1.{zone}", "PTR"),
            (f"nonsense.{zone}", "PTR"),
            (reverse("64:ff9b::193.0.14.1"), "TXT"),
            (reverse("64:ff9b:1:c100:e:100::"), "TXT"),
        ):
            with self.subTest(name=name, kind=kind):
                reply = self.ask(name, kind)
                self.assertIn(int(reply.rcode()), (0, 3))
                if not reply.answer:
                    self.assertEqual(len(rrsets(reply, "SOA", "authority")), 1)
        self.assertEqual([owner for owner, _ in self.asked() if owner.endswith("ip6.arpa.")], [])

    @requirement(
        "J4", "RFC 6303 4", "the reverse name of a private IPv4 address under a prefix is not looked up either"
    )
    def test_J04_private_addresses_do_not_leak(self):
        for address in ("10.1.2.3", "192.168.1.1", "127.0.0.1", "169.254.1.1"):
            reply = self.ask(reverse(embedded("2001:67c:64::/96", address)[0]), "PTR")
            self.assertIn(int(reply.rcode()), (0, 3))
        self.assertEqual(self.asked(), [])


if __name__ == "__main__":
    lab.main()
