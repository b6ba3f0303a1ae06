# The cache beside synthesis: what is kept, for how long, and who sees it (RFC 2308, 8020, 8767, 9520).
import time

import dns.edns

from requirement import requirement
from scene import Scene, embedded, has, kinds, rrsets

import clients
import lab
import replies

a = ["198.51.100.1"]
synthetic = embedded("64:ff9b::/96", *a)
three_views = {
    "prefixes": [
        {"prefix": "2001:67c:64::/96", "clients": ["127.0.0.2/32"]},
        {"prefix": "none", "clients": ["127.0.0.3/32"]},
        "64:ff9b::/96",
    ]
}


class OneCache(Scene):
    settings = {"dns64": three_views}
    zone = {
        ("v4.test", "A"): a,
        ("second.test", "A"): a,
        ("zero.test", "AAAA"): replies.nodata(ttl=0, minimum=0),
        ("zero.test", "A"): replies.says("@ 0 A 198.51.100.1"),
        ("shared.test", "A"): replies.says("@ 300 A 198.51.100.1", options=[dns.edns.ECSOption("203.0.113.0", 24, 24)]),
    }

    @requirement(
        "G1", "RFC 6147 5", "upstreams are asked once for all policies, and each client sees its own addresses"
    )
    def test_G01_one_cache_for_all_policies(self):
        for _ in range(2):
            self.assert_synthesized("v4.test", *a)
            self.assert_synthesized("v4.test", *a, prefix="2001:67c:64::/96", source="127.0.0.2")
            self.assert_empty("v4.test", source="127.0.0.3")
        self.assertEqual(sorted(self.asked()), [("v4.test.", "A"), ("v4.test.", "AAAA")])

    @requirement("G1", "RFC 6147 5", "whoever comes first, nothing synthetic reaches a client without DNS64")
    def test_G01_the_other_way_round(self):
        self.assert_empty("second.test", source="127.0.0.3")
        self.assert_synthesized("second.test", *a)
        self.assert_empty("second.test", source="127.0.0.3")
        self.assertEqual(clients.texts(self.ask("second.test", "A", source="127.0.0.3"), "A"), a)

    @requirement(
        "G8", "RFC 7871 7.1", "client subnets are neither forwarded nor invented, so no answer is for one subnet alone"
    )
    def test_G08_no_answer_depends_on_a_subnet(self):
        for subnet in ("192.0.2.0", "203.0.113.0"):
            option = dns.edns.ECSOption(subnet, 24)
            reply = self.assert_synthesized("shared.test", *a, options=[option])
            self.assertEqual([o for o in reply.options if o.otype == dns.edns.ECS], [])
        for asked in self.upstream.asked:
            self.assertEqual([o for o in asked.message.options if o.otype == dns.edns.ECS], [])
        self.assertEqual(sorted(self.asked()), [("shared.test.", "A"), ("shared.test.", "AAAA")])

    @requirement("G9", "RFC 2181 8", "what may not be kept is asked again each time, synthesized or not")
    def test_G09_data_that_may_not_be_kept(self):
        for count in (1, 2, 3):
            self.assert_ttl(self.assert_synthesized("zero.test", *a), 0)
            self.assertEqual(len(self.asked("zero.test")), 2 * count)


class Negative(Scene):
    settings = {"dns64": three_views, "cache": {"negative_max_ttl": "100s"}}
    zone = {
        ("minimum.test", "TXT"): replies.nodata(ttl=3600, minimum=1),
        ("ttl.test", "TXT"): replies.nodata(ttl=1, minimum=3600),
        ("both.test", "TXT"): replies.nodata(ttl=90, minimum=50),
        ("long.test", "TXT"): replies.nodata(ttl=86400, minimum=86400),
        ("bare.test", "AAAA"): replies.empty,
        ("bare.test", "A"): replies.empty,
        ("nx.test", "A"): replies.nxdomain(ttl=50, minimum=50),
    }

    @requirement(
        "G2", "RFC 2308 5", "an empty answer is kept for the smaller of the SOA's TTL and its MINIMUM, then asked again"
    )
    def test_G02_the_smaller_of_ttl_and_minimum(self):
        for name in ("minimum.test", "ttl.test", "both.test"):
            self.ask(name, "TXT")
            self.ask(name, "TXT")
            self.assertEqual(len(self.asked(name)), 1)
        for name in ("minimum.test", "ttl.test"):
            lab.eventually(lambda name=name: self.ask(name, "TXT") and len(self.asked(name)) > 1, 4, "another question")
        self.assertEqual(len(self.asked("both.test")), 1)

    @requirement("G2", "RFC 2308 5", "nobody is told to keep it for longer")
    def test_G02_what_is_told(self):
        soa = rrsets(self.ask("both.test", "TXT"), "SOA", "authority")[0]
        self.assertLessEqual(min(soa.ttl, soa[0].minimum), 50)

    @requirement("G2", "RFC 2308 5", "and at most cache.negative_max_ttl")
    def test_G02_the_cap(self):
        self.ask("long.test", "TXT")
        told = rrsets(self.ask("long.test", "TXT"), "SOA", "authority")[0].ttl
        self.assertLessEqual(told, 100)

    @requirement("G2", "RFC 2308 5", "an empty answer without SOA is not kept")
    def test_G02_no_soa_no_keeping(self):
        for _ in range(2):
            self.assert_empty("bare.test", source="127.0.0.3", soa=False)
        self.assertEqual(self.asked("bare.test"), [("bare.test.", "AAAA")] * 2)

    @requirement("G2", "RFC 2308 5", "an NXDOMAIN is for every type of the name")
    def test_G02_nxdomain_covers_all_types(self):
        self.assertEqual(int(self.ask("nx.test", "A").rcode()), 3)
        for kind in ("AAAA", "TXT", "MX", "HTTPS"):
            self.assertEqual(int(self.ask("nx.test", kind).rcode()), 3)
        self.assertEqual(self.asked("nx.test"), [("nx.test.", "A")])


class Failures(Scene):
    settings = {"dns64": three_views, "cache": {"failure_ttl": "1s", "failure_max_ttl": "8s"}}
    times = []

    @classmethod
    def note(cls, query, transport):
        cls.times.append(time.monotonic())
        return replies.says(rcode=2)(query, transport)

    zone = {
        ("fail.test", "A"): replies.says(rcode=2),
        ("half.test", "AAAA"): replies.says(rcode=2),
        ("half.test", "A"): a,
        ("mended.test", "A"): replies.in_turn(*[replies.says(rcode=2)] * 3, replies.says("@ 300 A 198.51.100.1")),
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream.put("backoff.test", "A", cls.note)

    @requirement("G3", "RFC 9520 3.2", "a failure is remembered for a second at least: the next question is not asked")
    def test_G03_failures_are_remembered(self):
        self.assertEqual(int(self.ask("fail.test", "A").rcode()), 2)
        before = len(self.asked("fail.test"))
        for _ in range(5):
            self.assertEqual(int(self.ask("fail.test", "A").rcode()), 2)
        self.assertEqual(len(self.asked("fail.test")), before)

    @requirement("G3", "RFC 9520 3.2", "each failure in a row is remembered for longer, up to five minutes")
    def test_G03_back_off(self):
        end = time.monotonic() + 4.5
        while time.monotonic() < end:
            self.ask("backoff.test", "A")
            time.sleep(0.05)
        gaps = [later - earlier for earlier, later in zip(self.times, self.times[1:]) if later - earlier > 0.6]
        self.assertGreaterEqual(len(gaps), 2, self.times)
        self.assertTrue(0.8 <= gaps[0] <= 1.6 and 1.7 <= gaps[1], gaps)

    @requirement("G3", "RFC 9520 3.2", "a success ends it")
    def test_G03_a_success_ends_it(self):
        lab.eventually(lambda: clients.texts(self.ask("mended.test", "A"), "A") == a, 8, "the answer")

    @requirement("G3", "RFC 9520 3.2", "a failure of AAAA says nothing of A")
    def test_G03_one_type_alone(self):
        self.assert_empty("half.test", "SERVFAIL", source="127.0.0.3")
        self.assertEqual(clients.texts(self.ask("half.test", "A"), "A"), a)
        self.assert_synthesized("half.test", *a)


def once(line, then):
    """A record that lives for a second, the first time; then something else."""
    return replies.in_turn(replies.says(line), then)


gone_nodata = replies.nodata(ttl=1, minimum=1)
servfail = replies.says(rcode=2)


class Stale(Scene):
    """Every name was asked once; then its TTL of one second ended, and its upstream fell ill."""

    settings = {
        "dns64": {**three_views, "aaaa_timeout": "300ms"},
        "cache": {
            "serve_stale": {
                "enabled": True,
                "max_stale": "1h",
                "ttl": "30s",
                "answer_after": "500ms",
                "retry_after": "1s",
            },
            "failure_ttl": "1s",
        },
    }
    zone = {
        ("silent.test", "A"): once("@ 1 A 198.51.100.1", replies.silence),
        ("servfail.test", "A"): once("@ 1 A 198.51.100.1", servfail),
        ("refused.test", "A"): once("@ 1 A 198.51.100.1", replies.says(rcode=5)),
        ("slow.test", "A"): replies.in_turn(
            replies.says("@ 1 A 198.51.100.1"), replies.late(1.0, replies.says("@ 300 A 198.51.100.9"))
        ),
        ("nx.test", "A"): replies.in_turn(replies.nxdomain(ttl=1, minimum=1), servfail),
        ("now-nx.test", "A"): once("@ 1 A 198.51.100.1", replies.nxdomain()),
        ("now-empty.test", "A"): once("@ 1 A 198.51.100.1", replies.nodata()),
        ("healthy.test", "A"): once("@ 1 A 198.51.100.1", replies.says("@ 300 A 198.51.100.7")),
        # AAAA questions.
        ("both-stale.test", "AAAA"): replies.in_turn(gone_nodata, servfail),
        ("both-stale.test", "A"): once("@ 1 A 198.51.100.1", servfail),
        ("real-stale.test", "AAAA"): once("@ 1 AAAA 2001:db8::1", servfail),
        ("real-stale.test", "A"): replies.says("@ 300 A 198.51.100.1"),
        ("denied-now.test", "AAAA"): once("@ 1 AAAA 2001:db8::1", replies.nodata()),
        ("denied-now.test", "A"): replies.says("@ 300 A 198.51.100.1"),
        ("real-again.test", "AAAA"): replies.in_turn(gone_nodata, replies.says("@ 300 AAAA 2001:db8::2")),
        ("real-again.test", "A"): replies.says("@ 300 A 198.51.100.1"),
        ("unknown.test", "A"): servfail,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, kind in sorted(cls.zone):
            if name != "unknown.test":
                cls.front.udp(clients.query(name, kind), source="127.0.0.3")
        time.sleep(2.1)

    def assert_stale(self, reply, code=3):
        self.assertIn(code, clients.ede_codes(reply), reply)

    @requirement("G4", "RFC 8767 4, 5", "without an answer in time expired data are given, with TTL 30 and EDE 3")
    def test_G04_expired_data_when_nobody_answers(self):
        for name in ("silent.test", "servfail.test", "refused.test"):
            with self.subTest(name=name):
                begin = time.monotonic()
                reply = self.ask(name, "A")
                self.assertLess(time.monotonic() - begin, 1.2)
                self.assertEqual(clients.texts(reply, "A"), a)
                self.assertEqual(clients.ttls(reply), [30])
                self.assert_stale(reply)

    @requirement(
        "G4", "RFC 8767 5", "a slow upstream: expired data after answer_after, and its answer for the next client"
    )
    def test_G04_the_lookup_goes_on(self):
        reply = self.ask("slow.test", "A")
        self.assertEqual(clients.texts(reply, "A"), a)
        self.assert_stale(reply)
        lab.eventually(lambda: clients.texts(self.ask("slow.test", "A"), "A") == ["198.51.100.9"], 4, "the new answer")

    @requirement("G4", "RFC 8767 5", "a healthy upstream: the new answer, not the expired one")
    def test_G04_fresh_data_first(self):
        reply = self.ask("healthy.test", "A")
        self.assertEqual((clients.texts(reply, "A"), clients.ede_codes(reply)), (["198.51.100.7"], []))

    @requirement("G4", "RFC 8767 4, RFC 8914 4.20", "an expired NXDOMAIN is given with EDE 19")
    def test_G04_expired_nxdomain(self):
        reply = self.ask("nx.test", "A")
        self.assertEqual(int(reply.rcode()), 3)
        self.assert_stale(reply, 19)

    @requirement("G4", "RFC 8767 4", "NXDOMAIN and NODATA take the place of expired data")
    def test_G04_denials_replace_expired_data(self):
        self.assertEqual(int(self.ask("now-nx.test", "A").rcode()), 3)
        reply = self.ask("now-empty.test", "A")
        self.assertEqual((int(reply.rcode()), reply.answer), (0, []))

    @requirement("G4", "RFC 8767 5", "what was never known is SERVFAIL")
    def test_G04_nothing_to_give(self):
        self.assertEqual(int(self.ask("unknown.test", "A").rcode()), 2)

    @requirement(
        "G4", "RFC 8767 4, RFC 6147 5.1.7", "an expired denial and expired A records are synthesized, and called stale"
    )
    def test_G04_synthesis_of_expired_data(self):
        reply = self.assert_synthesized("both-stale.test", *a)
        self.assert_stale(reply)
        self.assertLessEqual(clients.ttls(reply)[0], 30)

    @requirement("G4", "RFC 6147 5.1.1, RFC 8767 4", "an expired real AAAA comes before a synthesis of fresh A records")
    def test_G04_expired_real_records_come_first(self):
        reply = self.ask("real-stale.test")
        self.assertEqual(clients.texts(reply, "AAAA"), ["2001:db8::1"])
        self.assert_stale(reply)

    @requirement(
        "G4", "RFC 6147 5.1.6", "a fresh denial ends an expired real AAAA: synthesis; a fresh AAAA ends synthesis"
    )
    def test_G04_fresh_verdicts_win(self):
        self.assert_synthesized("denied-now.test", *a)
        self.assertEqual(self.addresses("real-again.test"), ["2001:db8::2"])


class StaleOff(Scene):
    settings = {"dns64": three_views, "cache": {"failure_ttl": "1s"}}
    zone = {("servfail.test", "A"): once("@ 1 A 198.51.100.1", servfail)}

    @requirement("G4", "RFC 8767 5", "serving expired data is the operator's choice: off by default")
    def test_G04_off_by_default(self):
        self.assertEqual(clients.texts(self.ask("servfail.test", "A"), "A"), a)
        lab.eventually(lambda: int(self.ask("servfail.test", "A").rcode()) == 2, 4, "SERVFAIL")


class Cut(Scene):
    settings = {
        "dns64": {**three_views},
        "local_data": [{"name": "www.local-cut.test", "a": "198.51.100.1"}],
    }
    zone = {
        ("gone.test", "A"): replies.nxdomain(),
        ("www.gone.test", "A"): a,
        ("gone2.test", "A"): replies.nxdomain(),
        ("www.gone2.test", "A"): a,
        ("alias.test", "A"): replies.says("@ 300 CNAME lost.test.", authority=[f"test 300 SOA {replies.soa}"], rcode=3),
        ("www.alias.test", "A"): a,
        ("www.lost.test", "A"): a,
        ("under.empty.test", "A"): a,
        ("empty.test", "A"): replies.nodata(),
        ("signed.test", "A"): replies.nodata(
            extra=[
                "a.signed.test 300 NSEC z.signed.test. A",
                f"a.signed.test 300 {replies.signature('NSEC', labels=3)}",
            ]
        ),
        ("m.signed.test", "A"): a,
    }

    @requirement("G6", "RFC 8020 2", "below a name that does not exist nothing exists, and nobody is asked")
    def test_G06_nothing_below(self):
        self.assertEqual(int(self.ask("gone.test", "A").rcode()), 3)
        self.upstream.forget_questions()
        for name in ("www.gone.test", "a.b.c.gone.test"):
            for kind in ("A", "AAAA", "TXT"):
                self.assertEqual(int(self.ask(name, kind).rcode()), 3, f"{name} {kind}")
        self.assertEqual(self.asked(), [])

    @requirement("G6", "RFC 8020 2", "what was known below stays known")
    def test_G06_known_names_stay(self):
        self.assertEqual(clients.texts(self.ask("www.gone2.test", "A"), "A"), a)
        self.assertEqual(int(self.ask("gone2.test", "A").rcode()), 3)
        self.assertEqual(clients.texts(self.ask("www.gone2.test", "A"), "A"), a)

    @requirement(
        "G6", "RFC 8020 2, RFC 6604 3", "behind an alias it is the last name that does not exist, not the alias"
    )
    def test_G06_an_alias_is_not_cut(self):
        self.assertEqual(int(self.ask("alias.test", "A").rcode()), 3)
        self.assertEqual(clients.texts(self.ask("www.alias.test", "A"), "A"), a)
        self.upstream.forget_questions()
        self.assertEqual(int(self.ask("www.lost.test", "A").rcode()), 3)
        self.assertEqual(self.asked(), [])

    @requirement("G6", "RFC 8020 2", "an empty name is no cut")
    def test_G06_nodata_is_no_cut(self):
        self.ask("empty.test", "A")
        self.assertEqual(clients.texts(self.ask("under.empty.test", "A"), "A"), a)

    @requirement("G6", "RFC 8020 2", "local data below a name that an upstream denies stay")
    def test_G06_local_names_stay(self):
        self.ask("local-cut.test", "A")
        self.assertEqual(clients.texts(self.ask("www.local-cut.test", "A"), "A"), a)

    @requirement(
        "G5",
        "RFC 8198 4",
        "NSEC records deny other names once they are validated, which tests/dnssec shows, and never before",
    )
    def test_G05_denials_are_not_stretched(self):
        self.ask("signed.test", "A", dnssec_ok=True)
        self.assertEqual(clients.texts(self.ask("m.signed.test", "A", dnssec_ok=True), "A"), a)
        self.assertIn(("m.signed.test.", "A"), self.asked())


class NoCut(Scene):
    settings = {"dns64": three_views, "cache": {"nxdomain_cut": False}}
    zone = {("gone.test", "A"): replies.nxdomain(), ("www.gone.test", "A"): a}

    @requirement("G6", "RFC 8020 3", "with nxdomain_cut: false names below are asked for, for broken servers")
    def test_G06_the_cut_can_be_switched_off(self):
        self.ask("gone.test", "A")
        self.assertEqual(clients.texts(self.ask("www.gone.test", "A"), "A"), a)


class Prefetch(Scene):
    settings = {"dns64": three_views, "cache": {"prefetch": True}}
    zone = {
        ("popular.test", "AAAA"): replies.nodata(ttl=10, minimum=10),
        ("popular.test", "A"): replies.says("@ 10 A 198.51.100.1"),
    }

    @requirement(
        "G7", "RFC 6147 5.1.8", "a popular name is refreshed before it expires, both its AAAA and its A answer"
    )
    def test_G07_both_answers_are_refreshed(self):
        for _ in range(20):
            self.assert_synthesized("popular.test", *a)
        self.upstream.forget_questions()

        def refreshed():
            self.assert_synthesized("popular.test", *a)
            return self.asked_types("popular.test") == ["A", "AAAA"]

        lab.eventually(refreshed, 12, "both questions")
        lab.eventually(lambda: clients.ttls(self.assert_synthesized("popular.test", *a))[0] >= 9, 3, "a new TTL")


class Reloaded(Scene):
    zone = {("v4.test", "A"): a}

    @requirement("G7", "RFC 6147 5.2", "a changed prefix holds from the reload on, and what upstreams said is kept")
    def test_G07_a_changed_prefix_holds_at_once(self):
        self.assert_synthesized("v4.test", *a)
        self.upstream.forget_questions()
        self.reload(dns64={"prefixes": ["2001:67c:64::/96"]})
        expected = embedded("2001:67c:64::/96", *a)
        lab.eventually(lambda: self.addresses("v4.test") == expected, 5, "the new prefix")
        self.assertEqual(self.asked(), [])


def checked(query, transport):
    """An upstream that validates: bogus data for who switches checking off, SERVFAIL for the rest."""
    if has(query, "CD"):
        return replies.says("@ 300 A 203.0.113.66")(query, transport)
    return replies.says(rcode=2)(query, transport)


class CheckingDisabled(Scene):
    zone = {("bogus.test", "A"): checked, ("bogus2.test", "A"): checked, ("bogus2.test", "AAAA"): replies.nodata()}

    @requirement("G10", "RFC 4035 4.7, RFC 6840 5.9", "what came with CD set is not given to clients without CD")
    def test_G10_cd_data_are_apart(self):
        self.assertEqual(clients.texts(self.ask("bogus.test", "A", flags="RD CD"), "A"), ["203.0.113.66"])
        self.assertEqual(int(self.ask("bogus.test", "A").rcode()), 2)
        self.assertEqual(int(self.ask("bogus2.test", "A").rcode()), 2)
        self.assertEqual(clients.texts(self.ask("bogus2.test", "A", flags="RD CD"), "A"), ["203.0.113.66"])

    @requirement("G10", "RFC 6147 5.5", "nor are they synthesized for them")
    def test_G10_cd_data_are_not_synthesized(self):
        self.ask("bogus2.test", "A", flags="RD CD")
        self.assert_empty("bogus2.test", "SERVFAIL")


if __name__ == "__main__":
    lab.main()
