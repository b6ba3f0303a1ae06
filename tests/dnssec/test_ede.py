# Extended DNS Errors of validation (RFC 8914): each code where it belongs, and nowhere else.
import dns.edns

import program
from program import Validating

import breakages
import clients
import healthy
import judges
import lab
import lies
import zones
from signers import Plan
from zones import Zone

of_validation = {1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 25, 27}


def codes_of(reply):
    return set(clients.ede_codes(reply)) & of_validation


class Codes(Validating):
    @classmethod
    def zones(cls):
        found, cls.good = [zones.root, *zones.tlds, breakages.tld], []
        for zone, questions in (*healthy.roles(), *healthy.parameters()):
            found.append(zone)
            cls.good += questions
        cls.broken = []
        for breakage in breakages.all_breakages + breakages.unreachable:
            found += breakage.zones()
            cls.broken += breakage.questions()
        return found

    @classmethod
    def rules(cls, internet):
        made = breakages.all_breakages + breakages.unreachable
        return [rule for breakage in made for rule in breakage.tampering(internet)]

    def replies(self, questions, flags=judges.Flags(0, 0, 0)):
        messages = [judges.query(question.name, question.kind, flags) for question in questions]
        return zip(questions, judges.ask_all(self.front, messages))

    def hold(self, findings):
        findings = list(findings)
        if findings:
            self.fail(f"{len(findings)} findings:\n  " + "\n  ".join(findings))

    def wrong(self, questions, flags):
        for question, reply in self.replies(questions, flags):
            found = codes_of(reply) if reply else {"silence"}
            if question.ede and not found & question.ede:
                yield f"{question.name} {question.kind}: {found or 'none'}, not {set(question.ede)}"
            if not question.ede and found:
                yield f"{question.name} {question.kind}: {found}, not none"
            if len(found) > 1:
                yield f"{question.name} {question.kind}: several, {found}"

    def test_each_breakage_has_its_code(self):
        for flags in (judges.Flags(0, 0, 0), judges.Flags(1, 0, 0)):
            with self.subTest(flags=flags):
                self.hold(self.wrong(self.broken + self.good, flags))

    def test_the_second_time_too(self):
        """What was found bogus is remembered with its reason."""
        self.hold(self.wrong(self.broken, judges.Flags(0, 0, 0)))
        self.hold(self.wrong(self.broken, judges.Flags(0, 0, 0)))

    def test_with_cd_nothing_is_said(self):
        """Who sets CD validates for himself (RFC 4035 3.2.2)."""
        for question, reply in self.replies(self.broken, judges.Flags(1, 1, 0)):
            with self.subTest(question=question):
                self.assertEqual(codes_of(reply), set())

    def test_every_code_is_met(self):
        """The table of breakages has something for each code that a validator gives."""
        met = set()
        for _, reply in self.replies(self.broken + self.good):
            met |= codes_of(reply)
        self.assertLessEqual({1, 2, 6, 7, 8, 9, 10, 11, 12, 27}, met)

    def test_without_edns_there_is_no_code(self):
        """RFC 8914 3: an option of EDNS, for who has that."""
        reply = self.front.udp(clients.query("www.octet.broken", "A", edns=-1))
        self.assertEqual(program.rcode(reply), "SERVFAIL")
        self.assertEqual((reply.edns, list(reply.options)), (-1, []))

    def test_the_text_is_short(self):
        for question, reply in self.replies(self.broken):
            for option in reply.options:
                if option.otype == dns.edns.OptionType.EDE and option.text:
                    with self.subTest(question=question, text=option.text):
                        self.assertLessEqual(len(option.text), 128)


class Outage(Validating):
    """What could not be validated for want of answers is tried again soon (RFC 9520 3.2)."""

    @classmethod
    def zones(cls):
        return [zones.root, *zones.tlds, Zone("shaky.nsec.", Plan("bind"), ("www A 198.51.100.1", "v4 A 198.51.100.2"))]

    def test_a_zone_is_secure_again_when_its_keys_are_back(self):
        self.world.tampering.set_rule("shaky.nsec.", "DNSKEY", lies.error("SERVFAIL"))
        reply = self.ask("www.shaky.nsec", "A", do=1)
        self.assertEqual(program.rcode(reply), "SERVFAIL")
        self.assertTrue(codes_of(reply) | set(clients.ede_codes(reply)) & {22, 23}, "it has a reason")
        self.world.tampering.set_rule("shaky.nsec.", "DNSKEY", lies.honest)
        lab.eventually(lambda: program.has_ad(self.ask("www.shaky.nsec", "A", do=1)), 15, "a secure answer")


class Stale(Validating):
    """EDE 3: an answer that was secure once, when nobody can be asked any more."""

    settings = {"cache": {"serve_stale": {"enabled": True, "answer_after": "100ms"}}}

    @classmethod
    def zones(cls):
        short = Zone("short.nsec.", Plan("bind"), ("v4 1 A 198.51.100.2",))
        return [zones.root, *zones.tlds, short]

    def test_3_a_stale_answer_has_its_code(self):
        first = self.ask("v4.short.nsec", "A", do=1)
        self.assertEqual((program.rcode(first), program.has_ad(first)), ("NOERROR", True))
        self.world.tampering.set_rule("v4.short.nsec.", "A", lies.error("SERVFAIL"))

        def stale():
            reply = self.ask("v4.short.nsec", "A", do=1)
            return reply if clients.ede_codes(reply) else None

        reply = lab.eventually(stale, 6, "a stale answer")
        self.assertIn(3, clients.ede_codes(reply))
        self.assertEqual(clients.texts(reply, "A"), ["198.51.100.2"])


if __name__ == "__main__":
    lab.main()
