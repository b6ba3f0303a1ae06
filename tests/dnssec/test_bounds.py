# Attacks on the validator's time: what is asked of a zone that was made to be expensive costs at most twenty times what
# an ordinary cold validation costs, is answered with the right verdict, and holds up nobody else.
import os
import threading
import time

import dns.flags
import dns.rcode

import program
from program import Validating

import attacks
import clients
import judges
import lab
import zones
from signers import Plan
from zones import Zone

most = 20


def cpu_seconds(process):
    """What all threads of a process have run, to the nanosecond; /proc/PID/stat counts in hundredths."""
    total = 0
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Bounds(Validating):
    ordinary = [f"ordinary{number}.nsec." for number in range(12)]

    @classmethod
    def zones(cls):
        cls.attacks = attacks.attacks()
        text = ("www A 198.51.100.1",)
        usual = [Zone(name, Plan("ldns"), text) for name in cls.ordinary] + [Zone("others.nsec.", Plan(), text)]
        return [zones.root, *zones.tlds, attacks.tld, *usual, *(zone for zone, *_ in cls.attacks.values())]

    @classmethod
    def rules(cls, internet):
        return attacks.rules(internet)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The chain down to the parents, and whatever a server does once.
        for name in ("www.others.nsec", "missing.nsec", "missing.broken"):
            cls.front.udp(judges.query(name, "A", judges.Flags(1, 0, 0)))
        cls.ordinary_cost = cls.cost([(f"www.{name}", "A") for name in cls.ordinary])[0]

    @classmethod
    def cost(cls, questions):
        """(CPU seconds for each of these questions, one after another; the replies)."""
        begin = cpu_seconds(cls.server)
        messages = [judges.query(name, kind, judges.Flags(1, 0, 0)) for name, kind in questions]
        replies = [cls.front.udp(message, timeout=10) for message in messages]
        return (cpu_seconds(cls.server) - begin) / len(questions), replies

    def assert_verdict(self, reply, verdict, ede):
        found = "bogus" if reply.rcode() == dns.rcode.SERVFAIL else "secure" if program.has_ad(reply) else "insecure"
        self.assertIn(found, verdict.split(" or "), reply)
        if found != "secure":
            self.assertTrue(set(clients.ede_codes(reply)) & ede, f"{clients.ede_codes(reply)}, not {ede}")

    def assert_bounded(self, label):
        _, verdict, ede, questions = self.attacks[label]
        first, first_replies = self.cost(questions[:1])
        later, replies = self.cost(questions[1:6])
        told = f"{label}: {first / self.ordinary_cost:.1f} and {later / self.ordinary_cost:.1f} times an ordinary one"
        print(f"  {told}, {self.ordinary_cost * 1e6:.0f} us")
        for reply in first_replies + replies:
            self.assert_verdict(reply, verdict, ede)
        self.assertLessEqual(first, most * self.ordinary_cost, told)
        self.assertLessEqual(later, most * self.ordinary_cost, told)

    def test_ordinary_zones_are_secure(self):
        """The measure itself."""
        for name in self.ordinary:
            self.assertTrue(program.has_ad(self.ask(f"www.{name}", "A", do=1)))

    def test_a_long_way_down_asks_few_questions(self):
        """Where there might be a zone cut under every label, the search for it ends."""
        name, kind = self.attacks["cuts"][3][-1]
        self.ask(name, kind, do=1)
        self.assertLessEqual(len(self.world.tampering.questions()), 60)

    def test_other_clients_are_answered_meanwhile(self):
        fresh = [question for label in ("keytrap", "keytrap-rsa", "deep") for question in self.attacks[label][3][8:]]
        messages = [judges.query(name, kind, judges.Flags(1, 0, 0)) for name, kind in fresh]
        flood = threading.Thread(target=judges.ask_all, args=(self.front, messages, 64, 20))
        flood.start()
        waited = []
        while flood.is_alive() or not waited:
            begin = time.monotonic()
            reply = self.ask("www.others.nsec", "A", do=1)
            waited.append(time.monotonic() - begin)
            self.assertTrue(program.has_ad(reply))
        flood.join()
        self.assertLess(max(waited), 1.0, f"{len(waited)} answers")


def add_tests():
    for label in attacks.attacks():
        name = "test_" + label.replace("-", "_") + "_is_bounded"
        setattr(Bounds, name, lambda self, label=label: self.assert_bounded(label))


add_tests()

if __name__ == "__main__":
    lab.main()
