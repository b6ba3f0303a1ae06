# Nothing grows: rounds of new names, connections that come, ask and go, handshakes that break off, reloads and scrapes. After
# the first rounds have filled the bounded things, memory stays within a bound that a leaked connection or lookup of each
# round would break, and no descriptor is left over. (./dev bench soak is the large one.)
import signal
import socket

import dns.rcode
import dns.rdatatype

import certificates
import clients
import lab
import upstreams

filling_rounds, rounds = 3, 8
names, connections, broken = 300, 30, 30  # of each round
# What the rounds may add, in KiB: a leak of 2 KiB for each connection, or of 700 octets for each lookup, is more.
most_growth = 1536


class SoakTest(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted(script=cls.answer, ttl=300)
        cls.addClassCleanup(cls.upstream.stop)
        authority = certificates.Authority(cls.folder)
        cls.front = clients.Front(authority.issue("dns.test", ["dns.test", "127.0.0.1"]), authority.file)
        cls.server = cls.start(cls.front.configuration(
            upstream=[cls.upstream.url], dns64={}, cache={"size": "1MiB", "packets": "64KiB"}, logging={"level": "warn"}))
        cls.asked = 0

    @classmethod
    def answer(cls, query, transport):
        """Every name has one A record and no AAAA record."""
        reply = cls.upstream.from_zone(query, transport)
        reply.set_rcode(dns.rcode.NOERROR)
        if query.question[0].rdtype == dns.rdatatype.A:
            cls.upstream.add(reply, query.question[0].name, "A", "198.51.100.1")
        return reply

    def ask_new_names(self):
        for _ in range(names):
            SoakTest.asked += 1
            reply = self.front.udp(clients.query(f"n{SoakTest.asked}.test", "AAAA"))
            self.assertEqual(clients.texts(reply, "AAAA"), ["64:ff9b::c633:6401"])

    def come_and_go(self):
        for opened in (self.front.open_tcp, self.front.open_dot):
            for _ in range(connections):
                with opened() as stream:
                    stream.ask(clients.query("known.test", "AAAA"))
        for _ in range(connections):
            with self.front.open_http2() as connection:
                connection.post(clients.query("known.test", "AAAA", identifier=0).to_wire())
        for index in range(broken):
            port = (self.front.tls_port, self.front.https_port, self.front.port)[index % 3]
            with socket.create_connection(("127.0.0.1", port), timeout=8) as half_way:
                half_way.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[: index % 12])

    def go_round(self):
        self.ask_new_names()
        self.come_and_go()
        self.server.send(signal.SIGHUP)
        self.front.metrics()

    def test_memory_and_descriptors_stay_what_they_are(self):
        for _ in range(filling_rounds):
            self.go_round()
        before = self.server.rss_kib()
        # All connections are closed: what is open now is open for good.
        open_before = self.settled_descriptors()
        for _ in range(rounds):
            self.go_round()
        self.assertLessEqual(self.settled_descriptors(), open_before)
        self.assertLessEqual(self.server.rss_kib() - before, most_growth, "KiB more than after the first rounds")

    def settled_descriptors(self):
        """As many as two looks agree on: the last connections may still be ending."""
        seen = []

        def are_the_same():
            seen.append(self.server.descriptors())
            return len(seen) > 5 and len(set(seen[-5:])) == 1

        lab.eventually(are_the_same, 20, "descriptors that no longer change")
        return seen[-1]


if __name__ == "__main__":
    lab.main()
