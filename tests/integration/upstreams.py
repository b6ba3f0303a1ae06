# What answers behind the server: a scripted upstream in this process, which says exactly what a test wants and writes
# down what it was asked, and the real Unbound, Knot and NSD with a zone of the test.
import collections
import contextlib
import os
import re
import socket
import socketserver
import struct
import threading
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

import lab

Asked = collections.namedtuple("Asked", "name type transport message")


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    allow_reuse_address = True

    def server_bind(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        super().server_bind()


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        octets, sock = self.request
        for reply in self.server.upstream.answers(octets, "udp"):
            with contextlib.suppress(OSError):  # an answer that is late may find the upstream stopped
                sock.sendto(reply, self.client_address)


class _TcpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        upstream = self.server.upstream
        upstream.connections += 1
        try:
            stream = upstream.wrap(self.request)
            while True:
                length = _read_exactly(stream, 2)
                octets = length and _read_exactly(stream, struct.unpack("!H", length)[0])
                if not octets:
                    return
                for reply in upstream.answers(octets, upstream.stream_transport):
                    stream.sendall(struct.pack("!H", len(reply)) + reply)
        except OSError:
            pass


def _read_exactly(stream, count):
    octets = b""
    while len(octets) < count:
        more = stream.recv(count - len(octets))
        if not more:
            return b""
        octets += more
    return octets


class Scripted:
    """An upstream that says what its zone or its script says.

    zone: {(name, type): [rdata text, ...] or an Rcode}, plus ("name", "CNAME") and "@soa" for negative answers.
    script: a function (message, transport) that returns a message, octets, a list of those, or None for silence; it may
    wait as long as it likes.  With `tls`, an ssl.SSLContext, the stream side is DoT.
    """

    def __init__(self, zone=None, script=None, address="127.0.0.1", port=0, tls=None, udp=True, ttl=300, soa_ttl=300):
        self.zone = {
            (dns.name.from_text(name), dns.rdatatype.from_text(kind)): value
            for (name, kind), value in (zone or {}).items()
        }
        self.ttl, self.soa_ttl, self.has_soa = ttl, soa_ttl, True
        self.script = script or self.from_zone
        self.tls = tls
        self.stream_transport = "dot" if tls else "tcp"
        self.asked = []
        self.connections = 0
        self._lock = threading.Lock()
        self.address = address
        self.port = port or lab.free_port(address)
        self.servers = []
        self._serve(_Tcp, _TcpHandler)
        if udp:
            self._serve(_Udp, _UdpHandler)

    def _serve(self, kind, handler):
        v6 = ":" in self.address
        base = type("Server", (kind,), {"address_family": socket.AF_INET6 if v6 else socket.AF_INET})
        server = base((self.address, self.port), handler)
        server.upstream = self
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.servers.append(server)

    @property
    def url(self):
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"dns://{host}:{self.port}"

    def wrap(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.tls.wrap_socket(sock, server_side=True) if self.tls else sock

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.servers = []

    def answers(self, octets, transport):
        try:
            query = dns.message.from_wire(octets)
        except dns.exception.DNSException:
            return []
        question = query.question[0]
        with self._lock:
            self.asked.append(
                Asked(str(question.name).lower(), dns.rdatatype.to_text(question.rdtype), transport, query)
            )
        said = self.script(query, transport)
        said = said if isinstance(said, list) else [said]
        return [
            reply if isinstance(reply, bytes) else reply.to_wire(max_size=65535) for reply in said if reply is not None
        ]

    def questions(self, name=None):
        """The (name, type, transport) asked so far, of one name or all."""
        with self._lock:
            return [
                (asked.name, asked.type, asked.transport)
                for asked in self.asked
                if name is None or asked.name == name.rstrip(".").lower() + "."
            ]

    def forget_questions(self):
        with self._lock:
            self.asked.clear()

    def put(self, name, kind, value):
        """Adds to the zone: RDATA texts, an Rcode, or a function (query, transport) that answers."""
        self.zone[(dns.name.from_text(name), dns.rdatatype.from_text(kind))] = value

    def put_slow(self, name, delay, *addresses):
        """An A answer that takes its time."""

        def answer(query, transport):
            time.sleep(delay)
            reply = dns.message.make_response(query)
            self.add(reply, query.question[0].name, "A", *addresses)
            return reply

        self.put(name, "A", answer)

    # -- Answers --
    def from_zone(self, query, transport):
        """The zone's answer, CNAMEs followed, truncated over UDP where it is too long."""
        reply = dns.message.make_response(query, recursion_available=True)
        name, kind = query.question[0].name, query.question[0].rdtype
        for _ in range(16):
            found = self.zone.get((name, kind), self.zone.get((name, dns.rdatatype.CNAME)))
            if found is None:
                self._negative(reply, name)
                break
            if isinstance(found, dns.rcode.Rcode):
                reply.set_rcode(found)
                if found == dns.rcode.NXDOMAIN:
                    self._add_soa(reply, name)
                break
            if callable(found):
                return found(query, transport)
            is_alias = (name, kind) not in self.zone
            self.add(reply, name, "CNAME" if is_alias else kind, *found)
            if not is_alias:
                break
            name = dns.name.from_text(found[0])
        return self.fit(reply, query, transport)

    def fit(self, reply, query, transport):
        if transport == "udp" and len(reply.to_wire(max_size=65535)) > max(query.payload or 512, 512):
            reply.answer, reply.authority, reply.additional = [], [], []
            reply.flags |= dns.flags.TC
        return reply

    def add(self, reply, name, kind, *texts, ttl=None, section="answer"):
        rdtype = kind if isinstance(kind, int) else dns.rdatatype.from_text(kind)
        ttl = self.ttl if ttl is None else ttl
        for one in texts:  # one by one: dnspython would merge and sort
            getattr(reply, section).append(dns.rrset.from_text(name, ttl, "IN", dns.rdatatype.to_text(rdtype), one))

    def _negative(self, reply, name):
        """NODATA where the name or something below it exists, NXDOMAIN elsewhere."""
        if not any(owner.is_subdomain(name) for owner, _ in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        self._add_soa(reply, name)

    def _add_soa(self, reply, name):
        if self.has_soa:
            apex = dns.name.Name(name.labels[-2:]) if len(name.labels) > 1 else name
            dot = "" if apex == dns.name.root else "."
            self.add(
                reply,
                apex,
                "SOA",
                f"ns{dot}{apex} host{dot}{apex} 1 3600 600 86400 {self.soa_ttl}",
                ttl=self.soa_ttl,
                section="authority",
            )


def refused_port(address="127.0.0.1"):
    """A port where nobody listens: asking it is refused at once."""
    return lab.free_port(address)


class SilentStream:
    """Accepts connections (TLS when given a context), reads, and never says a word."""

    def __init__(self, tls=None, address="127.0.0.1"):
        self.socket = socket.create_server((address, 0))
        self.port = self.socket.getsockname()[1]
        self.tls, self.held = tls, []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
                self.held.append(self.tls.wrap_socket(connection, server_side=True) if self.tls else connection)
            except OSError:
                if self.socket.fileno() < 0:
                    return

    def stop(self):
        self.socket.close()
        for connection in self.held:
            connection.close()


class Unbound(lab.Process):
    """Unbound with local data, on Do53, DoT and DoH, writing down every question."""

    def __init__(self, folder, records, pair=None, name="unbound", address="127.0.0.1"):
        self.port, self.tls_port, self.https_port = (lab.free_port(address) for _ in range(3))
        self.address = address
        lines = [
            "server:",
            f"  directory: {folder}",
            f"  interface: {address}@{self.port}",
            "  do-daemonize: no",
            '  username: ""',
            '  chroot: ""',
            '  pidfile: ""',
            "  use-syslog: no",
            '  logfile: ""',
            "  log-queries: yes",
            "  verbosity: 1",
            "  num-threads: 1",
            "  do-ip6: yes",
            "  access-control: 0.0.0.0/0 allow",
            "  module-config: iterator",
            "  root-hints: /dev/null",
            "  local-zone: test. static",
            "  local-zone: arpa. static",
            "  edns-tcp-keepalive: yes",
        ]
        if pair:
            lines += [
                f"  interface: {address}@{self.tls_port}",
                f"  interface: {address}@{self.https_port}",
                f"  tls-port: {self.tls_port}",
                f"  https-port: {self.https_port}",
                f"  tls-service-key: {pair.key}",
                f"  tls-service-pem: {pair.cert}",
            ]
        lines += [f"  local-data: '{record}'" for record in records]
        path = os.path.join(folder, f"{name}.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\nremote-control:\n  control-enable: no\n")
        super().__init__(["unbound", "-d", "-p", "-c", path], folder, name)
        self.wait_for_log("start of service")

    @property
    def url(self):
        return f"dns://{self.address}:{self.port}"

    def questions(self, name=None):
        found = re.findall(r"info: \S+ (\S+)\. (\w+) IN", self.log())
        return [(owner.lower() + ".", kind) for owner, kind in found if name is None or owner.lower() == name.lower()]


def zone_file(folder, zone, records):
    """Writes an authoritative zone; `records` are lines in zone-file form."""
    path = os.path.join(folder, f"{zone}zone")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"$ORIGIN {zone}\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n")
        file.write("\n".join(records) + "\n")
    return path


class Knot(lab.Process):
    """Knot DNS, authoritative for one zone."""

    def __init__(self, folder, zone, records, name="knot", address="127.0.0.1"):
        self.address, self.port = address, lab.free_port(address)
        zone_path = zone_file(folder, zone, records)
        path = os.path.join(folder, f"{name}.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(
                f"server:\n  rundir: {folder}\n  listen: {address}@{self.port}\n"
                f"database:\n  storage: {folder}/{name}\n"
                f"log:\n- target: stderr\n  any: info\n"
                f"zone:\n- domain: {zone}\n  file: {zone_path}\n  zonefile-sync: -1\n  journal-content: none\n"
            )
        super().__init__(["knotd", "-c", path], folder, name)
        self.wait_for_log("server started")
        self.wait_for_log("loaded")

    @property
    def url(self):
        return f"dns://{self.address}:{self.port}"


class Nsd(lab.Process):
    """NSD, authoritative for one zone, from these records or from a zone file that is there already."""

    def __init__(self, folder, zone, records, name="nsd", address="127.0.0.1", port=None, file=None):
        self.address, self.port = address, port or lab.free_port(address)
        zone_path = file or zone_file(folder, zone, records)
        path = os.path.join(folder, f"{name}.conf")
        with open(path, "w", encoding="ascii") as config:
            config.write(
                f'server:\n  ip-address: {address}@{self.port}\n  username: ""\n  database: ""\n  server-count: 1\n'
                f'  pidfile: "{folder}/{name}.pid"\n  xfrdfile: "{folder}/{name}.xfrd"\n  zonesdir: "{folder}"\n'
                f'  xfrdir: "{folder}"\n  zonelistfile: "{folder}/{name}.zones"\n  verbosity: 1\n'
                f"remote-control:\n  control-enable: no\nzone:\n  name: {zone}\n"
                f"  zonefile: {zone_path}\n"
            )
        super().__init__(["nsd", "-d", "-c", path], folder, name)
        self.wait_for_log("nsd started")

    @property
    def url(self):
        return f"dns://{self.address}:{self.port}"
