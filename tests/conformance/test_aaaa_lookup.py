# AAAA questions: when A records are looked for, and when not (RFC 6147 5.1.1 to 5.1.4, 5.1.8).
import time

import dns.message
import dns.rcode

from requirement import requirement
from scene import Scene, embedded, has, kinds, rrsets

import clients
import lab
import replies

a = ["198.51.100.1"]
synthetic = embedded("64:ff9b::/96", *a)
errors = [1, 2, *range(4, 16)]
extended_errors = [16, 17, 18, 19, 20, 21, 22, 23, 3841, 4095]


class Lookup(Scene):
    settings = {
        "dns64": {
            "prefixes": [{"prefix": "none", "clients": ["127.0.0.3/32"]}, "64:ff9b::/96"],
            "aaaa_timeout": "700ms",
        }
    }
    zone = {
        ("v4.test", "A"): a,
        ("second.test", "A"): a,
        ("both.test", "A"): a,
        ("both.test", "AAAA"): ["2001:db8::1", "2001:db8::2"],
        ("late.test", "A"): a,
        ("late.test", "AAAA"): replies.late(0.3, replies.says("@ 300 AAAA 2001:db8::3")),
        ("nx.test", "AAAA"): replies.nxdomain(),
        ("nx.test", "A"): a,
        ("silent.test", "AAAA"): replies.silence,
        ("silent.test", "A"): a,
        ("tardy.test", "AAAA"): replies.late(1.0, replies.says("@ 300 AAAA 2001:db8::4")),
        ("tardy.test", "A"): a,
        ("noise.test", "AAAA"): replies.noise,
        ("noise.test", "A"): a,
        ("other.test", "AAAA"): replies.misdirected(replies.says("@ 300 AAAA 2001:db8:bad::1")),
        ("other.test", "A"): a,
        ("forged.test", "AAAA"): replies.of_another_id(replies.says("@ 300 AAAA 2001:db8:bad::1")),
        ("forged.test", "A"): a,
        ("error-empty.test", "AAAA"): replies.says(rcode=2),
        ("error-empty.test", "A"): replies.nodata(),
        ("error-error.test", "AAAA"): replies.says(rcode=5),
        ("error-error.test", "A"): replies.says(rcode=2),
        ("error-nx.test", "AAAA"): replies.says(rcode=2),
        ("error-nx.test", "A"): replies.nxdomain(),
        **{(f"rcode{code}.test", "AAAA"): replies.says(rcode=code) for code in errors + extended_errors},
        **{(f"rcode{code}.test", "A"): a for code in errors + extended_errors},
    }

    @requirement("A1", "RFC 6147 5.1", "classes CH, HS, NONE and ANY are answered as if there were no DNS64")
    def test_A01_other_classes_see_no_dns64(self):
        for klass in ("CH", "HS", "NONE", "ANY"):
            with self.subTest(klass=klass):
                message = dns.message.make_query("v4.test", "AAAA", klass)
                reply = self.front.udp(message)
                without = self.front.udp(dns.message.make_query("v4.test", "AAAA", klass), source="127.0.0.3")
                self.assertEqual(reply.answer, [])
                self.assertEqual(reply.rcode(), without.rcode(), "the same as for a client without DNS64")
                self.assertNotIn(("v4.test.", "A"), self.asked("v4.test"))

    @requirement(
        "A2", "RFC 6147 5.1", "real AAAA records come first: from the cache without a lookup, and late ones too"
    )
    def test_A02_real_records_are_looked_for_first(self):
        self.assertEqual(self.addresses("late.test"), ["2001:db8::3"], "A was there long before")
        self.assertEqual(self.addresses("both.test"), ["2001:db8::1", "2001:db8::2"])
        self.upstream.forget_questions()
        self.assertEqual(self.addresses("both.test"), ["2001:db8::1", "2001:db8::2"])
        self.assertNotIn(("both.test.", "AAAA"), self.asked())

    @requirement("A3", "RFC 6147 5.1.1", "real AAAA records are the answer, without a synthetic one beside them")
    def test_A03_real_records_are_the_whole_answer(self):
        reply = self.ask("both.test")
        self.assertEqual(kinds(reply.answer), ["AAAA", "AAAA"])
        self.assert_is_sound(reply)

    @requirement("A4", "RFC 6147 5.1.2", "NXDOMAIN on AAAA is the answer, whatever A would say")
    def test_A04_nxdomain_is_returned_as_it_is(self):
        reply = self.assert_empty("nx.test", "NXDOMAIN")
        self.assertEqual(reply.answer, [])
        self.assertIn(("nx.test.", "AAAA"), self.asked("nx.test"))

    @requirement("A5", "RFC 6147 5.1.2", "RCODEs 1, 2, 4 to 15 on AAAA lead to A, whose NOERROR is the final RCODE")
    def test_A05_errors_lead_to_the_a_records(self):
        for code in errors:
            with self.subTest(rcode=code):
                self.assert_synthesized(f"rcode{code}.test", *a)

    @requirement("A5", "RFC 6147 5.1.2", "extended RCODEs (16 to 23, private ones) on AAAA lead to A, too")
    def test_A05_extended_errors_lead_to_the_a_records(self):
        for code in extended_errors:
            with self.subTest(rcode=code):
                self.assert_synthesized(f"rcode{code}.test", *a)

    @requirement("A5", "RFC 6147 5.1.2", "after an error on AAAA the final RCODE is the one of the A query")
    def test_A05_the_rcode_is_that_of_the_a_query(self):
        self.assert_empty("error-empty.test", "NOERROR")
        self.assert_empty("error-error.test", "SERVFAIL")
        self.assert_empty("error-nx.test", "NXDOMAIN")

    @requirement("A6", "RFC 6147 5.1.3", "no answer to AAAA is as an error: the A records are used")
    def test_A06_silence_leads_to_the_a_records(self):
        self.assert_synthesized("silent.test", *a)
        self.assertEqual(self.asked_types("silent.test"), ["A", "AAAA"])

    @requirement("A6", "RFC 6147 5.1.3", "malformed, misdirected and forged answers to AAAA count as none")
    def test_A06_what_is_no_answer_is_silence(self):
        for name in ("noise.test", "other.test", "forged.test"):
            with self.subTest(name=name):
                self.assert_synthesized(name, *a)

    @requirement("A6", "RFC 6147 5.1.3", "an AAAA answer that came too late for one client serves the next")
    def test_A06_a_late_answer_is_not_lost(self):
        self.assert_synthesized("tardy.test", *a)
        lab.eventually(lambda: self.addresses("tardy.test") == ["2001:db8::4"], what="the real address")

    @requirement("A17", "RFC 6147 5.1.8", "A and AAAA are asked together, and both answers are kept")
    def test_A17_both_questions_go_out_at_once(self):
        self.assert_synthesized("second.test", *a)
        self.assertEqual(self.asked_types("second.test"), ["A", "AAAA"])
        self.addresses("both.test")
        lab.eventually(lambda: "A" in self.asked_types("both.test") or clients.texts(self.ask("both.test", "A"), "A"))
        self.upstream.forget_questions()
        self.assertEqual(clients.texts(self.ask("both.test", "A"), "A"), a)
        self.assertEqual(self.asked(), [], "the A answer that nobody needed was kept")


class DefaultPatience(Scene):
    """The defaults, for the time in which a client has its answer."""

    zone = {("dead.test", "AAAA"): replies.silence, ("dead.test", "A"): a}

    @classmethod
    def configuration(cls, **changes):
        return cls.front.configuration(upstream=[cls.upstream.url], **cls.settings)

    @requirement("A6", "RFC 6147 5.1.3", "with the AAAA path dead and A alive the client has its answer within 2 s")
    def test_A06_the_answer_comes_within_two_seconds(self):
        begin = time.monotonic()
        self.assert_synthesized("dead.test", *a)
        self.assertLess(time.monotonic() - begin, 2.0)


class Delay(Scene):
    """Both questions take 200 ms."""

    zone = {
        ("v4.test", "AAAA"): replies.late(0.2, replies.nodata()),
        ("v4.test", "A"): replies.late(0.2, replies.says("@ 300 A 198.51.100.1")),
    }

    @requirement("A17", "RFC 6147 5.1.8", "a cold name takes one round trip to the upstream, not two")
    def test_A17_a_cold_name_costs_one_round_trip(self):
        begin = time.monotonic()
        self.assert_synthesized("v4.test", *a)
        self.assertLess(time.monotonic() - begin, 0.39)


class Staggered(Scene):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"], "a_delay": "150ms"}}
    zone = {
        ("v4.test", "A"): a,
        ("both.test", "AAAA"): ["2001:db8::1"],
        ("both.test", "A"): a,
        ("slow.test", "AAAA"): replies.late(0.5, replies.says("@ 300 AAAA 2001:db8::2")),
        ("slow.test", "A"): a,
    }

    @requirement("A17", "RFC 6147 5.1.8", "with a_delay the A question waits, and is saved where AAAA comes in time")
    def test_A17_the_a_question_can_wait(self):
        self.assertEqual(self.addresses("both.test"), ["2001:db8::1"])
        self.assert_synthesized("v4.test", *a)
        self.assertEqual(self.asked_types("both.test"), ["AAAA"])
        self.assertEqual(self.addresses("slow.test"), ["2001:db8::2"], "no synthesis before the AAAA verdict")
        self.assertEqual(self.asked_types("slow.test"), ["A", "AAAA"])


class Exclusion(Scene):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"]}, "dnssec": {"mode": "trust_ad"}}
    zone = {
        ("mapped.test", "AAAA"): ["::ffff:9.9.9.9"],
        ("mapped.test", "A"): a,
        ("mixed.test", "AAAA"): ["::ffff:9.9.9.9", "2001:db8::1", "::ffff:8.8.8.8"],
        ("mixed.test", "A"): a,
        ("alias.test", "CNAME"): ["mapped.test."],
        ("mixed-alias.test", "CNAME"): ["mixed.test."],
        ("mapped-alone.test", "AAAA"): ["::ffff:9.9.9.9"],
        ("near.test", "AAAA"): ["::9.9.9.9"],
        ("near.test", "A"): a,
        ("signed.test", "AAAA"): replies.says(
            "@ 300 AAAA ::ffff:9.9.9.9",
            "@ 300 AAAA 2001:db8::1",
            f"@ 300 {replies.signature('AAAA')}",
            flags="AD",
        ),
        ("whole.test", "AAAA"): replies.says(
            "@ 300 AAAA 2001:db8::1", f"@ 300 {replies.signature('AAAA')}", flags="AD"
        ),
    }

    @requirement("A8", "RFC 6147 5.1.4", "AAAA records in the excluded range alone are as none: A is used")
    def test_A08_excluded_records_alone_count_as_absent(self):
        self.assert_synthesized("mapped.test", *a)

    @requirement(
        "A8",
        "RFC 6147 5.1.4",
        "::ffff:0:0/96 is the default range",
        note="The RFC's text writes the range as ::ffff/96; mapped addresses are ::ffff:0:0/96 (RFC 4291 2.5.5.2).",
    )
    def test_A08_the_default_is_the_range_of_mapped_addresses(self):
        self.assertEqual(self.addresses("near.test"), ["::9.9.9.9"], "::/96 is not excluded")

    @requirement("A8", "RFC 6147 5.1.4", "of a mixed set the excluded records alone are left out")
    def test_A08_the_others_of_a_mixed_set_are_returned(self):
        self.assertEqual(self.addresses("mixed.test"), ["2001:db8::1"])

    @requirement("A8", "RFC 6147 5.1.4", "behind a CNAME the exclusion holds as well")
    def test_A08_behind_an_alias(self):
        self.assert_synthesized("alias.test", *a)
        self.assertEqual(self.addresses("mixed-alias.test"), ["2001:db8::1"])

    @requirement("A8", "RFC 6147 5.1.4", "excluded records are never returned, not even when there is nothing else")
    def test_A08_never_returned(self):
        self.assert_empty("mapped-alone.test")

    @requirement("A8", "RFC 4035 3.2.3", "a set that lost records loses its RRSIG and AD with them")
    def test_A08_a_cut_set_is_not_called_signed(self):
        reply = self.ask("signed.test", dnssec_ok=True)
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8::1"])
        self.assertEqual(rrsets(reply, "RRSIG"), [])
        self.assertFalse(has(reply, "AD"))
        reply = self.ask("whole.test", dnssec_ok=True)
        self.assertEqual(len(rrsets(reply, "RRSIG")), 1, "a whole set keeps its own")
        self.assertTrue(has(reply, "AD"))


class ConfiguredExclusion(Scene):
    ranges = ["2001:db8:bad::/48", "2001:db8:b0d::/48", "fec0::/10"]
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"], "exclude_aaaa": ranges}}
    zone = {
        ("one.test", "AAAA"): ["2001:db8:bad::1"],
        ("one.test", "A"): a,
        ("all.test", "AAAA"): ["2001:db8:bad::1", "2001:db8:b0d::1", "fec0::1"],
        ("all.test", "A"): a,
        ("some.test", "AAAA"): ["2001:db8:bad::1", "2001:db8::1", "2001:db8:b0d::1", "2001:db8::2"],
        ("some.test", "A"): a,
    }

    @requirement("A8", "RFC 6147 5.1.4", "the list is configurable, with several ranges in force at once")
    def test_A08_several_ranges(self):
        self.assert_synthesized("one.test", *a)
        self.assert_synthesized("all.test", *a)
        reply = self.ask("some.test")
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8::1", "2001:db8::2"])
        self.assert_is_sound(reply)


class OwnPrefix(Scene):
    settings = {
        "dns64": {
            "prefixes": ["64:ff9b::/96"],
            "policies": [{"name": "behind-dns64", "clients": ["127.0.0.2/32"], "own_prefix_aaaa": "exclude"}],
        }
    }
    zone = {("made.test", "AAAA"): ["64:ff9b::9.9.9.9"], ("made.test", "A"): a}

    @requirement(
        "A9", "RFC 6147 5.1.4", "AAAA in our own prefix pass, or with own_prefix_aaaa: exclude count as absent"
    )
    def test_A09_records_in_our_own_prefix(self):
        self.assertEqual(self.addresses("made.test"), ["64:ff9b::909:909"])
        self.assert_synthesized("made.test", *a, source="127.0.0.2")


class Causes(Scene):
    """One policy for each value of synthesize_on, by client."""

    causes = {"nodata": "127.0.0.2", "rcode": "127.0.0.3", "timeout": "127.0.0.4"}
    settings = {
        "dns64": {
            "prefixes": ["64:ff9b::/96"],
            "aaaa_timeout": "400ms",
            "policies": [
                {"name": cause, "clients": [f"{source}/32"], "synthesize_on": cause} for cause, source in causes.items()
            ],
        }
    }
    zone = {
        ("empty.test", "A"): a,
        ("error.test", "AAAA"): replies.says(rcode=5),
        ("error.test", "A"): a,
        ("silent.test", "AAAA"): replies.silence,
        ("silent.test", "A"): a,
    }

    @requirement("A7", "RFC 6147 5.1.2, 5.1.3", "synthesize_on says what leads to A: nodata, rcode too, timeout too")
    def test_A07_what_leads_to_the_a_records_is_a_choice(self):
        for cause, source in self.causes.items():
            for name, needs in (("empty.test", "nodata"), ("error.test", "rcode"), ("silent.test", "timeout")):
                with self.subTest(synthesize_on=cause, name=name):
                    if list(self.causes).index(cause) >= list(self.causes).index(needs):
                        self.assert_synthesized(name, *a, source=source)
                    else:
                        reply = self.ask(name, source=source)
                        self.assertEqual(reply.answer, [])
                        self.assertIn(dns.rcode.to_text(reply.rcode()), ("SERVFAIL", "REFUSED"))

    @requirement("A7", "RFC 6147 5.1.3", "who chooses nothing gets the RFC's way, which is timeout")
    def test_A07_the_default_is_the_rfc_s(self):
        for name in ("empty.test", "error.test", "silent.test"):
            self.assert_synthesized(name, *a)


class OptIns(Scene):
    settings = {
        "dns64": {
            "prefixes": ["64:ff9b::/96"],
            "policies": [
                {"name": "both", "clients": ["127.0.0.2/32"], "always": True},
                {"name": "broken-servers", "clients": ["127.0.0.3/32"], "a_after_nxdomain": True},
                {"name": "checkers", "clients": ["127.0.0.4/32"], "synthesize_for_cd": True},
                {
                    "name": "names",
                    "clients": ["127.0.0.5/32"],
                    "exclude_names": ["native.test"],
                    "ignore_aaaa_names": ["both.test"],
                },
            ],
        }
    }
    zone = {
        ("both.test", "AAAA"): ["2001:db8::1"],
        ("both.test", "A"): a,
        ("www.both.test", "AAAA"): ["2001:db8::1"],
        ("www.both.test", "A"): a,
        ("nx.test", "AAAA"): replies.nxdomain(),
        ("nx.test", "A"): a,
        ("gone.test", "AAAA"): replies.nxdomain(),
        ("gone.test", "A"): replies.nxdomain(),
        ("v4.test", "A"): a,
        ("native.test", "A"): a,
        ("www.native.test", "A"): a,
    }

    @requirement(
        "A3", "RFC 6147 5.1.1", "with always: true synthetic records stand beside real ones, for who asked for it"
    )
    def test_A03_always_is_opt_in(self):
        self.assertEqual(self.addresses("both.test", source="127.0.0.2"), sorted(["2001:db8::1", *synthetic]))
        self.assertEqual(self.addresses("both.test"), ["2001:db8::1"])

    @requirement("A4", "RFC 6147 5.1.2", "with a_after_nxdomain: true an NXDOMAIN on AAAA leads to A")
    def test_A04_a_after_nxdomain_is_opt_in(self):
        self.assert_synthesized("nx.test", *a, source="127.0.0.3")
        self.assert_empty("gone.test", "NXDOMAIN", source="127.0.0.3")
        self.assert_empty("nx.test", "NXDOMAIN")

    @requirement(
        "A7", "RFC 6147 5.5", "CD without DO is not synthesized, but with synthesize_for_cd; CD with DO never is"
    )
    def test_A07_checking_disabled(self):
        for source, dnssec_ok, expected in (
            (None, False, []),
            (None, True, []),
            ("127.0.0.4", False, synthetic),
            ("127.0.0.4", True, []),
        ):
            with self.subTest(source=source, dnssec_ok=dnssec_ok):
                reply = self.ask("v4.test", flags="RD CD", dnssec_ok=dnssec_ok, source=source)
                self.assertEqual(clients.texts(reply, "AAAA"), expected)
                self.assertTrue(has(reply, "CD"), "the bit is copied (RFC 4035 3.2.2)")

    @requirement(
        "A7", "RFC 6147 5.1", "excluded names are not synthesized; ignored AAAA are not seen, at and below a name"
    )
    def test_A07_names_have_a_say(self):
        for name in ("native.test", "www.native.test"):
            self.assert_empty(name, source="127.0.0.5")
            self.assert_synthesized(name, *a)
        for name in ("both.test", "www.both.test"):
            self.assert_synthesized(name, *a, source="127.0.0.5")
            self.assertEqual(self.addresses(name), ["2001:db8::1"])


if __name__ == "__main__":
    lab.main()
