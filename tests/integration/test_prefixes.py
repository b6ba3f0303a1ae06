# Prefixes that are discovered (RFC 7050) and prefixes that are probed: what clients get while resolvers say this or that,
# and while packets pass or do not. Addresses on this namespace's loopback play the translator.
import fcntl
import os
import signal
import socket
import struct
import threading
import unittest

import dns.flags
import dns.message
import dns.rcode

import clients
import lab
import upstreams

zone = {("v4.test", "A"): ["198.51.100.1"], ("six.test", "AAAA"): ["2001:db8::1"]}
well_known = ["64:ff9b::c000:aa", "64:ff9b::c000:ab"]
own = ["2001:db8:64::c000:aa", "2001:db8:64::c000:ab"]


class PrefixTest(lab.LabTest):
    def upstream(self, **options):
        upstream = upstreams.Scripted(dict(zone), **options)
        self.addCleanup(upstream.stop)
        return upstream

    def serve(self, **dns64):
        self.resolver = self.upstream()
        self.front = clients.Front()
        self.configuration = self.front.configuration(upstream=[self.resolver.url], dns64=dns64)
        self.server = self.start_once(self.configuration)

    def synthetic(self, name="v4.test"):
        reply = self.front.udp(clients.query(name, "AAAA"))
        self.assertEqual(reply.rcode(), dns.rcode.NOERROR)
        return clients.texts(reply, "AAAA")

    def expect(self, *addresses, within=10):
        lab.eventually(
            lambda: self.synthetic() == sorted(addresses), within, f"{addresses} for v4.test, not {self.synthetic()}"
        )


class Discovery(PrefixTest):
    """A network whose DNS64 is a scripted resolver; it is asked every second."""

    def discover(self, *resolvers, **dns64):
        self.serve(
            prefix="discovered",
            discovery={
                "from": [resolver.url for resolver in resolvers],
                "min_interval": "1s",
                "max_interval": "1s",
                "timeout": "500ms",
                **dns64.pop("discovery", {}),
            },
            **dns64,
        )

    def network(self, addresses):
        resolver = self.upstream()
        resolver.put("ipv4only.arpa", "AAAA", addresses)
        return resolver

    def test_e3_the_networks_prefix_is_used(self):
        network = self.network(own)
        self.discover(network)
        self.expect("2001:db8:64::c633:6401")
        asked = network.asked[0]
        self.assertEqual((asked.name, asked.type), ("ipv4only.arpa.", "AAAA"))
        self.assertNotIn("CD", dns.flags.to_text(asked.message.flags))
        self.assertEqual(self.synthetic("six.test"), ["2001:db8::1"])
        # RFC 8880: our own clients learn the same prefix.
        self.assertEqual(self.synthetic("ipv4only.arpa"), own)
        self.assertEqual(self.front.metric("dragoman_dns64_prefix_discovered", prefix="2001:db8:64::/96"), 1)
        self.assertGreater(self.front.metric("dragoman_dns64_discovery_last_success_timestamp_seconds"), 1e9)

    def test_e3_several_prefixes_of_several_lengths_are_used_together(self):
        self.discover(self.network(own + ["2001:db8:122:c000:0:aa00::", "2001:db8:122:c000:0:ab00::"]))
        self.expect("2001:db8:64::c633:6401", "2001:db8:122:c633:64:100::")

    def test_e5_a_change_is_followed_and_silence_changes_nothing(self):
        network = self.network(own)
        self.discover(network)
        self.expect("2001:db8:64::c633:6401")
        network.put("ipv4only.arpa", "AAAA", well_known)
        self.expect("64:ff9b::c633:6401")

        network.script = lambda query, transport: None
        lab.eventually(lambda: self.front.metric("dragoman_dns64_discoveries_total", result="failed") >= 1, 10, "failure")
        self.assertEqual(self.synthetic(), ["64:ff9b::c633:6401"])
        self.server.wait_for_log("discovery_failed")

        network.script = network.from_zone
        network.put("ipv4only.arpa", "AAAA", dns.rcode.NXDOMAIN)
        self.expect()
        network.put("ipv4only.arpa", "AAAA", own)
        self.expect("2001:db8:64::c633:6401")

    def test_e5_a_sighup_asks_at_once(self):
        network = self.network(own)
        self.discover(network, discovery={"min_interval": "1h", "max_interval": "1h"})
        self.expect("2001:db8:64::c633:6401")
        network.put("ipv4only.arpa", "AAAA", well_known)
        self.server.send(signal.SIGHUP)
        self.expect("64:ff9b::c633:6401")

    def test_a_resolver_without_dns64_in_front_of_one_with_it_is_no_obstacle(self):
        self.discover(self.upstream(), self.network(own))
        self.expect("2001:db8:64::c633:6401")

    def test_not_ready_before_the_first_answer(self):
        network = self.upstream(script=lambda query, transport: None)
        self.discover(network)
        reply = self.front.admin("/readyz")
        self.assertEqual(reply.status, 503)
        self.assertIn(b"no prefix discovered yet", reply.body)
        self.assertEqual(self.synthetic(), [], "nothing to synthesize with")
        network.put("ipv4only.arpa", "AAAA", own)
        network.script = network.from_zone
        lab.eventually(lambda: self.front.admin("/readyz").status == 200, 10, "readiness")

    @unittest.skipUnless(lab.isolated(), "needs port 53")
    def test_e5_the_systems_resolvers_are_asked_and_their_file_watched(self):
        first, second = self.upstream(address="127.0.0.7", port=53), self.upstream(address="127.0.0.8", port=53)
        first.put("ipv4only.arpa", "AAAA", own)
        second.put("ipv4only.arpa", "AAAA", well_known)
        resolv_conf = os.path.join(self.folder, "resolv.conf")

        def name_servers(*addresses):
            with open(resolv_conf + ".new", "w", encoding="ascii") as file:
                file.write("".join(f"nameserver {address}\n" for address in addresses))
            os.replace(resolv_conf + ".new", resolv_conf)

        name_servers("127.0.0.1", "127.0.0.7")
        self.front = clients.Front()
        self.front.port = 53  # we are the first of the system's resolvers, which must not ask itself
        self.start_once(
            self.front.configuration(
                upstream=[self.upstream().url], dns64={"prefix": "discovered", "discovery": {"resolv_conf": resolv_conf}}
            )
        )
        self.expect("2001:db8:64::c633:6401")
        name_servers("127.0.0.1", "127.0.0.8")
        self.expect("64:ff9b::c633:6401")


@unittest.skipUnless(lab.isolated(), "needs addresses of its own")
class Probes(PrefixTest):
    """Two prefixes of translators elsewhere. With the embedded address on loopback packets come back, else they do not."""

    one, other = "2001:db8:1::c633:6407", "2001:db8:2::c633:6407"  # 198.51.100.7 in each prefix

    def setUp(self):
        lab.add_address(self.one)
        lab.add_address(self.other)
        self.addCleanup(self.remove, self.one)
        self.addCleanup(self.remove, self.other)

    @staticmethod
    def remove(address):
        lab.run("ip", "address", "del", f"{address}/128", "dev", "lo", check=False)

    def probe(self, url, **probing):
        self.serve(
            prefixes=[
                {"prefix": "2001:db8:1::/96", "external": True, "probe": url},
                {"prefix": "2001:db8:2::/96", "external": True, "probe": url},
            ],
            probing={"interval": "500ms", "timeout": "200ms", "fall": 2, "rise": 2, **probing},
        )

    def state(self):
        return [self.front.metric("dragoman_dns64_prefix_up", prefix=f"2001:db8:{n}::/96") for n in (1, 2)]

    def test_a_prefix_without_a_way_leaves_new_answers_and_comes_back(self):
        self.probe("tcp://198.51.100.7:443")  # nobody listens: a reset is a sign of life
        both = ("2001:db8:1::c633:6401", "2001:db8:2::c633:6401")
        self.expect(*both)
        self.remove(self.one)
        self.expect("2001:db8:2::c633:6401")
        self.server.wait_for_log("prefix_down.*2001:db8:1::/96")
        self.assertEqual(self.state(), [0, 1])
        lab.add_address(self.one)
        self.expect(*both)
        self.server.wait_for_log("prefix_up.*2001:db8:1::/96")
        self.assertEqual(self.state(), [1, 1])
        self.assertGreater(
            self.front.metric("dragoman_dns64_probes_total", prefix="2001:db8:1::/96", result="unreachable"), 0
        )

    def test_the_last_prefix_stays(self):
        self.probe("tcp://198.51.100.7:443")
        self.remove(self.one)
        self.expect("2001:db8:2::c633:6401")
        self.remove(self.other)
        lab.eventually(lambda: self.state() == [0, 0], 10, "both down")
        self.expect("2001:db8:2::c633:6401")
        lab.add_address(self.one)
        self.expect("2001:db8:1::c633:6401")

    def test_a_dns_server_that_falls_silent_takes_its_prefix_away(self):
        for address in (self.one, self.other):
            server = self.upstream(address=address, port=53)
            server.script = self.refuse
        self.probe("dns://198.51.100.7")
        lab.eventually(
            lambda: self.front.metric("dragoman_dns64_probes_total", prefix="2001:db8:2::/96", result="passed") >= 2
        )
        self.assertEqual(self.state(), [1, 1], "REFUSED is an answer")
        server.script = lambda query, transport: None
        self.expect("2001:db8:1::c633:6401")
        self.assertGreater(
            self.front.metric("dragoman_dns64_probes_total", prefix="2001:db8:2::/96", result="timeout"), 0
        )

    @staticmethod
    def refuse(query, transport):
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.REFUSED)
        return reply

    def test_a_reload_keeps_what_is_known_of_a_prefix(self):
        self.probe("tcp://198.51.100.7:443")
        self.remove(self.one)
        self.expect("2001:db8:2::c633:6401")
        self.configuration["dns64"]["prefixes"].append("2001:db8:3::/96")
        self.server.write(self.configuration)
        self.server.send(signal.SIGHUP)
        self.server.wait_for_log("reloaded")
        self.assertEqual(self.synthetic(), ["2001:db8:2::c633:6401", "2001:db8:3::c633:6401"])

    def test_discovered_prefixes_are_probed_too(self):
        network = self.upstream()
        network.put(
            "ipv4only.arpa",
            "AAAA",
            [f"2001:db8:{n}::c000:{last}" for n in (1, 2) for last in ("aa", "ab")],
        )
        self.serve(
            prefix="discovered",
            discovery={"from": [network.url], "probe": "tcp://198.51.100.7:443"},
            probing={"interval": "500ms", "timeout": "200ms", "fall": 1, "rise": 1},
        )
        self.expect("2001:db8:1::c633:6401", "2001:db8:2::c633:6401")
        self.remove(self.other)
        self.expect("2001:db8:1::c633:6401")


class Wire:
    """A router on a TUN device that swallows what is sent to a prefix, or answers that a firewall forbids it."""

    def __init__(self, prefix, name="wire"):
        self.fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.fd, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
        lab.run("ip", "link", "set", name, "up")
        lab.run("ip", "address", "replace", "2001:db8:ffff::1/64", "dev", name, "nodad")
        lab.run("ip", "-6", "route", "replace", prefix, "dev", name)
        self.refuses = False
        self.seen = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                packet = os.read(self.fd, 2048)
            except OSError:
                return
            if packet[6] != socket.IPPROTO_TCP:
                continue
            self.seen += 1
            if self.refuses:
                os.write(self.fd, self.port_unreachable(packet))

    @staticmethod
    def port_unreachable(packet):
        """ICMPv6 type 1 code 4 (RFC 4443 3.1), as ip6tables' REJECT sends it, in the name of the destination."""
        source, destination = packet[24:40], packet[8:24]
        body = bytes(4) + packet[:1200]
        pseudo = source + destination + struct.pack("!IxxxB", 4 + len(body), socket.IPPROTO_ICMPV6)
        octets = pseudo + b"\1\4\0\0" + body
        octets += bytes(len(octets) % 2)
        total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
        total = (total & 0xFFFF) + (total >> 16)
        total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        header = struct.pack("!IHBB", 6 << 28, 4 + len(body), socket.IPPROTO_ICMPV6, 64) + source + destination
        return header + struct.pack("!BBH", 1, 4, total) + body

    def stop(self):
        os.close(self.fd)


@unittest.skipUnless(lab.isolated() and os.access("/dev/net/tun", os.W_OK), "needs a TUN device")
class Routers(PrefixTest):
    def test_silence_and_a_firewalls_refusal_are_no_sign_of_life(self):
        wire = Wire("2001:db8:1::/96")
        self.addCleanup(wire.stop)
        for refuses, result in ((False, "timeout"), (True, "unreachable")):
            wire.refuses, wire.seen = refuses, 0
            with self.subTest(result=result):
                self.serve(
                    prefixes=[
                        {"prefix": "2001:db8:1::/96", "external": True, "probe": "tcp://198.51.100.7:443"},
                        "2001:db8:2::/96",
                    ],
                    probing={"interval": "500ms", "timeout": "200ms", "fall": 2},
                )
                self.expect("2001:db8:2::c633:6401")
                self.assertGreater(wire.seen, 1)
                results = {
                    name: self.front.metric("dragoman_dns64_probes_total", result=name)
                    for name in ("passed", "timeout", "unreachable")
                }
                self.assertGreater(results[result], 1, results)
                self.assertEqual(sum(results.values()), results[result], results)


class Configuration(lab.LabTest):
    def test_mistakes_are_told_with_what_would_do(self):
        front = clients.Front()
        for dns64, text in (
            ({"prefixes": [{"prefix": "64:ff9b::/96", "probe": "tcp://192.0.2.1:80"}]}, "external: true"),
            (
                {"prefixes": [{"prefix": "64:ff9b::/96", "external": True, "probe": "tcp://[::1]:80"}]},
                "a probe goes to an IPv4 address",
            ),
            ({"prefix": "discovered", "discovery": {"from": f"dns://127.0.0.1:{front.port}"}}, "our own listener"),
        ):
            status, output = lab.check(front.configuration(upstream=["dns://192.0.2.1"], dns64=dns64), self.folder)
            self.assertNotEqual(status, 0)
            self.assertIn(text, output)


if __name__ == "__main__":
    lab.main()
