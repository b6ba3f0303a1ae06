# Hundreds of lies by chance, put together from real signed records: where both judges agree what to think of one, so
# must the program. The truth is never wrong: the lie may have proven it, among other things, or it was known already.
import collections
import os

import dns.flags

from program import Validating

import clients
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
        cls.truth = cls.judged_by(judges.unbound)
        for name, kind in list(twisted.questions()) + [(cut, "DS") for _, _, cut in below]:
            cls.world.tampering.set_rule(name, kind, twisted.Lie(seed, name, kind))
        cls.ours = cls.ask_all(cls.front)
        cls.theirs = [cls.judged_by(judges.unbound), cls.judged_by(judges.Bind)]

    @classmethod
    def ask_all(cls, server):
        replies = judges.ask_all(server, [judges.query(name, kind, flags) for name, kind in cls.asked])
        return [opinion(reply) for reply in replies]

    @classmethod
    def judged_by(cls, start):
        judge = start(cls.world)
        try:
            return cls.ask_all(judge)
        finally:
            judge.stop()

    def agreed(self):
        """(question, ours, what both judges think, the truth) where they agree."""
        for question, ours, unbound, bind, truth in zip(self.asked, self.ours, *self.theirs, self.truth):
            if unbound == bind:
                yield question, ours, bind, truth

    def test_where_the_judges_agree_so_do_we(self):
        wrong = [
            f"{name} {kind}: {ours}, not {theirs}"
            for (name, kind), ours, theirs, truth in self.agreed()
            if ours not in (theirs, truth) and not is_excused(name, ours, theirs)
        ]
        self.assertFalse(wrong, f"SEED={seed}:\n" + "\n".join(wrong))

    def test_there_is_something_to_agree_on(self):
        """The lies are of all sorts."""
        verdicts = [theirs.verdict for _, _, theirs, _ in self.agreed()]
        for verdict in ("secure", "insecure", "bogus"):
            self.assertGreater(verdicts.count(verdict), 20, verdict)
        self.assertGreater(len(verdicts), len(self.asked) * 0.8)


Opinion = collections.namedtuple("Opinion", "verdict rcode answer")


class Synthesis(Validating):
    """DNS64 between lies about AAAA and about A: what it gives is what it gives without lies, or an error."""

    settings = {"dns64": {"prefixes": ["64:ff9b::/96"]}}

    @classmethod
    def zones(cls):
        return [zones.root, *zones.tlds, *twisted.zones()]

    def answers(self, front, asked):
        """(RCODE, AD, records) of each AAAA question, with DO."""
        replies = judges.ask_all(front, [judges.query(name, "AAAA", flags) for name in asked])
        return [(seen.rcode, seen.ad, seen.answer) for seen in map(differential.seen, replies)]

    def test_no_lie_leads_to_another_answer(self):
        # In an opt-out zone names may be delegated without a trace: there a liar has his way.
        asked = [name for zone in ("twist.nsec.", "twist.nsec3.") for name in twisted.names_of(zone)]
        honest = clients.Front()
        self.start_once(self.configuration_of(honest))
        truth = self.answers(honest, asked)
        for number, name in enumerate(asked):
            for kind in (("A",), ("AAAA",), ("A", "AAAA"))[number % 3]:
                self.world.tampering.set_rule(name, kind, twisted.Lie(seed, name, kind))
        told = self.answers(self.front, asked)
        wrong = [
            f"{name}: {ours}, not {right}"
            for name, ours, right in zip(asked, told, truth)
            if ours != right and ours != ("SERVFAIL", 0, frozenset())
        ]
        self.assertFalse(wrong, f"SEED={seed}:\n" + "\n".join(wrong))
        synthetic = [any("64:ff9b::" in record[2] for record in answer) for _, _, answer in told]
        self.assertGreater(sum(synthetic), 5, "synthesized all the same")
        self.assertGreater(sum(answer != right for answer, right in zip(told, truth)), 20, "prevented")


def is_excused(name, ours, theirs):
    """Where we may think otherwise than both judges. Behind an alias they ask anew for its target, whatever came with the
    alias: we call the whole answer bogus, or, in an opt-out zone where spans leave open what there is, insecure. Of a
    denial without signatures in such a zone they say that the name might be a delegation, though the SOA record beside
    it is signed and says that it is none."""
    opt_out = name.endswith(".twist.optout.")
    if twisted.is_alias(name):
        return ours.verdict == "bogus" or (opt_out and ours.verdict == "insecure")
    return opt_out and (ours.verdict, theirs.verdict) == ("bogus", "insecure")


def opinion(reply):
    seen = differential.seen(reply)
    verdict = "bogus" if seen.rcode in ("SERVFAIL", "silence") else "secure" if seen.ad else "insecure"
    return Opinion(verdict, seen.rcode, seen.answer if verdict != "bogus" else frozenset())


if __name__ == "__main__":
    lab.main()
