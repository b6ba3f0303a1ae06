# The NAT64 as a service: killed and started again, reloaded while data flows, an address drained, a device that somebody
# else made, offloads that the kernel refuses, several workers, rights given up, and what is said of a machine in its way.
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import unittest

import lab
import nat64_scene

nobody = 65534


def status_of(pid):
    """/proc/PID/status as a mapping."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(re.findall(r"^(\w+):\s*(.*)$", file.read(), re.M))


@nat64_scene.needs_namespaces
class Killed(nat64_scene.Nat64Test):
    settings = None

    def test_a_killed_daemon_starts_again_and_new_connections_work_at_once(self):
        echo = self.echo(self.server, self.network.server_address)
        program = self.serve()
        old = self.tcp(self.client, self.translated(), 7)
        self.addCleanup(old.close)
        old.sendall(b"before")
        self.assertEqual(old.recv(100), b"before")
        program.send(signal.SIGKILL)
        self.assertEqual(program.wait(), -signal.SIGKILL)
        with self.assertRaises(OSError):  # nobody has the way: told, or silence
            self.tcp(self.client, self.translated(), 7, timeout=0.5)
        self.serve()
        with self.tcp(self.client, self.translated(), 7) as stream:
            stream.sendall(b"after")
            self.assertEqual(stream.recv(100), b"after")
        # RFC 6146 3.5.2.2: what began before belongs to no session and goes nowhere, for a reason that is counted.
        with self.subTest("the old connection"):
            old.sendall(b"lost")
            lab.eventually(lambda: self.drops("tcp_without_session") > 0, 10, "the drop")
        self.assertNotIn(b"lost", b"".join(str(peer).encode() for peer in echo.peers))

    def test_a_transfer_that_is_cut_begins_again(self):
        site = self.web(self.server, self.network.server_address, "site")
        program = self.serve()
        command = ["curl", "--silent", "--limit-rate", "2M", "--speed-time", "1", "--speed-limit", "1000", "--retry", "5",
                   "--retry-delay", "1", "--retry-all-errors", "--connect-timeout", "1",
                   "--output", f"{self.folder}/got", f"http://[{self.translated()}]/large"]
        curl = self.client.start(command, self.folder, "curl")
        self.addCleanup(curl.kill)
        lab.eventually(lambda: os.path.exists(f"{self.folder}/got") and os.path.getsize(f"{self.folder}/got") > 1 << 20,
                       10, "the first MiB")
        program.send(signal.SIGKILL)
        program.wait()
        self.serve()
        self.assertEqual(curl.wait(40), 0)
        with open(f"{self.folder}/got", "rb") as file:
            self.assertEqual(hashlib.sha256(file.read()).digest(), hashlib.sha256(site.large()).digest())

    def test_sigterm_takes_the_device_and_its_routes_away(self):
        program = self.serve()
        self.assertIn("nat64", self.gateway.devices())
        program.assert_stops_cleanly()
        self.assertNotIn("nat64", self.gateway.devices())
        self.assertNotIn("2001:db8:64::/96", self.gateway.ip("-6 route"))


@nat64_scene.needs_namespaces
class Reloaded(nat64_scene.Nat64Test):
    """SIGHUP changes what is to be and resets nobody."""

    settings = None

    def test_iperf3_runs_through_reloads(self):
        self.serve()
        running = self.iperf3(self.translated(), "-t", 3, "-P", 2)
        lab.eventually(lambda: self.metric("sessions", protocol="tcp") >= 3, what="the streams")
        for sessions in (1000, 2000, 3000):
            self.reload(max_sessions=sessions, timeouts={"tcp_established": "3h"}, ports_per_subscriber=sessions,
                        pool4=[{"addresses": f"198.51.100.1-198.51.100.{sessions // 1000 + 4}"}])
        self.assertGreater(running.end()["sum_received"]["seconds"], 2.5)

    def test_a_drained_address_keeps_its_sessions_and_gets_no_new_ones(self):
        self.echo_server = self.echo(self.server, self.network.server_address)
        two = [{"addresses": "198.51.100.1"}, {"addresses": "198.51.100.2"}]
        self.serve(pool4=two, timeouts={"port_hold": "0s"})
        with self.tcp(self.client, self.translated(), 7) as old:
            lab.eventually(lambda: self.echo_server.peers, what="the connection")
            mine = self.echo_server.peers[0][0]
            self.reload(pool4=[{**entry, "drain": entry["addresses"] == mine} for entry in two])
            old.sendall(b"still here")
            self.assertEqual(old.recv(100), b"still here")
            self.assertRegex(self.ctl("nat64", "pool"), rf"(?m){re.escape(mine)}.*drain")
            for number in (2, 3, 4):
                other, _ = self.network.add_client(number)
                with self.tcp(other, self.translated(), 7) as stream:
                    stream.sendall(b"x")
                    stream.recv(1)
            self.assertEqual({host for host, _ in self.echo_server.peers[1:]},
                             {"198.51.100.1", "198.51.100.2"} - {mine})

    def test_what_needs_a_restart_is_said_and_changes_nothing(self):
        self.echo(self.server, self.network.server_address, 8)
        self.serve()
        self.program.write(self.configuration(port_block_size=512))
        self.program.send(signal.SIGHUP)
        self.program.wait_for_log(r"port_block_size")
        with self.tcp(self.client, self.translated(), 8) as stream:
            stream.sendall(b"x")
            self.assertEqual(stream.recv(1), b"x")


@nat64_scene.needs_namespaces
class Device(nat64_scene.Nat64Test):
    """The TUN device: made by the program, prepared by somebody else, and with less than the kernel can do."""

    settings = None

    def setUp(self):
        self.site = self.web(self.server, self.network.server_address, self.unique("site"))
        self.addCleanup(self.site.stop)

    def assert_carries(self):
        got = nat64_scene.curl(self.client, f"http://[{self.translated()}]/large")
        self.assertTrue(got == self.site.large())
        self.assertIn(" 0% packet loss", self.client.run("ping", "-c", 1, self.translated()))

    def features(self):
        said = self.gateway.run("ethtool", "-k", "nat64")
        return dict(re.findall(r"^\s*([\w-]+): (on|off)", said, re.M))

    def test_without_offloads_it_carries_the_same(self):
        for tso, uso in (("off", "off"), ("auto", "off")):
            with self.subTest(tso=tso, uso=uso):
                program = self.serve(tso=tso, uso=uso)
                features = self.features()
                self.assertEqual(features["tx-udp-segmentation"], "off")
                self.assertEqual(features["tx-tcp-segmentation"], "off" if tso == "off" else "on")
                self.assert_carries()
                program.assert_stops_cleanly()

    def test_with_offloads_reads_are_super_packets(self):
        self.serve()
        self.assertEqual(self.features()["tx-tcp-segmentation"], "on")
        self.assert_carries()
        packets, octets = (self.metric(f"{kind}_total", direction="4to6", protocol="tcp") for kind in ("packets", "bytes"))
        self.assertGreater(octets / packets, 3000, "longer than any link takes")

    def test_privileges_are_gone_after_the_start(self):
        program = self.serve()
        self.assert_carries()
        status = status_of(program.pid)
        self.assertEqual(int(status["CapEff"], 16) & 1 << 12, 0, "CAP_NET_ADMIN")
        self.assertEqual(int(status["CapBnd"], 16) & 1 << 12, 0)
        self.assertEqual(status["NoNewPrivs"], "1")

    @unittest.skipUnless(os.geteuid() == 0 and os.path.exists("/proc/self/uid_map") and
                         open("/proc/self/uid_map", encoding="ascii").read().split()[2] != "1", "needs to be root")
    def test_it_becomes_the_user_that_is_named(self):
        program = self.serve(user="nobody")
        self.assert_carries()
        status = status_of(program.pid)
        self.assertEqual(status["Uid"].split(), [str(nobody)] * 4)
        self.assertEqual((int(status["CapEff"], 16), int(status["CapPrm"], 16)), (0, 0))
        self.reload(user="nobody", max_sessions=1000)
        self.assert_carries()

    @unittest.skipUnless(os.geteuid() == 0 and os.path.exists("/proc/self/uid_map") and
                         open("/proc/self/uid_map", encoding="ascii").read().split()[2] != "1", "needs to be root")
    def test_a_prepared_device_needs_no_right_at_all(self):
        for words in ("tuntap add dev nat64 mode tun user nobody multi_queue vnet_hdr", "link set nat64 up",
                      f"route add {self.network.prefix} dev nat64", "route add 198.51.100.0/24 dev nat64"):
            self.gateway.ip(words)
        self.addCleanup(self.gateway.ip, "tuntap del dev nat64 mode tun multi_queue")
        path = os.path.join(self.folder, "prepared.yaml")
        with open(path, "w", encoding="ascii") as file:
            json.dump(self.configuration(routes=False), file)
        self.program = self.gateway.start(self.without_rights(lab.binary(), "serve", "--config", path), self.folder,
                                          self.unique("prepared"))
        self.addCleanup(self.program.stop)
        self.program.wait_for_log(r"\bready\b")
        status = status_of(self.program.pid)
        self.assertEqual((status["Uid"].split()[1], int(status["CapEff"], 16)), (str(nobody), 0))
        self.assert_carries()

    def without_rights(self, *command):
        """As nobody, with no capability, and with the /dev/net/tun that a distribution's udev makes: for everybody. The
        mount is seen by this program alone."""
        home = os.path.join(self.folder, "tun")
        if not os.path.exists(home):
            shutil.copy(command[0], self.folder)  # a place that nobody may enter is no good for the program
            os.mkdir(home)
            os.mknod(f"{home}/tun", 0o020666, os.makedev(10, 200))
            os.chmod(f"{home}/tun", 0o666)
        program = os.path.join(self.folder, os.path.basename(command[0]))
        rights = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs"
        script = f"mount --bind {home}/tun /dev/net/tun && exec {rights} {shlex.join(map(str, (program, *command[1:])))}"
        return ["unshare", "--mount", "sh", "-c", script]

    def test_a_device_that_is_in_use_is_an_error_with_words(self):
        self.serve()
        path = os.path.join(self.folder, "second.yaml")
        with open(path, "w", encoding="ascii") as file:
            json.dump({**self.configuration(), "http": {"listen": []}}, file)
        with self.gateway.inside():
            done = subprocess.run([lab.binary(), "serve", "--config", path], capture_output=True, text=True, timeout=20)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nat64", done.stdout + done.stderr)
        self.assert_carries()


@nat64_scene.needs_namespaces
class Workers(nat64_scene.Nat64Test):
    """Two workers share nothing: with steering by the kernel, and where that is refused."""

    settings = None
    subscribers = 4

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sources = []
        for number in range(cls.subscribers):
            source = f"2001:db8:5a:{number}::2"
            cls.client.ip(f"address add {source}/128 dev eth0")
            cls.gateway.ip(f"route add {source}/128 via {cls.network.client_address}")
            cls.sources.append(source)

    def streams(self):
        """A TCP stream of each subscriber at the same time, up and down; what iperf3 says of each."""
        found = []
        for options in ([], ["-R"]):
            running = [self.iperf3(self.translated(), "-B", source, "-t", 2, *options, port=5201 + number)
                       for number, source in enumerate(self.sources)]
            found += [each.end() for each in running]
        return found

    def test_four_streams_pass_without_a_reset_however_packets_are_steered(self):
        for steering in ("auto", "off"):
            with self.subTest(steering=steering):
                program = self.serve({"workers": 2}, steering=steering)
                for said in self.streams():
                    self.assertGreater(said["sum_received"]["bytes"], 1 << 20)
                self.assertEqual(self.drops("handoff_full"), 0)
                self.assertEqual(self.drops("no_binding"), 0)
                program.assert_stops_cleanly()

    def test_steering_makes_hand_offs_rare(self):
        program = self.serve({"workers": 2}, steering="auto")
        if "nat64_no_steering" in program.log():
            self.skipTest(f"this kernel refuses: {program.log()}")
        self.streams()
        packets = self.metric("packets_total")
        self.assertLess(self.metric("handoff_total", reason="steering") / packets, 0.01)

    def test_clients_of_different_workers_reach_each_other(self):
        outside = {source: f"198.51.100.{number + 1}" for number, source in enumerate(self.sources)}
        self.serve({"workers": 2}, static_bindings=[
            {"protocol": "tcp", "inside": f"[{source}]:7000", "outside": f"{address}:7000"}
            for source, address in outside.items()])
        for source in self.sources:
            self.echo(self.client, source, 7000)
        for source in self.sources:
            for address in outside.values():
                with self.subTest(source=source, to=address), \
                     self.tcp(self.client, self.translated(address), 7000, source=source) as stream:
                    stream.sendall(b"x" * 5000)
                    received = b""
                    while len(received) < 5000:
                        received += stream.recv(5000)
        self.assertGreater(self.metric("handoff_total", reason="hairpin"), 0)


@nat64_scene.needs_namespaces
class Checks(nat64_scene.Nat64Test):
    """What the machine has set that stands in the way is said at the start, with the way out."""

    settings = None

    def assert_warned(self, pattern, **settings):
        program = self.serve(**settings)
        self.assertRegex(program.log(), pattern)
        program.assert_stops_cleanly()

    def test_a_well_set_machine_is_warned_of_nothing_that_stops_packets(self):
        program = self.serve()
        self.assertNotRegex(program.log(), r"forward|rp_filter|of the pool|MTU")

    def test_forwarding(self):
        for name in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            self.gateway.set(name, 0)
            try:
                self.assert_warned(re.escape(name).replace("ip_forward", r"(ip_forward|conf.*forwarding)"))
            finally:
                self.gateway.set(name, 1)

    def test_reverse_path_filter(self):
        self.gateway.set("net.ipv4.conf.all.rp_filter", 1)
        self.addCleanup(self.gateway.set, "net.ipv4.conf.all.rp_filter", 0)
        self.assert_warned("rp_filter", routes=False)

    def test_a_pool_with_the_machines_own_address(self):
        # The kernel takes what comes to it, before any route to the device.
        self.assert_warned(re.escape(self.network.gateway4), pool4=[{"addresses": self.network.gateway4}])


if __name__ == "__main__":
    lab.main()
