# DNS over UDP and TCP as RFC 1035, 6891, 7766, 7828 and 9715 want it, seen from outside.
import socket
import struct
import time

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype

import clients
import lab
import upstreams

many = [f"192.0.2.{number}" for number in range(1, 121)]


class Do53(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted(
            {("www.test", "A"): ["192.0.2.1"], ("many.test", "A"): many, ("age.test", "A"): ["192.0.2.2"]}
        )
        for name in ("joined.test", "slow.test", "half.test"):
            cls.upstream.put_slow(name, 1.0, "192.0.2.9")
        cls.addClassCleanup(cls.upstream.stop)
        cls.front = clients.Front()
        configuration = cls.front.configuration(upstream={"servers": [cls.upstream.url], "attempt_timeout": "4s"})
        cls.any_port, cls.any6_port = lab.free_port(), lab.free_port("::1")
        configuration["listen"] += [f"dns://0.0.0.0:{cls.any_port}", f"dns://[::]:{cls.any6_port}"]
        cls.server = cls.start(configuration)

    def setUp(self):
        self.upstream.forget_questions()

    def exchange(self, octets, timeout=2):
        """What the server answers to these octets over UDP; None for nothing."""
        with clients.datagram("127.0.0.1") as sock:
            sock.settimeout(timeout)
            sock.sendto(octets, (self.front.address, self.front.port))
            try:
                return sock.recv(65535)
            except TimeoutError:
                return None

    # -- Messages (RFC 1035 4, RFC 6891) --
    def test_the_reply_repeats_id_and_question_with_the_case_of_the_client(self):
        query = clients.query("WwW.TeSt", identifier=4711)
        reply = self.front.udp(query)
        self.assertEqual((reply.id, str(reply.question[0].name)), (4711, "WwW.TeSt."))
        self.assertEqual(str(reply.answer[0].name), "WwW.TeSt.")
        self.assertTrue(reply.flags & dns.flags.QR and reply.flags & dns.flags.RA and reply.flags & dns.flags.RD)

    def test_a_reply_has_an_opt_only_when_the_query_had_one(self):
        self.assertEqual(self.front.udp(clients.query("www.test", edns=-1)).edns, -1)
        self.assertEqual(self.front.udp(clients.query("www.test", edns=0)).edns, 0)

    def test_an_unknown_edns_version_is_badvers(self):
        reply = self.front.udp(clients.query("www.test", edns=1))
        self.assertEqual((reply.rcode(), reply.edns), (dns.rcode.BADVERS, 0))

    def test_an_opcode_other_than_query_is_notimp(self):
        for opcode in (dns.opcode.IQUERY, dns.opcode.STATUS, dns.opcode.NOTIFY, dns.opcode.UPDATE, 9):
            query = clients.query("www.test", edns=-1)
            query.flags |= dns.opcode.to_flags(opcode)
            with self.subTest(opcode=opcode):
                octets = self.exchange(query.to_wire())
                self.assertEqual(octets[3] & 15, dns.rcode.NOTIMP)
                self.assertEqual(octets[2] >> 3 & 15, opcode)

    def test_a_query_cut_short_is_formerr(self):
        whole = clients.query("www.test", edns=-1).to_wire()
        self.assertEqual(self.exchange(whole[:-3])[3] & 15, dns.rcode.FORMERR)

    def test_responses_and_garbage_get_no_answer(self):
        response = bytearray(clients.query("www.test").to_wire())
        response[2] |= 0x80
        for octets in (bytes(response), b"", b"\0" * 11, b"x"):
            with self.subTest(octets=octets):
                self.assertIsNone(self.exchange(octets, timeout=0.3))

    def test_zone_transfers_are_refused_on_every_transport_of_do53(self):
        for kind in ("AXFR", "IXFR"):
            query = clients.query("test", "SOA", edns=-1)
            query.question[0].rdtype = dns.rdatatype.from_text(kind)
            for transport in ("udp", "tcp"):
                with self.subTest(kind=kind, transport=transport):
                    octets = self.exchange(query.to_wire()) if transport == "udp" else self.front.tcp(query).to_wire()
                    self.assertIn(octets[3] & 15, (dns.rcode.REFUSED, dns.rcode.NOTIMP))
        self.assertEqual(self.upstream.questions(), [])

    def test_dnssec_ok_is_repeated(self):
        self.assertTrue(self.front.udp(clients.query("www.test", dnssec_ok=True)).ednsflags & dns.flags.DO)

    # -- Sizes (RFC 6891 6.2.5, RFC 9715) --
    def test_f30_long_answers_are_truncated_at_the_size_the_client_takes(self):
        for payload, edns, limit in ((0, -1, 512), (600, 0, 600), (1232, 0, 1232), (4096, 0, 1232), (100, 0, 512)):
            with self.subTest(payload=payload, edns=edns):
                octets = self.exchange(clients.query("many.test", edns=edns, payload=payload).to_wire())
                self.assertLessEqual(len(octets), limit)
                self.assertTrue(octets[2] & 0x02, "TC is set")

    def test_f30_a_truncated_answer_is_whole_over_tcp(self):
        self.assertEqual(len(clients.texts(self.front.tcp(clients.query("many.test")), "A")), len(many))

    # -- Addresses --
    def test_f30_the_answer_leaves_from_the_address_that_was_asked(self):
        lab.isolated() and lab.add_address("fd00:53::7/128")
        asked = [("127.0.0.77", self.any_port), ("127.0.0.1", self.any6_port), ("::1", self.any6_port)]
        for address, port in asked + ([("fd00:53::7", self.any6_port)] if lab.isolated() else []):
            with self.subTest(address=address), clients.datagram(address) as sock:
                sock.settimeout(3)
                sock.connect((address, port))  # a connected socket takes answers from this address alone
                sock.send(clients.query("www.test").to_wire())
                self.assertEqual(clients.texts(dns.message.from_wire(sock.recv(4096)), "A"), ["192.0.2.1"])

    # -- Caching --
    def test_an_answer_is_asked_for_once_and_its_ttl_counts_down(self):
        first = self.front.udp(clients.query("age.test"))
        time.sleep(1.2)
        second = self.front.tcp(clients.query("age.test"))
        self.assertEqual(clients.ttls(first), [300])
        self.assertIn(clients.ttls(second), ([298], [299]))
        self.assertEqual(len(self.upstream.questions("age.test")), 1)

    def test_a_missing_name_is_remembered_with_its_soa(self):
        for _ in range(2):
            reply = self.front.udp(clients.query("missing.nowhere"))
            self.assertEqual(reply.rcode(), dns.rcode.NXDOMAIN)
            self.assertEqual(dns.rdatatype.to_text(reply.authority[0].rdtype), "SOA")
        self.assertEqual(len(self.upstream.questions("missing.nowhere")), 1)

    def test_identical_questions_in_flight_are_asked_once(self):
        with self.front.open_tcp() as stream:
            stream.send(*(clients.query("joined.test", identifier=number) for number in range(1, 21)))
            self.assertEqual(sorted(stream.receive().id for _ in range(20)), list(range(1, 21)))
        self.assertEqual(len(self.upstream.questions("joined.test")), 1)

    # -- Names that need no upstream --
    def test_probe_names_and_resolver_arpa_never_reach_an_upstream(self):
        android = clients.query("4f2c9a-dnsotls-ds.metric.gstatic.com", "AAAA")
        self.assertEqual(self.front.udp(android).rcode(), dns.rcode.NOERROR)
        reply = self.front.udp(clients.query("_dns.resolver.arpa", "SVCB"))
        self.assertEqual((reply.rcode(), reply.answer), (dns.rcode.NOERROR, []))
        self.assertEqual(self.upstream.questions(), [])

    # -- Streams (RFC 7766, RFC 7828) --
    def test_f22_a_slow_query_does_not_delay_a_fast_one_on_the_same_connection(self):
        self.front.udp(clients.query("www.test"))
        with self.front.open_tcp() as stream:
            stream.send(clients.query("slow.test", identifier=1), clients.query("www.test", identifier=2))
            begin = time.monotonic()
            self.assertEqual(stream.receive().id, 2)
            self.assertLess(time.monotonic() - begin, 0.9)
            self.assertEqual(stream.receive().id, 1)

    def test_f23_length_and_message_travel_in_one_segment(self):
        with self.front.open_tcp() as stream:
            stream.send(clients.query("www.test"))
            octets = stream.socket.recv(65536)
            self.assertEqual(len(octets), 2 + struct.unpack("!H", octets[:2])[0])

    def test_f24_the_keepalive_is_told_when_asked_for_over_tcp_alone(self):
        with_keepalive = clients.query("www.test", options=[clients.keepalive()])
        over_tcp = [option for option in self.front.tcp(with_keepalive).options if option.otype == 11]
        self.assertEqual(len(over_tcp), 1)
        self.assertGreaterEqual(struct.unpack("!H", over_tcp[0].to_wire())[0], 20)
        self.assertEqual([o for o in self.front.udp(with_keepalive).options if o.otype == 11], [])
        self.assertEqual([o for o in self.front.tcp(clients.query("www.test")).options if o.otype == 11], [])

    def test_f25_queries_sent_before_a_half_close_are_answered(self):
        with self.front.open_tcp() as stream:
            stream.send(clients.query("half.test"), clients.query("www.test"))
            stream.socket.shutdown(socket.SHUT_WR)
            self.assertIsNotNone(stream.receive())
            self.assertIsNotNone(stream.receive())
            self.assertIsNone(stream.receive())

    def test_f26_ten_thousand_queries_on_one_connection_are_all_answered(self):
        self.front.udp(clients.query("www.test"))
        octets = clients.query("www.test").to_wire()
        framed = struct.pack("!H", len(octets)) + octets
        with self.front.open_tcp(timeout=30) as stream:
            for _ in range(100):
                stream.socket.sendall(framed * 100)
                for _ in range(100):
                    self.assertEqual(stream.receive().rcode(), dns.rcode.NOERROR)

    def test_padding_is_never_used_in_the_clear(self):
        query = clients.query("www.test", options=[clients.padding(20)])
        for transport in ("udp", "tcp"):
            self.assertNotIn(12, [int(option.otype) for option in self.front.ask(transport, query).options])


if __name__ == "__main__":
    lab.main()
