# DNS64 together with everything else: crashes of deployed resolvers came from pairs of features. Servers whose settings
# cover every pair, both on, both off and each alone, are asked every kind of question about upstreams of every humour,
# and each answer is held against what may never happen.
import collections
import itertools
import select
import time

import dns.edns
import dns.message
import dns.rcode
import dns.rdatatype

import requirement  # noqa: F401, sets the path for the laboratory
from scene import embedded

import clients
import lab
import replies
import upstreams

prefix = "2001:67c:64::/96"
with_dns64, without = "127.0.0.2", "127.0.0.3"
policies = [{"prefix": "none", "clients": [f"{without}/32"]}, prefix]

# -- What settings can be on: a part of the configuration each --
features = {
    "serve_stale": {
        "cache": {
            "serve_stale": {
                "enabled": True,
                "max_stale": "1h",
                "ttl": "30s",
                "answer_after": "200ms",
                "retry_after": "1s",
            }
        }
    },
    "prefetch": {"cache": {"prefetch": True}},
    "local_data": {"local_data": "aliases"},
    "rebinding": {"rebinding_protection": {"enabled": True}},
    "route": {"routes": [{"zone": "routed.test", "upstream": "second", "dns64": False}]},
    "excluded_names": {"dns64": {"exclude_names": ["excluded.test"]}},
    "a_after_nxdomain": {"dns64": {"a_after_nxdomain": True}},
    "no_cut": {"cache": {"nxdomain_cut": False}},
}

# -- What an upstream can be like, by the first label of the name: what it says to AAAA and A. `v4` is what a synthesis
# is made of, `native` what AAAA records there are; `ttl` bounds every TTL of an answer; the RCODE is for clients with
# DNS64 and without, None where several are right. --
Humour = collections.namedtuple("Humour", "aaaa a v4 native ttl rcode rcode_without")
short = replies.nodata(ttl=2, minimum=2)
address = replies.says("@ 2 A 203.0.113.1")
real = replies.says("@ 2 AAAA 2001:4860::1")
fails = replies.says(rcode=2)
v4 = ["203.0.113.1"]


def aliases(*last):
    """A chain of three, all in one answer."""
    chain = ["@ 2 CNAME one.chain.test.", "one.chain.test 2 CNAME two.chain.test."]
    return replies.says(*chain, *last, authority=[] if last else ["test 2 SOA ns.test. host.test. 1 3600 600 86400 2"])


def loop(query, transport):
    """A name that is an alias of itself, whatever the name."""
    name = query.question[0].name
    return replies.says(f"@ 2 CNAME {name}")(query, transport)


humours = {
    "plain": Humour(short, address, v4, [], 2, 0, 0),
    "bare": Humour(replies.empty, address, v4, [], 2, 0, 0),
    "error": Humour(replies.says(rcode=5), address, v4, [], 2, 0, None),
    "malformed": Humour(replies.noise, address, v4, [], 2, 0, 2),
    "cut-short": Humour(replies.cut_short(5, real), address, v4, [], 2, 0, 2),
    "misdirected": Humour(replies.misdirected(real), address, v4, [], 2, 0, 2),
    "twice": Humour(replies.repeated(3, short), replies.repeated(3, address), v4, [], 2, 0, 0),
    "timeout": Humour(replies.silence, address, v4, [], 2, 0, 2),
    "a-timeout": Humour(short, replies.silence, [], [], 2, 2, 0),
    "a-malformed": Humour(short, replies.noise, [], [], 2, 2, 0),
    "both-fail": Humour(fails, fails, [], [], 2, 2, 2),
    "chain": Humour(aliases(), aliases("two.chain.test 2 A 203.0.113.1"), v4, [], 2, 0, 0),
    "dangling": Humour(replies.says("@ 2 CNAME plain.test."), replies.says("@ 2 CNAME plain.test."), v4, [], 2, 0, 0),
    "loop": Humour(loop, loop, [], [], 2, 2, 2),
    "zero": Humour(replies.nodata(ttl=0, minimum=0), replies.says("@ 0 A 203.0.113.1"), v4, [], 0, 0, 0),
    "real": Humour(real, address, [], ["2001:4860::1"], 2, 0, 0),
    "mapped": Humour(replies.says("@ 2 AAAA ::ffff:9.9.9.9"), address, v4, [], 2, 0, 0),
    "smuggled": Humour(
        replies.says("@ 2 A 203.0.113.66", "@ 2 AAAA 2001:4860::1"), address, [], ["2001:4860::1"], 2, 0, 0
    ),
    "missing": Humour(replies.nxdomain(ttl=2, minimum=2), replies.nxdomain(ttl=2, minimum=2), [], [], 2, 3, 3),
    "private": Humour(short, replies.says("@ 2 A 10.1.2.3"), ["10.1.2.3"], [], 2, 0, 0),
    "signed": Humour(
        replies.nodata(ttl=2, minimum=2, extra=["@ 2 NSEC z.test. A RRSIG", f"@ 2 {replies.signature('NSEC', 2)}"]),
        replies.says("@ 2 A 203.0.113.1", f"@ 2 {replies.signature('A', 2)}", flags="AD"),
        v4,
        [],
        2,
        0,
        0,
    ),
}  # fmt: skip
places = ["", "excluded.", "routed.", "local."]
slow = {"malformed", "cut-short", "misdirected", "timeout", "a-timeout", "a-malformed"}  # to be asked sparingly


class Upstream(upstreams.Scripted):
    """Says by the first label what its humour is; when `is_ill`, fails whatever it is asked."""

    is_ill = False

    def __init__(self):
        super().__init__(script=self.by_humour)

    def by_humour(self, query, transport):
        if self.is_ill:
            return fails(query, transport)
        question = query.question[0]
        humour = humours.get(question.name.labels[0].decode().lower())
        kind = dns.rdatatype.to_text(question.rdtype)
        if humour and kind in ("AAAA", "A"):
            return (humour.aaaa if kind == "AAAA" else humour.a)(query, transport)
        return short(query, transport)


def covering_sets():
    """Sets of features so that each pair is both on, both off, and each on without the other, in one of them."""
    names = list(features)
    wanted = {
        (first, is_first, second, is_second)
        for first, second in itertools.combinations(names, 2)
        for is_first in (False, True)
        for is_second in (False, True)
    }
    rows = []
    while wanted:

        def covers(on):
            return {row for row in wanted if (row[0] in on) == row[1] and (row[2] in on) == row[3]}

        every = (set(itertools.compress(names, bits)) for bits in itertools.product((1, 0), repeat=len(names)))
        best = max(every, key=lambda on: len(covers(on)))
        wanted -= covers(best)
        rows.append(best)
    return rows


def merged(*parts):
    out = {}
    for part in parts:
        for key, value in part.items():
            out[key] = merged(out[key], value) if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


Question = collections.namedtuple("Question", "humour place kind flags dnssec_ok source")


class Run:
    """One server with one set of features, and the questions that it is asked."""

    def __init__(self, test, on):
        self.test, self.on = test, on
        self.front = clients.Front()
        configuration = merged(
            {
                "upstreams": {
                    "default": {"servers": [test.upstream.url], "attempt_timeout": "300ms", "timeout": "900ms"},
                    "second": {"servers": [test.second.url], "attempt_timeout": "300ms", "timeout": "900ms"},
                },
                "dns64": {"prefixes": policies, "aaaa_timeout": "500ms"},
                "cache": {"failure_ttl": "1s"},
            },
            *(features[feature] for feature in sorted(on)),
        )
        if "local_data" in on:
            configuration["local_data"] = [
                {"name": f"{humour}.local.test", "cname": f"{humour}.test.", "ttl": 2} for humour in humours
            ]
        if "route" not in on:
            del configuration["upstreams"]["second"]
        self.server = test.start_once(self.front.configuration(**configuration))

    def questions(self):
        rows = itertools.product(humours, places, ("AAAA",), ("RD", "RD CD"), (False, True), (with_dns64, without))
        others = itertools.product(humours, places, ("A",), ("RD",), (False,), (with_dns64, without))
        every = [Question(*row) for row in (*rows, *others)]
        # Those that wait go first, to wait while the others are answered.
        patient = [question for question in every if question.humour in slow and not question.dnssec_ok]
        return patient + [question for question in every if question.humour not in slow]

    def ask(self, questions):
        """[(question, reply or None)], with a hundred under way at a time."""
        sockets = {source: clients.datagram("127.0.0.1", source) for source in (with_dns64, without)}
        found, sent, end = {}, 0, time.monotonic() + 30
        try:
            while len(found) < len(questions) and time.monotonic() < end:
                while sent < len(questions) and sent - len(found) < 100:
                    self._send(sockets, questions[sent], sent)
                    sent += 1
                for ready in select.select(list(sockets.values()), [], [], 0.2)[0]:
                    reply = dns.message.from_wire(ready.recv(65535))
                    found[reply.id] = reply
        finally:
            for one in sockets.values():
                one.close()
        return [(question, found.get(number)) for number, question in enumerate(questions)]

    def _send(self, sockets, question, number):
        name = f"{question.humour}.{question.place}test"
        message = clients.query(
            name, question.kind, flags=question.flags, dnssec_ok=question.dnssec_ok, identifier=number
        )
        sockets[question.source].sendto(message.to_wire(), (self.front.address, self.front.port))

    # -- What may never happen --
    def check(self, question, reply, is_ill=False):
        """The words for what is wrong with a reply, if anything is."""
        if reply is None:
            return "no answer"
        humour = humours[question.humour]
        found = clients.texts(reply, "AAAA")
        stale = bool({3, 19} & set(clients.ede_codes(reply)))
        if stale and "serve_stale" not in self.on:
            return "expired data, which are off"
        if question.kind == "AAAA" and clients.texts(reply, "A"):
            return "A beside AAAA"
        local = 2 if question.place == "local." else 0
        limit = max(humour.ttl, local, 30 if stale else 0)
        if any(rrset.ttl > limit for rrset in reply.answer):
            return f"a TTL above {limit}"
        # Names with a route have an upstream of their own, which may know private addresses.
        is_filtered = "rebinding" in self.on and not ("route" in self.on and question.place == "routed.")
        private = {"10.1.2.3", *embedded(prefix, "10.1.2.3")}
        if is_filtered and private & {*clients.texts(reply, "A"), *found}:
            return "a private address from an upstream"
        synthetic = [text for text in found if text.startswith("2001:67c:64:")]
        if synthetic and not self.may_synthesize(question):
            return "a synthetic record for who may not have one"
        return self.check_data(question, reply, is_ill, stale)

    def check_data(self, question, reply, is_ill, stale):
        humour, found, code = humours[question.humour], clients.texts(reply, "AAAA"), int(reply.rcode())
        if code == 2 and is_ill:
            return None
        if question.kind == "A":
            return None if code in (0, 2, 3) else f"RCODE {code}"
        v4 = humour.v4 if self.may_synthesize(question) else []
        if "rebinding" in self.on:
            v4 = [text for text in v4 if text != "10.1.2.3"]
        expected = sorted(humour.native + embedded(prefix, *v4))
        if question.humour == "mapped" and not self.may_synthesize(question):
            expected = found if found in ([], ["::ffff:9.9.9.9"]) else []
        if code == 0 and found != expected and not (is_ill and not found):
            return f"{found}, not {expected}"
        wanted = humour.rcode if self.may_synthesize(question) else humour.rcode_without
        if not is_ill and wanted is not None and code != wanted:
            return f"RCODE {code}, not {wanted}"
        return None

    def has_policy(self, question):
        return question.source == with_dns64 and not ("route" in self.on and question.place == "routed.")

    def may_synthesize(self, question):
        is_excluded = question.place == "excluded." and "excluded_names" in self.on
        return self.has_policy(question) and not is_excluded and "CD" not in question.flags


class Combinations(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream, cls.second = Upstream(), Upstream()
        for upstream in (cls.upstream, cls.second):
            cls.addClassCleanup(upstream.stop)

    def assert_sound(self, run, answers, is_ill=False):
        wrong = self.wrong(run, answers, is_ill)
        doubtful = [question for words, those in wrong.items() if words.startswith("RCODE 2") for question in those]
        if doubtful:  # a busy machine is no fault of the server: a failure counts when it comes again
            time.sleep(1.1)
            wrong = {words: those for words, those in wrong.items() if not words.startswith("RCODE 2")}
            wrong.update(self.wrong(run, run.ask(doubtful), is_ill))
        self.assertTrue(run.server.is_alive(), "it crashed")
        if wrong:
            lines = [f"{words}: {len(those)}, such as {those[0]}" for words, those in sorted(wrong.items())]
            self.fail(f"with {sorted(run.on)}:\n" + "\n".join(lines))

    def wrong(self, run, answers, is_ill):
        """{what is wrong: the questions}"""
        out = collections.defaultdict(list)
        for question, reply in answers:
            words = run.check(question, reply, is_ill)
            if words:
                out[words].append(question)
        return out

    def test_every_pair_of_features_is_covered(self):
        rows = covering_sets()
        for first, second in itertools.combinations(features, 2):
            self.assertEqual(
                {(first in on, second in on) for on in rows}, set(itertools.product((True, False), repeat=2))
            )

    def test_healthy_upstreams_and_then_ill_ones(self):
        """First the answers as they come, twice over, so that the cache has a say; then, when they have expired, with
        upstreams that fail."""
        runs = [Run(self, on) for on in covering_sets()]
        for run in runs:
            questions = run.questions()
            with self.subTest(on=sorted(run.on), round="healthy"):
                self.assert_sound(run, run.ask(questions))
            with self.subTest(on=sorted(run.on), round="cached"):
                self.assert_sound(
                    run, run.ask([question for question in questions[::3] if question.humour not in slow])
                )
        time.sleep(2.1)
        for upstream in (self.upstream, self.second):
            upstream.is_ill = True
        self.addCleanup(lambda: [setattr(upstream, "is_ill", False) for upstream in (self.upstream, self.second)])
        for run in runs:
            with self.subTest(on=sorted(run.on), round="ill"):
                self.assert_sound(run, run.ask(run.questions()[::3]), is_ill=True)


if __name__ == "__main__":
    lab.main()
