# AF_XDP over veth, in network namespaces: queries past the kernel's stack in both modes, everything else and every
# other way as ever, and no program left on the interface however the server ends.
#
#   client ---- eth0, two queues ---- server     IPv4 and IPv6
import os
import re
import signal
import sys

import clients
import lab
import networks
import upstreams

interface = "eth0"
addresses = {"IPv4": ("192.0.2.1", "192.0.2.2"), "IPv6": ("2001:db8::1", "2001:db8::2")}
names = {("four.test", "A"): ["192.0.2.80"], ("miss0.test", "A"): ["192.0.2.81"], ("miss1.test", "A"): ["192.0.2.81"],
         ("large.test", "TXT"): [f'"{number:03} {"x" * 200}"' for number in range(14)]}
synthesized = "64:ff9b::c000:250"


def may_use_xdp():
    """Whether the kernel lets this process put a program in front of an interface."""
    if not lab.isolated():
        return False
    probe = networks.Namespace("probe")
    try:
        networks.connect(probe, interface, probe, "other")
        return may_start(probe)
    finally:
        probe.close()


def may_start(namespace):
    folder = lab.tempfile.mkdtemp(prefix="dragoman-lab.")
    try:
        with namespace.inside():
            namespace.ip("address add 192.0.2.1/24 dev", interface)
            server = lab.Dragoman(folder, {"listen": ["dns://192.0.2.1:53"], "upstream": ["dns://192.0.2.53"],
                                           "xdp": {"interfaces": [interface], "mode": "generic"}})
            server.stop()
            return True
    except AssertionError as error:
        print(error)
        return False
    finally:
        lab.shutil.rmtree(folder, ignore_errors=True)


class XdpTest(lab.LabTest):
    mode, workers = "native", 2
    mtu = 1500

    def setUp(self):
        self.client, self.server = networks.Namespace("client"), networks.Namespace("server")
        self.addCleanup(self.client.close)
        self.addCleanup(self.server.close)
        queues = "numrxqueues 2 numtxqueues 2"
        self.server.ip(f"link add {interface} mtu {self.mtu} {queues} type veth peer name eth0 mtu {self.mtu} {queues} netns",
                       self.client.path)
        for side, namespace in enumerate((self.server, self.client)):
            namespace.ip("link set eth0 up")
            for pair in addresses.values():
                namespace.ip(f"address add {pair[side]}/{64 if ':' in pair[side] else 24} dev eth0")
        with self.server.inside():
            self.upstream = upstreams.Scripted(names)
        self.addCleanup(self.upstream.stop)

    def configuration(self, **more):
        return {"listen": ["dns://[::]:53"], "workers": self.workers, "upstream": [self.upstream.url], "dns64": {},
                "acl": {"allow": ["192.0.2.0/24", "2001:db8::/64", "127.0.0.0/8"]},
                "http": {"listen": ["127.0.0.1:9153"]},
                "xdp": {"interfaces": [interface], "mode": self.mode}, **more}

    def serve(self, **more):
        with self.server.inside():
            return self.start_once(self.configuration(**more))

    def dig(self, address, name, kind="AAAA", *options, program="dig"):
        patience = ["+time=2", "+tries=1"] if program == "dig" else ["+timeout=2", "+retry=0"]
        return self.client.run(program, *patience, *options, f"@{address}", name, kind)

    def frames(self):
        """dragoman_xdp_frames_total by result."""
        found = re.findall(r'^dragoman_xdp_frames_total\{result="(\w+)"\} (\d+)', self.metrics(), re.M)
        return {result: int(count) for result, count in found}

    def metrics(self):
        return self.server.run("curl", "-sS", "http://127.0.0.1:9153/metrics")

    def attached(self):
        """What `ip link` shows of a program: "xdp", "xdpgeneric", or nothing."""
        found = re.search(r"mtu \d+ (xdp\w*)", self.server.run("ip", "link", "show", interface))
        return found.group(1) if found else ""


class EitherMode:
    """What holds in both modes."""

    shown = ""  # by ip link

    def test_queries_are_answered_in_their_frames(self):
        self.serve()
        self.assertEqual(self.attached(), self.shown)
        self.assertIn(f'dragoman_xdp_mode{{interface="{interface}",mode="{self.mode}"}} 1', self.metrics())
        asked = 0
        for server, _ in addresses.values():
            for program in ("dig", "kdig"):
                for _ in range(8):  # of as many ports: both queues, both workers
                    with self.subTest(server=server, program=program):
                        self.assertIn(synthesized, self.dig(server, "four.test", program=program))
                        asked += 1
        frames = self.frames()
        self.assertEqual(frames["answered"] + frames["late"], asked)
        self.assertGreater(frames["answered"], 0)
        self.assertEqual(frames["invalid"] + frames["ignored"], 0)
        served = [int(count) for count in re.findall(
            r'^dragoman_dns_requests_total\{[^}]*proto="udp"[^}]*\} (\d+)', self.metrics(), re.M)]
        self.assertEqual(sum(served), asked)  # by the same pipeline as all others

    def test_a_miss_is_answered_when_its_answer_comes(self):
        self.serve()
        for number, (family, (server, _)) in enumerate(addresses.items()):
            with self.subTest(family):
                self.assertIn("64:ff9b::c000:251", self.dig(server, f"miss{number}.test"))
                self.assertEqual(self.frames()["late"], number + 1)

    def test_an_answer_that_fits_no_datagram_comes_over_tcp(self):
        self.serve()
        for family, (server, _) in addresses.items():
            with self.subTest(family):
                text = self.dig(server, "large.test", "TXT")
                self.assertEqual(text.count("x" * 200), len(names["large.test", "TXT"]))
                self.assertRegex(self.dig(server, "large.test", "TXT", "+ignore"), r"flags:[ a-z]* tc[ ;]")
        self.assertGreater(self.frames()["answered"], 0)

    def test_everything_else_takes_its_ordinary_way(self):
        self.serve()
        for family, (server, _) in addresses.items():
            with self.subTest(family):
                self.assertIn(synthesized, self.dig(server, "four.test", "AAAA", "+tcp"))
                self.assertIn(" 0% packet loss", self.client.run("ping", "-c", 1, "-W", 2, server))
        self.assertIn(synthesized, self.server.run("dig", "+time=2", "+tries=1", "@127.0.0.1", "four.test", "AAAA"))
        self.assertEqual(sum(self.frames().values()), 0)

    def test_addresses_that_come_and_go_are_followed(self):
        self.serve()
        fresh = "2001:db8::77"
        self.server.ip(f"address add {fresh}/64 dev {interface}")
        self.client.ip(f"-6 route replace {fresh} dev eth0")

        def comes_by_frame():
            before = sum(self.frames().values())
            told = self.client.run("dig", "+time=1", "+tries=1", f"@{fresh}", "four.test", "AAAA", check=False)
            return synthesized in told and sum(self.frames().values()) > before  # it may be tentative yet (RFC 4862 5.4)
        lab.eventually(comes_by_frame, what="the new address being taken")
        self.server.ip(f"address del {fresh}/64 dev {interface}")

        def is_left():
            before = sum(self.frames().values())
            self.client.run("dig", "+time=1", "+tries=1", f"@{fresh}", "four.test", check=False)
            return sum(self.frames().values()) == before
        lab.eventually(is_left, what="the old address being left")

    def test_addresses_of_other_interfaces_are_left_and_those_of_lo_are_not(self):
        self.server.ip("link add other0 type veth peer name other1")
        for address, device in (("2001:db8::88", "lo"), ("2001:db8::99", "other0")):
            self.server.ip(f"address add {address}/128 dev {device}")
            self.server.ip("link set", device, "up")
            self.client.ip(f"-6 route add {address} via {addresses['IPv6'][0]}")
        self.serve()
        for address, by_frame in (("2001:db8::88", 1), ("2001:db8::99", 0)):
            with self.subTest(address):
                before = sum(self.frames().values())
                self.assertIn(synthesized, self.dig(address, "four.test"))
                self.assertEqual(sum(self.frames().values()) - before, by_frame)

    def test_no_program_stays_behind(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number.name):
                server = self.serve()
                self.assertEqual(self.attached(), self.shown)
                server.stop(number)
                lab.eventually(lambda: not self.attached(), what="the interface without a program")

    def test_a_flood_of_what_is_no_query_does_no_harm(self):
        self.serve()
        server, client = addresses["IPv4"]
        with self.client.inside():
            self.client.run("ethtool", "-K", "eth0", "tx", "off")  # complete checksums
            from scapy.layers.inet import IP, UDP  # Debian's; takes half a second
            from scapy.layers.l2 import Ether
            from scapy.sendrecv import sendp
            ethernet = Ether(src=self.client.devices()["eth0"]["address"],
                             dst=self.server.devices()[interface]["address"])
            question = clients.query("four.test", "AAAA").to_wire()
            sound = ethernet / IP(src=client, dst=server) / UDP(sport=4000, dport=53) / question
            wrong_sum = ethernet / IP(src=client, dst=server) / UDP(sport=4000, dport=53, chksum=1) / question
            wrong_length = ethernet / IP(src=client, dst=server) / UDP(sport=4000, dport=53, len=4) / question
            nobody = ethernet / IP(src="127.0.0.1", dst=server) / UDP(sport=4000, dport=53) / question
            garbage = ethernet / IP(src=client, dst=server) / UDP(sport=4000, dport=53) / os.urandom(8)
            sendp([wrong_sum, wrong_length, nobody, garbage] * 25 + [sound], iface="eth0", verbose=False)
        lab.eventually(lambda: self.frames()["invalid"] == 75, what="75 invalid frames")
        self.assertEqual(self.frames()["ignored"], 25)
        self.assertIn(synthesized, self.dig(server, "four.test"))


class Native(EitherMode, XdpTest):
    mode, shown = "native", "xdp"


class Generic(EitherMode, XdpTest):
    mode, shown = "generic", "xdpgeneric"


class OneWorker(XdpTest):
    workers = 1

    def test_one_worker_serves_all_queues(self):
        self.serve()
        for _ in range(16):
            self.assertIn(synthesized, self.dig(addresses["IPv6"][0], "four.test"))
        frames = self.frames()
        self.assertEqual(frames["answered"] + frames["late"], 16)


class FallingBack(XdpTest):
    mode = "auto"

    def test_auto_takes_what_the_driver_has(self):
        self.serve()
        self.assertEqual(self.attached(), "xdp")

    def test_auto_serves_without_when_there_is_no_such_interface(self):
        server = self.serve(xdp={"interfaces": ["eth7", interface], "mode": "auto"})
        self.assertRegex(server.log(), r"xdp_unavailable: .*ordinary way interface=eth7")
        self.assertIn('dragoman_xdp_mode{interface="eth7",mode="none"} 1', self.metrics())
        self.assertIn(f'dragoman_xdp_mode{{interface="{interface}",mode="native"}} 1', self.metrics())

    def test_auto_serves_without_when_another_program_is_there(self):
        first = self.serve(listen=["dns://[::]:53"])
        with self.server.inside():
            second = self.start_once(self.configuration(listen=["dns://[::]:5353"], http={}))
        self.assertIn("another XDP program is on the interface", second.log())
        self.assertIn(synthesized, self.dig(addresses["IPv6"][0], "four.test", "AAAA", "-p", 5353))
        first.assert_stops_cleanly()

    def test_what_is_demanded_and_not_to_be_had_ends_the_start(self):
        for mode in ("native", "generic"):
            with self.subTest(mode), self.assertRaises(AssertionError) as caught:
                self.serve(xdp={"interfaces": ["eth7"], "mode": mode})
            self.assertIn("xdp.mode: auto", str(caught.exception))

    def test_without_rights_it_says_which_are_missing(self):
        # Ports from 53 on are for everybody in this namespace.
        self.server.set("net.ipv4.ip_unprivileged_port_start", 53)
        path = os.path.join(self.folder, "weak.yaml")
        with open(path, "w", encoding="utf-8") as file:
            lab.json.dump(self.configuration(), file)
        os.chmod(path, 0o644)
        server = self.server.start(["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all",
                                    lab.binary(), "serve", "--config", path], self.folder, "weak")
        self.addCleanup(server.kill)
        server.wait_for_log(r"\bready\b")
        self.assertRegex(server.log(), r"xdp_unavailable: .*CAP_BPF")
        self.assertIn(synthesized, self.dig(addresses["IPv6"][0], "four.test"))
        server.stop()

    def test_an_interface_that_goes_shows(self):
        self.serve()
        self.assertIn(f'dragoman_xdp_mode{{interface="{interface}",mode="native"}} 1', self.metrics())
        self.server.ip("link del", interface)
        self.assertIn(f'dragoman_xdp_mode{{interface="{interface}",mode="native"}} 0', self.metrics())
        self.assertIn(synthesized, self.server.run("dig", "+time=2", "+tries=1", "@127.0.0.1", "four.test", "AAAA"))


if __name__ == "__main__":
    if os.environ.get("DRAGOMAN_LAB_INSIDE") and not may_use_xdp():
        print("this kernel gives no AF_XDP to this process")
        sys.exit(77)
    lab.main()
