# Upstreams at their worst: answers reordered, doubled, cut, forged, late or never, to many clients at once. Whatever they
# do, each client has an answer in time, no forged address in it, and what DNS64 promises holds (RFC 6147 5.1, 5.1.7).
# The order of things is drawn from a seed, which a failure names: DRAGOMAN_STORM=SEED repeats it.
import concurrent.futures
import os
import random
import struct
import threading
import time

import dns.ipv6
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

import clients
import lab
import upstreams

seed = int(os.environ.get("DRAGOMAN_STORM", "6147"))
queries = 600
at_once = 24
patience = 8.0

# Addresses that only forgers give, and the largest TTL of what the true upstream says.
forged_v4, forged_v6 = "6.6.6.", "2001:666:"
largest_ttl = 300
failures = (dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP)


def under_prefix(address):
    return dns.ipv6.inet_ntoa(dns.ipv6.inet_aton("64:ff9b::" + address))


class Weather:
    """What becomes of one question, drawn anew each time."""

    def __init__(self, number):
        self.chance = random.Random(number)
        self.lock = threading.Lock()
        self.upstream = None

    def draw(self, *weighted):
        with self.lock:
            return self.chance.choices([what for what, _ in weighted], [weight for _, weight in weighted])[0]

    def uniform(self, low, high):
        with self.lock:
            return self.chance.uniform(low, high)

    # -- Honest answers --
    def honest(self, query):
        name, kind = query.question[0].name, query.question[0].rdtype
        reply = dns.message.make_response(query, recursion_available=True)
        first = str(name).split(".", maxsplit=1)[0]
        if first.startswith("gone"):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif kind == dns.rdatatype.A:
            self.upstream.add(reply, name, "A", "198.51.100.1", "198.51.100.2", ttl=largest_ttl)
        elif kind == dns.rdatatype.AAAA and first.startswith("dual"):
            self.upstream.add(reply, name, "AAAA", "2001:db8::1", ttl=largest_ttl)
        if not reply.answer:
            soa = f"ns.test. host.test. 1 3600 600 86400 {largest_ttl}"
            self.upstream.add(reply, "test.", "SOA", soa, ttl=largest_ttl, section="authority")
        return reply.to_wire()

    # -- Everything else --
    def forged(self, query):
        """A well-formed answer with a forger's addresses."""
        reply = dns.message.make_response(query, recursion_available=True)
        name, kind = query.question[0].name, query.question[0].rdtype
        v6 = kind == dns.rdatatype.AAAA
        self.upstream.add(reply, name, "AAAA" if v6 else "A", forged_v6 + ":6" if v6 else forged_v4 + "6", ttl=86400)
        return reply.to_wire()

    def wrong_id(self, query):
        octets = bytearray(self.forged(query))
        octets[0:2] = struct.pack("!H", (query.id + 1 + int(self.uniform(0, 60000))) & 0xFFFF or 1)
        if octets[0:2] == struct.pack("!H", query.id):
            octets[0] ^= 1
        return bytes(octets)

    def wrong_question(self, query):
        other = dns.message.make_query("other.test", query.question[0].rdtype)
        other.id = query.id
        return self.forged(other)

    def wrong_type(self, query):
        other = dns.message.make_query(query.question[0].name, dns.rdatatype.MX)
        other.id = query.id
        reply = dns.message.make_response(other)
        return reply.to_wire()

    def a_query(self, query):
        octets = bytearray(self.forged(query))
        octets[2] &= 0x7F  # QR 0
        return bytes(octets)

    def cut(self, query):
        octets = self.forged(query)
        return octets[: int(self.uniform(0, len(octets)))]

    def noise(self, query):
        octets = bytearray(self.honest(query))
        for at in range(12, len(octets)):
            octets[at] = int(self.uniform(0, 256))
        return bytes(octets)

    def servfail(self, query):
        reply = dns.message.make_response(query)
        reply.set_rcode(self.draw(*((failure, 1) for failure in failures)))
        return reply.to_wire()

    def truncated(self, query):
        octets = bytearray(self.honest(query)[:12]) + query.question[0].name.to_wire()
        octets += struct.pack("!HH", query.question[0].rdtype, 1)
        octets[2] |= 2
        octets[6:12] = b"\0" * 6
        return bytes(octets)

    def answer(self, query, transport):
        self.wait()
        spoofs = [self.wrong_id, self.wrong_question, self.wrong_type, self.a_query]
        ahead = [self.draw(*((spoof, 1) for spoof in spoofs))(query)] if self.draw((True, 1), (False, 2)) else []
        weather = [(self.honest, 10), (self.servfail, 2), (None, 1), (self.cut, 1), (self.noise, 1)]
        if transport == "udp":
            weather.append((self.truncated, 1))
        chosen = self.draw(*weather)
        if chosen is None:
            return ahead
        said = chosen(query)
        return ahead + [said] * self.draw((1, 4), (2, 1))

    def wait(self):
        time.sleep(self.draw((0.0, 6), (self.uniform(0.0, 0.1), 3), (self.uniform(0.1, 1.0), 1)))


class Storm(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        weather = Weather(seed)
        cls.upstreams = [upstreams.Scripted(script=weather.answer) for _ in range(2)]
        weather.upstream = cls.upstreams[0]
        for upstream in cls.upstreams:
            cls.addClassCleanup(upstream.stop)
        cls.front = clients.Front()
        cls.server = cls.start(
            cls.front.configuration(
                workers=2,
                upstream={
                    "servers": [upstream.url for upstream in cls.upstreams],
                    "timeout": "4s",
                    "attempt_timeout": "300ms",
                },
                dns64={"prefixes": [{"prefix": "none", "clients": ["127.0.0.9/32"]}, "64:ff9b::/96"]},
            )
        )

    def question(self, number):
        chance = random.Random(seed * 1000003 + number)
        name = f"{chance.choice(['v4', 'dual', 'gone'])}{number % 150}.test"
        kind = chance.choice(["AAAA", "AAAA", "A"])
        source = chance.choice(["127.0.0.8", "127.0.0.9"])
        over = chance.choice([self.front.udp, self.front.udp, self.front.tcp])
        began = time.monotonic()
        reply = over(clients.query(name, kind), timeout=patience, source=source)
        return name, kind, source, reply, time.monotonic() - began

    def test_every_client_has_a_true_answer(self):
        answered = 0
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            for name, kind, source, reply, took in pool.map(self.question, range(queries)):
                with self.subTest(seed=seed, name=name, kind=kind, source=source):
                    self.assertLess(took, patience)
                    self.look_at(name, kind, source, reply)
                    answered += reply.rcode() not in failures
        self.assertTrue(self.server.is_alive(), self.server.log())
        self.assertGreater(answered, queries / 2, "a storm is no reason to answer nobody")

    def look_at(self, name, kind, source, reply):
        self.assertIn(reply.rcode(), (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, *failures))
        self.assertEqual(reply.question[0].name, dns.name.from_text(name))
        whole = reply.to_text()
        self.assertNotIn(forged_v4, whole)
        self.assertNotIn(forged_v6, whole)
        self.assertTrue(all(ttl <= largest_ttl for ttl in clients.ttls(reply)), whole)
        if kind == "A":
            self.assertEqual(clients.texts(reply, "AAAA"), [])
            return
        self.assertEqual(clients.texts(reply, "A"), [], "no A beside AAAA")
        synthetic = {under_prefix("198.51.100.1"), under_prefix("198.51.100.2")}
        allowed = {"2001:db8::1"} | (set() if source == "127.0.0.9" else synthetic)
        self.assertLessEqual(set(clients.texts(reply, "AAAA")), allowed, whole)


if __name__ == "__main__":
    lab.main()
