# AAAA questions: what the answer is made of (RFC 6147 5.1.5 to 5.1.7, 5.3, 5.4).
import struct
import time

import dns.name

from requirement import requirement
from scene import Scene, aliases, embedded, has, kinds, rrsets

import clients
import lab
import replies

a = ["198.51.100.1"]
synthetic = embedded("64:ff9b::/96", *a)


class Chains(Scene):
    long_chain = {(f"c{step}.test", "CNAME"): [f"c{step + 1}.test."] for step in range(9)}
    stepwise = {f"s{step}.test": replies.says(f"@ 300 CNAME s{step + 1}.test.") for step in range(40)}
    zone = {
        ("v4.test", "A"): a,
        ("both.test", "A"): a,
        ("both.test", "AAAA"): ["2001:db8::1"],
        ("one.test", "CNAME"): ["v4.test."],
        ("two.test", "CNAME"): ["one.test."],
        ("real.test", "CNAME"): ["both.test."],
        **long_chain,
        ("c9.test", "A"): a,
        # Only the CNAME, and the rest for who asks on: each step by itself.
        **{(name, kind): reply for name, reply in stepwise.items() for kind in ("A", "AAAA")},
        ("s5.test", "AAAA"): replies.nodata(),
        ("s5.test", "A"): a,
        ("no-soa.test", "AAAA"): replies.says("@ 300 CNAME v4.test."),
        ("no-soa.test", "A"): replies.says("@ 300 CNAME v4.test.", "v4.test 300 A 198.51.100.1"),
        ("www.old.test", "AAAA"): replies.says(
            "old.test 300 DNAME v4.new.test.",
            "@ 300 CNAME www.v4.new.test.",
            authority=[f"new.test 300 SOA {replies.soa}"],
        ),
        ("www.old.test", "A"): replies.says(
            "old.test 300 DNAME v4.new.test.", "@ 300 CNAME www.v4.new.test.", "www.v4.new.test 300 A 198.51.100.1"
        ),
        ("mix.test", "AAAA"): replies.says(
            "@ 300 CNAME www.old.test.",
            "old.test 300 DNAME v4.new.test.",
            "www.old.test 300 CNAME www.v4.new.test.",
            "www.v4.new.test 300 CNAME v4.test.",
            authority=[f"test 300 SOA {replies.soa}"],
        ),
        ("mix.test", "A"): replies.says(
            "@ 300 CNAME www.old.test.",
            "old.test 300 DNAME v4.new.test.",
            "www.old.test 300 CNAME www.v4.new.test.",
            "www.v4.new.test 300 CNAME v4.test.",
            "v4.test 300 A 198.51.100.1",
        ),
        ("self.test", "AAAA"): replies.says("@ 300 CNAME self.test."),
        ("self.test", "A"): replies.says("@ 300 CNAME self.test."),
        ("ping.test", "AAAA"): replies.says("@ 300 CNAME pong.test."),
        ("ping.test", "A"): replies.says("@ 300 CNAME pong.test."),
        ("pong.test", "AAAA"): replies.says("@ 300 CNAME ping.test."),
        ("pong.test", "A"): replies.says("@ 300 CNAME ping.test."),
        ("ring.test", "AAAA"): replies.says("@ 300 CNAME r2.test.", "r2.test 300 CNAME ring.test."),
        ("ring.test", "A"): replies.says("@ 300 CNAME r2.test.", "r2.test 300 CNAME ring.test."),
        ("twice.test", "A"): replies.says("@ 300 A 198.51.100.1", "@ 300 A 198.51.100.1", "@ 300 A 198.51.100.2"),
        ("twice-alias.test", "AAAA"): replies.nodata(),
        ("twice-alias.test", "A"): replies.says(
            "@ 300 CNAME v4.test.", "@ 300 CNAME v4.test.", "v4.test 300 A 198.51.100.1", "v4.test 300 A 198.51.100.1"
        ),
        ("twice-real.test", "AAAA"): replies.says("@ 300 AAAA 2001:db8::1", "@ 300 AAAA 2001:db8::1"),
        # No common suffix with the question, whose letters would be pointed at.
        ("case.test", "AAAA"): replies.says("@ 300 CNAME MixedCase.ALT4.", authority=[f"alt4 300 SOA {replies.soa}"]),
        ("case.test", "A"): replies.says("@ 300 CNAME MixedCase.ALT4.", "MixedCase.ALT4 300 A 198.51.100.1"),
        ("nowhere.test", "CNAME"): ["missing.test."],
        ("to-bare.test", "AAAA"): replies.says("@ 300 CNAME bare.test."),
        ("to-bare.test", "A"): replies.says("@ 300 CNAME bare.test."),
        ("bare.test", "AAAA"): replies.empty,
        ("bare.test", "A"): replies.empty,
        ("nodata-target.test", "CNAME"): ["text.test."],
        ("text.test", "TXT"): ["here"],
        ("split.test", "AAAA"): replies.says("@ 300 CNAME only6.test.", authority=[f"test 300 SOA {replies.soa}"]),
        ("split.test", "A"): replies.says("@ 300 CNAME only4.test.", "only4.test 300 A 198.51.100.1"),
    }

    @requirement("A10", "RFC 6147 5.1.5", "a CNAME chain is followed, and kept in the answer before the AAAA records")
    def test_A10_alias_chains_are_kept(self):
        for name, chain in (
            ("one.test", [("one.test.", "v4.test.")]),
            ("two.test", [("two.test.", "one.test."), ("one.test.", "v4.test.")]),
            ("c0.test", [(f"c{step}.test.", f"c{step + 1}.test.") for step in range(9)]),
        ):
            with self.subTest(name=name):
                reply = self.assert_synthesized(name, *a)
                self.assertEqual([(owner.lower(), target) for owner, target in aliases(reply)], chain)
                self.assertEqual(str(rrsets(reply, "AAAA")[0].name).lower(), chain[-1][1])

    @requirement("A10", "RFC 6147 5.1.5", "a chain that ends in real AAAA records is not synthesized")
    def test_A10_a_chain_to_real_records(self):
        reply = self.ask("real.test")
        self.assertEqual(
            (aliases(reply), clients.texts(reply, "AAAA")), ([("real.test.", "both.test.")], ["2001:db8::1"])
        )

    @requirement("A10", "RFC 6147 5.1.5", "where the upstream gives the CNAME alone, we ask on, step by step")
    def test_A10_dangling_chains_are_finished(self):
        reply = self.assert_synthesized("s0.test", *a)
        self.assertEqual(len(aliases(reply)), 5)
        self.assert_synthesized("no-soa.test", *a)

    @requirement("A10", "RFC 6147 5.1.5", "a DNAME and the CNAME made of it are both kept")
    def test_A10_dname_is_kept_with_its_cname(self):
        reply = self.assert_synthesized("www.old.test", *a)
        self.assertEqual(kinds(reply.answer), ["AAAA", "CNAME", "DNAME"])
        self.assertEqual(str(rrsets(reply, "AAAA")[0].name).lower(), "www.v4.new.test.")

    @requirement("A10", "RFC 6147 5.1.5", "CNAME and DNAME in any mix")
    def test_A10_mixed_chains(self):
        reply = self.assert_synthesized("mix.test", *a)
        self.assertEqual(kinds(reply.answer), ["AAAA", "CNAME", "CNAME", "CNAME", "DNAME"])

    @requirement("A10", "RFC 1034 3.6.2", "a loop of aliases is SERVFAIL, at once and after few questions")
    def test_A10_loops_end(self):
        for name in ("self.test", "ping.test", "ring.test"):
            with self.subTest(name=name):
                self.upstream.forget_questions()
                begin = time.monotonic()
                self.assert_empty(name, "SERVFAIL")
                self.assertLess(time.monotonic() - begin, 1.0)
                self.assertLess(len(self.asked()), 40)

    @requirement("A10", "RFC 1034 3.6.2", "a chain without end is given up after a bounded number of steps")
    def test_A10_endless_chains_end(self):
        self.assert_empty("s6.test", "SERVFAIL")
        self.assertLess(len(self.asked()), 80)

    @requirement("A10", "RFC 2181 5.5", "records that come twice are given once")
    def test_A10_duplicates_are_removed(self):
        self.assert_synthesized("twice.test", "198.51.100.1", "198.51.100.2")
        reply = self.assert_synthesized("twice-alias.test", *a)
        self.assertEqual(len(aliases(reply)), 1)
        reply = self.ask("twice-real.test")
        self.assert_is_sound(reply)
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8::1"])

    @requirement("A10", "RFC 4343 4.1", "owner names keep the letter case that the upstream gave them")
    def test_A10_letter_case_is_kept(self):
        reply = self.assert_synthesized("case.test", *a)
        self.assertEqual(aliases(reply)[0][1], "MixedCase.ALT4.")
        self.assertEqual(str(rrsets(reply, "AAAA")[0].name), "MixedCase.ALT4.")

    @requirement("A10", "RFC 6604 3", "the RCODE is that of the end of the chain, which stays in the answer")
    def test_A10_chains_to_nothing(self):
        reply = self.assert_empty("nowhere.test", "NXDOMAIN")
        self.assertEqual(aliases(reply), [("nowhere.test.", "missing.test.")])
        reply = self.assert_empty("nodata-target.test")
        self.assertEqual(aliases(reply), [("nodata-target.test.", "text.test.")])

    @requirement(
        "A10",
        "RFC 2308 2.2",
        "a chain to a name without data is NODATA even where no SOA says so, after one question more",
    )
    def test_A10_chains_to_an_empty_answer_without_soa(self):
        reply = self.assert_empty("to-bare.test", soa=False)
        self.assertEqual(aliases(reply), [("to-bare.test.", "bare.test.")])
        self.assertLessEqual(len(self.asked()), 4)

    @requirement("A11", "RFC 6147 5.1.6", "where the chains of AAAA and A differ, the answer has the chain of A alone")
    def test_A11_the_chain_is_that_of_the_data(self):
        reply = self.assert_synthesized("split.test", *a)
        self.assertEqual(aliases(reply), [("split.test.", "only4.test.")])


class Basis(Scene):
    zone = {
        ("v4.test", "A"): a,
        ("afail.test", "AAAA"): replies.nodata(),
        ("afail.test", "A"): replies.says(rcode=2),
        ("arefused.test", "AAAA"): replies.nodata(),
        ("arefused.test", "A"): replies.says(rcode=5),
        ("anx.test", "AAAA"): replies.nodata(),
        ("anx.test", "A"): replies.nxdomain(),
        ("asilent.test", "AAAA"): replies.nodata(),
        ("asilent.test", "A"): replies.silence,
        ("neither.test", "AAAA"): replies.nodata(serial=66),
        ("neither.test", "A"): replies.nodata(serial=11),
        ("neither-signed.test", "AAAA"): replies.nodata(
            serial=66, extra=["@ 300 NSEC z.test. A RRSIG", f"@ 300 {replies.signature('NSEC')}"]
        ),
        ("neither-signed.test", "A"): replies.nodata(serial=11),
        ("smuggled.test", "AAAA"): replies.says("@ 300 A 203.0.113.66", authority=[f"test 300 SOA {replies.soa}"]),
        ("smuggled.test", "A"): a,
        ("beside.test", "AAAA"): replies.says("@ 300 A 203.0.113.66", "@ 300 AAAA 2001:db8::1"),
        ("alias.test", "CNAME"): ["v4.test."],
    }

    @requirement("A12", "RFC 6147 5.1.6", "an error of the A query is the answer: SERVFAIL, and NXDOMAIN with its SOA")
    def test_A12_errors_of_the_a_query_are_told(self):
        self.assert_empty("afail.test", "SERVFAIL")
        self.assert_empty("anx.test", "NXDOMAIN")
        self.assert_empty("asilent.test", "SERVFAIL")
        reply = self.ask("arefused.test")
        self.assertIn(int(reply.rcode()), (2, 5), "no empty NOERROR that hides the fault")
        self.assertEqual(reply.answer, [])

    @requirement("A12", "RFC 6147 5.4", "where both are empty the answer is the one to the AAAA query, with one SOA")
    def test_A12_both_empty(self):
        reply = self.assert_empty("neither.test")
        self.assertEqual(rrsets(reply, "SOA", "authority")[0][0].serial, 66)
        reply = self.assert_empty("neither-signed.test", dnssec_ok=True)
        self.assertEqual(kinds(reply.authority), ["NSEC", "RRSIG", "SOA"], "with its proof for a client that asks")

    @requirement("A13", "RFC 6147 5.1.6", "the A records leave the answer; none stands beside an AAAA record")
    def test_A13_a_records_are_removed(self):
        self.assertEqual(kinds(self.assert_synthesized("v4.test", *a).answer), ["AAAA"])
        self.assertEqual(kinds(self.assert_synthesized("alias.test", *a).answer), ["AAAA", "CNAME"])

    @requirement("A13", "RFC 6147 5.1.6", "nor does an A record that an upstream put into its AAAA answer")
    def test_A13_smuggled_a_records_are_removed(self):
        self.assert_synthesized("smuggled.test", *a)
        reply = self.ask("beside.test")
        self.assertEqual(kinds(reply.answer), ["AAAA"])
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8::1"])


class Fields(Scene):
    zone = {
        ("v4.test", "A"): a,
        ("case.test", "AAAA"): replies.nodata(),
        ("case.test", "A"): replies.says("@ 300 CNAME Target.ALT4.", "Target.ALT4 300 A 198.51.100.1"),
        ("soa300.test", "A"): a,
        ("minimum.test", "AAAA"): replies.nodata(ttl=3600, minimum=60),
        ("minimum.test", "A"): a,
        ("low-soa.test", "AAAA"): replies.nodata(ttl=40, minimum=3600),
        ("low-soa.test", "A"): a,
        ("low-a.test", "AAAA"): replies.nodata(),
        ("low-a.test", "A"): replies.says("@ 20 A 198.51.100.1"),
        ("no-soa.test", "AAAA"): replies.empty,
        ("no-soa.test", "A"): a,
        ("no-soa-low.test", "AAAA"): replies.empty,
        ("no-soa-low.test", "A"): replies.says("@ 90 A 198.51.100.1"),
        ("error.test", "AAAA"): replies.says(rcode=2),
        ("error.test", "A"): a,
        ("apex.sub.test", "AAAA"): replies.nodata(owner="sub.test", ttl=77, minimum=77),
        ("apex.sub.test", "A"): a,
        ("zero.test", "A"): replies.says("@ 0 A 198.51.100.1"),
        ("mixed-ttl.test", "A"): replies.says("@ 100 A 198.51.100.1", "@ 50 A 198.51.100.2"),
        ("alias.test", "AAAA"): replies.says("@ 10 CNAME v4.test.", authority=[f"test 300 SOA {replies.soa}"]),
        ("alias.test", "A"): replies.says("@ 10 CNAME v4.test.", "v4.test 200 A 198.51.100.1"),
        ("short-soa.test", "AAAA"): replies.nodata(ttl=60, minimum=60),
        ("short-soa.test", "A"): a,
        ("short-a.test", "AAAA"): replies.nodata(ttl=600, minimum=600),
        ("short-a.test", "A"): replies.says("@ 60 A 198.51.100.1"),
        ("huge.test", "AAAA"): replies.nodata(ttl=2**31 - 1, minimum=2**31 - 1),
        ("huge.test", "A"): replies.says(f"@ {2**31 - 1} A 198.51.100.1"),
    }

    @requirement("A14", "RFC 6147 5.1.7", "NAME of the A record, TYPE 28, CLASS 1, RDLENGTH 16")
    def test_A14_the_fields_of_a_synthetic_record(self):
        with clients.datagram(self.front.address) as sock:
            sock.settimeout(8)
            sock.sendto(clients.query("v4.test", "AAAA").to_wire(), (self.front.address, self.front.port))
            octets = sock.recv(65535)
        answer = octets[12 + len(dns.name.from_text("v4.test").to_wire()) + 4 :]
        self.assertEqual(answer[:2], b"\xc0\x0c", "the name of the question")
        self.assertEqual(struct.unpack("!HH", answer[2:6]), (28, 1))
        self.assertEqual(struct.unpack("!H", answer[10:12]), (16,))
        reply = self.assert_synthesized("case.test", *a)
        self.assertEqual(str(rrsets(reply, "AAAA")[0].name), "Target.ALT4.")

    @requirement(
        "A15", "RFC 6147 5.1.7", "the TTL is the smaller of the A record's and the SOA's of the empty AAAA answer"
    )
    def test_A15_the_smaller_of_a_and_soa(self):
        for name, ttl in (("soa300.test", 300), ("low-soa.test", 40), ("low-a.test", 20), ("apex.sub.test", 77)):
            with self.subTest(name=name):
                self.assert_ttl(self.assert_synthesized(name, *a), ttl)

    @requirement("A15", "RFC 2308 4, 5", "the SOA counts with the smaller of its TTL and its MINIMUM")
    def test_A15_minimum_caps_the_soa(self):
        self.assert_ttl(self.assert_synthesized("minimum.test", *a), 60)

    @requirement("A15", "RFC 6147 5.1.7", "without an SOA, after an error too, the TTL is the A record's or 600 s")
    def test_A15_without_soa(self):
        for name, ttl in (("no-soa.test", 600), ("no-soa-low.test", 90), ("error.test", 600)):
            with self.subTest(name=name):
                self.assert_ttl(self.assert_synthesized(name, *a), ttl)

    @requirement("A15", "RFC 2181 8", "a TTL of 0 stays 0")
    def test_A15_zero(self):
        self.assert_ttl(self.assert_synthesized("zero.test", *a), 0)

    @requirement("A15", "RFC 2181 5.2", "records of one set have one TTL, the smallest; a CNAME keeps its own")
    def test_A15_sets_and_aliases(self):
        reply = self.assert_synthesized("mixed-ttl.test", "198.51.100.1", "198.51.100.2")
        self.assert_ttl(reply, 50)
        reply = self.assert_synthesized("alias.test", *a)
        self.assert_ttl(reply, 10, "CNAME")
        self.assert_ttl(reply, 200)

    @requirement("A15", "RFC 2181 8", "an absurd TTL is capped")
    def test_A15_huge(self):
        told = clients.ttls(self.assert_synthesized("huge.test", *a))
        self.assertLessEqual(told[0], 86400)

    @requirement("A15", "RFC 6147 5.1.7", "in the cache the TTL counts down, whichever of both set it")
    def test_A15_counts_down(self):
        first = {name: clients.ttls(self.ask(name))[0] for name in ("short-soa.test", "short-a.test")}
        self.upstream.forget_questions()
        for name, ttl in first.items():
            lab.eventually(lambda name=name, ttl=ttl: clients.ttls(self.ask(name))[0] < ttl, 4, "a lower TTL")
        self.assertEqual(self.asked(), [])


class Mapping(Scene):
    settings = {
        "dns64": {
            "prefixes": [
                {"ipv4": ["192.0.2.0/24", "198.18.0.0/15"], "prefix": "2001:db8:1::/96"},
                {"ipv4": ["203.0.113.0/24"], "prefixes": ["2001:db8:2::/96", "2001:db8:3::/96"]},
                {"ipv4": ["10.0.0.0/8"], "prefix": "none"},
                {"ipv4": ["192.0.2.128/25"], "prefix": "2001:db8:bad::/96"},
                {"ipv4": ["198.51.100.0/24"], "prefix": "2001:db8:4::/64"},
            ]
        }
    }
    zone = {
        ("first.test", "A"): ["192.0.2.1"],
        ("second-range.test", "A"): ["198.18.0.1"],
        ("first-match.test", "A"): ["192.0.2.200"],
        ("several.test", "A"): ["203.0.113.1"],
        ("other-length.test", "A"): ["198.51.100.1"],
        ("barred.test", "A"): ["10.0.0.1"],
        ("unmapped.test", "A"): ["100.100.100.100"],
        ("half.test", "A"): ["10.0.0.1", "192.0.2.1", "100.100.100.100"],
        ("all.test", "A"): ["192.0.2.1", "203.0.113.1"],
        ("no-soa.test", "AAAA"): replies.empty,
        ("no-soa.test", "A"): ["10.0.0.1"],
    }

    @requirement("A16", "RFC 6147 5.1.7", "each range of IPv4 addresses has its prefix, and the first match decides")
    def test_A16_a_prefix_for_each_range(self):
        self.assert_synthesized("first.test", "192.0.2.1", prefix="2001:db8:1::/96")
        self.assert_synthesized("second-range.test", "198.18.0.1", prefix="2001:db8:1::/96")
        self.assert_synthesized("first-match.test", "192.0.2.200", prefix="2001:db8:1::/96")
        self.assert_synthesized("other-length.test", "198.51.100.1", prefix="2001:db8:4::/64")

    @requirement("A16", "RFC 6147 5.1.7", "a range may have several prefixes: one AAAA record under each")
    def test_A16_several_prefixes_for_one_record(self):
        several = embedded("2001:db8:2::/96", "203.0.113.1") + embedded("2001:db8:3::/96", "203.0.113.1")
        self.assertEqual(self.addresses("several.test"), several)
        expected = sorted(several + embedded("2001:db8:1::/96", "192.0.2.1"))
        self.assertEqual(self.addresses("all.test"), expected)

    @requirement(
        "A16", "RFC 6147 5.1.7", "an address without a mapping is skipped; with all skipped it is NODATA with an SOA"
    )
    def test_A16_unmapped_addresses_are_skipped(self):
        self.assert_synthesized("half.test", "192.0.2.1", prefix="2001:db8:1::/96")
        for name in ("barred.test", "unmapped.test", "no-soa.test"):
            with self.subTest(name=name):
                self.assert_empty(name)


class AllSkipped(Scene):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"], "exclude_a": ["198.51.100.0/24"]}}
    zone = {
        ("v4.test", "A"): a,
        ("no-soa.test", "AAAA"): replies.empty,
        ("no-soa.test", "A"): a,
        ("error.test", "AAAA"): replies.says(rcode=2),
        ("error.test", "A"): a,
        ("half.test", "A"): ["198.51.100.1", "203.0.113.1"],
    }

    @requirement(
        "A16", "RFC 6147 5.1.7, RFC 2308 2.2", "excluded A records: the rest, or NODATA with an SOA, made up if need be"
    )
    def test_A16_excluded_a_records(self):
        self.assert_synthesized("half.test", "203.0.113.1")
        for name in ("v4.test", "no-soa.test", "error.test"):
            with self.subTest(name=name):
                self.assert_empty(name)


class Sections(Scene):
    zone = {
        ("v4.test", "A"): a,
        ("both.test", "A"): a,
        ("both.test", "AAAA"): ["2001:db8::1"],
        ("many.test", "A"): [f"198.51.100.{number}" for number in range(1, 91)],
        # 30 A records fit into 512 octets, 30 AAAA records do not.
        ("some.test", "A"): [f"198.51.100.{number}" for number in range(1, 29)],
        ("extra.test", "AAAA"): replies.nodata(),
        ("extra.test", "A"): replies.says(
            "@ 300 A 198.51.100.1",
            authority=["test 300 NS ns.test."],
            additional=["ns.test 300 A 198.51.100.53"],
        ),
        ("mail.test", "MX"): replies.says(
            "@ 300 MX 10 mx.test.", additional=["mx.test 300 A 198.51.100.25", "other.test 300 A 198.51.100.26"]
        ),
        ("mail.test", "TXT"): ["text"],
        ("mail.test", "TYPE65280"): [r"\# 4 c6336401"],
        ("mail.test", "SRV"): ["0 0 53 v4.test."],
        ("mail.test", "NS"): ["ns.test."],
        ("mail.test", "NAPTR"): ['100 10 "u" "E2U+sip" "!^.*$!sip:x@test!" .'],
        ("signed.test", "AAAA"): replies.nodata(
            extra=[
                f"test 300 {replies.signature('SOA', labels=1)}",
                "@ 300 NSEC z.test. A RRSIG NSEC",
                f"@ 300 {replies.signature('NSEC')}",
            ]
        ),
        ("signed.test", "A"): replies.says("@ 300 A 198.51.100.1", f"@ 300 {replies.signature('A')}", flags="AD"),
        ("any.test", "ANY"): replies.says("@ 300 A 198.51.100.1", "@ 300 TXT there"),
        ("any.test", "A"): a,
        ("ns6.test", "NS"): replies.says("@ 300 NS ns.test.", additional=["ns.test 300 AAAA 2001:db8::53"]),
        ("real-extra.test", "AAAA"): replies.says("@ 300 AAAA 2001:db8::1", authority=["test 300 NS ns.test."]),
    }

    def additional(self, reply):
        return sorted(str(rrset) for rrset in reply.additional)

    @requirement("A18", "RFC 6147 5.3.2", "nothing in the additional section is synthesized")
    def test_A18_nothing_synthetic_in_the_additional_section(self):
        for name, kind in (("mail.test", "MX"), ("extra.test", "AAAA")):
            with self.subTest(name=name):
                found = self.additional(self.ask(name, kind))
                self.assertEqual([line for line in found if "AAAA" in line], [])

    @requirement("A18", "RFC 6147 5.3.2", "the additional section passes as it came")
    def test_A18_the_additional_section_passes_unchanged(self):
        self.assertEqual(
            self.additional(self.ask("mail.test", "MX")),
            ["mx.test. 300 IN A 198.51.100.25", "other.test. 300 IN A 198.51.100.26"],
        )
        self.assertEqual(self.additional(self.ask("ns6.test", "NS")), ["ns.test. 300 IN AAAA 2001:db8::53"])

    @requirement("A19", "RFC 6147 5.3.3", "A and all other types are answered as without DNS64")
    def test_A19_other_types_are_left_alone(self):
        self.assertEqual(clients.texts(self.ask("v4.test", "A"), "A"), a)
        for kind, data in (
            ("MX", "10 mx.test."),
            ("TXT", '"text"'),
            ("SRV", "0 0 53 v4.test."),
            ("NS", "ns.test."),
            ("NAPTR", '100 10 "u" "E2U+sip" "!^.*$!sip:x@test!" .'),
            ("TYPE65280", r"\# 4 c6336401"),
        ):
            with self.subTest(kind=kind):
                self.upstream.forget_questions()
                reply = self.ask("mail.test", kind)
                records = [str(record) for rrset in reply.answer for record in rrset]
                self.assertEqual([record.lower() for record in records], [data.lower()])
                self.assertLessEqual(set(self.asked_types("mail.test")), {kind}, "and nothing else is asked for it")

    @requirement("A20", "RFC 6147 5.4", "the question is the client's, letter by letter")
    def test_A20_the_question_is_copied(self):
        for name in ("V4.tEsT.", "v4.TEST.", "V4.TEST."):
            self.assertEqual(str(self.ask(name).question[0].name), name)

    @requirement("A20", "RFC 6147 5.4", "RA is set, AA is not, RD is copied")
    def test_A20_the_header(self):
        for flags in ("RD", ""):
            reply = self.ask("v4.test", flags=flags)
            self.assertEqual((has(reply, "RA"), has(reply, "AA"), has(reply, "RD")), (True, False, flags == "RD"))

    @requirement("A20", "RFC 6147 5.4", "authority and additional are those of the A answer")
    def test_A20_the_other_sections_are_of_the_last_query(self):
        reply = self.assert_synthesized("extra.test", *a)
        self.assertEqual(kinds(reply.authority), ["NS"])
        self.assertEqual(self.additional(reply), ["ns.test. 300 IN A 198.51.100.53"])
        self.assertEqual(kinds(self.ask("v4.test").authority), [], "no SOA beside a synthetic record")

    @requirement(
        "A20", "RFC 6147 5.4, RFC 6891 6.2.5", "TC is set by the size after synthesis; TCP has the whole answer"
    )
    def test_A20_truncation_comes_after_synthesis(self):
        for name, count in (("many.test", 90), ("some.test", 28)):
            reply = self.ask(name, edns=-1)
            self.assertTrue(has(reply, "TC"))
            self.assertEqual(reply.answer, [])
            self.assertEqual(len(clients.texts(self.ask(name, transport="tcp"), "AAAA")), count)
        self.assertFalse(has(self.ask("some.test", "A", edns=-1), "TC"), "the A records fit")
        self.assertFalse(has(self.ask("some.test", payload=1232), "TC"), "and so do the others with EDNS")

    @requirement("A20", "RFC 6147 5.5", "signatures and denials that do not match are not sent with a synthetic record")
    def test_A20_no_signature_fits(self):
        reply = self.assert_synthesized("signed.test", *a, dnssec_ok=True)
        self.assertEqual(kinds(reply.answer), ["AAAA"])
        self.assertEqual(kinds(reply.authority), [])
        self.assertFalse(has(reply, "AD"))

    @requirement("A21", "RFC 6147 5.3.3, RFC 8482", "ANY is not synthesized")
    def test_A21_any_is_not_synthesized(self):
        for name in ("v4.test", "any.test"):
            reply = self.ask(name, "ANY", transport="tcp")
            self.assertEqual(clients.texts(reply, "AAAA"), [])
        self.assertEqual(clients.texts(self.ask("any.test"), "AAAA"), synthetic, "the answer to ANY misleads nobody")


class LocalData(Scene):
    settings = {
        "dns64": {
            "prefixes": [{"prefix": "none", "clients": ["127.0.0.3/32"]}, "64:ff9b::/96"],
        },
        "local_data": [
            {"name": "v4.local-data.test", "a": "198.51.100.1", "ttl": 77},
            {"name": "both.local-data.test", "a": "198.51.100.1", "aaaa": "2001:db8::1"},
            {"name": "text.local-data.test", "txt": '"x"'},
            {"name": "alias.local-data.test", "cname": "v4.local-data.test."},
            {"name": "out.local-data.test", "cname": "v4.test."},
        ],
    }
    zone = {("v4.test", "A"): a}

    @requirement(
        "A22", "RFC 6147 5", "local data are synthesized like the rest: A alone leads to AAAA, a real AAAA wins"
    )
    def test_A22_local_data_are_synthesized(self):
        for name in ("v4.local-data.test", "alias.local-data.test"):
            self.assert_synthesized(name, *a)
        self.assertEqual(self.addresses("both.local-data.test"), ["2001:db8::1"])
        self.assert_empty("text.local-data.test")
        self.assertEqual(self.asked(), [])

    @requirement("A22", "RFC 6147 5", "an alias of local data leads to a name of an upstream, synthesized as well")
    def test_A22_local_aliases_lead_out(self):
        reply = self.assert_synthesized("out.local-data.test", *a)
        self.assertEqual(aliases(reply), [("out.local-data.test.", "v4.test.")])

    @requirement("A22", "RFC 6147 5", "the TTL of local data is an upper bound; without DNS64 nothing is synthesized")
    def test_A22_bounds_of_local_data(self):
        reply = self.assert_synthesized("v4.local-data.test", *a)
        self.assertLessEqual(clients.ttls(reply)[0], 77)
        self.assert_empty("v4.local-data.test", source="127.0.0.3", soa=False)


if __name__ == "__main__":
    lab.main()
