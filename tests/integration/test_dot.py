# DNS over TLS as RFC 7858, 7766, 7828, 7830 and 8467 want it, seen from outside.
import ssl
import struct
import time

import dns.edns

import certificates
import clients
import lab
import upstreams


class Dot(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"], ("x.test", "A"): ["192.0.2.2"]})
        cls.upstream.put_slow("slow.test", 1.0, "192.0.2.9")
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        cls.front = clients.Front(cls.authority.issue("dns.test", ["dns.test", "127.0.0.1"]), cls.authority.file)
        cls.server = cls.start(
            cls.front.configuration(
                upstream={"servers": [cls.upstream.url], "attempt_timeout": "4s"}, limits={"idle_timeout": "3s"}
            )
        )

    def test_f20_tls_1_2_and_1_3_are_spoken_and_nothing_older(self):
        for version, good in (
            (ssl.TLSVersion.TLSv1_1, False),
            (ssl.TLSVersion.TLSv1_2, True),
            (ssl.TLSVersion.TLSv1_3, True),
        ):
            context = clients.tls_context(self.authority.file)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            with self.subTest(version=version.name):
                if good:
                    with self.front.connect_tls(self.front.tls_port, context=context) as sock:
                        self.assertEqual(clients.DnsStream(sock).ask(clients.query("www.test")).rcode(), 0)
                else:
                    with self.assertRaises((ssl.SSLError, OSError)):
                        self.front.connect_tls(self.front.tls_port, context=context)

    def test_f20_the_dot_alpn_is_chosen_when_offered_and_not_required(self):
        for offered, chosen in ((["dot"], "dot"), (None, None)):
            context = clients.tls_context(self.authority.file, offered)
            with self.front.connect_tls(self.front.tls_port, context=context) as sock:
                self.assertEqual(sock.selected_alpn_protocol(), chosen)
                self.assertEqual(clients.DnsStream(sock).ask(clients.query("www.test")).rcode(), 0)

    def test_f20_cleartext_on_the_tls_port_is_not_answered(self):
        octets = clients.query("www.test").to_wire()
        with self.front.connect(self.front.tls_port) as sock:
            sock.sendall(struct.pack("!H", len(octets)) + octets)
            said = b""
            try:
                while more := sock.recv(4096):
                    said += more
            except OSError:
                pass
            self.assertNotIn(b"www", said)

    def test_f21_the_certificate_holds_for_name_and_address(self):
        for host in ("dns.test", "127.0.0.1"):
            with self.front.connect_tls(self.front.tls_port, host=host) as sock:
                self.assertEqual(clients.DnsStream(sock).ask(clients.query("www.test")).rcode(), 0)

    def test_f22_a_slow_query_does_not_delay_a_fast_one(self):
        self.front.dot(clients.query("www.test"))
        with self.front.open_dot() as stream:
            stream.send(clients.query("slow.test", identifier=1), clients.query("www.test", identifier=2))
            self.assertEqual([stream.receive().id, stream.receive().id], [2, 1])

    def test_f23_length_and_message_travel_in_one_record(self):
        self.front.dot(clients.query("www.test"))
        with self.front.open_dot() as stream:
            stream.send(clients.query("www.test"))
            octets = stream.socket.recv(65536)  # at most one record at a time
            self.assertEqual(len(octets), 2 + struct.unpack("!H", octets[:2])[0])

    def test_f24_an_idle_connection_is_closed_after_the_time_that_keepalive_tells(self):
        with self.front.open_dot() as stream:
            reply = stream.ask(clients.query("www.test", options=[clients.keepalive()]))
            told = [struct.unpack("!H", option.to_wire())[0] for option in reply.options if option.otype == 11]
            self.assertEqual(told, [30])  # 3 s in units of 100 ms
            begin = time.monotonic()
            self.assertTrue(stream.is_closed_by_server(within=6))
            self.assertGreater(time.monotonic() - begin, 2)

    def test_f40_replies_are_padded_to_468_when_the_query_was(self):
        for count in (1, 20, 128, 300):
            with self.subTest(padding=count):
                reply = self.front.dot(clients.query("www.test", options=[clients.padding(count)]))
                self.assertEqual(len(self.raw(clients.query("www.test", options=[clients.padding(count)]))) % 468, 0)
                self.assertEqual(int(reply.options[-1].otype), dns.edns.OptionType.PADDING)

    def test_f40_replies_are_not_padded_when_the_query_was_not(self):
        reply = self.front.dot(clients.query("www.test"))
        self.assertEqual([int(option.otype) for option in reply.options], [])

    def test_f41_padded_replies_of_different_names_have_one_size(self):
        sizes = {
            len(self.raw(clients.query(name, options=[clients.padding(30)])))
            for name in ("www.test", "x.test", "a-name-that-is-not-there.test")
        }
        self.assertEqual(sizes, {468})

    def raw(self, query):
        with self.front.open_dot() as stream:
            stream.send(query)
            return stream.read(struct.unpack("!H", stream.read(2))[0])


if __name__ == "__main__":
    lab.main()
