# The ways of packets through the NAT64: traceroute, path MTU discovery, fragments. Errors of routers on the way are
# what these live on, so every router here is real.
import random
import re
import socket
import struct

import lab
import nat64_scene

address = "198.51.100.1"
ping_id = 77


@nat64_scene.needs_namespaces
class Traceroute(nat64_scene.Nat64Test):
    """Every hop answers, on either side of the NAT64 and the NAT64 itself."""

    @classmethod
    def setUpClass(cls):
        cls.settings = {
            "icmp": {"router_addresses": ["198.51.100.250"]},
            "static_bindings": [{"protocol": "tcp", "inside": "[2001:db8:6::2]:80", "outside": f"{address}:80"}]}
        super().setUpClass()
        cls.far, cls.far_address = cls.network.add_far_server()

    def hops(self, namespace, *words):
        """The addresses, hop by hop; * for silence."""
        text = namespace.run("traceroute", "-n", "-q", 1, "-w", 1, "-m", 12, *words)
        return re.findall(r"^ *\d+  (\S+)", text, re.M)

    def test_r34_from_inside_every_ipv4_router_shows_under_the_prefix(self):
        # RFC 7915 5.2, RFC 6146 3.6: the router's own address, where that can be told.
        self.far_echo = self.echo(self.far, self.far_address, 80)
        for kind in ("-I", "-U", "-T"):
            with self.subTest(kind=kind):
                hops = self.hops(self.client, "-6", kind, "-p", 80, self.translated(self.far_address))
                self.assertEqual(hops[0], self.network.gateway6)
                self.assertEqual(hops[1], self.translated(address), "the NAT64")
                self.assertIn(hops[2], [self.translated(ipv4) for ipv4 in ("192.0.2.1", self.network.gateway4)])
                self.assertEqual(hops[3:], [self.translated(ipv4) for ipv4 in ("192.0.2.2", "192.0.2.6", "192.0.2.10")])

    def test_r35_from_ipv4_routers_inside_show_as_a_configured_address(self):
        # RFC 6791 3: they have none of their own.
        listening = self.client.socket(socket.AF_INET6)
        self.addCleanup(listening.close)
        listening.bind((self.network.client_address, 80))
        listening.listen()
        hops = self.hops(self.server, "-T", "-p", 80, address)
        self.assertEqual(hops[0], self.network.gateway4)
        self.assertEqual(hops[1:], [address, "198.51.100.250", address])


@nat64_scene.needs_namespaces
class PathMtu(nat64_scene.Nat64Test):
    """A link of 1000 octets on the IPv4 side, one of 1280 on the IPv6 side, and hosts that know of neither."""

    @classmethod
    def setUpClass(cls):
        narrow = "2001:db8:6:2::2"
        cls.settings = {"static_bindings": [
            {"protocol": "icmp", "inside": f"[{host}]:{ping_id}", "outside": f"{outside}:{ping_id}"}
            for host, outside in (("2001:db8:6::2", address), (narrow, "198.51.100.2"))]}
        super().setUpClass()
        cls.far, cls.far_address = cls.network.add_far_server(mtu=1000)
        cls.narrow, host = cls.network.add_client(2, mtu=1280)
        assert host == narrow
        cls.far_site = cls.web(cls.far, cls.far_address, "far")
        cls.site = cls.web(cls.server, cls.network.server_address, "near")
        cls.sink = cls.echo(cls.far, cls.far_address)

    def test_r36_uploads_pass_an_ipv4_link_of_1000_octets(self):
        # RFC 7915 5.1: what was told 1280 and sends that, leaves with DF = 0 and may be fragmented on the way.
        sent = random.randbytes(500_000)
        self.far.ip("route flush cache")  # it may know its own narrow link by now, and offer a smaller MSS
        with self.tcp(self.client, self.translated(self.far_address), 7, timeout=15) as stream:
            received = b""
            for at in range(0, len(sent), 50_000):
                stream.sendall(sent[at : at + 50_000])
                while len(received) < at + 50_000:
                    received += stream.recv(65536)
        self.assertTrue(received == sent)
        # The client learnt the least that an IPv6 link may have.
        self.assertIn("mtu 1280", self.client.run("ip", "-6", "route", "get", self.translated(self.far_address)))
        self.assertGreater(self.far.counters()["Ip.ReasmOKs"], 0)

    def test_r36_downloads_pass_an_ipv4_link_of_1000_octets(self):
        url = f"http://[{self.translated(self.far_address)}]/large"
        self.assertTrue(nat64_scene.curl(self.client, url) == self.far_site.large())

    def test_r33_downloads_pass_an_ipv6_link_of_1280_octets(self):
        # RFC 7915 5.2: Packet Too Big becomes Fragmentation Needed, 20 octets less.
        self.assertTrue(nat64_scene.curl(self.narrow, f"http://[{self.translated()}]/large") == self.site.large())
        self.assertIn("mtu 1260", self.server.run("ip", "route", "get", self.site.visitors()[-1]))

    def test_r26_a_router_of_ipv4_is_heard_inside(self):
        # RFC 7915 4.2: never less than 1280.
        said = self.client.run("ping", "-M", "do", "-s", 1400, "-c", 1, "-W", 1, self.translated(self.far_address),
                               check=False)
        self.assertRegex(said, r"(?i)packet too big: mtu=1280")

    def test_r33_a_router_of_ipv6_is_heard_outside(self):
        said = self.ping_from_outside("198.51.100.2", 1400)
        self.assertRegex(said, r"(?i)frag needed and DF set \(mtu = 1260\)")

    def test_r23_what_would_be_longer_than_the_ipv6_link_is_refused(self):
        # RFC 7915 4.1: the IPv6 header is 20 octets longer.
        said = self.ping_from_outside(address, 1472)
        self.assertRegex(said, r"(?i)frag needed and DF set \(mtu = 1480\)")
        self.assertIn(" 0% packet loss", self.ping_from_outside(address, 1452))

    def ping_from_outside(self, destination, size):
        words = ["ping", "-e", ping_id, "-M", "do", "-s", size, "-c", 1, "-W", 1, destination]
        return self.server.run(*words, check=False)

    def test_r22_what_may_be_fragmented_is(self):
        # RFC 7915 4.1: into pieces of at most 1280 octets, so that no router on the IPv6 side has to refuse one.
        ping = ["ping", "-e", ping_id, "-M", "dont", "-s", 1472, "-i", 0.1, "198.51.100.2"]
        self.server.run(*ping, "-c", 1, "-W", 1, check=False)  # its answer finds out what the way back can take
        self.assertIn(" 0% packet loss", self.server.run(*ping, "-c", 2))
        self.assertGreater(self.metric("fragments_total", result="made"), 0)


@nat64_scene.needs_namespaces
class Fragments(nat64_scene.Nat64Test):
    """Datagrams that no link carries in one piece, in order and out of it (RFC 6146 3.4)."""

    udp_port = 7

    @classmethod
    def setUpClass(cls):
        client = "2001:db8:6::2"
        cls.settings = {"static_bindings": [
            {"protocol": "icmp", "inside": f"[{client}]:{ping_id}", "outside": f"{address}:{ping_id}"},
            {"protocol": "udp", "inside": f"[{client}]:{cls.udp_port}", "outside": f"{address}:{cls.udp_port}"}]}
        super().setUpClass()
        cls.peer = cls.echo(cls.server, cls.network.server_address)
        cls.inner = cls.echo(cls.client, client)

    def test_r4_pings_of_4000_octets_pass_both_ways(self):
        # RFC 7915 4.5, 5.1.1: the checksum of ICMPv6 covers what that of ICMPv4 does not, so these are put together.
        for namespace, destination in ((self.client, self.translated()), (self.server, address)):
            with self.subTest(source=namespace.name):
                said = namespace.run("ping", "-e", ping_id, "-s", 4000, "-c", 3, "-i", 0.1, destination)
                self.assertIn(" 0% packet loss", said)

    def test_r4_datagrams_of_4000_octets_pass_both_ways(self):
        for namespace, destination in ((self.client, self.translated()), (self.server, address)):
            with self.subTest(source=namespace.name), self.udp(namespace, destination, self.udp_port) as sock:
                sent = random.randbytes(4000)
                sock.send(sent)
                self.assertEqual(sock.recv(5000), sent)
        self.assertGreater(self.metric("fragments_total", result="translated"), 0)

    def test_r50_fragments_may_come_in_any_order(self):
        # RFC 4787 REQ-14. The reply to each shows that it arrived whole.
        pieces = [0, 1, 2]
        for order in ([2, 1, 0], [1, 2, 0], [2, 0, 1]):
            for send in (self.send_ipv6, self.send_ipv4):
                with self.subTest(order=order, send=send.__name__):
                    assert sorted(order) == pieces
                    sent = random.randbytes(3000)
                    self.assertEqual(send(sent, order), sent)
        self.assertGreater(self.metric("fragments_total", result="held"), 0)

    def send_ipv6(self, payload, order):
        from scapy.layers.inet import UDP
        from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment

        head = IPv6(src=self.network.client_address, dst=self.translated())
        with self.client.socket(socket.AF_INET6, socket.SOCK_DGRAM) as replies, \
             self.client.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
            replies.bind((self.network.client_address, 0))
            whole = bytes(head / UDP(sport=replies.getsockname()[1], dport=self.udp_port) / payload)[40:]
            identification = random.getrandbits(32)
            for index in order:
                at, octets, more = self.piece(whole, index)
                fragment = IPv6ExtHdrFragment(nh=socket.IPPROTO_UDP, offset=at // 8, m=more, id=identification)
                out.sendto(bytes(head / fragment / octets), (self.translated(), 0))
            return replies.recv(5000)

    def send_ipv4(self, payload, order):
        from scapy.layers.inet import IP, UDP

        head = IP(src=self.network.server_address, dst=address, id=random.getrandbits(16))
        with self.server.socket(socket.AF_INET, socket.SOCK_DGRAM) as replies, \
             self.server.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
            replies.bind((self.network.server_address, 0))
            whole = bytes(head / UDP(sport=replies.getsockname()[1], dport=self.udp_port) / payload)[20:]
            for index in order:
                at, octets, more = self.piece(whole, index)
                fragment = head.copy()
                fragment.proto, fragment.frag, fragment.flags = socket.IPPROTO_UDP, at // 8, "MF" if more else 0
                out.sendto(bytes(fragment / octets), (address, 0))
            return replies.recv(5000)

    @staticmethod
    def piece(whole, index, size=1200):
        """(offset, octets, whether more follow)."""
        at = index * size
        return at, whole[at : at + size], at + size < len(whole)

    def test_r28_a_fragmented_datagram_without_checksum_gets_one(self):
        # RFC 7915 4.5: IPv6 wants one.
        from scapy.layers.inet import IP

        payload = random.randbytes(2000)
        with self.server.socket(socket.AF_INET, socket.SOCK_DGRAM) as replies, \
             self.server.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
            replies.bind((self.network.server_address, 0))
            head = IP(src=self.network.server_address, dst=address, id=random.getrandbits(16))
            whole = struct.pack("!4H", replies.getsockname()[1], self.udp_port, 8 + len(payload), 0) + payload
            for index in (0, 1):
                at, octets, more = self.piece(whole, index)
                fragment = head.copy()
                fragment.proto, fragment.frag, fragment.flags = socket.IPPROTO_UDP, at // 8, "MF" if more else 0
                out.sendto(bytes(fragment / octets), (address, 0))
            self.assertEqual(replies.recv(5000), payload)

    def test_a_first_fragment_alone_goes_nowhere_and_is_counted(self):
        from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment

        before = self.drops("fragment_timeout")
        head = IPv6(src=self.network.client_address, dst=self.translated())
        with self.client.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
            fragment = IPv6ExtHdrFragment(nh=socket.IPPROTO_UDP, offset=150, m=0, id=4711)
            out.sendto(bytes(head / fragment / random.randbytes(100)), (self.translated(), 0))
        lab.eventually(lambda: self.drops("fragment_timeout") > before, 10, "the end of its time")


if __name__ == "__main__":
    lab.main()
