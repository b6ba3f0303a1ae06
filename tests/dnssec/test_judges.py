# The program beside other validators: every question, in every combination of DO, CD and AD, asked of the program, of
# Unbound and of BIND behind the same upstream, and of delv. What is right is known besides, from how the zones were
# made.
import dns.flags
import dns.rcode

import program
from program import Validating

import breakages
import clients
import differential
import explained
import healthy
import judges
import lab


class Judges(Validating):
    @classmethod
    def zones(cls):
        found, cls.questions = healthy.world()
        found.append(breakages.tld)
        for breakage in breakages.all_breakages:
            found += breakage.zones()
            cls.questions += breakage.questions()
        return found

    @classmethod
    def rules(cls, internet):
        return [rule for breakage in breakages.all_breakages for rule in breakage.tampering(internet)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = explained.explained()
        cls.messages = {
            (question, flags): judges.query(question.name, question.kind, flags).to_wire()
            for question in cls.questions
            for flags in judges.all_flags
        }
        cls.ours = cls.ask_everything(cls.front)

    @classmethod
    def ask_everything(cls, server):
        """{(question, flags): reply}. Each question comes with all flags, and first with others than its neighbours:
        what is in the cache by then differs."""
        found = {}
        for turn in range(len(judges.all_flags)):
            asked = [
                (question, judges.all_flags[(turn + at) % len(judges.all_flags)])
                for at, question in enumerate(cls.questions)
            ]
            found.update(zip(asked, judges.ask_all(server, [cls.messages[one] for one in asked])))
        return found

    def hold(self, findings):
        """Fails once, with all of them."""
        findings = list(findings)
        if findings:
            self.fail(f"{len(findings)} findings:\n  " + "\n  ".join(findings))

    # -- What is right, from how the zones were made --
    def test_every_verdict_is_right(self):
        self.hold(
            f"{question.name} {question.kind} {differential.flags_text(flags)}, {question.verdict}: {wrong}"
            for (question, flags), reply in self.ours.items()
            for wrong in mistakes(question, flags, reply)
        )

    def test_no_ttl_outlives_the_signature(self):
        """RFC 4035 5.3.3: neither its original TTL nor its validity."""
        for name, most in (("www.ttl.broken.", 300), ("www.soon.broken.", 1800)):
            replies = {flags: reply for (question, flags), reply in self.ours.items() if question.name == name}
            for flags in judges.all_flags:
                with self.subTest(name=name, flags=flags):
                    ttls = clients.ttls(replies[flags])
                    self.assertTrue(ttls and (flags.cd or ttls[-1] <= most), ttls)

    # -- The judges --
    def compare(self, name, judge):
        theirs = self.ask_everything(judge)
        found = [
            (name, question, differential.flags_text(flags), difference)
            for (question, flags), reply in self.ours.items()
            for difference in differential.differences(
                differential.seen(reply), differential.seen(theirs[(question, flags)])
            )
        ]
        self.hold(differential.unexplained(found, self.table) + self.unused(name))

    def unused(self, name):
        return [f"no longer a difference: {row}" for row in self.table if row.judge == name and row.is_idle()]

    def test_unbound_agrees(self):
        judge = judges.unbound(self.world)
        self.addCleanup(judge.stop)
        self.compare("unbound", judge)

    def test_bind_agrees(self):
        judge = judges.Bind(self.world)
        self.addCleanup(judge.stop)
        self.compare("bind", judge)

    def test_delv_agrees(self):
        judge = judges.Delv(self.world)
        asked = delv_questions(self.questions)
        found = []
        for question, (verdict, _) in zip(asked, judge.verdicts(asked)):
            ours = verdict_of(self.ours[(question, judges.Flags(1, 0, 0))])
            if ours != verdict:
                found.append(("delv", question, "do=1 cd=0 ad=0", f"{ours}, not {verdict}"))
        self.hold(differential.unexplained(found, self.table) + self.unused("delv"))


def delv_questions(questions):
    """delv is a process for each question: a denial of each healthy zone, and everything broken."""
    return [
        question
        for question in questions
        if question.name.endswith((".broken.", "chains.nsec.", ".optout.", ".plain."))
        or (question.kind == "AAAA" and question.name.startswith("v4."))
    ]


def verdict_of(reply):
    if reply is None or reply.rcode() == dns.rcode.SERVFAIL:
        return "bogus"
    return "secure" if reply.flags & dns.flags.AD else "insecure"


def mistakes(question, flags, reply):
    """What is wrong with a reply, in words; nothing is best. RFC 4035 3.2, RFC 6840 5.7 to 5.9."""
    if reply is None:
        yield "silence"
        return
    is_bogus = question.verdict == "bogus" and not flags.cd
    if is_bogus != (reply.rcode() == dns.rcode.SERVFAIL):
        yield f"RCODE {program.rcode(reply)}"
    if is_bogus and reply.answer:
        yield "records in an answer that is bogus"
    wanted = question.verdict == "secure" and not flags.cd and bool(flags.do or flags.ad)
    if program.has_ad(reply) != wanted:
        yield f"AD={int(program.has_ad(reply))}"
    if bool(reply.flags & dns.flags.CD) != bool(flags.cd):
        yield "another CD than the query's"
    of_dnssec = (program.types(reply.answer) | program.types(reply.authority)) & {"RRSIG", "NSEC", "NSEC3"}
    if not flags.do and of_dnssec - {question.kind}:
        yield f"{', '.join(sorted(of_dnssec))} without DO"


if __name__ == "__main__":
    lab.main()
