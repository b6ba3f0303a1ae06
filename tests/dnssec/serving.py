# Who serves the made Internet: NSD and Knot DNS its zones, an Unbound that does not validate as the recursive upstream,
# and in front of it Tampering, which lies where a test wants lies that no server tells. Everybody who validates, the
# program as well as its judges, asks Tampering.
import os
import queue
import socket
import struct
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import dns.message
import dns.name
import dns.rdatatype

import lab
import upstreams
import zones


class Nsd(lab.Process):
    def __init__(self, folder, address, paths):
        lab.add_address(f"{address}/32")
        path = os.path.join(folder, "nsd.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(
                f'server:\n  ip-address: {address}@53\n  username: ""\n  database: ""\n  server-count: 1\n'
                f'  pidfile: "{folder}/nsd.pid"\n  xfrdfile: "{folder}/nsd.xfrd"\n  zonesdir: "{folder}"\n'
                f'  xfrdir: "{folder}"\n  zonelistfile: "{folder}/nsd.zones"\n  verbosity: 1\n  rrl-ratelimit: 0\n'
                "remote-control:\n  control-enable: no\n"
            )
            file.writelines(f'zone:\n  name: "{name}"\n  zonefile: "{zone}"\n' for name, zone in paths.items())
        super().__init__(["nsd", "-d", "-c", path], folder, "nsd")
        self.wait_for_log("nsd started")


class Knot(lab.Process):
    def __init__(self, folder, address, paths):
        lab.add_address(f"{address}/32")
        path = os.path.join(folder, "knotd.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(
                f"server:\n  rundir: {folder}\n  listen: {address}@53\n  udp-workers: 1\n  tcp-workers: 1\n"
                f"  background-workers: 1\ndatabase:\n  storage: {folder}/knotd\nlog:\n- target: stderr\n  any: info\n"
                "template:\n- id: default\n  zonefile-sync: -1\n  journal-content: none\nzone:\n"
            )
            file.writelines(f"- domain: {name}\n  file: {zone}\n" for name, zone in paths.items())
        super().__init__(["knotd", "-c", path], folder, "knotd")
        self.wait_for_log("server started")
        lab.eventually(lambda: self.log().count("] loaded,") == len(paths), what="every zone loaded")


def _unbound_lines(folder, port):
    return [
        "server:",
        f"  directory: {folder}",
        f"  interface: 127.0.0.1@{port}",
        '  do-daemonize: no\n  username: ""\n  chroot: ""\n  pidfile: ""\n  use-syslog: no\n  logfile: ""',
        "  verbosity: 1\n  num-threads: 1\n  do-ip6: no\n  do-not-query-localhost: no",
        "  access-control: 0.0.0.0/0 allow",
        "  qname-minimisation: no\n  edns-buffer-size: 4096\n  minimal-responses: no\n  rrset-roundrobin: no",
        "  outgoing-range: 1000\n  num-queries-per-thread: 1000\n  so-rcvbuf: 1m\n  harden-below-nxdomain: no",
        "  unblock-lan-zones: yes\n  insecure-lan-zones: yes",
    ]


class Unbound(lab.Process):
    """With these further lines in its configuration."""

    def __init__(self, folder, name, lines):
        self.address, self.port = "127.0.0.1", lab.free_port()
        path = os.path.join(folder, f"{name}.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(_unbound_lines(folder, self.port) + lines) + "\n")
            file.write("remote-control:\n  control-enable: no\n")
        super().__init__(["unbound", "-d", "-p", "-c", path], folder, name)
        self.wait_for_log("start of service")


def recursor(folder):
    """Resolves from the made root, and validates nothing."""
    lines = ["  module-config: iterator", "  root-hints: /dev/null", "stub-zone:\n  name: ."]
    lines += [f"  stub-addr: {address}" for _, address in list(zones.servers.values())[:1]]
    return Unbound(folder, "recursor", lines)


dns_header = 12  # octets


class Tampering(upstreams.Scripted):
    """Asks `upstream` and passes on what it says; questions that have a rule get what the rule makes of it.

    A rule is a function (query, ask) that returns a message, octets, or None for silence. ask(name, type) is the honest
    answer to such a question, a message, with the flags of the query."""

    def __init__(self, upstream):
        self.behind = (upstream.address, upstream.port)
        self.rules = {}
        self._sockets = queue.SimpleQueue()  # connected ones, that nobody waits at
        super().__init__(script=self._answer)

    def set_rule(self, name, kind, rule):
        self.rules[(dns.name.from_text(name), dns.rdatatype.from_text(kind))] = rule

    def answers(self, octets, transport):
        """Most questions have no rule, and pass as octets: reading and writing messages is the most costly part."""
        name, at = dns.name.from_wire(octets, dns_header)
        kind = struct.unpack_from("!H", octets, dns_header + at)[0]
        if (name, kind) in self.rules:
            return super().answers(octets, transport)
        asked = upstreams.Asked(str(name).lower(), dns.rdatatype.to_text(kind), transport, None)
        with self._lock:
            self.asked.append(asked)
        return [self._pass_on(octets, transport)]

    def _answer(self, query, transport):
        question = query.question[0]
        rule = self.rules[(question.name, question.rdtype)]

        def ask(name, kind):
            other = dns.message.make_query(name, kind)
            other.flags, other.id = query.flags, query.id
            other.use_edns(0, query.ednsflags, 4096)
            return dns.message.from_wire(self._pass_on(other.to_wire(), "tcp"), raise_on_truncation=False)

        said = rule(query, ask)
        if not isinstance(said, dns.message.Message):
            return said
        said.id, said.question = query.id, query.question
        return self.fit(said, query, transport)

    def _pass_on(self, octets, transport):
        if transport == "udp":
            try:
                sock = self._sockets.get_nowait()
            except queue.Empty:
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sock.settimeout(10)
                sock.connect(self.behind)
            sock.send(octets)
            reply = sock.recv(65535)
            while reply[:2] != octets[:2]:  # of a question that somebody gave up
                reply = sock.recv(65535)
            self._sockets.put(sock)
            return reply
        with socket.create_connection(self.behind, 10) as sock:
            sock.sendall(struct.pack("!H", len(octets)) + octets)
            head = upstreams._read_exactly(sock, 2)
            return upstreams._read_exactly(sock, struct.unpack("!H", head)[0])


class World:
    """The zones, their servers, the upstream and Tampering, all in one folder. Stop it afterwards."""

    def __init__(self, folder, all_zones, rules=()):
        if not lab.isolated():
            raise AssertionError("this needs a network namespace of its own: its servers have port 53")
        self.folder, self.started = folder, []
        self.internet = zones.Internet(folder, all_zones)
        served = {kind: {} for kind in zones.servers}
        for zone in all_zones:
            served[zone.server][zone.name] = self.internet.paths[zone.name]
        try:
            for kind, server in (("nsd", Nsd), ("knot", Knot)):
                if served[kind]:
                    self._run(server(folder, zones.servers[kind][1], served[kind]))
            self.upstream = self._run(recursor(folder))
            self.tampering = self._run(Tampering(self.upstream))
        except BaseException:
            self.stop()
            raise
        for name, kind, rule in rules:
            self.tampering.set_rule(name, kind, rule)
        self.anchor_file = os.path.join(folder, "anchors")
        with open(self.anchor_file, "w", encoding="ascii") as file:
            file.write(self.internet.anchors())

    def _run(self, server):
        self.started.append(server)
        return server

    def stop(self):
        for server in reversed(self.started):
            server.stop()
        self.started = []
