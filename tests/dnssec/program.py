# The program under test in validating mode, in front of the made Internet; for test cases of this folder.
import dns.flags
import dns.rcode
import dns.rdatatype

import serving  # sets the path for the laboratory

import clients
import lab


class Validating(lab.LabTest):
    """A world, and the server that validates what it says. zones() and rules() are the test's own."""

    settings = {}

    @classmethod
    def zones(cls):
        raise NotImplementedError

    @classmethod
    def rules(cls, internet):
        """(name, type, rule) of the lies."""
        return ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = serving.World(cls.folder, cls.zones())
        cls.addClassCleanup(cls.world.stop)
        for name, kind, rule in cls.rules(cls.world.internet):
            cls.world.tampering.set_rule(name, kind, rule)
        cls.front = clients.Front()
        cls.server = cls.start(cls.configuration_of(cls.front))

    @classmethod
    def configuration_of(cls, front, **changes):
        upstream = {"servers": [cls.world.tampering.url], "attempt_timeout": "5s", "timeout": "9s"}
        dnssec = {"mode": "validate", "trust_anchor_file": cls.world.anchor_file}
        return front.configuration(**{"upstream": upstream, "dnssec": dnssec, **cls.settings, **changes})

    def setUp(self):
        self.world.tampering.forget_questions()

    def ask(self, name, kind="AAAA", do=0, cd=0, ad=0, **options):
        flags = "RD" + (" CD" if cd else "") + (" AD" if ad else "")
        return self.front.udp(clients.query(name, kind, payload=4096, flags=flags, dnssec_ok=bool(do), **options))


def rcode(reply):
    return dns.rcode.to_text(reply.rcode())


def has_ad(reply):
    return bool(reply.flags & dns.flags.AD)


def types(section):
    """The types in a section, without repetition."""
    return {dns.rdatatype.to_text(rrset.rdtype) for rrset in section}
