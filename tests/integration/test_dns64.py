# DNS64 as RFC 6147, 6052 and 8880 want it, against a scripted upstream that plays every case of the main line, the ones
# that deployed resolvers get wrong included.
import time

import dns.flags
import dns.ipv6
import dns.message
import dns.rcode
import dns.rdatatype
import dns.reversename

import clients
import lab
import upstreams

SERVFAIL, REFUSED, NXDOMAIN, NOTIMP = dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NXDOMAIN, dns.rcode.NOTIMP

zone = {
    ("v4.test", "A"): ["198.51.100.1"],
    ("two.test", "A"): ["198.51.100.1", "198.51.100.2"],
    ("both.test", "A"): ["198.51.100.1"],
    ("both.test", "AAAA"): ["2001:db8::1"],
    ("servfail.test", "AAAA"): SERVFAIL,
    ("servfail.test", "A"): ["198.51.100.3"],
    ("refused.test", "AAAA"): REFUSED,
    ("refused.test", "A"): ["198.51.100.3"],
    ("notimp.test", "AAAA"): NOTIMP,
    ("notimp.test", "A"): ["198.51.100.3"],
    ("nxaaaa.test", "AAAA"): NXDOMAIN,
    ("nxaaaa.test", "A"): ["198.51.100.3"],
    ("mapped.test", "AAAA"): ["::ffff:9.9.9.9"],
    ("mapped.test", "A"): ["198.51.100.4"],
    ("mixed.test", "AAAA"): ["::ffff:9.9.9.9", "2001:db8::2"],
    ("mixed.test", "A"): ["198.51.100.4"],
    ("alias.test", "CNAME"): ["v4.test."],
    ("alias2.test", "CNAME"): ["alias.test."],
    ("private.test", "A"): ["10.1.2.3"],
    ("loop.test", "A"): ["127.0.0.1"],
    ("zero.test", "A"): ["0.0.0.0"],
    ("halfprivate.test", "A"): ["10.1.2.3", "198.51.100.5"],
    ("afail.test", "A"): SERVFAIL,
    ("neither.test", "TXT"): ["there"],
    ("many.test", "A"): [f"198.51.100.{number}" for number in range(1, 91)],
}


class Dns64(lab.LabTest):
    prefix = "64:ff9b::/96"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted(dict(zone), ttl=3600, soa_ttl=300)
        cls.addClassCleanup(cls.upstream.stop)
        cls.upstream.put("afail.test", "AAAA", cls.nodata)
        cls.upstream.put("silent.test", "AAAA", lambda query, transport: None)
        cls.upstream.put("silent.test", "A", ["198.51.100.6"])
        cls.upstream.put("nosoa.test", "AAAA", cls.nodata_without_soa)
        cls.upstream.put("nosoa.test", "A", ["198.51.100.7"])
        cls.upstream.put("ttl0.test", "A", cls.ttl_0)
        cls.front = clients.Front()
        configuration = cls.front.configuration(upstream=[cls.upstream.url], dns64={"prefixes": [cls.prefix]})
        cls.server = cls.start(configuration)

    @classmethod
    def nodata(cls, query, transport):
        reply = dns.message.make_response(query)
        cls.upstream.add(reply, "test.", "SOA", "ns.test. host.test. 1 3600 600 86400 300", section="authority")
        return reply

    @classmethod
    def nodata_without_soa(cls, query, transport):
        return dns.message.make_response(query)

    @classmethod
    def ttl_0(cls, query, transport):
        reply = dns.message.make_response(query)
        cls.upstream.add(reply, query.question[0].name, "A", "198.51.100.8", ttl=0)
        return reply

    def setUp(self):
        self.upstream.forget_questions()

    def aaaa(self, name, **options):
        return self.front.udp(clients.query(name, "AAAA", **options))

    def assert_synthesized(self, name, *addresses, **options):
        reply = self.aaaa(name, **options)
        self.assertEqual(reply.rcode(), dns.rcode.NOERROR)
        self.assertEqual(clients.texts(reply, "AAAA"), sorted(addresses))
        self.assertEqual(clients.texts(reply, "A"), [], "no A record beside a synthetic AAAA")
        return reply

    # -- When (RFC 6147 5.1) --
    def test_5_1_1_real_aaaa_records_are_the_answer(self):
        self.assertEqual(clients.texts(self.aaaa("both.test"), "AAAA"), ["2001:db8::1"])

    def test_5_1_6_a_name_with_a_records_alone_is_synthesized(self):
        self.assert_synthesized("v4.test", "64:ff9b::c633:6401")
        self.assert_synthesized("two.test", "64:ff9b::c633:6401", "64:ff9b::c633:6402")

    def test_5_1_2_any_rcode_but_nxdomain_leads_to_the_a_records(self):
        for name in ("servfail.test", "refused.test", "notimp.test"):
            with self.subTest(name=name):
                self.assert_synthesized(name, "64:ff9b::c633:6403")

    def test_5_1_2_nxdomain_is_returned_as_it_is(self):
        self.assertEqual(self.aaaa("nxaaaa.test").rcode(), NXDOMAIN)

    def test_5_1_3_a_time_out_leads_to_the_a_records_within_two_seconds(self):
        begin = time.monotonic()
        self.assert_synthesized("silent.test", "64:ff9b::c633:6406")
        self.assertLess(time.monotonic() - begin, 2.2)

    def test_5_1_4_excluded_addresses_count_as_absent(self):
        self.assert_synthesized("mapped.test", "64:ff9b::c633:6404")
        self.assertEqual(clients.texts(self.aaaa("mixed.test"), "AAAA"), ["2001:db8::2"])

    def test_5_1_6_the_result_of_the_a_query_is_the_basis(self):
        self.assertEqual(self.aaaa("afail.test").rcode(), SERVFAIL)
        reply = self.aaaa("neither.test")
        self.assertEqual((reply.rcode(), reply.answer), (dns.rcode.NOERROR, []))
        self.assertEqual([dns.rdatatype.to_text(rrset.rdtype) for rrset in reply.authority], ["SOA"])

    # -- What (RFC 6147 5.1.5, 5.1.7; RFC 6052 3.1) --
    def test_5_1_5_alias_chains_are_kept(self):
        reply = self.assert_synthesized("alias2.test", "64:ff9b::c633:6401")
        self.assertEqual(clients.texts(reply, "CNAME"), ["alias.test.", "v4.test."])
        self.assertEqual(str(reply.answer[-1].name), "v4.test.")

    def test_5_1_7_the_ttl_is_the_smaller_of_a_and_soa(self):
        self.assertEqual(clients.ttls(self.assert_synthesized("v4.test", "64:ff9b::c633:6401"))[-1] <= 300, True)
        self.assertGreaterEqual(clients.ttls(self.aaaa("v4.test"))[0], 290)

    def test_5_1_7_without_soa_the_ttl_is_at_most_600(self):
        told = clients.ttls(self.assert_synthesized("nosoa.test", "64:ff9b::c633:6407"))
        self.assertTrue(590 <= told[0] <= 600, told)

    def test_a_ttl_of_zero_stays_zero(self):
        self.assertEqual(clients.ttls(self.assert_synthesized("ttl0.test", "64:ff9b::c633:6408")), [0])

    def test_rfc_6052_3_1_private_addresses_stay_out_of_the_well_known_prefix(self):
        for name in ("private.test", "loop.test", "zero.test"):
            with self.subTest(name=name):
                reply = self.aaaa(name)
                self.assertEqual((reply.rcode(), clients.texts(reply, "AAAA")), (dns.rcode.NOERROR, []))
        self.assert_synthesized("halfprivate.test", "64:ff9b::c633:6405")

    def test_a_long_synthetic_answer_is_truncated_over_udp_and_whole_over_tcp(self):
        self.assertTrue(self.aaaa("many.test").flags & dns.flags.TC)
        self.assertEqual(len(clients.texts(self.front.tcp(clients.query("many.test", "AAAA")), "AAAA")), 90)

    # -- For whom (RFC 6147 5.5) --
    def test_5_5_a_client_that_validates_gets_no_synthesis(self):
        reply = self.aaaa("v4.test", flags="RD CD", dnssec_ok=True)
        self.assertEqual(clients.texts(reply, "AAAA"), [])
        self.assertTrue(reply.flags & dns.flags.CD)

    def test_5_5_dnssec_ok_alone_is_synthesized(self):
        reply = self.assert_synthesized("v4.test", "64:ff9b::c633:6401", dnssec_ok=True)
        self.assertFalse(reply.flags & dns.flags.AD)

    def test_other_types_and_classes_are_left_alone(self):
        self.assertEqual(clients.texts(self.front.udp(clients.query("v4.test", "A")), "A"), ["198.51.100.1"])
        self.assertEqual(self.front.udp(clients.query("v4.test", "TXT")).answer, [])
        chaos = dns.message.make_query("v4.test", "AAAA", "CH")
        reply = self.front.udp(chaos)
        self.assertEqual(reply.answer, [])

    def test_a_client_that_asks_for_a_never_sees_synthetic_records(self):
        self.aaaa("two.test")
        for kind in ("A", "ANY"):
            self.assertEqual(clients.texts(self.front.tcp(clients.query("two.test", kind)), "AAAA"), [])

    # -- Reverse names (RFC 6147 5.3.1) and discovery (RFC 7050, RFC 8880) --
    def test_5_3_1_ptr_under_the_prefix_is_an_alias_to_the_ipv4_name(self):
        self.upstream.put("1.100.51.198.in-addr.arpa", "PTR", ["v4.test."])
        name = dns.reversename.from_address("64:ff9b::198.51.100.1")
        reply = self.front.udp(clients.query(name, "PTR"))
        self.assertEqual(clients.texts(reply, "CNAME"), ["1.100.51.198.in-addr.arpa."])
        self.assertEqual(clients.texts(reply, "PTR"), ["v4.test."])

    def test_ptr_elsewhere_is_an_ordinary_question(self):
        name = str(dns.reversename.from_address("2001:db8::1"))
        self.upstream.put(name, "PTR", ["other.test."])
        self.assertEqual(clients.texts(self.front.udp(clients.query(name, "PTR")), "PTR"), ["other.test."])

    def test_rfc_8880_ipv4only_arpa_is_answered_without_an_upstream(self):
        reply = self.aaaa("ipv4only.arpa")
        self.assertEqual(clients.texts(reply, "AAAA"), ["64:ff9b::c000:aa", "64:ff9b::c000:ab"])
        reply = self.front.udp(clients.query("ipv4only.arpa", "A"))
        self.assertEqual(clients.texts(reply, "A"), ["192.0.0.170", "192.0.0.171"])
        reply = self.front.udp(clients.query("170.0.0.192.in-addr.arpa", "PTR"))
        self.assertEqual(clients.texts(reply, "PTR"), ["ipv4only.arpa."])
        self.assertEqual(self.upstream.questions(), [])

    # -- Cost --
    def test_5_1_8_a_second_question_costs_no_lookup(self):
        self.aaaa("servfail.test")
        self.aaaa("v4.test")
        self.upstream.forget_questions()
        self.aaaa("v4.test")
        self.assertEqual(self.upstream.questions(), [])


class OtherPrefixes(lab.LabTest):
    """RFC 6052 2.2: every length; several prefixes at once; policies by client."""

    addresses = {
        "2001:db8::/32": "2001:db8:c633:6401::",
        "2001:db8:100::/40": "2001:db8:1c6:3364:1::",
        "2001:db8:122::/48": "2001:db8:122:c633:64:100::",
        "2001:db8:122:300::/56": "2001:db8:122:3c6:33:6401::",
        "2001:db8:122:344::/64": "2001:db8:122:344:c6:3364:100:0",
        "2001:db8:122:344::/96": "2001:db8:122:344::c633:6401",
    }

    def test_every_length_and_several_at_once(self):
        upstream = upstreams.Scripted({("v4.test", "A"): ["198.51.100.1"], ("private.test", "A"): ["10.1.2.3"]})
        self.addCleanup(upstream.stop)
        front = clients.Front()
        self.start_once(front.configuration(upstream=[upstream.url], dns64={"prefixes": list(self.addresses)}))
        reply = front.udp(clients.query("v4.test", "AAAA"))
        expected = {dns.ipv6.inet_aton(address) for address in self.addresses.values()}
        self.assertEqual({dns.ipv6.inet_aton(address) for address in clients.texts(reply, "AAAA")}, expected)
        self.assertEqual(
            len(clients.texts(front.udp(clients.query("private.test", "AAAA")), "AAAA")),
            6,
            "private addresses are kept out of the Well-Known Prefix alone",
        )

    def test_policies_by_client(self):
        upstream = upstreams.Scripted({("v4.test", "A"): ["198.51.100.1"]})
        self.addCleanup(upstream.stop)
        front = clients.Front()
        rows = [
            {"prefix": "2001:db8:64::/96", "clients": ["127.0.0.2/32"]},
            {"prefix": "none", "clients": ["127.0.0.3/32"]},
            "64:ff9b::/96",
        ]
        self.start_once(front.configuration(upstream=[upstream.url], dns64={"prefixes": rows}))
        for source, expected in (
            ("127.0.0.2", ["2001:db8:64::c633:6401"]),
            ("127.0.0.3", []),
            ("127.0.0.4", ["64:ff9b::c633:6401"]),
        ):
            with self.subTest(source=source):
                reply = front.udp(clients.query("v4.test", "AAAA"), source=source)
                self.assertEqual(clients.texts(reply, "AAAA"), expected)


class Policies(lab.LabTest):
    """What policies choose, over one cache; each test has a server of its own."""

    records = {
        ("v4.test", "A"): ["198.51.100.1"],
        ("private.test", "A"): ["10.1.2.3"],
        ("never.test", "A"): ["10.9.0.1"],
        ("mixed.test", "A"): ["10.9.0.1", "10.1.2.3", "198.51.100.1"],
        ("host.corp.test", "A"): ["198.51.100.2"],
        ("both.test", "A"): ["198.51.100.3"],
        ("both.test", "AAAA"): ["2001:db8::3"],
        ("broken.test", "A"): ["198.51.100.4"],
        ("broken.test", "AAAA"): ["2001:db8:dead::4"],
        ("front.test", "A"): ["198.51.100.5"],
        ("front.test", "AAAA"): ["64:ff9b::c633:6405"],
        ("denied.test", "A"): ["198.51.100.6"],
        ("denied.test", "AAAA"): NXDOMAIN,
        ("failing.test", "A"): ["198.51.100.7"],
        ("failing.test", "AAAA"): SERVFAIL,
        ("doc.test", "A"): ["192.0.2.80"],
    }

    def serve(self, dns64, **more):
        self.upstream = upstreams.Scripted(dict(self.records), ttl=3600, soa_ttl=300)
        self.addCleanup(self.upstream.stop)
        self.front = clients.Front()
        self.start_once(self.front.configuration(upstream=[self.upstream.url], dns64=dns64, **more))

    def aaaa(self, name, source="127.0.0.1", **options):
        return self.front.udp(clients.query(name, "AAAA", **options), source=source)

    def addresses(self, name, source="127.0.0.1", **options):
        return clients.texts(self.aaaa(name, source, **options), "AAAA")

    def test_ranges_each_have_their_prefix(self):
        self.serve(
            {
                "prefixes": [
                    "64:ff9b::/96",
                    {"prefix": "none", "ipv4": "10.9.0.0/16"},
                    {"prefix": "2001:db8:10::/96", "ipv4": ["10.0.0.0/8"]},
                ]
            }
        )
        self.assertEqual(self.addresses("v4.test"), ["64:ff9b::c633:6401"])
        self.assertEqual(self.addresses("private.test"), ["2001:db8:10::a01:203"])
        self.assertEqual(self.addresses("mixed.test"), ["2001:db8:10::a01:203", "64:ff9b::c633:6401"])
        reply = self.aaaa("never.test")
        self.assertEqual((reply.rcode(), reply.answer), (dns.rcode.NOERROR, []))
        self.assertEqual([rrset.rdtype for rrset in reply.authority], [dns.rdatatype.SOA])

    def test_a_policy_inherits_what_it_does_not_say(self):
        self.serve(
            {
                "prefix": "64:ff9b::/96",
                "exclude_names": ["corp.test"],
                "policies": [
                    {"name": "open", "clients": "127.0.0.2/32", "exclude_names": []},
                    {"name": "own", "clients": "127.0.0.3/32", "prefix": "2001:db8:64::/96", "max_ttl": "30s"},
                    {"name": "dual", "clients": "127.0.0.4/32", "prefix": "none"},
                ],
            }
        )
        self.assertEqual(self.addresses("host.corp.test"), [])
        self.assertEqual(self.addresses("host.corp.test", "127.0.0.2"), ["64:ff9b::c633:6402"])
        self.assertEqual(self.addresses("host.corp.test", "127.0.0.3"), [])
        reply = self.aaaa("v4.test", "127.0.0.3")
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8:64::c633:6401"])
        self.assertLessEqual(max(clients.ttls(reply)), 30)
        self.assertEqual(self.addresses("v4.test", "127.0.0.4"), [])
        self.assertEqual(self.addresses("ipv4only.arpa", "127.0.0.3"), ["2001:db8:64::c000:aa", "2001:db8:64::c000:ab"])
        self.assertEqual(self.addresses("ipv4only.arpa", "127.0.0.4"), [])

    def test_when_and_beside_what(self):
        self.serve(
            {
                "policies": [
                    {"name": "always", "clients": "127.0.0.2/32", "always": True},
                    {"name": "careful", "clients": "127.0.0.3/32", "synthesize_on": "nodata"},
                    {"name": "bold", "clients": "127.0.0.4/32", "a_after_nxdomain": True, "synthesize_for_cd": True},
                    {
                        "name": "repair",
                        "clients": "127.0.0.5/32",
                        "ignore_aaaa_names": "broken.test",
                        "own_prefix_aaaa": "exclude",
                        "prefix": "2001:db8:64::/96",
                    },
                    {"name": "letter", "clients": "127.0.0.6/32", "well_known_prefix": "rfc6052"},
                    {"name": "private", "clients": "127.0.0.7/32", "well_known_prefix": "wkp_1918"},
                ]
            }
        )
        for source, name, expected in (
            ("127.0.0.1", "both.test", ["2001:db8::3"]),
            ("127.0.0.2", "both.test", ["2001:db8::3", "64:ff9b::c633:6403"]),
            ("127.0.0.1", "failing.test", ["64:ff9b::c633:6407"]),
            ("127.0.0.3", "failing.test", []),
            ("127.0.0.1", "denied.test", []),
            ("127.0.0.4", "denied.test", ["64:ff9b::c633:6406"]),
            ("127.0.0.1", "broken.test", ["2001:db8:dead::4"]),
            ("127.0.0.5", "broken.test", ["2001:db8:64::c633:6404"]),
            ("127.0.0.1", "front.test", ["64:ff9b::c633:6405"]),
            ("127.0.0.5", "front.test", ["2001:db8:64::c633:6405"]),
            ("127.0.0.1", "doc.test", ["64:ff9b::c000:250"]),
            ("127.0.0.6", "doc.test", []),
            ("127.0.0.1", "private.test", []),
            ("127.0.0.7", "private.test", ["64:ff9b::a01:203"]),
        ):
            with self.subTest(source=source, name=name):
                self.assertEqual(self.addresses(name, source), expected)
        self.assertEqual(self.aaaa("failing.test", "127.0.0.3").rcode(), SERVFAIL)
        for source, dnssec_ok, expected in (("127.0.0.1", False, []), ("127.0.0.4", True, [])):
            self.assertEqual(self.addresses("v4.test", source, flags="RD CD", dnssec_ok=dnssec_ok), expected)
        self.assertEqual(self.addresses("v4.test", "127.0.0.4", flags="RD CD"), ["64:ff9b::c633:6401"])

    def reverse(self, address):
        return str(dns.reversename.from_address(address))

    def test_5_3_1_nothing_of_the_reverse_zones_goes_upstream(self):
        self.serve({"prefix": "2001:db8:64::/96"})
        whole = self.reverse("2001:db8:64::198.51.100.9")
        known = self.reverse("64:ff9b::198.51.100.9")
        for name, kind, rcode in (
            (whole, "TXT", dns.rcode.NOERROR),
            (whole[4:], "PTR", dns.rcode.NOERROR),
            ("1." + whole, "PTR", NXDOMAIN),
            ("x." + whole[2:], "PTR", NXDOMAIN),
            (known, "A", dns.rcode.NOERROR),
            (known[16:], "SOA", dns.rcode.NOERROR),
        ):
            with self.subTest(name=name, kind=kind):
                reply = self.front.udp(clients.query(name, kind))
                self.assertEqual(reply.rcode(), rcode)
                self.assertEqual(len(reply.answer) + len(reply.authority), 1)
        self.assertEqual(self.upstream.questions(), [])

    def test_5_3_1_a_cname_leads_to_a_ptr_record_or_is_not_there(self):
        self.serve({"prefix": "2001:db8:64::/96"})
        self.upstream.put("9.100.51.198.in-addr.arpa", "PTR", ["v4.test."])
        self.upstream.put("8.100.51.198.in-addr.arpa", "CNAME", ["8.a.test."])
        self.upstream.put("8.a.test", "PTR", ["v4.test."])
        reply = self.front.udp(clients.query(self.reverse("2001:db8:64::198.51.100.9").upper(), "PTR"))
        self.assertEqual([text.lower() for text in clients.texts(reply, "CNAME")], ["9.100.51.198.in-addr.arpa."])
        self.assertEqual(clients.texts(reply, "PTR"), ["v4.test."])
        self.assertTrue(0 < min(clients.ttls(reply)) <= 600)
        for last in (7, 8):
            reply = self.front.udp(clients.query(self.reverse(f"2001:db8:64::198.51.100.{last}"), "PTR"))
            self.assertEqual(reply.answer, [])
            self.assertEqual(len(reply.authority), 1)

    def test_5_3_1_a_local_zone_has_the_names_of_local_data(self):
        name = self.reverse("64:ff9b::198.51.100.9")
        self.serve({"ptr": "local"}, local_data=[{"name": name, "ptr": "translated.test."}])
        reply = self.front.udp(clients.query(name, "PTR"))
        self.assertEqual(clients.texts(reply, "PTR"), ["translated.test."])
        other = self.front.udp(clients.query(self.reverse("64:ff9b::198.51.100.8"), "PTR"))
        self.assertEqual(other.rcode(), NXDOMAIN)
        self.assertEqual(self.upstream.questions(), [])

    def test_rfc_9460_hints_go_when_told_to(self):
        self.serve({"svcb_hints": "strip_ipv4"})
        record = '1 . mandatory="alpn,ipv4hint" alpn="h2" ipv4hint="192.0.2.1" ipv6hint="2001:db8::1"'
        self.upstream.put("web.test", "HTTPS", [record])
        told = clients.texts(self.front.udp(clients.query("web.test", "HTTPS")), "HTTPS")
        self.assertEqual(told, ['1 . mandatory="alpn" alpn="h2" ipv6hint="2001:db8::1"'])
        signed = clients.texts(self.front.udp(clients.query("web.test", "HTTPS", dnssec_ok=True)), "HTTPS")
        self.assertEqual(signed, [record])


if __name__ == "__main__":
    lab.main()
