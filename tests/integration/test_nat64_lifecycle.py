# The NAT64 as a service: killed and started again, reloaded while data flows, an address drained, and what is said at
# the start of a machine that is in its way.
import hashlib
import os
import re
import signal

import lab
import nat64_scene


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
        options = ("--silent --limit-rate 2M --speed-time 1 --speed-limit 1000 --connect-timeout 1 "
                   "--retry 5 --retry-delay 1 --retry-all-errors")
        command = ["curl", *options.split(), "--output", f"{self.folder}/got", f"http://[{self.translated()}]/large"]
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

    def test_a_second_prefix_is_translated_and_the_first_one_goes_on(self):
        self.echo(self.server, self.network.server_address, 9)
        self.serve()
        other = "2001:db8:65::/96"
        # The program gave up what it takes to make a route.
        self.gateway.run("ip", "-6", "route", "add", other, "dev", "nat64")
        with self.tcp(self.client, self.translated(), 9) as old:
            self.reload(prefix=[other, self.network.prefix])
            with self.tcp(self.client, self.network.translated(self.network.server_address, other), 9) as fresh:
                for stream in (old, fresh):
                    stream.sendall(b"x")
                    self.assertEqual(stream.recv(1), b"x")
        self.assertNotIn("needs a restart", self.program.log())

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

    def test_uplinks_that_join_nothing(self):
        self.gateway.run("ethtool", "-K", "outside", "gro", "off")
        self.assert_warned(r"outside does not join .*ethtool -K outside gro on")

    def test_reverse_path_filter(self):
        self.gateway.set("net.ipv4.conf.all.rp_filter", 1)
        self.addCleanup(self.gateway.set, "net.ipv4.conf.all.rp_filter", 0)
        self.assert_warned("rp_filter", routes=False)

    def test_a_pool_with_the_machines_own_address(self):
        # The kernel takes what comes to it, before any route to the device.
        self.assert_warned(rf"{re.escape(self.network.gateway4)} of the pool.* own sockets use",
                           pool4=[{"addresses": self.network.gateway4}])


if __name__ == "__main__":
    lab.main()
