# Names that need no upstream, and what must not come from one: special names, local data, designated resolvers, private
# addresses, and the addresses beside HTTPS records.
import signal

import dns.message
import dns.rcode
import dns.rdatatype
import dns.reversename

import certificates
import clients
import lab
import upstreams

NOERROR, NXDOMAIN = dns.rcode.NOERROR, dns.rcode.NXDOMAIN


class WithUpstream(lab.LabTest):
    """A front with a scripted upstream of its own for each class."""

    sections = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted()
        cls.addClassCleanup(cls.upstream.stop)
        cls.front = clients.Front()
        cls.configuration = cls.front.configuration(upstream=[cls.upstream.url], **cls.sections)
        cls.server = cls.start(cls.configuration)

    def setUp(self):
        self.upstream.forget_questions()

    def ask(self, name, kind="A", **options):
        return self.front.udp(clients.query(name, kind, **options))

    def reload(self, **sections):
        self.server.write(dict(self.configuration, **sections))
        before = self.server.log().count("reloaded")
        self.server.send(signal.SIGHUP)
        lab.eventually(lambda: self.server.log().count("reloaded") > before, what="the reload")


class SpecialNames(WithUpstream):
    sections = {
        "dns64": {"prefixes": ["2001:db8:64::/96"]},
        "local_data": [{"name": "nas.attic.home.arpa", "a": "192.0.2.7"}, {"name": "1.0.0.10.in-addr.arpa", "ptr": "a.test."}],
    }

    def assert_denied(self, name, kind="A", rcode=NXDOMAIN):
        reply = self.ask(name, kind)
        self.assertEqual((reply.rcode(), reply.answer), (rcode, []), name)
        self.assertEqual([dns.rdatatype.to_text(rrset.rdtype) for rrset in reply.authority], ["SOA"], name)

    def tearDown(self):
        if not self._testMethodName.endswith("_go_upstream"):
            self.assertEqual(self.upstream.questions(), [])

    def test_rfc_6761_6_3_localhost_is_this_host_and_never_synthetic(self):
        for name in ("localhost", "App.LocalHost"):
            self.assertEqual(clients.texts(self.ask(name, "AAAA"), "AAAA"), ["::1"])
            self.assertEqual(clients.texts(self.ask(name, "A"), "A"), ["127.0.0.1"])
        self.assert_denied("localhost", "MX", NOERROR)

    def test_rfc_6761_domains_without_a_root_entry_are_denied(self):
        for name in ("invalid", "x.invalid", "x.onion", "printer.local", "x.alt"):
            for kind in ("A", "AAAA", "TXT", "DS"):
                self.assert_denied(name, kind)

    def test_rfc_6303_private_reverse_zones_are_empty(self):
        for address in (
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.254",
            "192.168.7.7",
            "0.0.0.1",
            "127.0.0.2",
            "169.254.1.1",
            "255.255.255.255",
            "100.64.0.1",
            "100.127.0.1",
            "fd00::1",
            "fe80::1",
            "febf::1",
        ):
            reply = self.ask(dns.reversename.from_address(address), "PTR")
            self.assertEqual(reply.answer, [], address)
        self.assertEqual(clients.texts(self.ask("10.in-addr.arpa", "NS"), "NS"), ["10.in-addr.arpa."])
        self.assertEqual(
            clients.texts(self.ask("10.in-addr.arpa", "SOA"), "SOA"),
            ["10.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 10800"],
        )
        self.assert_denied("10.in-addr.arpa", "TXT", NOERROR)

    def test_rfc_6303_4_2_loopback_has_its_name(self):
        for address in ("127.0.0.1", "::1"):
            reply = self.ask(dns.reversename.from_address(address), "PTR")
            self.assertEqual(clients.texts(reply, "PTR"), ["localhost."])

    def test_private_addresses_under_a_nat64_prefix_do_not_leak_either(self):
        reply = self.ask(dns.reversename.from_address("2001:db8:64::192.168.1.1"), "PTR")
        self.assertEqual((reply.rcode(), reply.answer), (NXDOMAIN, []))

    def test_local_data_comes_first_and_names_above_it_exist(self):
        self.assertEqual(clients.texts(self.ask("nas.attic.home.arpa", "AAAA"), "AAAA"), ["2001:db8:64::c000:207"])
        self.assert_denied("attic.home.arpa", "A", NOERROR)
        self.assert_denied("other.home.arpa")
        self.assertEqual(clients.texts(self.ask("1.0.0.10.in-addr.arpa", "PTR"), "PTR"), ["a.test."])

    def test_rfc_9462_6_4_resolver_arpa_is_there_and_empty(self):
        for name in ("resolver.arpa", "_dns.resolver.arpa", "x.resolver.arpa"):
            for kind in ("SVCB", "A", "AAAA"):
                self.assert_denied(name, kind, NOERROR)

    def test_e7_ipv4only_arpa_is_answered_to_clients_that_validate(self):
        reply = self.ask("ipv4only.arpa", "AAAA", flags="RD CD", dnssec_ok=True)
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8:64::c000:aa", "2001:db8:64::c000:ab"])

    def test_test_zones_documentation_addresses_and_ds_records_go_upstream(self):
        for name, kind in (
            ("www.test", "A"),
            ("example", "A"),
            ("1.2.0.192.in-addr.arpa", "PTR"),
            ("10.in-addr.arpa", "DS"),
            ("home.arpa", "DS"),
        ):
            self.ask(name, kind)
            self.assertTrue(self.upstream.questions(name), name)

    def test_a_reload_changes_what_may_go_upstream(self):
        self.upstream.put("1.1.168.192.in-addr.arpa", "PTR", ["printer.test."])
        self.reload(special_names={"forward": ["168.192.in-addr.arpa"]})
        reply = self.ask("1.1.168.192.in-addr.arpa", "PTR")
        self.assertEqual(clients.texts(reply, "PTR"), ["printer.test."])
        self.upstream.forget_questions()
        self.assert_denied("www.test")
        self.reload(special_names={"enabled": False})
        self.ask("x.local")
        self.assertEqual(len(self.upstream.questions("x.local")), 1)
        self.assert_denied("_dns.resolver.arpa", "SVCB", NOERROR)
        self.reload()
        self.upstream.forget_questions()
        self.assert_denied("y.local")


class LocalData(WithUpstream):
    sections = {
        "dns64": {"prefixes": ["2001:db8:64::/96"]},
        "local_data": [
            {"name": "*.apps.test", "a": "192.0.2.7"},
            {"name": "db.apps.test", "aaaa": "2001:db8::7"},
            {"name": "old.test", "dname": "new.test."},
            {"name": "away.test", "cname": "www.example.net."},
        ],
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream.put("www.new.test", "A", ["198.51.100.1"])
        cls.upstream.put("www.example.net", "A", ["198.51.100.2"])

    def test_rfc_4592_a_wildcard_stands_for_what_is_not_named(self):
        reply = self.ask("Any.apps.test", "AAAA")
        self.assertEqual([str(rrset.name) for rrset in reply.answer], ["Any.apps.test."])
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8:64::c000:207"])
        self.assertEqual(clients.texts(self.ask("db.apps.test", "AAAA"), "AAAA"), ["2001:db8::7"])
        self.assertEqual(self.ask("db.apps.test", "A").answer, [])
        self.assertEqual(self.upstream.questions(), [])

    def test_rfc_6672_a_dname_leads_everything_below_elsewhere(self):
        reply = self.ask("www.old.test", "AAAA")
        self.assertEqual(clients.texts(reply, "DNAME"), ["new.test."])
        self.assertEqual(clients.texts(reply, "CNAME"), ["www.new.test."])
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8:64::c633:6401"])

    def test_an_alias_to_elsewhere_is_followed(self):
        self.assertEqual(clients.texts(self.ask("away.test", "A"), "A"), ["198.51.100.2"])


class Designation(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = certificates.Authority(cls.folder)
        cls.front = clients.Front(cls.authority.issue("dns.test", ["dns.test"]), cls.authority.file)
        cls.configuration = cls.front.configuration(upstream=[f"dns://127.0.0.1:{upstreams.refused_port()}"])
        cls.configuration["tls"]["server_name"] = "dns.test"
        cls.server = cls.start(cls.configuration)

    def test_rfc_9462_4_listeners_are_designated_with_their_addresses(self):
        for name in ("_dns.resolver.arpa", "_dns.dns.test"):
            reply = self.front.udp(clients.query(name, "SVCB"))
            self.assertEqual(
                sorted(clients.texts(reply, "SVCB")),
                [
                    f'1 dns.test. alpn="h2,http/1.1" port="{self.front.https_port}" ipv4hint="127.0.0.1" '
                    'key7="/dns-query{?dns}"',  # dohpath, which this dnspython does not know yet
                    f'2 dns.test. alpn="dot" port="{self.front.tls_port}" ipv4hint="127.0.0.1"',
                ],
            )
            self.assertEqual([str(rrset.name) for rrset in reply.additional], ["dns.test."])
            self.assertEqual([rdata.address for rdata in reply.additional[0]], ["127.0.0.1"])
        self.assertEqual(self.front.udp(clients.query("_dns.resolver.arpa", "A")).answer, [])

    def test_dig_and_kdig_show_it(self):
        for tool in ("dig", "kdig"):
            shown = lab.run(tool, "@127.0.0.1", "-p", self.front.port, "+short", "_dns.resolver.arpa", "TYPE64")
            self.assertEqual(len(shown.splitlines()), 2, shown)

    def test_the_designated_resolver_answers_where_it_is_said_to(self):
        reply = self.front.udp(clients.query("_dns.resolver.arpa", "SVCB"))
        ports = {rdata.priority: rdata.params[3].port for rdata in reply.answer[0]}
        self.assertEqual(ports, {1: self.front.https_port, 2: self.front.tls_port})
        self.assertEqual(clients.texts(self.front.doh_get(clients.query("dns.test")), "A"), ["127.0.0.1"])
        self.assertEqual(clients.texts(self.front.dot(clients.query("dns.test")), "A"), ["127.0.0.1"])

    def test_ddr_false_designates_nobody(self):
        front = clients.Front(self.front.pair, self.authority.file)
        configuration = front.configuration(upstream=[f"dns://127.0.0.1:{upstreams.refused_port()}"], ddr=False)
        configuration["tls"]["server_name"] = "dns.test"
        self.start_once(configuration)
        reply = front.udp(clients.query("_dns.resolver.arpa", "SVCB"))
        self.assertEqual((reply.rcode(), reply.answer), (NOERROR, []))


class Rebinding(WithUpstream):
    sections = {
        "dns64": {"prefixes": ["64:ff9b::/96"]},
        "local_data": [{"name": "inside.test", "a": "192.168.0.7"}],
        "rebinding_protection": {"enabled": True, "allow_names": ["corp.test"]},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("evil.test", "reload.test", "www.corp.test"):
            cls.upstream.put(name, "A", ["192.168.0.1"])
            cls.upstream.put(name, "AAAA", ["fd00::1"])
        cls.upstream.put("mixed.test", "A", ["192.168.0.1", "198.51.100.1"])
        cls.upstream.put("embedded.test", "AAAA", ["64:ff9b::7f00:1"])
        cls.upstream.put("alias.test", "CNAME", ["www.corp.test."])

    def test_answers_lose_private_addresses_and_say_why(self):
        for _ in range(2):  # from the upstream, from the cache
            for kind in ("A", "AAAA"):
                reply = self.ask("evil.test", kind)
                self.assertEqual((reply.rcode(), reply.answer), (NOERROR, []))
                self.assertEqual([option.code for option in reply.options if option.otype == 15], [15])
        self.assertEqual(len(self.upstream.questions("evil.test")), 2)
        self.assertGreaterEqual(self.front.metric("dragoman_rebinding_blocked_total"), 2)

    def test_the_public_ones_stay_and_synthesis_is_made_of_them_alone(self):
        self.assertEqual(clients.texts(self.ask("mixed.test", "A"), "A"), ["198.51.100.1"])
        self.assertEqual(clients.texts(self.ask("mixed.test", "AAAA"), "AAAA"), ["64:ff9b::c633:6401"])
        self.assertEqual(self.ask("embedded.test", "AAAA").answer, [])

    def test_allowed_names_are_asked_by_their_own_name(self):
        self.assertEqual(clients.texts(self.ask("www.corp.test", "A"), "A"), ["192.168.0.1"])
        self.assertEqual(clients.texts(self.ask("alias.test", "A"), "A"), [])

    def test_opnsense_3937_what_we_say_ourselves_is_left_alone(self):
        self.assertEqual(clients.texts(self.ask("inside.test", "A"), "A"), ["192.168.0.7"])
        self.assertEqual(clients.texts(self.ask("localhost", "A"), "A"), ["127.0.0.1"])
        self.assertEqual(clients.texts(self.ask("ipv4only.arpa", "A"), "A"), ["192.0.0.170", "192.0.0.171"])

    def test_a_reload_that_changes_the_filter_forgets_what_was_kept(self):
        self.assertEqual(self.ask("reload.test", "A").answer, [])
        self.reload(rebinding_protection={"enabled": False})
        self.assertEqual(clients.texts(self.ask("reload.test", "A"), "A"), ["192.168.0.1"])
        self.reload()
        self.assertEqual(self.ask("reload.test", "A").answer, [])


class ServiceBinding(WithUpstream):
    sections = {"dns64": {"prefixes": [{"prefix": "none", "clients": ["127.0.0.2/32"]}, "64:ff9b::/96"]}}
    record = '1 pool.test. alpn="h2" ipv4hint="198.51.100.9"'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream.put("svc.test", "HTTPS", cls.answer)

    @classmethod
    def answer(cls, query, transport):
        reply = dns.message.make_response(query)
        cls.upstream.add(reply, query.question[0].name, "HTTPS", cls.record)
        cls.upstream.add(reply, "pool.test.", "A", "198.51.100.1", section="additional")
        return reply

    def additional(self, reply):
        return {dns.rdatatype.to_text(rrset.rdtype): [rdata.address for rdata in rrset] for rrset in reply.additional}

    def test_rfc_9460_4_2_1_the_addresses_beside_a_record_are_synthesized_too(self):
        for _ in range(2):  # from the upstream, from the cache
            reply = self.ask("svc.test", "HTTPS")
            self.assertEqual(clients.texts(reply, "HTTPS"), [self.record], "the record itself is not touched")
            self.assertEqual(self.additional(reply), {"A": ["198.51.100.1"], "AAAA": ["64:ff9b::c633:6401"]})

    def test_a_client_without_synthesis_gets_what_was_said(self):
        reply = self.front.udp(clients.query("svc.test", "HTTPS"), source="127.0.0.2")
        self.assertEqual(self.additional(reply), {"A": ["198.51.100.1"]})
        reply = self.ask("svc.test", "HTTPS", flags="RD CD", dnssec_ok=True)
        self.assertEqual(self.additional(reply), {"A": ["198.51.100.1"]})


class Check(lab.LabTest):
    def test_mistakes_are_told_with_their_place(self):
        status, said = lab.check(
            "listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\nspecial_names: {forward: [a..b]}\n", self.folder
        )
        self.assertEqual(status, 2)
        self.assertIn("3:27: special_names.forward[0]", said)


if __name__ == "__main__":
    lab.main()
