# Names that no upstream is asked for, and what clients are told about failures (RFC 6761, 6303, 8914, 9462, 9567).
import dns.edns
import dns.rdatatype
import dns.reversename

from requirement import requirement
from scene import Scene, kinds, rrsets

import clients
import lab
import replies
import upstreams

a = ["198.51.100.1"]


def reverse(address):
    return str(dns.reversename.from_address(address))


def everything(query, transport):
    """An upstream that knows every name: whoever forwards gets caught."""
    kind = dns.rdatatype.to_text(query.question[0].rdtype)
    rdata = {"A": "198.51.100.66", "PTR": "leaked.example.", "TXT": "leaked"}.get(kind)
    return replies.says(*([f"@ 300 {kind} {rdata}"] if rdata else []))(query, transport)


class Special(Scene):
    settings = {
        "dns64": {"prefixes": ["64:ff9b::/96"]},
        "local_data": [
            {"name": "nas.home.arpa", "a": "192.0.2.7"},
            {"name": reverse("192.168.7.7"), "ptr": "nas.home.arpa."},
        ],
        "special_names": {"enabled": True},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream.script = everything

    def assert_denied(self, name, kind="A", rcodes=(3,)):
        """Answered here, with nothing but the zone's SOA record."""
        reply = self.ask(name, kind)
        self.assertIn(int(reply.rcode()), rcodes, name)
        self.assertEqual(reply.answer, [], name)
        self.assertEqual(len(rrsets(reply, "SOA", "authority")), 1, name)
        self.assertEqual(self.asked(), [], name)

    @requirement("J1", "RFC 6761 6.3", "localhost and names below it are 127.0.0.1 and ::1, and never synthesized")
    def test_J01_localhost(self):
        for name in ("localhost", "www.localhost", "LOCALHOST"):
            self.assertEqual(clients.texts(self.ask(name, "A"), "A"), ["127.0.0.1"])
            self.assertEqual(clients.texts(self.ask(name, "AAAA"), "AAAA"), ["::1"])
            self.assertEqual(self.ask(name, "MX").answer, [])
        self.assertEqual(self.asked(), [])

    @requirement("J1", "RFC 6761 6.3, RFC 6303 4.2, 4.3", "the reverse names of the loopback addresses are localhost")
    def test_J01_loopback_reverse_names(self):
        for address in ("127.0.0.1", "::1"):
            reply = self.ask(reverse(address), "PTR")
            self.assertIn(clients.texts(reply, "PTR"), (["localhost."], []))
        self.assertEqual(self.asked(), [])

    @requirement(
        "J1", "RFC 6761 6.4, RFC 7686 2, RFC 6762 22.1, RFC 9476 3.2", "invalid, onion, local and alt do not exist"
    )
    def test_J01_names_that_do_not_exist(self):
        for zone in ("invalid", "onion", "local", "alt"):
            for name in (f"www.{zone}", f"a.b.{zone.upper()}"):
                for kind in ("A", "AAAA", "HTTPS"):
                    self.assert_denied(name, kind)

    @requirement("J1", "RFC 8375 4, RFC 9665", "home.arpa and service.arpa stay at home; local data win")
    def test_J01_home_names(self):
        for zone in ("home.arpa", "service.arpa"):
            self.assert_denied(f"printer.{zone}", "AAAA")
            self.assert_denied(zone, "TXT", rcodes=(0, 3))
        self.assertEqual(clients.texts(self.ask("nas.home.arpa", "A"), "A"), ["192.0.2.7"])
        self.assert_synthesized("nas.home.arpa", "192.0.2.7")

    @requirement("J1", "RFC 8375 4, RFC 4035 3.1.4.1", "DS of home.arpa is the parent's, and is asked for")
    def test_J01_ds_of_home_arpa(self):
        self.ask("home.arpa", "DS")
        self.assertEqual(self.asked(), [("home.arpa.", "DS")])

    @requirement("J1", "RFC 6303 4", "reverse names of private addresses are not asked for; local data win")
    def test_J01_private_reverse_zones(self):
        for address in (
            *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.0.1", "192.168.0.1", "0.0.0.1", "127.1.2.3"),
            *("169.254.0.1", "255.255.255.255", "100.64.0.1", "100.127.0.1"),
            *("fd00::1", "fe80::1", "feb0::1", "::"),
        ):
            self.assert_denied(reverse(address), "PTR", rcodes=(0, 3))
        self.assertEqual(clients.texts(self.ask(reverse("192.168.7.7"), "PTR"), "PTR"), ["nas.home.arpa."])

    @requirement("J1", "RFC 6303 3", "their apexes have SOA and NS")
    def test_J01_apexes_of_reverse_zones(self):
        for zone in ("10.in-addr.arpa", "168.192.in-addr.arpa", "d.f.ip6.arpa"):
            self.assertEqual(kinds(self.ask(zone, "SOA").answer), ["SOA"])
            self.assertEqual(kinds(self.ask(zone, "NS").answer), ["NS"])
            self.assert_denied(zone, "PTR", rcodes=(0,))

    @requirement("J1", "RFC 6303 4, RFC 7793 3", "their neighbours are asked for as any other name")
    def test_J01_neighbours_are_ordinary(self):
        for address in (
            "9.255.255.255",
            "11.0.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "fc00::1",
        ):
            reply = self.ask(reverse(address), "PTR")
            if address == "fc00::1":  # RFC 6303 4.4 names fd00::/8 alone
                continue
            self.assertEqual(clients.texts(reply, "PTR"), ["leaked.example."], address)
        for name in ("notlocal.example.com", "localhost.example.com", "myinvalid.com", "onion.example.com"):
            self.assertEqual(clients.texts(self.ask(name, "A"), "A"), ["198.51.100.66"], name)

    @requirement("J1", "RFC 6761 6.5", "example names are resolved as any other")
    def test_J01_example_names(self):
        for name in ("example.com", "www.example.net", "www.example"):
            self.assertEqual(clients.texts(self.ask(name, "A"), "A"), ["198.51.100.66"])

    @requirement(
        "J1",
        "RFC 6761 6.2",
        "names under test do not exist",
        departs="many use test. for zones of their own, behind an upstream: it is in the default of "
        "special_names.forward, and an empty list makes it the RFC's way",
    )
    def test_J01_test_names_are_forwarded(self):
        self.assertEqual(clients.texts(self.ask("www.test", "A"), "A"), ["198.51.100.66"])

    @requirement("J1", "RFC 9462 6.4, 8.2", "names under resolver.arpa are never asked of an upstream")
    def test_J01_resolver_arpa_stays_here(self):
        for name, kind in (("resolver.arpa", "A"), ("_dns.resolver.arpa", "SVCB"), ("www.resolver.arpa", "AAAA")):
            reply = self.ask(name, kind)
            self.assertIn(int(reply.rcode()), (0, 3))
            self.assertEqual(clients.texts(reply, "A"), [])
        self.assertEqual(self.asked(), [])


class Strict(Scene):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"]}, "special_names": {"enabled": True, "forward": []}}
    zone = {("v4.test", "A"): a}

    @requirement("J1", "RFC 6761 6.2", "with special_names.forward: [] names under test do not exist")
    def test_J01_test_names_by_the_letter(self):
        reply = self.ask("v4.test", "A")
        self.assertEqual((int(reply.rcode()), reply.answer), (3, []))
        self.assertEqual(self.asked(), [])


class Forwarded(Scene):
    settings = {
        "dns64": {"prefixes": ["64:ff9b::/96"]},
        "special_names": {"enabled": True, "forward": ["home.arpa", "168.192.in-addr.arpa"]},
    }
    zone = {("nas.home.arpa", "A"): a, (reverse("192.168.1.1"), "PTR"): ["nas.home.arpa."]}

    @requirement(
        "J1", "RFC 8375 4, RFC 6303 3", "zones of special_names.forward go to the upstream, and are synthesized"
    )
    def test_J01_chosen_zones_are_forwarded(self):
        self.assert_synthesized("nas.home.arpa", *a)
        self.assertEqual(clients.texts(self.ask(reverse("192.168.1.1"), "PTR"), "PTR"), ["nas.home.arpa."])


class Designated(Scene):
    with_tls = True
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"]}, "ddr": True}

    @classmethod
    def configuration(cls, **changes):
        tls = {**cls.front.pair.as_config(), "server_name": "dns.test"}
        return super().configuration(**{"tls": tls, **changes})

    @requirement(
        "J1", "RFC 9462 4, RFC 9461 4", "_dns.resolver.arpa SVCB names our own DoH and DoT, with ports and path"
    )
    def test_J01_designated_resolvers(self):
        reply = self.ask("_dns.resolver.arpa", "SVCB")
        records = sorted((record for rrset in rrsets(reply, "SVCB") for record in rrset), key=lambda r: r.priority)
        self.assertTrue(records)
        texts = [str(record) for record in records]
        self.assertEqual({str(record.target) for record in records}, {"dns.test."})
        doh = [text for text in texts if "h2" in text]
        dot = [text for text in texts if "dot" in text]
        self.assertTrue(doh and f'port="{self.front.https_port}"' in doh[0], texts)
        self.assertIn("/dns-query{?dns}", doh[0].replace("\\", ""))
        self.assertTrue(dot and f'port="{self.front.tls_port}"' in dot[0], texts)
        self.assertEqual(self.asked(), [])


class Told(Scene):
    settings = {
        "dns64": {
            "prefixes": [{"prefix": "none", "clients": ["127.0.0.3/32"]}, "64:ff9b::/96"],
            "exclude_a": ["203.0.113.0/24"],
            "aaaa_timeout": "200ms",
        },
        "acl": {"allow": ["127.0.0.0/8"], "deny": ["127.0.0.66/32"]},
    }
    report_channel = dns.edns.GenericOption(18, b"\x05agent\x04test\x00")
    zone = {
        ("v4.test", "A"): a,
        ("both.test", "AAAA"): ["2001:db8::1"],
        ("excluded.test", "A"): ["203.0.113.1"],
        ("fail.test", "A"): replies.says(rcode=2),
        ("silent.test", "A"): replies.silence,
        ("told.test", "A"): replies.says(
            rcode=2, options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "bad"), report_channel]
        ),
        ("report.test", "A"): replies.says("@ 300 A 198.51.100.1", options=[report_channel]),
        ("report.test", "AAAA"): replies.says("@ 300 AAAA 2001:db8::1", options=[report_channel]),
    }

    @requirement(
        "J2", "RFC 8914 2, IANA registry", "synthetic answers carry EDE 29 (Synthesized); real and empty ones do not"
    )
    def test_J02_synthesized(self):
        self.assertEqual(clients.ede_codes(self.ask("v4.test")), [29])
        self.assertEqual(clients.ede_codes(self.ask("v4.test")), [29], "from the cache, too")
        for name, source in (("both.test", None), ("v4.test", "127.0.0.3")):
            self.assertNotIn(29, clients.ede_codes(self.ask(name, source=source)))
        self.assertEqual(clients.ede_codes(self.ask("v4.test", "A")), [])

    @requirement("J2", "RFC 8914 2", "only to clients with EDNS")
    def test_J02_not_without_edns(self):
        reply = self.ask("v4.test", edns=-1)
        self.assertEqual((reply.edns, list(reply.options)), (-1, []))

    @requirement("J2", "RFC 8914 4.18, 4.19", "a client that may not ask gets 18; filtered addresses say so with 17")
    def test_J02_policy(self):
        reply = self.ask("v4.test", source="127.0.0.66")
        self.assertEqual((int(reply.rcode()), clients.ede_codes(reply)), (5, [18]))
        self.assertEqual(clients.ede_codes(self.ask("excluded.test")), [17])

    @requirement("J2", "RFC 8914 4.23, 4.24", "an upstream that is silent: 22 or 23")
    def test_J02_silence(self):
        reply = self.ask("silent.test", "A")
        self.assertEqual(int(reply.rcode()), 2)
        self.assertTrue(set(clients.ede_codes(reply)) & {22, 23}, reply)

    @requirement("J2", "RFC 8914 4.14", "a failure from the cache: 13")
    def test_J02_remembered_failures(self):
        self.ask("fail.test", "A")
        self.assertIn(13, clients.ede_codes(self.ask("fail.test", "A")))

    @requirement("J2", "RFC 8914 6", "the text is short")
    def test_J02_texts_are_short(self):
        for name, kind in (("v4.test", "AAAA"), ("excluded.test", "AAAA"), ("fail.test", "A")):
            for option in self.ask(name, kind).options:
                if option.otype == dns.edns.OptionType.EDE:
                    self.assertLessEqual(len(option.text or ""), 60)

    @requirement("J3", "RFC 9567 6.3", "an upstream's Report-Channel option is not passed on")
    def test_J03_report_channels_stop_here(self):
        for name, kind in (("report.test", "A"), ("report.test", "AAAA"), ("told.test", "A")):
            for _ in range(2):
                reply = self.ask(name, kind)
                self.assertEqual([option for option in reply.options if int(option.otype) == 18], [])


class Dead(Scene):
    @classmethod
    def configuration(cls, **changes):
        return cls.front.configuration(upstream=[f"dns://127.0.0.1:{upstreams.refused_port()}"], **cls.settings)

    @requirement("J2", "RFC 8914 4.23, 4.24", "nobody there at all: SERVFAIL with 22 or 23")
    def test_J02_nobody_there(self):
        for kind in ("A", "AAAA"):
            reply = self.ask(f"{kind}.test", kind)
            self.assertEqual(int(reply.rcode()), 2)
            self.assertTrue(set(clients.ede_codes(reply)) & {22, 23}, reply)


if __name__ == "__main__":
    lab.main()
