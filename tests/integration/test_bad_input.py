# Malformed and hostile input on every transport: each row of the tables in hostile_messages.py and hostile_http.py ends
# as it should; after each the server still answers, and after all of them it holds no more memory or descriptors than
# before.
import contextlib
import socket
import struct
import time

import dns.message
import dns.rcode
import hpack

import certificates
import clients
import hostile_http
import hostile_messages
import lab
import upstreams


class BadInput(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted(
            {
                ("www.test", "A"): ["192.0.2.1"],
                ("big.test", "TXT"): ["x" * 250] * 1 + [f"{'y' * 240}{i:03}" for i in range(200)],
            }
        )
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        cls.front = clients.Front(cls.authority.issue("dns.test", ["dns.test", "127.0.0.1"]), cls.authority.file)
        # Asked over TCP, since a pool of UDP sockets would grow and blur the count of descriptors.
        configuration = cls.front.configuration(upstream=[cls.upstream.url.replace("dns:", "tcp:")])
        configuration["limits"] = {
            "read_timeout": "1s",
            "write_timeout": "2s",
            "idle_timeout": "20s",
            "connections_per_client": 0,
        }
        configuration["tls"]["handshake_timeout"] = "2s"
        cls.server = cls.start(configuration)
        cls.descriptors, cls.rss = cls.settle()
        cls.addClassCleanup(cls.assert_nothing_was_kept)

    @classmethod
    def settle(cls):
        for transport in cls.front.transports:
            cls.front.ask(transport, clients.query("www.test"))
        time.sleep(0.2)
        return cls.server.descriptors(), cls.server.rss_kib()

    @classmethod
    def assert_nothing_was_kept(cls):
        lab.eventually(lambda: cls.server.descriptors() <= cls.descriptors + 2, 25, "descriptors being given back")
        cls.assert_grown_less(cls.rss, 32)

    @classmethod
    def assert_grown_less(cls, before_kib, mib):
        grown = cls.server.rss_kib() - before_kib
        if grown > mib * 1024 and not lab.is_sanitized():
            raise AssertionError(f"memory grew by {grown} KiB")

    def tearDown(self):
        for transport in ("udp", "tcp", "dot", "doh_post", "http1_get"):
            self.assertEqual(
                self.front.ask(transport, clients.query("www.test")).rcode(),
                dns.rcode.NOERROR,
                f"the server still answers over {transport}",
            )

    # -- DNS messages --
    def assert_answer(self, octets, expected):
        if octets is None or expected is None:
            self.assertEqual(octets, expected)
            return
        low = octets[3] & 15
        self.assertEqual(low | (16 if expected > 15 else 0), expected, dns.rcode.to_text(dns.rcode.Rcode(low)))
        self.assertEqual(octets[:2], b"\x04\xd2")
        self.assertTrue(octets[2] & 0x80)

    def test_messages_over_udp(self):
        for title, octets, expected in hostile_messages.messages:
            with self.subTest(title), clients.datagram("127.0.0.1") as sock:
                sock.settimeout(0.3 if expected is None else 3)
                sock.sendto(octets, (self.front.address, self.front.port))
                reply = None
                with contextlib.suppress(TimeoutError):
                    reply = sock.recv(65535)
                self.assert_answer(reply, expected)

    def test_messages_over_tcp_and_tls(self):
        for title, octets, expected in hostile_messages.messages:
            for open_stream in (self.front.open_tcp, self.front.open_dot):
                with self.subTest(title, stream=open_stream.__name__), open_stream(timeout=3) as stream:
                    stream.send(octets)
                    if expected is None:
                        stream.send(hostile_http.www)  # a stream answers what comes after, or ends
                    head = stream.read(2)
                    reply = stream.read(struct.unpack("!H", head)[0]) if head else None
                    self.assert_answer(reply, dns.rcode.NOERROR if expected is None and reply else expected)

    def test_messages_over_https(self):
        for title, octets, expected in hostile_messages.messages:
            with self.subTest(title), self.front.open_http2() as connection:
                reply = connection.post(octets)
                self.assertEqual(reply.status, 400 if expected is None else 200)
                if expected is not None:
                    self.assert_answer(reply.body, expected)

    def test_datagrams_of_every_length_up_to_a_header(self):
        with clients.datagram("127.0.0.1") as sock:
            sock.settimeout(0.3)
            for length in (*range(12), 4097, 65507):
                sock.sendto(
                    b"\x04\xd2" + bytes(length - 2) if length > 1 else bytes(length), ("127.0.0.1", self.front.port)
                )
            with self.assertRaises(TimeoutError):
                sock.recv(65535)

    def test_a_message_of_endless_pointers_is_refused_at_once(self):
        begin = time.monotonic()
        with self.front.open_tcp() as stream:
            stream.send(hostile_messages.deep_pointers())
            self.assertEqual(stream.receive().rcode(), dns.rcode.FORMERR)
        self.assertLess(time.monotonic() - begin, 0.5)

    # -- Streams --
    def test_framing_that_no_message_fits_closes_the_stream(self):
        for octets in (b"\0\0", b"\0\1a", b"\0\x0b" + bytes(11)):
            for open_stream in (self.front.open_tcp, self.front.open_dot):
                with self.subTest(octets=octets), open_stream() as stream:
                    stream.socket.sendall(octets)
                    self.assertTrue(stream.is_closed_by_server(within=4))

    def test_messages_that_never_end_are_given_up_after_the_read_timeout(self):
        halves = [
            b"\0",
            b"\xff\xff",
            b"\xff\xff" + hostile_http.www,
            b"\0\x1d" + hostile_http.www[:-1],
            b"GET / HTTP/1.1\r\n\r\n",
        ]
        streams = [open_stream() for open_stream in (self.front.open_tcp, self.front.open_dot) for _ in halves]
        for stream, octets in zip(streams, halves * 2):
            stream.socket.sendall(octets)
        for stream in streams:
            self.assertTrue(stream.is_closed_by_server(within=6))
            stream.close()

    def test_one_octet_at_a_time_is_a_query_all_the_same(self):
        octets = struct.pack("!H", len(hostile_http.www)) + hostile_http.www
        for open_stream in (self.front.open_tcp, self.front.open_dot):
            with self.subTest(stream=open_stream.__name__), open_stream() as stream:
                for octet in octets:
                    stream.socket.sendall(bytes([octet]))
                self.assertEqual(stream.receive().rcode(), dns.rcode.NOERROR)

    def test_dribbling_does_not_extend_the_deadline(self):
        octets = struct.pack("!H", 2000) + bytes(2000)
        begin = time.monotonic()
        with self.front.open_tcp() as stream:
            stream.socket.settimeout(0.25)
            for at in range(len(octets)):
                try:
                    stream.socket.sendall(octets[at : at + 1])
                    if not stream.socket.recv(1):
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
        self.assertLess(time.monotonic() - begin, 4)

    def test_a_client_that_never_reads_is_cut_off_and_its_memory_given_back(self):
        octets = clients.query("big.test", "TXT").to_wire()
        self.front.tcp(clients.query("big.test", "TXT"))
        for open_stream in (self.front.open_tcp, self.front.open_dot):
            with self.subTest(stream=open_stream.__name__):
                before = self.server.rss_kib()
                stream = open_stream(timeout=0.5)
                stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                self.send_until_stuck(stream.socket, (struct.pack("!H", len(octets)) + octets) * 50)
                self.assert_grown_less(before, 16)
                self.assert_no_connection_is_left()
                stream.close()

    def test_an_http2_client_that_never_opens_its_window_is_cut_off(self):
        octets = clients.query("big.test", "TXT").to_wire()
        before = self.server.rss_kib()
        with self.front.open_frames() as frames:
            frames.send(hostile_http.frame(4, 0, 0, struct.pack("!HI", 4, 0)))
            frames.send(*(part for stream in range(1, 181, 2) for part in frames.post(stream, octets)))
            self.assert_no_connection_is_left()
            self.assert_grown_less(before, 16)

    def assert_no_connection_is_left(self):
        lab.eventually(lambda: self.front.metric("dragoman_connections") == 0, 8, "the connection being cut off")

    @staticmethod
    def send_until_stuck(sock, octets):
        with contextlib.suppress(OSError):
            while True:
                sock.sendall(octets)

    # -- TLS --
    def test_what_is_no_tls_on_the_tls_ports_is_closed(self):
        noise = [
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\xff\xff" + bytes(300),
            b"\x80\x2e\x01\x00\x02" + bytes(60),
            b"\x15\x03\x01\x00\x02\x02\x28",
            b"\x16\x03\x01\x40\x00" + b"\x01\x00\x3f\xfc" + bytes(20000),
            bytes(500),
        ]
        for port in (self.front.tls_port, self.front.https_port):
            for octets in noise:
                with self.subTest(port=port, octets=octets[:8]), self.front.connect(port) as sock:
                    with contextlib.suppress(OSError):
                        sock.sendall(octets)
                    self.assertTrue(clients.closes(sock, 5))

    def test_a_handshake_that_is_never_finished_is_given_up(self):
        # A client that says nothing at all is the kernel's: TCP_DEFER_ACCEPT.
        with self.front.connect(self.front.tls_port) as one, self.front.connect(self.front.https_port) as other:
            for sock in (one, other):
                sock.sendall(b"\x16\x03\x01\x02\x00\x01")
            self.assertTrue(clients.closes(one, 6))
            self.assertTrue(clients.closes(other, 6))

    # -- HTTP/1.1 --
    def end_of_http1(self, octets, within=4):
        with self.front.connect_tls(self.front.https_port, ["http/1.1"]) as sock:
            sock.settimeout(within)
            said = b""
            with contextlib.suppress(OSError):
                sock.sendall(octets)
            with contextlib.suppress(TimeoutError, OSError):
                said = sock.recv(65536)
        return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/1.") else "closed"

    def test_http_1_1(self):
        for title, octets, status in hostile_http.http1:
            with self.subTest(title):
                self.assertEqual(self.end_of_http1(octets), status)

    def test_http_1_1_that_stalls_is_given_up(self):
        halves = [
            b"G",
            b"GET /dns-query HTTP/1.1\r\nhost: x\r\n",
            hostile_http.post + b"content-length: 29\r\n\r\n\x04",
        ]
        socks = [self.front.connect_tls(self.front.https_port, ["http/1.1"]) for _ in halves]
        for sock, octets in zip(socks, halves):
            sock.sendall(octets)
        for sock in socks:
            self.assertTrue(clients.closes(sock, 6))
            sock.close()

    def test_http_1_1_pipelined_is_answered_in_order(self):
        targets = [
            clients.base64url(clients.query(name, identifier=number).to_wire())
            for number, name in enumerate(["www.test", "missing.nowhere"] * 10, 1)
        ]
        with self.front.connect_tls(self.front.https_port, ["http/1.1"]) as sock:
            sock.sendall(b"".join(f"GET /dns-query?dns={t} HTTP/1.1\r\nhost: x\r\n\r\n".encode() for t in targets))
            said = b""
            with contextlib.suppress(TimeoutError):
                sock.settimeout(3)
                while said.count(b"HTTP/1.1 200") < 20:
                    said += sock.recv(65536)
        bodies = [part.split(b"\r\n\r\n", 1)[1] for part in said.split(b"HTTP/1.1 200")[1:]]
        self.assertEqual([struct.unpack("!H", body[:2])[0] for body in bodies], list(range(1, 21)))

    # -- HTTP/2 --
    def test_http_2(self):
        for title, what, ends in hostile_http.http2:
            with self.subTest(title), self.front.open_frames() as frames:
                with contextlib.suppress(OSError):
                    frames.send(*what(frames))
                decoder = hpack.Decoder()
                seen = frames.read_frames(
                    4,
                    until=lambda frame: type(frame).__name__ in ("GoAwayFrame", "RstStreamFrame")
                    or getattr(frame, "stream_id", 0)
                    and type(frame).__name__ == "HeadersFrame",
                )
                found = hostile_http.ends_of(seen, decoder)
                if not found and clients.closes(frames.socket, 3):
                    found = {"goaway"}
                self.assertTrue(found & set(ends), f"{found or 'nothing'} instead of {ends}")

    def test_http_2_that_stalls_is_given_up(self):
        with self.front.connect_tls(self.front.https_port, ["h2"]) as sock:
            sock.sendall(clients.Frames.preface[:10])
            self.assertTrue(clients.closes(sock, 6))
        with self.front.open_frames() as frames:
            frames.send(frames.headers(1, frames.post_head(29)), frames.data(1, b"\x04", flags=()))
            seen = hostile_http.ends_of(frames.read_frames(8), hpack.Decoder())
            self.assertTrue(seen or clients.closes(frames.socket, 1), "neither the stream nor the connection ended")


if __name__ == "__main__":
    lab.main()
