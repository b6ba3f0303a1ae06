# The scene of a conformance test: one scripted upstream, one server in front of it, and what tests ask and look at.
import signal
import socket

import requirement  # noqa: F401, sets the path for the laboratory

import dns.flags
import dns.rcode
import dns.rdatatype

import certificates
import clients
import lab
import upstreams

well_known_prefix = "64:ff9b::/96"


def embedded(prefix, *ipv4):
    """The texts of these IPv4 addresses under a prefix (RFC 6052 2.2), worked out apart from the product; sorted."""
    network, length = prefix.split("/")
    texts = []
    for address in ipv4:
        octets = bytearray(socket.inet_pton(socket.AF_INET6, network))
        at = int(length) // 8
        for octet in socket.inet_aton(address):
            at += at == 8
            octets[at] = octet
            at += 1
        texts.append(socket.inet_ntop(socket.AF_INET6, bytes(octets)))
    return sorted(texts)


def rrsets(reply, kind, section="answer"):
    rdtype = dns.rdatatype.from_text(kind)
    return [rrset for rrset in getattr(reply, section) if rrset.rdtype == rdtype]


def kinds(section):
    """The types of a section, one for each record."""
    return sorted(dns.rdatatype.to_text(rrset.rdtype) for rrset in section for _ in rrset)


def aliases(reply):
    """The chain as (owner, target), in the order of the message, letter case kept."""
    return [(str(rrset.name), str(rrset[0].target)) for rrset in rrsets(reply, "CNAME")]


def has(reply, flag):
    return bool(reply.flags & dns.flags.from_text(flag))


class Scene(lab.LabTest):
    """zone: what upstreams.Scripted takes, functions of replies.py too. settings: sections of the configuration."""

    zone = {}
    ttl, soa_ttl = 3600, 300
    settings = {"dns64": {"prefixes": [well_known_prefix]}}
    with_tls = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted(dict(cls.zone), ttl=cls.ttl, soa_ttl=cls.soa_ttl)
        cls.addClassCleanup(cls.upstream.stop)
        cls.front = cls.front_of()
        cls.server = cls.start(cls.configuration())

    @classmethod
    def front_of(cls):
        if not cls.with_tls:
            return clients.Front()
        authority = certificates.Authority(cls.folder)
        return clients.Front(authority.issue("dns.test", ["dns.test"]), authority.file)

    @classmethod
    def configuration(cls, **changes):
        """Every scene gives up early: a test that waits for a time-out waits for a short one."""
        upstream = {"servers": [cls.upstream.url], "attempt_timeout": "300ms", "timeout": "1500ms"}
        return cls.front.configuration(**{"upstream": upstream, **cls.settings, **changes})

    def setUp(self):
        self.upstream.forget_questions()

    def reload(self, **changes):
        """Another configuration for the running server, in force when this returns."""
        before = self.server.log().count("reloaded")
        self.server.write(self.configuration(**changes))
        self.server.send(signal.SIGHUP)
        lab.eventually(lambda: self.server.log().count("reloaded") > before, what="the reload")

    # -- Asking --
    def ask(self, name, kind="AAAA", transport="udp", source=None, **options):
        return self.front.ask(transport, clients.query(name, kind, **options), source=source)

    def addresses(self, name, **options):
        return clients.texts(self.ask(name, **options), "AAAA")

    def asked(self, name=None):
        """The (name, type) that the upstream was asked, in order."""
        return [(owner, kind) for owner, kind, _ in self.upstream.questions(name)]

    def asked_types(self, name):
        return sorted({kind for _, kind in self.asked(name)})

    # -- Looking --
    def assert_is_sound(self, reply):
        """What no answer may ever be: A beside AAAA for an AAAA question, AA, a doubled record, a second SOA."""
        self.assertTrue(has(reply, "QR") and has(reply, "RA") and not has(reply, "AA"), reply)
        if reply.question and reply.question[0].rdtype == dns.rdatatype.AAAA:
            self.assertEqual(clients.texts(reply, "A"), [], "no A record in an answer to an AAAA question")
        records = [(rrset.name, rrset.rdtype, record) for rrset in reply.answer for record in rrset]
        self.assertEqual(len(records), len(set(records)), f"a record twice in\n{reply}")
        self.assertLessEqual(len(rrsets(reply, "SOA", "authority")), 1, reply)

    def assert_synthesized(self, name, *ipv4, prefix=well_known_prefix, **options):
        """An AAAA question leads to these addresses under the prefix and nothing else; returns the reply."""
        reply = self.ask(name, **options)
        self.assertEqual(dns.rcode.to_text(reply.rcode()), "NOERROR")
        self.assertEqual(clients.texts(reply, "AAAA"), embedded(prefix, *ipv4), reply)
        self.assert_is_sound(reply)
        return reply

    def assert_empty(self, name, rcode="NOERROR", soa=True, **options):
        """No record in the answer, and the RCODE; with its SOA record, unless the RCODE is an error."""
        reply = self.ask(name, **options)
        self.assertEqual(dns.rcode.to_text(reply.rcode()), rcode)
        self.assertEqual(clients.texts(reply, "AAAA"), [], reply)
        self.assert_is_sound(reply)
        if rcode in ("NOERROR", "NXDOMAIN") and soa:
            self.assertEqual(len(rrsets(reply, "SOA", "authority")), 1, reply)
        return reply

    def assert_ttl(self, reply, expected, kind="AAAA"):
        """The TTL of these records; a second or two may have gone by."""
        told = {rrset.ttl for rrset in rrsets(reply, kind)}
        self.assertTrue(told and all(expected - 2 <= ttl <= expected for ttl in told), f"{told}, not {expected}")
