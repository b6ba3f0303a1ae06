# Hundreds of lies by chance, put together from real signed records: where both judges agree what to think of one, so must
# the program. The truth, proven from what is known already, is never wrong.
import collections
import os

import dns.flags
import dns.rcode

from program import Validating

import differential
import judges
import lab
import twisted
import zones

# Another seed is another set of lies: SEED=7 python3 test_twisted.py
seed = os.environ.get("SEED", "1")
flags = judges.Flags(1, 0, 0)


class Twisted(Validating):
    @classmethod
    def zones(cls):
        return [zones.root, *zones.tlds, *twisted.zones()]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asked = list(twisted.questions())
        below = list(twisted.cuts())
        cls.asked += [(name, kind) for name, kind, _ in below]
        cls.truth = cls.ask_all(cls.world.tampering)
        for name, kind in list(twisted.questions()) + [(cut, "DS") for _, _, cut in below]:
            cls.world.tampering.set_rule(name, kind, twisted.Lie(seed, name, kind))
        cls.ours = cls.ask_all(cls.front)
        cls.theirs = {}
        for name, start in (("unbound", judges.unbound), ("bind", judges.Bind)):
            judge = start(cls.world)
            try:
                cls.theirs[name] = cls.ask_all(judge)
            finally:
                judge.stop()

    @classmethod
    def ask_all(cls, server):
        return judges.ask_all(server, [judges.query(name, kind, flags) for name, kind in cls.asked])

    def agreed(self):
        """(question, ours, what both judges think, the honest answer) where they agree."""
        for number, question in enumerate(self.asked):
            opinions = [opinion(replies[number]) for replies in self.theirs.values()]
            if opinions[0] == opinions[1]:
                yield question, opinion(self.ours[number]), opinions[0], self.truth[number]

    def test_where_the_judges_agree_so_do_we(self):
        wrong = [
            f"{name} {kind}: {ours}, not {theirs}"
            for (name, kind), ours, theirs, truth in self.agreed()
            if ours != theirs and not is_truth(ours, truth)
        ]
        self.assertEqual(wrong, [], f"SEED={seed}")

    def test_there_is_something_to_agree_on(self):
        """The lies are of all sorts."""
        verdicts = [theirs.verdict for _, _, theirs, _ in self.agreed()]
        for verdict in ("secure", "insecure", "bogus"):
            self.assertGreater(verdicts.count(verdict), 20, verdict)
        self.assertGreater(len(verdicts), len(self.asked) * 0.8)


def opinion(reply):
    seen = differential.seen(reply)
    verdict = "bogus" if seen.rcode in ("SERVFAIL", "silence") else "secure" if seen.ad else "insecure"
    return Opinion(verdict, seen.rcode, seen.answer if verdict != "bogus" else frozenset())


Opinion = collections.namedtuple("Opinion", "verdict rcode answer")


def is_truth(ours, truth):
    """A secure answer that says what the zone says."""
    seen = differential.seen(truth)
    return ours.verdict == "secure" and (ours.rcode, ours.answer) == (seen.rcode, seen.answer)


if __name__ == "__main__":
    lab.main()
