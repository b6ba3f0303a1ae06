# HTTPS and SVCB records beside DNS64 (RFC 9460 4.2.1).
import dns.rdatatype

from requirement import requirement
from scene import Scene, embedded, kinds

import lab
import replies

a = "198.51.100.1"
hints = 'ipv4hint="198.51.100.1,198.51.100.2"'
both_hints = f'alpn="h2" {hints} ipv6hint="2001:db8::1"'


class Svcb(Scene):
    settings = {
        "dns64": {
            "prefixes": [{"prefix": "none", "clients": ["127.0.0.3/32"]}, "64:ff9b::/96"],
        }
    }
    zone = {
        ("v4.test", "HTTPS"): [f'1 . alpn="h2,h3" {hints}'],
        ("v4.test", "A"): [a],
        ("both.test", "HTTPS"): [f"1 . {both_hints}"],
        ("mandatory.test", "HTTPS"): [f'1 . mandatory="alpn,ipv4hint" alpn="h2" {hints}'],
        ("service.test", "SVCB"): [f"1 target.test. {both_hints}"],
        ("named.test", "HTTPS"): replies.says(
            f'@ 300 HTTPS 1 target.test. alpn="h2" {hints}',
            additional=[f"target.test 200 A {a}", "target.test 200 A 198.51.100.2"],
        ),
        ("native.test", "HTTPS"): replies.says(
            '@ 300 HTTPS 1 target6.test. alpn="h2"',
            additional=[f"target6.test 200 A {a}", "target6.test 200 AAAA 2001:db8::1"],
        ),
        ("alias.test", "HTTPS"): replies.says(
            "@ 300 HTTPS 0 pool.test.",
            'pool.test 300 HTTPS 1 . alpn="h2"',
            additional=[f"pool.test 200 A {a}"],
        ),
        ("signed.test", "HTTPS"): replies.says(
            f'@ 300 HTTPS 1 . alpn="h2" {hints}', f"@ 300 {replies.signature('HTTPS')}"
        ),
    }

    def records(self, name, kind="HTTPS", **options):
        reply = self.ask(name, kind, **options)
        self.assert_is_sound(reply)
        return [str(record) for rrset in reply.answer for record in rrset if rrset.rdtype != dns.rdatatype.RRSIG]

    def additional(self, name, **options):
        reply = self.ask(name, "HTTPS", **options)
        return sorted(
            (str(rrset.name).lower(), dns.rdatatype.to_text(rrset.rdtype), str(record), rrset.ttl)
            for rrset in reply.additional
            for record in rrset
        )

    @requirement("F1", "RFC 9460 4.2.1", "address hints in HTTPS and SVCB records stay as they are, mandatory ones too")
    def test_F01_hints_are_not_touched(self):
        for name, kind in (
            ("v4.test", "HTTPS"),
            ("both.test", "HTTPS"),
            ("mandatory.test", "HTTPS"),
            ("service.test", "SVCB"),
        ):
            with self.subTest(name=name):
                records = self.records(name, kind)
                self.assertEqual(records, self.records(name, kind, source="127.0.0.3"), "as without DNS64")
                self.assertIn('ipv4hint="198.51.100.1,198.51.100.2"', records[0])
                self.assertNotIn("64:ff9b", records[0])

    @requirement("F1", "RFC 9460 4.2.1", "so does the signature of a signed record")
    def test_F01_signatures_stay(self):
        reply = self.ask("signed.test", "HTTPS", dnssec_ok=True)
        self.assertEqual(kinds(reply.answer), ["HTTPS", "RRSIG"])

    @requirement(
        "F2", "RFC 9460 4.2.1", "A records of a target in the additional section get their AAAA records beside them"
    )
    def test_F02_targets_in_the_additional_section(self):
        found = self.additional("named.test")
        synthetic = [row for row in found if row[1] == "AAAA"]
        self.assertEqual([row[0] for row in synthetic], ["target.test."] * 2)
        self.assertEqual([row[2] for row in synthetic], embedded("64:ff9b::/96", a, "198.51.100.2"))
        self.assertTrue(all(row[3] <= 200 for row in synthetic), "no TTL above that of the A record")

    @requirement("F2", "RFC 9460 4.2.1", "targets of AliasMode as well; a target with real AAAA records gets no others")
    def test_F02_alias_mode_and_real_records(self):
        found = [row[2] for row in self.additional("alias.test") if row[1] == "AAAA"]
        self.assertEqual(found, embedded("64:ff9b::/96", a))
        found = [row[2] for row in self.additional("native.test") if row[1] == "AAAA"]
        self.assertEqual(found, ["2001:db8::1"])

    @requirement("F2", "RFC 9460 4.2.1", "a client without DNS64 gets nothing synthetic there")
    def test_F02_only_for_clients_with_dns64(self):
        self.additional("named.test")
        self.assertEqual([row for row in self.additional("named.test", source="127.0.0.3") if row[1] == "AAAA"], [])


class Stripped(Scene):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"], "svcb_hints": "strip_ipv4"}}
    zone = {
        **Svcb.zone,
        ("other-mandatory.test", "HTTPS"): [f'1 . mandatory="alpn,ipv4hint,port" alpn="h2" port="443" {hints}'],
    }
    records = Svcb.records

    @requirement(
        "F3", "RFC 9460 4.2.1, 8", "with svcb_hints: strip_ipv4 ipv4hint goes, from `mandatory` too; the rest stays"
    )
    def test_F03_ipv4_hints_are_stripped_by_choice(self):
        self.assertEqual(self.records("v4.test"), ['1 . alpn="h2,h3"'])
        self.assertEqual(self.records("both.test"), ['1 . alpn="h2" ipv6hint="2001:db8::1"'])
        self.assertEqual(self.records("mandatory.test"), ['1 . mandatory="alpn" alpn="h2"'])
        self.assertEqual(self.records("other-mandatory.test"), ['1 . mandatory="alpn,port" alpn="h2" port="443"'])
        self.assertEqual(self.records("service.test", "SVCB"), ['1 target.test. alpn="h2" ipv6hint="2001:db8::1"'])

    @requirement("F3", "RFC 9460 4.2.1", "not for clients with DO, whose signatures would break")
    def test_F03_not_with_dnssec_ok(self):
        self.assertIn("ipv4hint", self.records("v4.test", dnssec_ok=True)[0])
        self.assertIn("ipv4hint", self.records("signed.test", dnssec_ok=True)[0])


if __name__ == "__main__":
    lab.main()
