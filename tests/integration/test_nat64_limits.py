# What runs out: a subscriber's quota, the pool, the table; who is told, and who is not harmed. And who had what: the
# binding log, and the program that reads it.
import contextlib
import datetime
import json
import os
import socket
import struct

import clients
import lab
import nat64_scene
import upstreams

ipv6_recverr = 25  # of Linux


@nat64_scene.needs_namespaces
class Quotas(nat64_scene.Nat64Test):
    """RFC 6888 REQ-4, REQ-5, REQ-11: a subscriber's limits, the ICMP error, and that others do not notice."""

    settings = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = cls.echo(cls.server, cls.network.server_address)
        cls.other, _ = cls.network.add_client(2)

    def setUp(self):
        self.stack = self.enterContext(contextlib.ExitStack())

    def use_up(self, namespace, most=200):
        """Opens UDP flows until one is refused: (sockets that work, the refusal)."""
        working = []
        for _ in range(most):
            sock = self.stack.enter_context(self.udp(namespace, self.translated(), 7, timeout=1))
            sock.setsockopt(socket.IPPROTO_IPV6, ipv6_recverr, 1)  # else "address unreachable" is not passed on
            sock.send(b"x")
            try:
                sock.recv(10)
            except OSError as error:
                return working, error
            working.append(sock)
        raise AssertionError(f"{most} flows, and no end")

    def assert_refused(self, limit, reason):
        before = self.drops(reason)
        working, error = self.use_up(self.client)
        self.assertEqual(len(working), limit)
        self.assertNotIsInstance(error, TimeoutError, "an ICMP error tells")
        self.assertGreater(self.drops(reason), before)
        for sock in working:  # nothing that exists is harmed
            sock.send(b"again")
            self.assertEqual(sock.recv(10), b"again")
        with self.tcp(self.other, self.translated(), 7) as stream:
            stream.sendall(b"other")
            self.assertEqual(stream.recv(10), b"other")

    def test_r54_sessions_of_a_subscriber(self):
        self.serve(sessions_per_subscriber=20)
        self.assert_refused(20, "subscriber_sessions")

    def test_r54_ports_of_a_subscriber(self):
        self.serve(ports_per_subscriber=64, port_block_size=64)
        self.assert_refused(64, "subscriber_ports")

    def test_r54_new_sessions_a_second(self):
        self.serve(new_sessions_per_second=10)
        flows = [self.stack.enter_context(self.udp(self.client, self.translated(), 7, timeout=1)) for _ in range(60)]
        for sock in flows:
            with contextlib.suppress(OSError):
                sock.send(b"x")
        lab.eventually(lambda: self.drops("subscriber_rate") >= 20, what="refusals")
        with self.tcp(self.other, self.translated(), 7) as stream:
            stream.sendall(b"other")
            self.assertEqual(stream.recv(10), b"other")

    def test_r54_the_table_is_full(self):
        self.serve(max_sessions=16)
        before = self.drops("session_table_full")
        working, error = self.use_up(self.client)
        self.assertLessEqual(len(working), 16)
        self.assertNotIsInstance(error, TimeoutError)
        self.assertGreater(self.drops("session_table_full"), before)
        for sock in working:
            sock.send(b"again")
            self.assertEqual(sock.recv(10), b"again")

    def test_r54_the_pool_is_empty(self):
        self.serve(pool4=[{"addresses": "198.51.100.1", "ports": "1024-1087"}], port_block_size=64)
        before = self.drops("no_port")
        working, error = self.use_up(self.client)
        self.assertEqual(len(working), 64)
        self.assertNotIsInstance(error, TimeoutError)
        self.assertGreater(self.drops("no_port"), before)
        for sock in working:
            sock.send(b"again")
            self.assertEqual(sock.recv(10), b"again")


@nat64_scene.needs_namespaces
class Policies(nat64_scene.Nat64Test):
    """Who may send where."""

    settings = None

    def refused(self, namespace, ipv4, port=7):
        """The error of a socket that cannot get there; None for silence."""
        with self.udp(namespace, self.translated(ipv4), port, timeout=0.5) as sock:
            sock.send(b"x")
            try:
                sock.recv(10)
            except TimeoutError:
                return None
            except OSError as error:
                return error
        raise AssertionError("it was answered")

    def test_r44_denied_destinations_are_not_reached(self):
        self.echo(self.server, self.network.server_address)
        self.serve(deny=["203.0.113.0/24"])
        self.assertIsNotNone(self.refused(self.client, self.network.server_address))
        self.assertEqual(self.drops("denied_destination"), 1)
        self.reload(deny=[])
        # Each worker takes the change up by itself, soon.
        lab.eventually(lambda: self.reaches(self.network.server_address), 10, "the way to be open")

    def reaches(self, ipv4):
        with contextlib.suppress(OSError), self.tcp(self.client, self.translated(ipv4), 7) as stream:
            stream.sendall(b"x")
            return stream.recv(1) == b"x"
        return False

    def test_r54_clients_that_are_not_served(self):
        self.echo(self.server, self.network.server_address, 8)
        other, _ = self.network.add_client(3)
        self.serve(clients=["2001:db8:6::/64"])
        with self.tcp(self.client, self.translated(), 8) as stream:
            stream.sendall(b"x")
            self.assertEqual(stream.recv(1), b"x")
        self.refused(other, self.network.server_address, 8)
        self.assertGreater(self.drops("not_allowed"), 0)

    def test_r10_filtering_by_address_keeps_strangers_out(self):
        # RFC 6146 3.5: and with endpoint-independent filtering they get in.
        echo = self.echo(self.server, self.network.server_address, 9)
        self.server.ip("address add 203.0.113.9/24 dev eth0")
        for filtering, is_open in (("address_dependent", False), ("endpoint_independent", True)):
            with self.subTest(filtering=filtering):
                program = self.serve(filtering=filtering)
                with self.udp(self.client, self.translated(), 9) as known:
                    known.send(b"x")
                    known.recv(10)
                    inside = known.getsockname()[:2]
                with self.client.socket(socket.AF_INET6, socket.SOCK_DGRAM, timeout=1) as sock, \
                     self.udp(self.server, *echo.peers[-1], source="203.0.113.9") as stranger:
                    sock.bind(inside)
                    stranger.send(b"surprise")
                    if is_open:
                        self.assertEqual(sock.recv(10), b"surprise")
                    else:
                        with self.assertRaises(TimeoutError):
                            sock.recv(10)
                        self.assertEqual(self.drops("filtered"), 1)
                program.assert_stops_cleanly()


@nat64_scene.needs_namespaces
class BindingLog(nat64_scene.Nat64Test):
    """Who had this address and port at that time."""

    settings = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = cls.echo(cls.server, cls.network.server_address, 10)

    def setUp(self):
        self.log = os.path.join(self.folder, self.unique("bindings") + ".jsonl")

    def open_and_close(self, namespace):
        """The address and port that the server saw of a connection, and when that was."""
        with self.tcp(namespace, self.translated(), 10) as stream:
            stream.sendall(b"x")
            stream.recv(1)
            return *self.peer.peers[-1], datetime.datetime.now(datetime.timezone.utc)

    def who_had(self, host, port, when):
        return self.gateway.run(lab.binary(), "nat64", "who-had", host, port, when.isoformat(), "--log", self.log,
                                check=False)

    def test_blocks_are_logged_and_who_had_answers(self):
        other, _ = self.network.add_client(4)
        self.serve(binding_log={"targets": [{"format": "json", "target": self.log}]})
        first = self.open_and_close(self.client)
        second = self.open_and_close(other)
        for seen, subscriber in ((first, "2001:db8:6::/64"), (second, "2001:db8:6:4::/64")):
            lab.eventually(lambda seen=seen, subscriber=subscriber: subscriber in self.who_had(*seen), 5,
                           f"{subscriber} for {seen}: {self.who_had(*seen)}")
        host, port, when = first
        for nobody in ((host, port, when - datetime.timedelta(hours=1)), ("198.51.100.200", port, when)):
            self.assertRegex(self.who_had(*nobody), "^Nobody had")
        with open(self.log, encoding="utf-8") as file:
            for line in file:
                json.loads(line)

    def test_sessions_are_logged_when_that_is_asked_for(self):
        self.serve(binding_log={"targets": [{"format": "json", "target": self.log}], "sessions": True,
                                "destinations": True})
        host, port, _ = self.open_and_close(self.client)

        def lines():
            with open(self.log, encoding="utf-8") as file:
                return [line for line in file if self.network.client_address in line and str(port) in line]

        self.assertIn(self.network.server_address, lab.eventually(lines, 5, "a line about the session")[0])
        self.assertIn(host, lines()[0])

    def test_a_log_that_cannot_be_written_stops_no_packet_and_is_counted(self):
        pipe = os.path.join(self.folder, self.unique("pipe"))
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.serve(binding_log={"format": "json", "target": pipe, "sessions": True})
        self.begin_flows(40000)  # the log may lag by 4 MiB (binding_log.h), and a line has some 200 octets
        lab.eventually(lambda: self.metric("log_lost_total") > 0, 20, "a loss")
        lab.eventually(lambda: self.metric("log_up") == 0, 10, "that it counts as down")
        self.open_and_close(self.client)

    def begin_flows(self, count):
        """That many datagrams, each from another port."""
        source, destination = (socket.inet_pton(socket.AF_INET6, text)
                               for text in (self.network.client_address, self.translated()))
        head = struct.pack("!IHBB", 6 << 28, 12, socket.IPPROTO_UDP, 64) + source + destination
        total = sum(struct.unpack("!16H", source + destination)) + socket.IPPROTO_UDP + 12 + 9 + 12
        with self.client.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
            for port in range(10000, 10000 + count):
                folded = total + port
                while folded >> 16:
                    folded = (folded & 0xFFFF) + (folded >> 16)
                datagram = struct.pack("!4H4x", port, 9, 12, ~folded & 0xFFFF)
                out.sendto(head + datagram, (self.translated(), 0))


@nat64_scene.needs_namespaces
class WithDns64(nat64_scene.Nat64Test):
    """DNS64 and NAT64 as one: the same prefix, and answers that the pool can keep."""

    settings = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = cls.echo(cls.server, cls.network.server_address)
        with cls.server.inside():
            cls.upstream = upstreams.Scripted({("v4.test", "A"): [cls.network.server_address],
                                               ("other.test", "A"): ["203.0.113.77"]},
                                              address=cls.network.server_address)
        cls.addClassCleanup(cls.upstream.stop)
        with cls.gateway.inside():
            cls.front = clients.Front(address=cls.network.gateway6)

    @classmethod
    def configuration(cls, sections=None, **settings):
        files = super().configuration(sections, **settings)
        own = cls.front.configuration(upstream=[cls.upstream.url], acl={"allow": ["2001:db8::/32"]},
                                      dns64={"prefixes": [cls.network.prefix]})
        return {**own, **files, "http": own["http"], **(sections or {})}

    def resolve(self, name):
        with self.client.inside():
            return self.front.udp(clients.query(name, "AAAA"))

    @classmethod
    def ctl(cls, *words, check=True):
        url = f"http://[{cls.network.gateway6}]:{cls.front.admin_port}"
        return cls.gateway.run(lab.binary(), "ctl", *words, "--admin", url, check=check)

    def test_what_is_resolved_is_reached(self):
        self.serve()
        found = clients.texts(self.resolve("v4.test"), "AAAA")
        self.assertEqual(found, [self.translated()])
        with self.tcp(self.client, found[0], 7) as stream:
            stream.sendall(b"x")
            self.assertEqual(stream.recv(1), b"x")
        said = self.ctl("top", "ipv4-only")
        self.assertIn("v4.test", said)

    small = {"pool4": [{"addresses": "198.51.100.1", "ports": "1024-1087"}], "port_block_size": 64,
             "timeouts": {"udp": "2s", "port_hold": "1s"}}

    def fill_the_pool(self):
        """A client has the one block that there is."""
        with self.udp(self.client, self.translated(), 7) as sock:
            sock.send(b"x")
            sock.recv(1)

    def test_a_full_pool_takes_its_prefix_out_of_new_answers(self):
        both = self.serve_beside_another_prefix(**self.small)
        self.assertEqual(clients.texts(self.resolve("v4.test"), "AAAA"), both)
        self.fill_the_pool()
        lab.eventually(lambda: clients.texts(self.resolve("v4.test"), "AAAA") == both[1:], 10, "one prefix alone")
        # The sessions end, the block rests, and the prefix is there again.
        lab.eventually(lambda: clients.texts(self.resolve("v4.test"), "AAAA") == both, 20, "both prefixes")

    def serve_beside_another_prefix(self, **settings):
        """The addresses that the name has then: under ours, and under that of a NAT64 elsewhere."""
        other = "2001:db8:65::/96"
        self.sections = {"dns64": {"prefixes": [self.network.prefix, {"prefix": other, "external": True}]}}
        self.serve(self.sections, **settings)
        return [self.translated(), self.network.translated(self.network.server_address, other)]

    def test_a_pool_that_drains_as_a_whole_takes_its_prefix_out_of_new_answers(self):
        both = self.serve_beside_another_prefix()
        self.assertEqual(clients.texts(self.resolve("v4.test"), "AAAA"), both)
        self.reload(self.sections, pool4=[{"addresses": nat64_scene.pool, "drain": True}])
        lab.eventually(lambda: clients.texts(self.resolve("v4.test"), "AAAA") == both[1:], 10, "one prefix alone")

    def test_the_only_prefix_stays_when_its_pool_is_full_but_not_for_long(self):
        self.serve(**self.small)
        self.assertGreater(self.resolve("v4.test").answer[0].ttl, 60)
        self.fill_the_pool()
        lab.eventually(lambda: self.resolve("v4.test").answer[0].ttl <= 60, 10, "a TTL after which clients ask again")
        self.assertEqual(clients.texts(self.resolve("v4.test"), "AAAA"), [self.translated()])

    def test_only_what_was_resolved_is_reached(self):
        self.serve(only_resolved=True)
        with self.assertRaises(OSError):
            self.tcp(self.client, self.translated(), 7, timeout=0.5)
        self.assertGreater(self.drops("not_resolved"), 0)
        address = clients.texts(self.resolve("v4.test"), "AAAA")[0]
        with self.tcp(self.client, address, 7) as stream:
            stream.sendall(b"x")
            self.assertEqual(stream.recv(1), b"x")


if __name__ == "__main__":
    lab.main()
