# What the cache does beyond keeping answers for their TTL: stale answers (RFC 8767), failures and their back-off (RFC
# 9520), names that do not exist (RFC 2308 5, RFC 8020), refreshing before the end, and what must never be mixed.
import signal
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode

import clients
import lab
import upstreams

NOERROR, SERVFAIL, NXDOMAIN = dns.rcode.NOERROR, dns.rcode.SERVFAIL, dns.rcode.NXDOMAIN
dns64 = {"prefixes": ["64:ff9b::/96"]}
synthetic = "64:ff9b::c633:6401"  # of 198.51.100.1


def silence(query, transport):
    return None


class CacheTest(lab.LabTest):
    """A server of each test's own, in front of an upstream whose mind a test may change."""

    def serve(self, zone, ttl=1, soa_ttl=1, **cache):
        self.upstream = upstreams.Scripted(zone, ttl=ttl, soa_ttl=soa_ttl)
        self.addCleanup(self.upstream.stop)
        self.front = clients.Front()
        self.configuration = self.front.configuration(
            upstream={"servers": [self.upstream.url], "timeout": "2s", "attempt_timeout": "300ms"},
            dns64=dns64,
            cache=cache,
        )
        self.server = self.start_once(self.configuration)

    def ask(self, name, kind="A", **options):
        return self.front.udp(clients.query(name, kind, **options))

    def asked(self, name):
        return [kind for _, kind, _ in self.upstream.questions(name)]

    def timed(self, name, kind="A"):
        begin = time.monotonic()
        return self.ask(name, kind), time.monotonic() - begin

    def break_upstream(self, name, how):
        for kind in ("A", "AAAA"):
            self.upstream.put(name, kind, how)

    def wait_until_expired(self):
        time.sleep(2.1)  # the TTL is 1 s, and the cache counts whole seconds

    def hits(self, kind):
        return self.front.metric("dragoman_cache_hits_total", kind=kind)


class Stale(CacheTest):
    stale = {"enabled": True, "answer_after": "400ms", "retry_after": "2s"}

    def serve_and_fill(self, *questions, **stale):
        self.serve(
            {("www.test", "A"): ["198.51.100.1"], ("six.test", "AAAA"): ["2001:db8::1"], ("six.test", "A"): ["192.0.2.9"]},
            serve_stale={**self.stale, **stale},
        )
        for name, kind in questions:
            self.ask(name, kind)
        self.wait_until_expired()
        self.upstream.forget_questions()

    def assert_stale(self, reply, kind, *texts, code=3):
        self.assertEqual(clients.texts(reply, kind), sorted(texts))
        self.assertEqual(clients.ede_codes(reply), [code])
        self.assertEqual(clients.ttls(reply), [30] if texts else [])

    def test_rfc8767_4_servfail_leaves_the_stale_answer_and_says_so(self):
        self.serve_and_fill(("www.test", "A"))
        self.break_upstream("www.test", SERVFAIL)
        for _ in range(3):
            self.assert_stale(self.ask("www.test"), "A", "198.51.100.1")
        self.assertEqual(self.asked("www.test"), ["A"], "asked once, then left alone for retry_after")
        self.assertEqual(self.hits("stale"), 2)
        self.assertEqual(self.front.metric("dragoman_cache_stale_answers_total", reason="failure"), 1)
        self.assertEqual(self.front.metric("dragoman_cache_stale_answers_total", reason="retry"), 2)

    def test_rfc8767_5_a_silent_upstream_costs_answer_after_once(self):
        self.serve_and_fill(("www.test", "A"))
        self.break_upstream("www.test", silence)
        reply, took = self.timed("www.test")
        self.assert_stale(reply, "A", "198.51.100.1")
        self.assertGreater(took, 0.3)
        self.assertLess(took, 1.5)
        reply, took = self.timed("www.test")
        self.assert_stale(reply, "A", "198.51.100.1")
        self.assertLess(took, 0.3)

    def test_rfc8767_5_a_late_answer_replaces_the_stale_one(self):
        self.serve_and_fill(("www.test", "A"))
        self.upstream.put_slow("www.test", 0.7, "203.0.113.1")
        self.assert_stale(self.ask("www.test"), "A", "198.51.100.1")
        lab.eventually(lambda: clients.texts(self.ask("www.test"), "A") == ["203.0.113.1"], 3, "the fresh answer")

    def test_rfc8767_5_tries_again_after_retry_after(self):
        self.serve_and_fill(("www.test", "A"))
        self.break_upstream("www.test", SERVFAIL)
        self.assert_stale(self.ask("www.test"), "A", "198.51.100.1")
        self.upstream.put("www.test", "A", ["203.0.113.1"])
        self.assert_stale(self.ask("www.test"), "A", "198.51.100.1")
        lab.eventually(lambda: clients.texts(self.ask("www.test"), "A") == ["203.0.113.1"], 6, "the fresh answer")

    def test_rfc8767_denials_replace_stale_data(self):
        self.serve_and_fill(("www.test", "A"), ("six.test", "A"))
        self.break_upstream("www.test", NXDOMAIN)
        reply = self.ask("www.test")
        self.assertEqual((reply.rcode(), clients.ede_codes(reply)), (NXDOMAIN, []))

    def test_rfc8914_stale_nxdomain_has_a_code_of_its_own(self):
        self.serve_and_fill(("gone.test", "A"))
        self.break_upstream("gone.test", SERVFAIL)
        reply = self.ask("gone.test")
        self.assertEqual((reply.rcode(), clients.ede_codes(reply)), (NXDOMAIN, [19]))

    def test_g4_a_stale_real_aaaa_beats_synthesis_from_a_fresh_a(self):
        self.serve_and_fill(("six.test", "AAAA"))
        self.upstream.put("six.test", "AAAA", SERVFAIL)
        self.assert_stale(self.ask("six.test", "AAAA"), "AAAA", "2001:db8::1")

    def test_g4_stale_answers_are_synthesized_as_stale(self):
        self.serve_and_fill(("www.test", "AAAA"))
        self.break_upstream("www.test", SERVFAIL)
        for _ in range(2):
            reply = self.ask("www.test", "AAAA")
            self.assertEqual(clients.texts(reply, "AAAA"), [synthetic])
            self.assertEqual(clients.ede_codes(reply), [3])
            self.assertLessEqual(clients.ttls(reply)[0], 30)
        self.assertEqual(sorted(self.asked("www.test")), ["A", "AAAA"])

    def test_max_stale_is_the_end(self):
        self.serve_and_fill(("www.test", "A"), max_stale="2s")
        self.break_upstream("www.test", SERVFAIL)
        self.wait_until_expired()
        self.assertEqual(self.ask("www.test").rcode(), SERVFAIL)

    def test_off_is_the_default(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]})
        self.ask("www.test")
        self.wait_until_expired()
        self.break_upstream("www.test", SERVFAIL)
        self.assertEqual(self.ask("www.test").rcode(), SERVFAIL)


class Failures(CacheTest):
    def test_rfc9520_a_failure_is_asked_again_ever_more_rarely(self):
        self.serve({("bad.test", "A"): SERVFAIL}, failure_ttl="1s", failure_max_ttl="4s")
        end = time.monotonic() + 8
        while time.monotonic() < end:
            self.assertEqual(self.ask("bad.test").rcode(), SERVFAIL)
            time.sleep(0.1)
        # At 0, 1, 3 and 7 s, give or take one for whole seconds; without back-off there would be eight.
        self.assertIn(len(self.asked("bad.test")), (3, 4))

    def test_rfc9520_an_aaaa_failure_does_not_poison_a(self):
        self.serve({("half.test", "AAAA"): SERVFAIL, ("half.test", "A"): ["198.51.100.1"]}, ttl=60)
        for _ in range(3):
            self.assertEqual(clients.texts(self.ask("half.test", "AAAA"), "AAAA"), [synthetic])
            self.assertEqual(clients.texts(self.ask("half.test"), "A"), ["198.51.100.1"])
        self.assertEqual(sorted(self.asked("half.test")), ["A", "AAAA"])


class Denials(CacheTest):
    def test_rfc2308_5_nxdomain_holds_for_every_type(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, soa_ttl=60)
        for kind in ("A", "MX", "AAAA", "TXT"):
            reply = self.ask("gone.test", kind)
            self.assertEqual(reply.rcode(), NXDOMAIN)
            self.assertEqual(len(reply.authority), 1)
        self.assertEqual(self.asked("gone.test"), ["A"])
        self.assertEqual(self.hits("nxdomain_cut"), 3)

    def test_rfc8020_nothing_is_asked_below_a_name_that_does_not_exist(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, soa_ttl=60)
        self.ask("gone.test")
        for name in ("a.gone.test", "a.b.c.gone.test"):
            reply = self.ask(name, "AAAA")
            self.assertEqual(reply.rcode(), NXDOMAIN)
            self.assertEqual([str(rrset.name) for rrset in reply.authority], ["test."])
            self.assertEqual(self.asked(name), [])
        self.assertEqual(clients.texts(self.ask("www.test"), "A"), ["198.51.100.1"])

    def test_rfc8020_is_off_when_told(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, soa_ttl=60, nxdomain_cut=False)
        self.ask("gone.test")
        self.assertEqual(self.ask("a.gone.test").rcode(), NXDOMAIN)
        self.assertEqual(self.asked("a.gone.test"), ["A"])

    def test_rfc8020_behind_a_chain_it_is_the_target_that_is_denied(self):
        self.serve({("alias.test", "CNAME"): ["gone.test."], ("a.alias.test", "A"): ["198.51.100.1"]}, ttl=60, soa_ttl=60)
        self.assertEqual(self.ask("alias.test").rcode(), NXDOMAIN)
        self.assertEqual(self.ask("a.gone.test").rcode(), NXDOMAIN)
        self.assertEqual(self.asked("a.gone.test"), [])
        self.assertEqual(clients.texts(self.ask("a.alias.test"), "A"), ["198.51.100.1"])

    def test_g6_local_nxdomain_denies_nothing(self):
        self.serve({("x.here.test", "A"): ["198.51.100.1"]}, ttl=60, soa_ttl=60)
        self.assertEqual(self.ask("_dns.resolver.arpa", "A").rcode() in (NOERROR, NXDOMAIN), True)
        self.assertEqual(self.front.metric("dragoman_cache_entries"), 0)

    def test_g2_nodata_without_soa_is_not_kept(self):
        self.serve({("txt.test", "TXT"): ["there"]}, ttl=60, soa_ttl=60)
        self.upstream.has_soa = False
        self.ask("txt.test", "MX")
        self.ask("txt.test", "MX")
        self.assertEqual(self.asked("txt.test"), ["MX", "MX"])


class Prefetch(CacheTest):
    def test_g7_both_answers_of_a_synthesis_are_refreshed_before_they_expire(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, ttl=10, soa_ttl=10)
        end = time.monotonic() + 12  # longer than the records live
        while time.monotonic() < end:
            self.assertEqual(clients.texts(self.ask("www.test", "AAAA"), "AAAA"), [synthetic])
            time.sleep(0.1)
        self.assertEqual(self.front.metric("dragoman_cache_prefetches_total", result="refreshed"), 2)
        self.assertEqual(self.front.metric("dragoman_cache_misses_total"), 1, "nobody waited a second time")
        self.assertEqual(sorted(self.asked("www.test")), ["A", "A", "AAAA", "AAAA"])

    def test_it_is_off_when_told(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, ttl=10, prefetch=False)
        end = time.monotonic() + 10.5
        while time.monotonic() < end:
            self.ask("www.test")
            time.sleep(0.1)
        self.assertEqual(self.front.metric("dragoman_cache_prefetches_total"), 0)
        self.assertEqual(self.front.metric("dragoman_cache_misses_total"), 2)


class Apart(CacheTest):
    def test_g10_neither_do_nor_cd_crosses(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, ttl=60)
        for options in ({}, {"dnssec_ok": True}, {"flags": "RD CD"}, {"dnssec_ok": True, "flags": "RD CD"}):
            for _ in range(2):
                self.assertEqual(clients.texts(self.ask("www.test", **options), "A"), ["198.51.100.1"])
        self.assertEqual(len(self.asked("www.test")), 4)

    def test_g8_no_client_subnet_goes_up_or_comes_down(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, ttl=60)
        subnet = dns.edns.ECSOption("192.0.2.0", 24)

        def scoped(query, transport):
            reply = dns.message.make_response(query)
            self.upstream.add(reply, query.question[0].name, "A", "198.51.100.2")
            reply.use_edns(0, 0, 1232, options=[dns.edns.ECSOption("192.0.2.0", 24, 24)])
            return reply

        self.upstream.put("scoped.test", "A", scoped)
        for options in (subnet, dns.edns.ECSOption("203.0.113.0", 24)):
            for name in ("www.test", "scoped.test"):
                reply = self.ask(name, options=[options])
                self.assertEqual(len(clients.texts(reply, "A")), 1)
                self.assertNotIn(dns.edns.OptionType.ECS, [option.otype for option in reply.options])
        for asked in self.upstream.asked:
            self.assertNotIn(dns.edns.OptionType.ECS, [option.otype for option in asked.message.options])
        self.assertEqual(len(self.asked("scoped.test")), 1, "without a subnet in the question the answer is everybody's")

    def test_g9_what_may_not_be_kept_is_not_kept_under_another_form(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, ttl=0, soa_ttl=0)
        for _ in range(2):
            self.assertEqual(clients.texts(self.ask("www.test", "AAAA"), "AAAA"), [synthetic])
        self.assertEqual(sorted(self.asked("www.test")), ["A", "A", "AAAA", "AAAA"])

    def test_g1_a_client_without_dns64_sees_no_synthetic_record_and_a_reload_keeps_the_cache(self):
        self.serve({("www.test", "A"): ["198.51.100.1"]}, ttl=60, soa_ttl=60)
        self.assertEqual(clients.texts(self.ask("www.test", "AAAA"), "AAAA"), [synthetic])
        changed = dict(self.configuration, dns64={"prefixes": ["2001:db8:64::/96"]})
        self.server.write(changed)
        self.server.process.send_signal(signal.SIGHUP)
        lab.eventually(
            lambda: clients.texts(self.ask("www.test", "AAAA"), "AAAA") == ["2001:db8:64::c633:6401"], 5, "the new prefix"
        )
        del changed["dns64"]
        self.server.write(changed)
        self.server.process.send_signal(signal.SIGHUP)
        lab.eventually(lambda: clients.texts(self.ask("www.test", "AAAA"), "AAAA") == [], 5, "no synthesis")
        self.assertEqual(sorted(self.asked("www.test")), ["A", "AAAA"])


if __name__ == "__main__":
    lab.main()
