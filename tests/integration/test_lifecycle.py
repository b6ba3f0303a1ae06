# The program as a service: start, ready, reload, drain and end; and what it says when it cannot start.
import json
import os
import signal
import socket
import subprocess
import time

import dns.rcode

import certificates
import clients
import lab
import upstreams


class Lifecycle(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"], ("v4.test", "A"): ["198.51.100.1"]})
        cls.upstream.put_slow("slow.test", 1.0, "192.0.2.9")
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        cls.pair = cls.authority.issue("dns.test", ["dns.test"])

    def begin(self, **sections):
        self.front = clients.Front(self.pair, self.authority.file)
        self.configuration = self.front.configuration(upstream=[self.upstream.url], **sections)
        return self.start_once(self.configuration)

    # -- Start --
    def test_ready_is_printed_once_when_every_listener_answers(self):
        server = self.begin(workers=2)
        for transport in self.front.transports:
            self.assertEqual(self.front.ask(transport, clients.query("www.test")).rcode(), dns.rcode.NOERROR)
        lines = [line for line in server.log().splitlines() if "ready" in line]
        self.assertEqual(len(lines), 1, server.log())

    def test_local_data_needs_no_network_and_is_synthesized_like_the_rest(self):
        front = clients.Front()
        self.start_once(
            front.configuration(
                local_data=[{"name": "ipv4only.demo.test", "a": "192.0.2.80"}], dns64={"prefixes": ["64:ff9b::/96"]}
            )
        )
        reply = front.udp(clients.query("ipv4only.demo.test", "AAAA"))
        self.assertEqual(clients.texts(reply, "AAAA"), ["64:ff9b::c000:250"])
        self.assertEqual(front.udp(clients.query("elsewhere.test")).rcode(), dns.rcode.SERVFAIL)

    def test_its_own_name_is_answered_with_every_upstream_dead(self):
        front = clients.Front(self.authority.issue("own", ["dns.own.test"]), self.authority.file, host="dns.own.test")
        configuration = front.configuration(upstream=[f"dns://127.0.0.1:{upstreams.refused_port()}"])
        configuration["tls"]["server_name"] = "dns.own.test"
        self.start_once(configuration)
        self.assertEqual(clients.texts(front.udp(clients.query("dns.own.test")), "A"), ["127.0.0.1"])

    def test_a_port_in_use_ends_the_start_with_words(self):
        self.begin()
        done = subprocess.run(
            [lab.binary(), "check", "--config", self.path_of(self.configuration)],
            capture_output=True,
            text=True,
            timeout=20,
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn(str(self.front.port), done.stdout + done.stderr)
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            path = self.path_of({"listen": [f"dns://127.0.0.1:{port}"], "upstream": [self.upstream.url]})
            done = subprocess.run([lab.binary(), "serve", "--config", path], capture_output=True, text=True, timeout=20)
        self.assertIn(done.returncode, (1, 2))
        self.assertIn(str(port), done.stdout + done.stderr)

    def path_of(self, configuration):
        path = os.path.join(self.folder, self.unique("written") + ".yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration if isinstance(configuration, str) else json.dumps(configuration, indent=1))
        return path

    def test_a_wrong_configuration_ends_the_start_with_2_and_every_fault(self):
        text = "listen:\n  - dns://127.0.0.1:0\nupstreem: [dns://127.0.0.1]\ncache: {size: lots}\n"
        path = self.path_of(text)
        for command in ("serve", "check"):
            done = subprocess.run([lab.binary(), command, "--config", path], capture_output=True, text=True, timeout=20)
            said = done.stdout + done.stderr
            self.assertEqual(done.returncode, 2, said)
            self.assertRegex(said, rf"{path}:3:1: .*upstreem.*upstream")
            self.assertRegex(said, rf"{path}:4:\d+: .*cache\.size")

    # -- End --
    def test_sigterm_answers_what_is_in_flight_and_exits_0(self):
        server = self.begin()
        with self.front.open_dot() as stream, self.front.open_frames() as frames:
            stream.ask(clients.query("www.test"))
            stream.send(clients.query("slow.test"))
            frames.send(*frames.post(1, clients.query("slow.test").to_wire()))
            frames.read_frames(0.3)
            lab.eventually(lambda: self.upstream.questions("slow.test"), 5, "the question arriving")
            server.send(signal.SIGTERM)
            self.assertEqual(stream.receive().rcode(), dns.rcode.NOERROR)
            kinds = [type(frame).__name__ for frame in frames.read_frames(5)]
            self.assertLess(
                kinds.index("GoAwayFrame"), kinds.index("DataFrame"), "told to go, and answered all the same"
            )
            self.assertTrue(stream.is_closed_by_server())
        self.assertEqual(server.wait(10), 0)

    def test_idle_clients_do_not_delay_the_end(self):
        server = self.begin()
        held = [
            self.front.open_tcp(),
            self.front.open_dot(),
            self.front.open_http2(),
            self.front.connect(self.front.https_port),
        ]
        begin = time.monotonic()
        server.send(signal.SIGTERM)
        self.assertEqual(server.wait(15), 0)
        self.assertLess(time.monotonic() - begin, 8)
        for connection in held:
            connection.close()

    def test_sigint_ends_it_too(self):
        server = self.begin()
        server.send(signal.SIGINT)
        self.assertEqual(server.wait(10), 0)

    # -- Reload --
    def reload(self, server, configuration):
        server.write(configuration)
        server.send(signal.SIGHUP)

    def test_sighup_changes_the_answers_and_keeps_connections_and_cache(self):
        server = self.begin()
        with self.front.open_dot() as stream:
            self.assertEqual(clients.texts(stream.ask(clients.query("v4.test", "AAAA")), "AAAA"), [])
            self.upstream.forget_questions()
            self.reload(server, {**self.configuration, "dns64": {"prefixes": ["64:ff9b::/96"]}})
            lab.eventually(
                lambda: clients.texts(stream.ask(clients.query("v4.test", "AAAA")), "AAAA") == ["64:ff9b::c633:6401"],
                10,
                "synthesis",
            )
            self.assertNotIn(("v4.test.", "AAAA", "udp"), self.upstream.questions(), "the cache was kept")

    def test_sighup_with_a_wrong_file_changes_nothing(self):
        server = self.begin()
        self.reload(server, {**self.configuration, "nonsense": 1})
        lab.eventually(lambda: "nonsense" in server.log(), 10, "a complaint")
        self.assertEqual(self.front.udp(clients.query("www.test")).rcode(), dns.rcode.NOERROR)
        self.reload(server, self.configuration)
        self.assertEqual(self.front.udp(clients.query("www.test")).rcode(), dns.rcode.NOERROR)

    def test_sighup_changes_the_access_list(self):
        server = self.begin()
        self.reload(server, {**self.configuration, "acl": {"allow": ["192.0.2.0/24"]}})
        lab.eventually(
            lambda: self.front.udp(clients.query("www.test")).rcode() == dns.rcode.REFUSED, 10, "the new list"
        )

    # A reload or a scrape that shares the CPU of a worker is not to take it for milliseconds.
    def test_whoever_answers_queries_comes_before_the_rest(self):
        server = self.begin(workers=2)
        niceness = []
        for task in os.listdir(f"/proc/{server.pid}/task"):
            with open(f"/proc/{server.pid}/task/{task}/stat", encoding="ascii") as file:
                niceness.append(int(file.read().rpartition(")")[2].split()[16]))
        usual = os.getpriority(os.PRIO_PROCESS, 0)
        self.assertEqual(sorted(niceness), [usual] * 2 + [19] * 2, "two workers, control and admin")

    # -- Seen by those who watch it --
    def test_the_admin_listener_tells_health_and_counts(self):
        self.begin()
        self.front.udp(clients.query("www.test"))
        self.assertEqual((self.front.admin("/healthz").status, self.front.admin("/readyz").status), (200, 200))
        self.assertEqual(self.front.admin("/nowhere").status, 404)
        self.assertEqual(self.front.metric("dragoman_dns_requests_total", proto="udp", type="A"), 1)
        url = f"http://127.0.0.1:{self.front.admin_port}"
        self.assertEqual(subprocess.run([lab.binary(), "health", "--ready", "--url", url], timeout=10).returncode, 0)
        self.assertNotEqual(
            subprocess.run(
                [lab.binary(), "health", "--url", "http://127.0.0.1:9"], timeout=10, capture_output=True
            ).returncode,
            0,
        )


if __name__ == "__main__":
    lab.main()
