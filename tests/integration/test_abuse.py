# Cookies and rate limits seen from outside (RFC 7873, RFC 9018): what an off-path forger achieves, what a flooded
# client gets, and that real clients and real servers still understand each other.
import os
import secrets
import struct
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode

import certificates
import clients
import lab
import upstreams

BADCOOKIE = 23


def cookie(octets):
    return dns.edns.GenericOption(dns.edns.OptionType.COOKIE, octets)


def cookie_in(reply):
    found = [option for option in reply.options if option.otype == dns.edns.OptionType.COOKIE]
    return found[0].to_wire() if found else b""


def query_with(octets, name="www.test"):
    return clients.query(name, options=[cookie(octets)])


def cookie_alone(option):
    """A query without a question (RFC 7873 5.4)."""
    rdata = struct.pack("!HH", 10, len(option)) + option
    header = struct.pack("!6H", 0x4D2, 0x0100, 0, 0, 0, 1)
    return header + b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(rdata)) + rdata


class Abuse(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"], ("other.test", "A"): ["192.0.2.2"]})
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        cls.pair = cls.authority.issue("dns.test", ["dns.test"])

    def serve(self, with_tls=False, upstream=None, **sections):
        front = clients.Front(self.pair, self.authority.file) if with_tls else clients.Front()
        configuration = front.configuration(upstream=upstream or [self.upstream.url], **sections)
        server = self.start_once(configuration)
        return front, server

    def at_once(self, front, messages, source=None):
        """The replies to queries that are sent without waiting, as many as come."""
        replies = []
        with clients.datagram(front.address, source) as sock:
            for message in messages:
                sock.sendto(message.to_wire(), (front.address, front.port))
            sock.settimeout(0.5)
            while True:
                try:
                    replies.append(dns.message.from_wire(sock.recv(4096)))
                except TimeoutError:
                    return replies

    # -- Server cookies --
    def test_h3_a_client_learns_a_cookie_and_shows_it_over_every_transport(self):
        front, _ = self.serve(with_tls=True)
        client = secrets.token_bytes(8)
        learned = cookie_in(front.udp(query_with(client)))
        self.assertEqual((learned[:8], len(learned), learned[8:12]), (client, 24, b"\1\0\0\0"))
        self.assertAlmostEqual(struct.unpack("!I", learned[12:16])[0], time.time(), delta=60)
        for transport in front.transports:
            with self.subTest(transport=transport):
                self.assertEqual(cookie_in(front.ask(transport, query_with(learned))), learned)
                forged = learned[:-1] + bytes([learned[-1] ^ 1])
                reply = front.ask(transport, query_with(forged))
                self.assertEqual(clients.texts(reply, "A"), ["192.0.2.1"])
                self.assertEqual(len(cookie_in(reply)), 24)
        self.assertEqual(front.metric("dragoman_dns_cookies_total", state="invalid"), len(front.transports))

    def test_h3_a_cookie_of_an_illegal_length_is_formerr(self):
        front, _ = self.serve()
        for length in (0, 1, 7, 9, 15, 41, 100):
            for transport in ("udp", "tcp"):
                with self.subTest(length=length, transport=transport):
                    self.assertEqual(front.ask(transport, query_with(bytes(length))).rcode(), dns.rcode.FORMERR)

    def test_h3_a_query_without_a_question_is_about_its_cookie(self):
        front, _ = self.serve()

        def exchange(option):
            with clients.datagram("127.0.0.1") as sock:
                sock.settimeout(3)
                sock.sendto(cookie_alone(option), (front.address, front.port))
                return dns.message.from_wire(sock.recv(4096))

        first = exchange(secrets.token_bytes(8))
        self.assertEqual((first.rcode(), first.question, len(cookie_in(first))), (dns.rcode.NOERROR, [], 24))
        self.assertEqual(exchange(cookie_in(first)).rcode(), dns.rcode.NOERROR)
        spoilt = cookie_in(first)[:-1] + bytes([cookie_in(first)[-1] ^ 1])
        bad = exchange(spoilt)
        self.assertEqual(bad.rcode(), BADCOOKIE)
        self.assertEqual(exchange(cookie_in(bad)).rcode(), dns.rcode.NOERROR)
        self.assertEqual(exchange(b"12345").rcode(), dns.rcode.FORMERR)

    def test_servers_with_one_secret_accept_each_others_cookies(self):
        path = os.path.join(self.folder, "cookie-secret")
        with open(path, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(16) + "\n")
        fronts = [self.serve(cookies={"secret": "${file:%s}" % path})[0] for _ in range(2)]
        learned = cookie_in(fronts[0].udp(query_with(secrets.token_bytes(8))))
        self.assertEqual(cookie_in(fronts[1].udp(query_with(learned))), learned)
        self.assertEqual(fronts[1].metric("dragoman_dns_cookies_total", state="valid"), 1)

    def test_a_reload_keeps_cookies_good_and_shows_no_secret(self):
        front, server = self.serve()
        learned = cookie_in(front.udp(query_with(secrets.token_bytes(8))))
        secret = secrets.token_hex(16)
        server.write(front.configuration(upstream=[self.upstream.url], cookies={"secret": secret}))
        server.send(1)
        server.wait_for_log("reloaded")
        self.assertEqual(len(cookie_in(front.udp(query_with(learned)))), 24)
        self.assertEqual(front.metric("dragoman_dns_cookies_total", state="valid"), 1)
        self.assertIn("cookies.secret", server.log())
        self.assertNotIn(secret, server.log())

    # -- The limit of a client --
    def test_excess_is_dropped_or_truncated_over_udp_and_refused_elsewhere(self):
        front, _ = self.serve(with_tls=True, rate_limit={"queries_per_second": 1, "burst": 4})
        replies = self.at_once(front, [clients.query("www.test") for _ in range(20)])
        full = [reply for reply in replies if not reply.flags & dns.flags.TC]
        truncated = [reply for reply in replies if reply.flags & dns.flags.TC]
        self.assertIn(len(full), (4, 5, 6))
        self.assertIn(len(truncated), (7, 8))
        self.assertTrue(all(not reply.answer for reply in truncated))

        def refused(ask, count=12):
            replies = [ask(clients.query("www.test")) for _ in range(count)]
            self.assertEqual(replies[0].rcode(), dns.rcode.NOERROR)
            return [reply for reply in replies if reply.rcode() == dns.rcode.REFUSED]

        for number, open_stream in enumerate((front.open_tcp, front.open_dot)):
            with self.subTest(stream=open_stream.__name__), open_stream(f"127.0.1.{number + 1}") as stream:
                self.assertEqual(clients.ede_codes(refused(stream.ask)[0]), [0])
        with front.open_http2("127.0.1.3") as connection:
            for reply in refused(lambda query: dns.message.from_wire(connection.post(query.to_wire()).body)):
                self.assertEqual(clients.ede_codes(reply), [0])
        self.assertGreater(front.metric("dragoman_rate_limited_total", rule="client", action="refuse"), 2)
        self.assertGreater(front.metric("dragoman_rate_limited_total", rule="client", action="drop"), 0)

    def flood(self, front, source, count=400):
        """Queries in the name of `source`, as a forger would send them; the replies are for somebody else."""
        with clients.datagram(front.address, source) as sock:
            for _ in range(count):
                sock.sendto(clients.query("www.test").to_wire(), (front.address, front.port))

    def test_a_forger_cannot_starve_the_client_in_whose_name_it_asks(self):
        front, _ = self.serve(rate_limit={"queries_per_second": 1, "burst": 5, "slip": 1})
        victim = "127.0.0.9"
        self.flood(front, victim)
        told = front.udp(query_with(secrets.token_bytes(8)), source=victim)
        self.assertEqual(told.rcode(), BADCOOKIE)
        reply = front.udp(query_with(cookie_in(told)), source=victim)
        self.assertEqual(clients.texts(reply, "A"), ["192.0.2.1"])
        self.flood(front, victim, 10)
        plain = front.udp(clients.query("www.test"), source=victim)
        self.assertTrue(plain.flags & dns.flags.TC)
        self.assertEqual(clients.texts(front.tcp(clients.query("www.test"), source=victim), "A"), ["192.0.2.1"])
        self.assertEqual(clients.texts(front.udp(clients.query("www.test")), "A"), ["192.0.2.1"], "others go on")

    def test_who_floods_is_named_in_the_log_once(self):
        front, server = self.serve(rate_limit={"queries_per_second": 1, "ipv4_prefix": 24})
        self.flood(front, "127.0.7.9")
        server.wait_for_log("rate_limited.*127.0.7.0/24")
        self.assertEqual(server.log().count("rate_limited"), 1)

    def test_a_reload_sets_another_limit(self):
        front, server = self.serve(rate_limit={"queries_per_second": 1, "burst": 1, "slip": 1})
        replies = self.at_once(front, [clients.query("www.test") for _ in range(5)])
        self.assertTrue(any(reply.flags & dns.flags.TC for reply in replies))
        server.write(
            front.configuration(
                upstream=[self.upstream.url],
                rate_limit={"queries_per_second": 1, "burst": 1, "slip": 1, "exempt": ["127.0.0.0/8"]},
            )
        )
        server.send(1)
        server.wait_for_log("reloaded")
        replies = self.at_once(front, [clients.query("www.test") for _ in range(10)])
        self.assertEqual([clients.texts(reply, "A") for reply in replies], [["192.0.2.1"]] * 10)

    # -- Response rate limiting --
    def test_f31_the_same_response_goes_to_a_network_so_often_and_no_more(self):
        front, _ = self.serve(rate_limit={"responses_per_second": 5, "slip": 0})

        def answered(names, source, options=None):
            queries = [clients.query(name, options=options) for name in names]
            return len(self.at_once(front, queries, source))

        front.tcp(clients.query("www.test"))  # fills the cache
        seen = answered(["www.test"] * 15, "127.0.3.1") + answered(["www.test"] * 15, "127.0.3.99")
        self.assertIn(seen, range(5, 20))
        self.assertEqual(answered(["other.test"] * 3, "127.0.3.1"), 3, "another name is another response")
        self.assertIn(answered([f"r{number}.nowhere" for number in range(30)], "127.0.3.1"), range(5, 20))
        learned = cookie_in(front.tcp(query_with(secrets.token_bytes(8)), source="127.0.3.1"))
        self.assertEqual(answered(["www.test"] * 20, "127.0.3.1", [cookie(learned)]), 20)
        self.assertGreater(front.metric("dragoman_rate_limited_total", rule="response", action="drop"), 10)

    # -- Cookies towards upstreams --
    def test_a_forged_answer_without_the_cookie_is_not_believed(self):
        def script(query, transport):
            shown = cookie_in(query)
            whole = shown[:8] + b"S" * 16
            good = self.upstream.from_zone(query, transport)
            good.use_edns(0, options=[cookie(whole)])
            forged = dns.message.make_response(query)
            self.upstream.add(forged, query.question[0].name, "A", "203.0.113.66")
            forged.use_edns(0, options=[cookie(secrets.token_bytes(8) + b"S" * 16)])
            return [forged, good] if transport == "udp" else good

        server = upstreams.Scripted(script=script)
        self.addCleanup(server.stop)
        front, _ = self.serve(upstream=[server.url])
        for name, address in (("www.test", "192.0.2.1"), ("other.test", "192.0.2.2")):
            self.assertEqual(clients.texts(front.udp(clients.query(name)), "A"), [address])
        self.assertTrue(any(cookie_in(asked.message)[8:] == b"S" * 16 for asked in server.asked))

    def test_real_servers_take_and_give_cookies(self):
        knot = upstreams.Knot(self.folder, "real.test.", ["www A 192.0.2.80", "ftp A 192.0.2.21"])
        self.addCleanup(knot.stop)
        front, _ = self.serve(upstream=[knot.url])
        for name, address in (("www.real.test", "192.0.2.80"), ("ftp.real.test", "192.0.2.21")):
            self.assertEqual(clients.texts(front.udp(clients.query(name)), "A"), [address])

    def test_dig_finds_our_cookie_good(self):
        front, _ = self.serve()
        said = lab.run("dig", f"@{front.address}", "-p", front.port, "www.test", "+cookie", "+tries=1")
        self.assertRegex(said, r"COOKIE: [0-9a-f]{48} \(good\)")

    # -- Configuration --
    def test_check_says_what_is_wrong(self):
        front = clients.Front()
        for sections, expected in (
            ({"cookies": {"secret": "short"}}, "32 hexadecimal digits"),
            ({"cookies": {"require": "always"}}, "`always` is not known"),
            ({"rate_limit": {"queries_per_secnd": 5}}, "did you mean `queries_per_second`"),
            ({"rate_limit": {"queries_per_second": 1, "burst": 4000}}, "more than an hour"),
        ):
            with self.subTest(sections=sections):
                status, said = lab.check(front.configuration(upstream=[self.upstream.url], **sections), self.folder)
                self.assertEqual(status, 2)
                self.assertIn(expected, said)


if __name__ == "__main__":
    lab.main()
