# What the NAT64 runs on: a TUN device that it made, or that somebody else made; offloads that the kernel refuses;
# rights given up; and several workers.
import json
import os
import re
import shlex
import shutil
import subprocess
import unittest

import lab
import nat64_scene

nobody = 65534


def status_of(pid):
    """/proc/PID/status as a mapping."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(re.findall(r"^(\w+):\s*(.*)$", file.read(), re.M))


def is_really_root():
    """Not in a user namespace that has nobody else."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return os.geteuid() == 0 and file.read().split()[2] != "1"


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
        inbound = {"direction": "4to6", "protocol": "tcp"}
        size = self.metric("bytes_total", **inbound) / self.metric("packets_total", **inbound)
        self.assertGreater(size, 3000, "longer than any link takes")

    def test_privileges_are_gone_after_the_start(self):
        program = self.serve()
        self.assert_carries()
        status = status_of(program.pid)
        self.assertEqual(int(status["CapEff"], 16) & 1 << 12, 0, "CAP_NET_ADMIN")
        self.assertEqual(int(status["CapBnd"], 16) & 1 << 12, 0)
        self.assertEqual(status["NoNewPrivs"], "1")

    @unittest.skipUnless(is_really_root(), "needs to be root")
    def test_it_becomes_the_user_that_is_named(self):
        program = self.serve(user="nobody")
        self.assert_carries()
        status = status_of(program.pid)
        self.assertEqual(status["Uid"].split(), [str(nobody)] * 4)
        self.assertEqual((int(status["CapEff"], 16), int(status["CapPrm"], 16)), (0, 0))
        self.reload(user="nobody", max_sessions=1000)
        self.assert_carries()

    @unittest.skipUnless(is_really_root(), "needs to be root")
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
        words = shlex.join(map(str, (program, *command[1:])))
        script = f"mount --bind {home}/tun /dev/net/tun && exec {rights} {words}"
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


if __name__ == "__main__":
    lab.main()
