# RFC 8198: what validated NSEC and NSEC3 records deny is not asked again, and DNS64 synthesizes from that. Only what is
# secure denies anything, and an opt-out span does not.

import program
from program import Validating

import clients
import lab
import lies
import zones
from signers import Nsec3, Plan
from zones import Zone

text = (
    "a A 198.51.100.1",
    "v4 A 198.51.100.2",
    "v4 TXT words",
    "z A 198.51.100.3",
    "host.ent A 198.51.100.4",
    "*.wild A 198.51.100.7",
    "*.wild TXT wild",
)
synthetic = ["64:ff9b::c633:6402"]


class Aggressive(Validating):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"]}}

    @classmethod
    def zones(cls):
        return [
            zones.root,
            *zones.tlds,
            *(Zone(f"{label}.nsec.", Plan("bind"), text) for label in ("names", "types", "wild", "asked", "forged")),
            *(Zone(f"{label}.nsec3.", Plan("knot", denial=Nsec3(2, "ab")), text) for label in ("names", "types")),
            Zone("span.optout.", Plan("ldns", denial=Nsec3(0, "ab", opt_out=True)), text),
            Zone("unsigned.nsec.", None, text),
        ]

    @classmethod
    def rules(cls, internet):
        # A denial whose signatures are wrong, of all names between z and the end of the zone.
        yield "zz.forged.nsec.", "A", lies.damage("NSEC")

    def asked(self, suffix):
        """What the upstream was asked about data below `suffix`."""
        chain = {"DS", "DNSKEY"}
        return [
            (name, kind)
            for name, kind, _ in self.world.tampering.questions()
            if name.endswith(suffix) and kind not in chain
        ]

    def learn(self, name, kind, rcode):
        reply = self.ask(name, kind, do=1)
        self.assertEqual((program.rcode(reply), program.has_ad(reply)), (rcode, True), reply)
        self.world.tampering.forget_questions()

    def assert_denied(self, name, kind, rcode):
        """Denied without a question, with the proof."""
        reply = self.ask(name, kind, do=1)
        self.assertEqual(self.asked(name.split(".", 1)[1]), [], "from the cache")
        self.assertEqual((program.rcode(reply), program.has_ad(reply)), (rcode, True), reply)
        self.assertTrue({"SOA", "RRSIG"} <= program.types(reply.authority))
        self.assertTrue(program.types(reply.authority) & {"NSEC", "NSEC3"})

    def test_names_between_two_names(self):
        self.learn("m.names.nsec.", "A", "NXDOMAIN")
        self.assert_denied("n.names.nsec.", "A", "NXDOMAIN")
        self.assert_denied("o.names.nsec.", "TXT", "NXDOMAIN")

    def test_names_beside_them_are_asked(self):
        self.learn("m.asked.nsec.", "A", "NXDOMAIN")
        reply = self.ask("z.asked.nsec.", "A", do=1)
        self.assertEqual(clients.texts(reply, "A"), ["198.51.100.3"])
        self.assertEqual(self.asked("asked.nsec."), [("z.asked.nsec.", "A")])

    def test_types_of_a_name(self):
        for zone in ("types.nsec.", "types.nsec3."):
            with self.subTest(zone=zone):
                self.learn(f"v4.{zone}", "MX", "NOERROR")
                self.assert_denied(f"v4.{zone}", "SRV", "NOERROR")

    def test_types_that_are_there_are_asked(self):
        self.learn("a.types.nsec.", "MX", "NOERROR")
        self.assertEqual(clients.texts(self.ask("a.types.nsec.", "A"), "A"), ["198.51.100.1"])

    def test_dns64_synthesizes_from_a_denial_that_is_known(self):
        for zone in ("names.nsec.", "names.nsec3."):
            with self.subTest(zone=zone):
                self.learn(f"v4.{zone}", "MX", "NOERROR")
                reply = self.ask(f"v4.{zone}", "AAAA", do=1)
                self.assertEqual(clients.texts(reply, "AAAA"), synthetic)
                self.assertTrue(program.has_ad(reply))
                self.assertEqual(self.asked(zone), [(f"v4.{zone}", "A")], "no AAAA question")

    def test_a_wildcard_is_not_overlooked(self):
        """A name that no record proves away answers from its wildcard, whatever was denied beside it."""
        self.learn("m.wild.nsec.", "A", "NXDOMAIN")
        self.assertEqual(clients.texts(self.ask("new.wild.wild.nsec.", "A", do=1), "A"), ["198.51.100.7"])
        reply = self.ask("other.wild.wild.nsec.", "TXT", do=1)
        self.assertEqual(clients.texts(reply, "TXT"), ['"wild"'])
        self.assertTrue(program.has_ad(reply))

    def test_an_opt_out_span_denies_nothing(self):
        self.ask("m.span.optout.", "A", do=1)
        self.world.tampering.forget_questions()
        for name in ("n", "o", "p", "q"):
            self.ask(f"{name}.span.optout.", "A", do=1)
        self.assertEqual(len(self.asked("span.optout.")), 4)

    def test_what_is_bogus_denies_nothing(self):
        self.assertEqual(program.rcode(self.ask("zz.forged.nsec.", "A", do=1)), "SERVFAIL")
        reply = self.ask("zzz.forged.nsec.", "A", do=1)
        self.assertEqual((program.rcode(reply), program.has_ad(reply)), ("NXDOMAIN", True))
        self.assertIn(("zzz.forged.nsec.", "A"), self.asked("forged.nsec."))

    def test_what_is_insecure_denies_nothing(self):
        self.ask("m.unsigned.nsec.", "A")
        self.ask("n.unsigned.nsec.", "A")
        self.assertEqual(len(self.asked("unsigned.nsec.")), 2)


class Off(Aggressive):
    """`aggressive: false`: every name and type is asked for."""

    @classmethod
    def configuration_of(cls, front, **changes):
        dnssec = {"mode": "validate", "trust_anchor_file": cls.world.anchor_file, "aggressive": False}
        return super().configuration_of(front, **{"dnssec": dnssec, **changes})

    def assert_denied(self, name, kind, rcode):
        reply = self.ask(name, kind, do=1)
        self.assertEqual(self.asked(name.split(".", 1)[1])[-1:], [(name, kind)])
        self.assertEqual((program.rcode(reply), program.has_ad(reply)), (rcode, True), reply)

    def test_dns64_synthesizes_from_a_denial_that_is_known(self):
        self.learn("v4.names.nsec.", "MX", "NOERROR")
        self.assertEqual(clients.texts(self.ask("v4.names.nsec.", "AAAA", do=1), "AAAA"), synthetic)
        self.assertEqual({kind for _, kind in self.asked("names.nsec.")}, {"A", "AAAA"})


if __name__ == "__main__":
    lab.main()
