# The NAT64 between real programs: an IPv6-only client, the gateway, an IPv4-only server. What people do with it, and
# what the program says of it afterwards.
import json
import re
import socket

import lab
import nat64_scene
import upstreams

address, other_address = "198.51.100.1", "198.51.100.2"  # of the pool


@nat64_scene.needs_namespaces
class Services(nat64_scene.Nat64Test):
    """IPv4 alone on one side, IPv6 alone on the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.web(cls.server, cls.network.server_address, "site")
        cls.peer = cls.echo(cls.server, cls.network.server_address)

    def test_curl_gets_pages_from_an_ipv4_only_nginx(self):
        url = f"http://[{self.translated()}]/"
        self.assertEqual(nat64_scene.curl(self.client, url).decode(), self.site.page)
        self.assertTrue(nat64_scene.curl(self.client, url + "large") == self.site.large(), "8 MiB, octet for octet")
        self.assertTrue(all(visitor.startswith("198.51.100.") for visitor in self.site.visitors()))

    def test_nothing_listens_is_told_at_once(self):
        with self.assertRaises(ConnectionRefusedError):
            self.tcp(self.client, self.translated(), 81)

    def test_a_closed_udp_port_is_told_to_the_socket(self):
        # RFC 7915 4.2: 3/3 becomes 1/4.
        with self.udp(self.client, self.translated(), 81) as sock:
            sock.send(b"anybody?")
            with self.assertRaises(ConnectionRefusedError):
                sock.recv(100)

    def test_ping_goes_and_comes_back(self):
        self.assertIn(" 0% packet loss", self.client.run("ping", "-c", 5, "-i", 0.05, self.translated()))

    def test_r53_one_client_has_one_address(self):
        # RFC 4787 REQ-2, RFC 7857 4: paired, whatever the protocol and the destination.
        seen, connected = len(self.peer.peers), len(self.peer.connected)
        for _ in range(5):
            with self.tcp(self.client, self.translated(), 7) as stream, \
                 self.udp(self.client, self.translated(), 7) as sock:
                stream.sendall(b"a")
                sock.send(b"b")
                self.assertEqual((stream.recv(1), sock.recv(1)), (b"a", b"b"))
        peers = self.peer.peers[seen:]
        self.assertEqual(len(peers), 10)
        self.assertEqual(len({host for host, _ in peers}), 1, peers)
        # A port of TCP may be one of UDP as well.
        by_tcp = self.peer.connected[connected:]
        by_udp = list(peers)
        for peer in by_tcp:
            by_udp.remove(peer)
        self.assertEqual((len(set(by_tcp)), len(set(by_udp))), (5, 5), "every socket a port of its own")

    def test_r50_a_port_of_udp_is_one_and_the_same_to_everybody(self):
        # RFC 4787 REQ-1, RFC 6146 3.1: the mapping does not depend on the destination.
        self.server.ip("address add 203.0.113.3/24 dev eth0")
        third = self.echo(self.server, "203.0.113.3")
        seen = []
        with self.client.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            for echo, ipv4 in ((self.peer, self.network.server_address), (third, "203.0.113.3")):
                sock.sendto(b"x", (self.translated(ipv4), 7))
                sock.recv(10)
                seen.append(echo.peers[-1])
        self.assertEqual(seen[0], seen[1])

    def test_iperf3_passes_tcp_both_ways_and_udp(self):
        for options in ([], ["-R"], ["-P", 4]):
            with self.subTest(options=options):
                said = self.iperf3(self.translated(), "-t", 1, *options).end()
                self.assertGreater(said["sum_received"]["bytes"], 1 << 20)
        for options in ([], ["-R"]):
            with self.subTest(options=["-u", *options]):
                said = self.iperf3(self.translated(), "-t", 1, "-u", "-b", "5M", "-l", 1200, *options).end()["sum"]
                self.assertGreater(said["packets"], 100)
                self.assertLess(said["lost_percent"], 10)

    def test_dig_asks_an_ipv4_only_server_by_udp_and_tcp(self):
        long_text = " ".join(f'"{"x" * 200}"' for _ in range(8))
        with self.server.inside():
            knot = upstreams.Knot(self.folder, "v4only.test.", ["www A 203.0.113.80", f"long TXT {long_text}"],
                                  address=self.network.server_address)
        self.addCleanup(knot.stop)
        for options in ("+notcp", "+tcp"):
            with self.subTest(options=options):
                said = self.dig(knot, "www.v4only.test", "A", options, "+short")
                self.assertEqual(said.strip(), "203.0.113.80")
        # Truncated, and asked again over TCP.
        self.assertEqual(self.dig(knot, "long.v4only.test", "TXT", "+bufsize=512", "+short").count("x"), 1600)

    def dig(self, knot, *words):
        return self.client.run("dig", f"@{self.translated()}", "-p", knot.port, *words)


@nat64_scene.needs_namespaces
class Inbound(nat64_scene.Nat64Test):
    """Services behind the NAT64, reached from IPv4 and from each other (RFC 6146 3.8)."""

    @classmethod
    def setUpClass(cls):
        client, other = "2001:db8:6::2", "2001:db8:6:2::2"
        cls.settings = {"static_bindings": [
            {"protocol": ["tcp", "udp"], "inside": f"[{client}]:80", "outside": f"{address}:80"},
            {"protocol": ["tcp", "udp"], "inside": f"[{other}]:7", "outside": f"{other_address}:7"},
            {"protocol": "icmp", "inside": f"[{client}]:77", "outside": f"{address}:77"},
            {"protocol": "icmp", "inside": f"[{other}]:77", "outside": f"{other_address}:77"}]}
        super().setUpClass()
        cls.other, cls.other_host = cls.network.add_client(2)
        assert (client, other) == (cls.network.client_address, cls.other_host)
        cls.site = cls.web(cls.client, client, "site")
        cls.peer = cls.echo(cls.other, other)

    def test_ipv4_reaches_a_static_binding(self):
        self.assertTrue(nat64_scene.curl(self.server, f"http://{address}/large") == self.site.large())
        self.assertEqual(self.site.visitors()[-1], self.translated())

    def test_ipv4_pings_a_static_binding_and_nothing_else(self):
        # RFC 6146 3.5.3: only by the identifier that is bound.
        self.assertIn(" 0% packet loss", self.server.run("ping", "-c", 3, "-i", 0.1, "-e", 77, address))
        said = self.server.run("ping", "-c", 1, "-W", 1, "-e", 78, address, check=False)
        self.assertIn("100% packet loss", said)
        self.assertGreater(self.drops("no_binding"), 0)

    def test_r13_ipv4_makes_no_binding(self):
        # RFC 6146 5.3.
        before = self.metric("bib_entries")
        with self.udp(self.server, other_address, 9) as sock:
            sock.send(b"hello?")
            lab.eventually(lambda: self.drops("no_binding") > 0, what="the drop")
        with self.assertRaises(OSError):
            self.tcp(self.server, other_address, 9, timeout=0.5)
        self.assertEqual(self.metric("bib_entries"), before)

    def test_r12_two_clients_reach_each_other_by_their_ipv4_addresses(self):
        # RFC 6146 3.8, RFC 4787 REQ-9: the other side's external address and port are what each of them sees.
        with self.tcp(self.client, self.translated(other_address), 7) as stream, \
             self.udp(self.client, self.translated(other_address), 7) as sock:
            stream.sendall(b"by TCP")
            sock.send(b"by UDP")
            self.assertEqual((stream.recv(100), sock.recv(100)), (b"by TCP", b"by UDP"))
        for host, port in self.peer.peers[-2:]:
            self.assertRegex(host, r"^2001:db8:64::c633:640[1-4]$")
            self.assertGreaterEqual(port, 1024)
        self.assertGreaterEqual(self.metric("packets_total", direction="hairpin"), 8)
        pinged = self.client.run("ping", "-c", 3, "-i", 0.1, "-e", 77, self.translated(other_address))
        self.assertIn(" 0% packet loss", pinged)

    def test_r12_a_hairpin_carries_bulk_and_errors(self):
        # No binding for iperf3: the refusal of the NAT64 comes back, not silence.
        with self.udp(self.client, self.translated(other_address), 9) as sock:
            sock.send(b"?")
            with self.assertRaises(OSError):
                sock.recv(100)
        with self.tcp(self.client, self.translated(other_address), 7) as stream:
            sent = bytes(range(256)) * 4096
            received = bytearray()
            stream.setblocking(False)
            lab.eventually(lambda: self.pump(stream, sent, received), 20, "a MiB there and back")
        self.assertTrue(bytes(received) == sent)

    def pump(self, stream, sent, received):
        """Sends what the socket takes and reads what has come; true when all came back."""
        self.sent_so_far = getattr(self, "sent_so_far", 0)
        try:
            if self.sent_so_far < len(sent):
                self.sent_so_far += stream.send(sent[self.sent_so_far : self.sent_so_far + 65536])
        except BlockingIOError:
            pass
        try:
            while octets := stream.recv(65536):
                received += octets
        except BlockingIOError:
            pass
        return len(received) >= len(sent)


@nat64_scene.needs_namespaces
class Telling(nat64_scene.Nat64Test):
    """What the program says of the traffic that passed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = cls.echo(cls.server, cls.network.server_address)

    def test_metrics_and_ctl_show_what_passes(self):
        with self.tcp(self.client, self.translated(), 7) as stream, self.udp(self.client, self.translated(), 7) as sock:
            stream.sendall(b"x" * 1000)
            self.assertTrue(stream.recv(1000))
            sock.send(b"y")
            self.assertEqual(sock.recv(10), b"y")
            self.client.run("ping", "-c", 1, self.translated())
            lab.eventually(lambda: self.metric("sessions", protocol="icmp") == 1, what="the ping's session")
            for protocol in ("tcp", "udp"):
                self.assertEqual(self.metric("sessions", protocol=protocol), 1)
                self.assertEqual(self.metric("bib_entries", protocol=protocol), 1)
            self.assertGreaterEqual(self.metric("packets_total", direction="6to4", protocol="tcp"), 3)
            self.assertGreaterEqual(self.metric("packets_total", direction="4to6", protocol="tcp"), 3)
            self.assertGreater(self.metric("bytes_total", direction="4to6", protocol="tcp"), 1000)
            self.assertEqual(self.metric("subscribers"), 1)
            host, port = self.peer.peers[0]
            self.assert_shown(host, port, stream.getsockname())

    def assert_shown(self, host, port, inside):
        sessions = self.ctl("nat64", "sessions")
        line = next((line for line in sessions.splitlines() if line.startswith("tcp") and f"{host}:{port}" in line), "")
        self.assertIn(f"[{inside[0]}]:{inside[1]}", line, sessions)
        self.assertIn(f"{self.network.server_address}:7", line)
        self.assertRegex(line, "established")
        status = self.ctl("nat64", "status")
        self.assertIn("2001:db8:64::/96", status)
        self.assertRegex(self.ctl("nat64", "pool"), re.escape(host))
        self.assertIn("2001:db8:6::/64", self.ctl("nat64", "subscriber", self.network.client_address))
        nobody = self.ctl("nat64", "subscriber", "2001:db8:99::1", check=False)
        self.assertNotIn(host, nobody)
        for words in (("status",), ("sessions",), ("pool",), ("subscriber", self.network.client_address)):
            json.loads(self.ctl("nat64", *words, "--json"))


if __name__ == "__main__":
    lab.main()
