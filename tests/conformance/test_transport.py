# Transport and EDNS, where a client of a DNS64 sees them: sizes, streams, cookies, padding, what is refused.
import socket
import ssl
import struct
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode

from requirement import requirement
from scene import Scene, embedded, has

import certificates
import clients
import lab
import replies
import siphash
import upstreams

a = ["198.51.100.1"]
secret = "000102030405060708090a0b0c0d0e0f"


def options(reply, kind):
    return [option for option in reply.options if int(option.otype) == kind]


def raw_datagram(front, octets, timeout=2, source=None):
    """What comes back over UDP, as octets; None for nothing."""
    with clients.datagram(front.address, source) as sock:
        sock.settimeout(timeout)
        sock.sendto(octets, (front.address, front.port))
        try:
            return sock.recv(65535)
        except TimeoutError:
            return None


class Sizes(Scene):
    zone = {
        ("v4.test", "A"): a,
        ("many.test", "A"): [f"198.51.100.{number}" for number in range(1, 61)],
        ("slow.test", "A"): replies.late(0.4, replies.says("@ 300 A 198.51.100.1")),
        ("slow.test", "AAAA"): replies.nodata(),
        **{(f"n{number}.test", "A"): a for number in range(50)},
    }

    @requirement("H1", "RFC 9715 3, RFC 6891 6.2.5", "1232 octets are told to clients and to upstreams")
    def test_H01_what_is_advertised(self):
        self.assertEqual(self.ask("n49.test").payload, 1232)
        self.assertEqual({asked.message.payload for asked in self.upstream.asked}, {1232})

    @requirement("H1", "RFC 9715 3", "no datagram is larger, whatever the client offers; none is larger than it offers")
    def test_H01_the_size_after_synthesis_decides(self):
        for payload, edns, limit in ((4096, 0, 1232), (1232, 0, 1232), (700, 0, 700), (0, -1, 512), (10, 0, 512)):
            octets = raw_datagram(self.front, clients.query("many.test", "AAAA", payload=payload, edns=edns).to_wire())
            self.assertLessEqual(len(octets), limit)
            self.assertTrue(dns.message.from_wire(octets).flags & dns.flags.TC, "60 AAAA records do not fit")
        octets = raw_datagram(self.front, clients.query("many.test", "A", payload=1232).to_wire())
        self.assertFalse(dns.message.from_wire(octets).flags & dns.flags.TC, "60 A records do")

    @requirement("H1", "RFC 9210 3, RFC 7766 5", "TCP always has the whole answer")
    def test_H01_tcp_has_it_whole(self):
        reply = self.ask("many.test", transport="tcp")
        self.assertEqual(len(clients.texts(reply, "AAAA")), 60)

    @requirement(
        "H1",
        "RFC 9715 3 (R2)",
        "nothing that an ICMP message says of the path makes our datagrams fragments",
        note="Not by the Don't Fragment bit: on Linux that needs Path MTU Discovery, which RFC 9715 calls harmful for "
        "UDP. Datagrams stay within 1232 octets, and the kernel is told to disregard Path MTU messages "
        "(IP_PMTUDISC_OMIT), so the bit is clear.",
    )
    def test_H01_path_mtu_messages_are_disregarded(self):
        if not lab.isolated():
            self.skipTest("needs a network namespace of its own")
        with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as tap:
            tap.bind(("lo", 0))
            tap.settimeout(3)
            self.ask("n48.test")
            while True:
                packet = tap.recv(65535)
                start = (packet[0] & 15) * 4
                if packet[9] == socket.IPPROTO_UDP and struct.unpack_from("!H", packet, start)[0] == self.front.port:
                    break
        self.assertEqual(packet[6] & 0x60, 0, "neither Don't Fragment nor More Fragments")

    @requirement("H2", "RFC 7766 6.2.1.1, 7", "queries of one connection are answered as they are ready, out of order")
    def test_H02_out_of_order(self):
        self.ask("v4.test")
        with self.front.open_tcp() as stream:
            stream.send(
                clients.query("slow.test", "AAAA", identifier=1), clients.query("v4.test", "AAAA", identifier=2)
            )
            self.assertEqual([stream.receive().id for _ in range(2)], [2, 1])

    @requirement("H2", "RFC 7766 6.2.1", "many queries on one connection, sent at once")
    def test_H02_many_queries(self):
        with self.front.open_tcp() as stream:
            stream.send(*(clients.query(f"n{number}.test", "AAAA", identifier=number + 1) for number in range(50)))
            found = [stream.receive() for _ in range(50)]
        self.assertEqual(sorted(reply.id for reply in found), list(range(1, 51)))
        self.assertEqual(
            {text for reply in found for text in clients.texts(reply, "AAAA")}, set(embedded("64:ff9b::/96", *a))
        )

    @requirement("H6", "RFC 9619 4", "a query with no question or with several is FORMERR")
    def test_H06_one_question(self):
        one = clients.query("v4.test", "AAAA", edns=-1).to_wire()
        for octets in (one[:4] + b"\0\0" + one[6:12], one[:4] + b"\0\2" + one[6:] + one[12:]):
            self.assertEqual(raw_datagram(self.front, octets)[3] & 15, dns.rcode.FORMERR)
        self.assertEqual(self.asked(), [])

    @requirement("H7", "RFC 6891 6.1.2", "EDNS options that nobody knows are ignored, and not sent back")
    def test_H07_unknown_options(self):
        for code in (20292, 65001, 65534, 4, 26946):
            reply = self.assert_synthesized("v4.test", *a, options=[dns.edns.GenericOption(code, b"\1\2\3")])
            self.assertEqual(options(reply, code), [])
        for asked in self.upstream.asked:
            self.assertEqual([o for o in asked.message.options if int(o.otype) > 20000], [])

    @requirement("H7", "RFC 6891 6.1.3", "an EDNS version above 0 is BADVERS, with version 0 and no data")
    def test_H07_badvers(self):
        for version in (1, 7, 255):
            reply = self.ask("v4.test", edns=version)
            self.assertEqual((reply.rcode(), reply.edns, reply.answer), (dns.rcode.BADVERS, 0, []))

    @requirement("H7", "RFC 6891 7", "a client without EDNS gets none, and an extended RCODE never reaches it")
    def test_H07_no_edns(self):
        self.assertEqual(self.ask("v4.test", edns=-1).edns, -1)

    @requirement("H8", "RFC 7871 7.1.2, 11.1", "client subnets are neither forwarded, nor invented, nor answered")
    def test_H08_client_subnets(self):
        option = dns.edns.ECSOption("203.0.113.0", 24)
        reply = self.ask("n1.test", options=[option])
        self.assertEqual(options(reply, 8), [])
        self.ask("n2.test")
        for asked in self.upstream.asked:
            self.assertEqual([o for o in asked.message.options if int(o.otype) == 8], [])


class Streams(Scene):
    with_tls = True
    settings = {**Scene.settings, "limits": {"idle_timeout": "1s"}}
    zone = {
        ("v4.test", "A"): a,
        ("low.test", "AAAA"): replies.nodata(ttl=120, minimum=120),
        ("low.test", "A"): replies.says("@ 3600 A 198.51.100.1"),
        ("chain.test", "AAAA"): replies.says("@ 50 CNAME v4.test.", authority=[f"test 300 SOA {replies.soa}"]),
        ("chain.test", "A"): replies.says("@ 50 CNAME v4.test.", "v4.test 900 A 198.51.100.1"),
    }

    @requirement("H2", "RFC 7828 3.2.2, 3.3", "edns-tcp-keepalive is answered on streams alone, with the idle time")
    def test_H02_keepalive(self):
        for transport in ("tcp", "dot"):
            reply = self.ask("v4.test", transport=transport, options=[clients.keepalive()])
            self.assertEqual([option.to_wire() for option in options(reply, 11)], [struct.pack("!H", 10)])
            self.assertEqual(options(self.ask("v4.test", transport=transport), 11), [])
        self.assertEqual(options(self.ask("v4.test", options=[clients.keepalive()]), 11), [])

    @requirement("H2", "RFC 7766 6.2.3", "an idle connection is closed after its time, and not before")
    def test_H02_idle_connections_are_closed(self):
        with self.front.open_tcp() as stream:
            stream.ask(clients.query("v4.test", "AAAA"))
            begin = time.monotonic()
            self.assertTrue(stream.is_closed_by_server(4))
            self.assertGreater(time.monotonic() - begin, 0.8)

    @requirement(
        "H4", "RFC 8467 4.1, RFC 7830 4", "over TLS and HTTPS a padded query gets a reply of a multiple of 468 octets"
    )
    def test_H04_padding(self):
        for transport in ("dot", "doh_post", "doh_get", "http1_post"):
            with self.subTest(transport=transport):
                reply = self.ask("v4.test", transport=transport, options=[clients.padding(8)])
                self.assertEqual(len(options(reply, 12)), 1)
        query = clients.query("v4.test", "AAAA", options=[clients.padding(8)])
        for transport in ("dot", "doh"):
            self.assertEqual(self.length_of(transport, query) % 468, 0)

    def length_of(self, transport, message):
        """Octets of the reply as it came, for streams."""
        if transport == "dot":
            with self.front.open_dot() as stream:
                stream.send(message)
                return struct.unpack("!H", stream.read(2))[0]
        with self.front.open_http2() as connection:
            return len(connection.post(message.to_wire()).body)

    @requirement("H4", "RFC 7830 4", "who does not pad gets no padding; in the clear there is none at all")
    def test_H04_padding_is_mirrored(self):
        for transport in ("dot", "doh_post"):
            self.assertEqual(options(self.ask("v4.test", transport=transport), 12), [])
        for transport in ("udp", "tcp"):
            self.assertEqual(options(self.ask("v4.test", transport=transport, options=[clients.padding(8)]), 12), [])

    @requirement("H5", "RFC 8484 5.1", "max-age is the smallest TTL of the synthetic answer")
    def test_H05_freshness(self):
        with self.front.open_http2() as connection:
            for name, expected in (("low.test", 120), ("chain.test", 50)):
                reply = connection.post(clients.query(name, "AAAA", identifier=0).to_wire())
                told = int(reply.headers["cache-control"].partition("max-age=")[2])
                self.assertTrue(expected - 2 <= told <= expected, reply.headers)
                self.assertEqual(clients.texts(dns.message.from_wire(reply.body), "AAAA"), embedded("64:ff9b::/96", *a))

    @requirement("H5", "RFC 8484 4.1", "GET with id 0 is answered with id 0, the same octets for the same question")
    def test_H05_get_is_cacheable(self):
        with self.front.open_http2() as connection:
            octets = clients.query("v4.test", "AAAA", identifier=0).to_wire()
            first = connection.get(octets)
            self.assertEqual((first.status, first.body[:2]), (200, b"\0\0"))
            self.assertEqual(len(connection.get(octets).body), len(first.body))

    @requirement("H5", "RFC 7858 3, RFC 8484 4", "every transport gives the same synthetic answer")
    def test_H05_every_transport(self):
        for transport in self.front.transports:
            with self.subTest(transport=transport):
                self.assert_synthesized("v4.test", *a, transport=transport)

    @requirement("H5", "RFC 7858 3, RFC 8484 4", "kdig sees it over TLS and HTTPS")
    def test_H05_kdig_agrees(self):
        for port, options in (
            (self.front.tls_port, ["+tls"]),
            (self.front.https_port, [f"+https={self.front.path}"]),
            (self.front.port, ["+tcp"]),
        ):
            command = ["kdig", f"@{self.front.address}", "-p", port, *options, "+short", "v4.test", "AAAA"]
            self.assertEqual(lab.run(*command).split(), embedded("64:ff9b::/96", *a))


class EncryptedUpstream(Scene):
    zone = {("v4.test", "A"): a}

    @classmethod
    def configuration(cls, **changes):
        authority = certificates.Authority(cls.folder)
        pair = authority.issue("up.test", ["up.test"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.cert, pair.key)
        cls.encrypted = upstreams.Scripted(dict(cls.zone), script=cls.measured, tls=context, udp=False)
        cls.addClassCleanup(cls.encrypted.stop)
        cls.lengths = []
        upstream = {"servers": [f"tls://127.0.0.1:{cls.encrypted.port}#up.test"], "ca_file": authority.file}
        return cls.front.configuration(upstream=upstream, **cls.settings)

    @classmethod
    def measured(cls, query, transport):
        cls.lengths.append((len(query.to_wire()), options(query, 12)))
        return cls.encrypted.from_zone(query, transport)

    @requirement("H4", "RFC 8467 4.1", "queries to encrypted upstreams are padded to a multiple of 128 octets")
    def test_H04_queries_are_padded(self):
        self.assert_synthesized("v4.test", *a)
        for length, padding in self.lengths:
            self.assertEqual((length % 128, len(padding)), (0, 1))


def server_cookie(client_cookie, address="127.0.0.1", at=None, version=b"\1\0\0\0"):
    """RFC 9018 4: version, reserved, timestamp, and the hash over all of them and the client."""
    head = version + struct.pack("!I", int(time.time() if at is None else at) & 0xFFFFFFFF)
    data = client_cookie + head + socket.inet_aton(address)
    return head + siphash.siphash_2_4(bytes.fromhex(secret), data)


class Cookies(Scene):
    settings = {**Scene.settings, "cookies": {"enabled": True, "secret": secret}}
    zone = {("v4.test", "A"): a, ("n.test", "A"): a}
    mine = bytes(range(8))

    def cookie(self, reply):
        found = options(reply, 10)
        return found[0].to_wire() if found else None

    def ask_with(self, octets, name="v4.test", **more):
        return self.ask(name, options=[dns.edns.GenericOption(10, octets)], **more)

    @requirement(
        "H3", "RFC 9018 4, RFC 7873 5.2.3", "a client cookie gets a server cookie of version 1, made with SipHash-2-4"
    )
    def test_H03_a_server_cookie_is_given(self):
        for source in ("127.0.0.1", "127.0.0.9"):
            reply = self.ask_with(self.mine, source=source)
            told = self.cookie(reply)
            self.assertEqual((len(told), told[:8]), (24, self.mine))
            at = struct.unpack("!I", told[12:16])[0]
            self.assertLess(abs(at - time.time()), 60)
            self.assertEqual(told[8:], server_cookie(self.mine, source, at))
            self.assertEqual(clients.texts(reply, "AAAA"), embedded("64:ff9b::/96", *a))

    @requirement("H3", "RFC 9018 4.3", "a valid cookie is given back; an old, a future or a false one is replaced")
    def test_H03_cookies_are_checked(self):
        now = time.time()
        valid = server_cookie(self.mine)
        self.assertEqual(self.cookie(self.ask_with(self.mine + valid)), self.mine + valid)
        for wrong in (
            server_cookie(self.mine, at=now - 7200),
            server_cookie(self.mine, at=now + 3600),
            server_cookie(self.mine, address="127.0.0.2"),
            server_cookie(bytes(8)),
            bytes(16),
        ):
            told = self.cookie(self.ask_with(self.mine + wrong))
            self.assertNotEqual(told[8:], wrong)
            at = struct.unpack("!I", told[12:16])[0]
            self.assertLess(abs(at - now), 60)

    @requirement("H3", "RFC 7873 5.2.2", "a COOKIE option of a length that cannot be is FORMERR")
    def test_H03_malformed_cookies(self):
        for length in (0, 1, 7, 9, 15, 41, 60):
            self.assertEqual(self.ask_with(bytes(length)).rcode(), dns.rcode.FORMERR, length)

    @requirement("H3", "RFC 7873 5.2.1", "without a COOKIE option none is sent")
    def test_H03_no_cookie_for_who_has_none(self):
        self.assertIsNone(self.cookie(self.ask("v4.test")))

    @requirement("H3", "RFC 7873 5.4", "a query with a cookie and no question gets a server cookie and NOERROR")
    def test_H03_cookies_without_a_question(self):
        message = dns.message.Message()
        message.flags = dns.flags.RD
        message.use_edns(0, 0, 1232, options=[dns.edns.GenericOption(10, self.mine)])
        reply = dns.message.from_wire(raw_datagram(self.front, message.to_wire()))
        self.assertEqual((reply.rcode(), len(self.cookie(reply))), (0, 24))

    @requirement(
        "H3",
        "RFC 7873 5.1, RFC 9018 3",
        "upstreams get a client cookie over UDP, each one its own, and not that of a client",
    )
    def test_H03_cookies_for_upstreams(self):
        self.ask_with(self.mine, name="n.test")
        sent = [o.to_wire() for asked in self.upstream.asked for o in asked.message.options if int(o.otype) == 10]
        self.assertTrue(sent)
        for octets in sent:
            self.assertEqual(len(octets), 8)
            self.assertNotEqual(octets, self.mine)


class UnderLoad(Scene):
    settings = {
        **Scene.settings,
        "cookies": {"enabled": True, "secret": secret, "require": "when_limited"},
        "rate_limit": {"queries_per_second": 10, "burst": 10, "slip": 1},
    }
    zone = {("v4.test", "A"): a}

    @requirement(
        "H3",
        "RFC 7873 5.2.3",
        "over its limit a client without a valid cookie gets BADCOOKIE or TC, never data, never SERVFAIL",
    )
    def test_H03_badcookie_under_load(self):
        query = clients.query("v4.test", "AAAA", options=[dns.edns.GenericOption(10, bytes(range(8)))]).to_wire()
        seen = []
        with clients.datagram(self.front.address, "127.0.0.9") as sock:
            sock.settimeout(0.3)
            for _ in range(60):
                sock.sendto(query, (self.front.address, self.front.port))
                try:
                    seen.append(dns.message.from_wire(sock.recv(65535)))
                except TimeoutError:
                    seen.append(None)
        limited = [reply for reply in seen if reply is None or not reply.answer]
        self.assertGreater(len(limited), 30)
        for reply in limited:
            if reply is not None:
                self.assertTrue(has(reply, "TC") or reply.rcode() == 23, reply)


if __name__ == "__main__":
    lab.main()
