# What asks in front of the server: one function for each transport, and connections that stay open for tests of the
# streams: DNS over TCP and TLS, HTTP/1.1, HTTP/2 through python3-h2, and HTTP/2 frame by frame for what nobody sends.
import base64
import collections
import http.client
import select
import socket
import ssl
import struct
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import h2.config
import h2.connection
import h2.events
import hpack
import hyperframe.frame

import lab

media_type = "application/dns-message"
HttpReply = collections.namedtuple("HttpReply", "status headers body")


def query(name, kind="A", edns=0, payload=1232, options=None, flags="RD", dnssec_ok=False, identifier=None):
    """A query message; edns=-1 for none."""
    message = dns.message.make_query(name, kind)
    message.use_edns(edns, dns.flags.DO if dnssec_ok else 0, payload, options=options)
    message.flags = dns.flags.from_text(flags)
    if identifier is not None:
        message.id = identifier
    return message


def padding(count):
    return dns.edns.GenericOption(dns.edns.OptionType.PADDING, bytes(count))


def keepalive():
    return dns.edns.GenericOption(11, b"")


def texts(message, kind):
    """The RDATA texts of this type in the answer section."""
    rdtype = dns.rdatatype.from_text(kind)
    return sorted(str(record) for rrset in message.answer if rrset.rdtype == rdtype for record in rrset)


def ttls(message):
    return sorted({rrset.ttl for rrset in message.answer})


def ede_codes(message):
    return [int(option.code) for option in message.options if option.otype == dns.edns.OptionType.EDE]


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def tls_context(ca_file, alpn=None):
    context = ssl.create_default_context(cafile=ca_file)
    if ca_file is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


class Front:
    """Where a server of the test listens, as its configuration says it and as clients reach it."""

    transports = ("udp", "tcp", "dot", "doh_post", "doh_get", "http1_post", "http1_get")

    def __init__(self, pair=None, ca_file=None, address="127.0.0.1", path="/dns-query", host="dns.test"):
        self.address, self.path, self.host, self.ca_file, self.pair = address, path, host, ca_file, pair
        self.port, self.tls_port, self.https_port, self.admin_port = (lab.free_port(address) for _ in range(4))

    def url_host(self):
        return f"[{self.address}]" if ":" in self.address else self.address

    def configuration(self, **sections):
        """The whole configuration: listeners and certificate from here, the rest as given."""
        host = self.url_host()
        listen = [f"dns://{host}:{self.port}"]
        values = {"workers": 1, "http": {"listen": [f"{host}:{self.admin_port}"]}}
        if self.pair:
            listen += [f"tls://{host}:{self.tls_port}", f"https://{host}:{self.https_port}{self.path}"]
            values["tls"] = self.pair.as_config()
        return {"listen": listen, **values, **sections}

    # -- One question, one answer --
    def ask(self, transport, message, timeout=8, **options):
        return getattr(self, transport)(message, timeout=timeout, **options)

    def udp(self, message, timeout=8, source=None):
        with datagram(self.address, source) as sock:
            sock.settimeout(timeout)
            sock.sendto(_wire(message), (self.address, self.port))
            while True:
                reply = dns.message.from_wire(sock.recv(65535))
                if isinstance(message, bytes) or reply.id == message.id:
                    return reply

    def tcp(self, message, timeout=8, source=None):
        with self.open_tcp(source, timeout) as stream:
            return stream.ask(message)

    def dot(self, message, timeout=8, source=None):
        with self.open_dot(source, timeout) as stream:
            return stream.ask(message)

    def doh_post(self, message, timeout=8, source=None):
        with self.open_http2(source, timeout) as connection:
            return _doh_answer(connection.post(_wire(message)))

    def doh_get(self, message, timeout=8, source=None):
        with self.open_http2(source, timeout) as connection:
            return _doh_answer(connection.get(_wire(message)))

    def http1_post(self, message, timeout=8, source=None):
        return _doh_answer(self.http1("POST", self.path, _wire(message), {"content-type": media_type}, timeout, source))

    def http1_get(self, message, timeout=8, source=None):
        target = f"{self.path}?dns={base64url(_wire(message))}"
        return _doh_answer(self.http1("GET", target, None, {"accept": media_type}, timeout, source))

    def http1(self, method, target, body=None, headers=None, timeout=8, source=None):
        connection = http.client.HTTPSConnection(self.host, self.https_port, timeout=timeout)
        connection.sock = self.connect_tls(self.https_port, ["http/1.1"], source, timeout)
        with _closing(connection):
            connection.request(method, target, body, headers or {})
            reply = connection.getresponse()
            return HttpReply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())

    # -- Connections that stay --
    def connect(self, port, source=None, timeout=8):
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source:
            sock.bind((source, 0))
        sock.connect((self.address, port))
        return sock

    def connect_tls(self, port, alpn=None, source=None, timeout=8, context=None, host=None):
        context = context or tls_context(self.ca_file, alpn)
        sock = self.connect(port, source, timeout)
        try:
            return context.wrap_socket(sock, server_hostname=host or self.host)
        except BaseException:
            sock.close()
            raise

    def open_tcp(self, source=None, timeout=8):
        return DnsStream(self.connect(self.port, source, timeout))

    def open_dot(self, source=None, timeout=8, alpn=("dot",)):
        return DnsStream(self.connect_tls(self.tls_port, list(alpn), source, timeout))

    def open_http2(self, source=None, timeout=8):
        return Http2(self.connect_tls(self.https_port, ["h2", "http/1.1"], source, timeout), self.host, self.path)

    def open_frames(self, source=None, timeout=8):
        return Frames(self.connect_tls(self.https_port, ["h2"], source, timeout), self.host, self.path)

    # -- What the server says of itself --
    def metrics(self):
        """{(name, frozenset of (label, value))): value} of /metrics."""
        connection = http.client.HTTPConnection(self.address, self.admin_port, timeout=5)
        with _closing(connection):
            connection.request("GET", "/metrics")
            return parse_metrics(connection.getresponse().read().decode())

    def metric(self, name, **labels):
        """The sum of the samples of this name that have these labels."""
        wanted = set(labels.items())
        return sum(value for (metric, found), value in self.metrics().items() if metric == name and wanted <= found)

    def admin(self, path):
        connection = http.client.HTTPConnection(self.address, self.admin_port, timeout=5)
        with _closing(connection):
            connection.request("GET", path)
            reply = connection.getresponse()
            return HttpReply(reply.status, dict(reply.getheaders()), reply.read())


def parse_metrics(text):
    samples = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = (
                line.partition("{") if "{" in line else (line.split(" ")[0], "", "}" + line.partition(" ")[2])
            )
            inside, _, value = rest.rpartition("}")
            labels = frozenset(tuple(pair.split("=", 1)) for pair in inside.replace('"', "").split(",") if "=" in pair)
            samples[(name, labels)] = float(value.split()[0])
    return samples


class _closing:
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *_):
        self.thing.close()


def datagram(address, source=None):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    if source:
        sock.bind((source, 0))
    return sock


def _wire(message):
    return message if isinstance(message, bytes) else message.to_wire(max_size=65535)


def _doh_answer(reply):
    if reply.status != 200 or reply.headers.get("content-type") != media_type:
        raise AssertionError(f"HTTP {reply.status} {reply.headers} {reply.body[:200]!r}")
    return dns.message.from_wire(reply.body)


class DnsStream:
    """DNS over TCP or TLS: messages with a length in front (RFC 1035 4.2.2)."""

    def __init__(self, sock):
        self.socket = sock

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *messages):
        self.socket.sendall(b"".join(struct.pack("!H", len(_wire(m))) + _wire(m) for m in messages))

    def receive(self):
        """The next message; None when the server closed."""
        head = self.read(2)
        return dns.message.from_wire(self.read(struct.unpack("!H", head)[0])) if head else None

    def read(self, count):
        octets = b""
        while len(octets) < count:
            more = self.socket.recv(count - len(octets))
            if not more:
                return b""
            octets += more
        return octets

    def ask(self, message):
        self.send(message)
        reply = self.receive()
        if reply is None:
            raise EOFError("the server closed the connection")
        return reply

    def is_closed_by_server(self, within=8):
        """True when the server ends the stream in time, whatever it says before."""
        return closes(self.socket, within)


def closes(sock, within=8):
    end = time.monotonic() + within
    while time.monotonic() < end:
        sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            if not sock.recv(65536):
                return True
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
    return False


class Http2:
    """A well-behaved HTTP/2 client that can hold several requests open."""

    def __init__(self, sock, host, path):
        self.socket, self.host, self.path = sock, host, path
        self.alpn = sock.selected_alpn_protocol()
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.replies, self.resets, self.goaway = {}, {}, None
        self._headers, self._bodies = {}, collections.defaultdict(bytes)
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def start(self, method, path=None, body=None, headers=(), flush=True):
        """Sends a request; returns its stream id. A body that is longer than the server's window is left unfinished."""
        stream = self.h2.get_next_available_stream_id()
        head = [(":method", method), (":scheme", "https"), (":authority", self.host), (":path", path or self.path)]
        self.h2.send_headers(stream, head + list(headers), end_stream=body is None)
        if body is not None:
            room = self.h2.local_flow_control_window(stream)
            for at in range(0, min(len(body), room), 16384):
                self.h2.send_data(stream, body[at : min(at + 16384, room)])
            if len(body) <= room:
                self.h2.end_stream(stream)
        if flush:
            self.flush()
        return stream

    def start_post(self, octets, flush=True):
        return self.start(
            "POST",
            body=octets,
            flush=flush,
            headers=[("content-type", media_type), ("content-length", str(len(octets)))],
        )

    def start_get(self, octets, flush=True):
        return self.start("GET", f"{self.path}?dns={base64url(octets)}", headers=[("accept", media_type)], flush=flush)

    def post(self, octets):
        return self.finish(self.start_post(octets))

    def get(self, octets):
        return self.finish(self.start_get(octets))

    def request(self, *arguments, **options):
        return self.finish(self.start(*arguments, **options))

    def finish(self, stream):
        """The reply to a stream, waiting for it."""
        while stream not in self.replies:
            if stream in self.resets:
                raise ConnectionResetError(f"stream reset with {self.resets[stream]}")
            self.pump()
        return self.replies[stream]

    def pump(self):
        """Takes in what the server says next."""
        octets = self.socket.recv(65536)
        if not octets:
            raise EOFError(f"the server closed the connection (GOAWAY {self.goaway})")
        for event in self.h2.receive_data(octets):
            self._take(event)
        self.flush()

    def _take(self, event):
        if isinstance(event, h2.events.ResponseReceived):
            self._headers[event.stream_id] = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            self._bodies[event.stream_id] += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            headers = self._headers[event.stream_id]
            self.replies[event.stream_id] = HttpReply(int(headers[":status"]), headers, self._bodies[event.stream_id])
        elif isinstance(event, h2.events.StreamReset):
            self.resets[event.stream_id] = event.error_code
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = event.error_code


class Frames:
    """HTTP/2 frame by frame, for what a client should not send."""

    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    def __init__(self, sock, host, path, preface=True):
        self.socket, self.host, self.path = sock, host, path
        self.encoder = hpack.Encoder()
        self.buffer = b""
        if preface:
            self.socket.sendall(self.preface + hyperframe.frame.SettingsFrame(0).serialize())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *frames):
        self.socket.sendall(b"".join(frame if isinstance(frame, bytes) else frame.serialize() for frame in frames))

    def post_head(self, length=None, extra=()):
        fields = [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", self.host),
            (":path", self.path),
            ("content-type", media_type),
        ]
        return self.encoder.encode(
            fields + ([("content-length", str(length))] if length is not None else []) + list(extra)
        )

    def headers(self, stream, block, flags=("END_HEADERS",)):
        return hyperframe.frame.HeadersFrame(stream, data=block, flags=flags)

    def data(self, stream, octets, flags=("END_STREAM",)):
        return hyperframe.frame.DataFrame(stream, data=octets, flags=flags)

    def post(self, stream, octets):
        return [self.headers(stream, self.post_head(len(octets))), self.data(stream, octets)]

    def read_frames(self, within=5.0, until=None):
        """The frames that come until the server closes, time is up, or `until(frame)` holds."""
        frames, end = [], time.monotonic() + within
        while time.monotonic() < end:
            while (frame := self._next_frame()) is not None:
                frames.append(frame)
                if until and until(frame):
                    return frames
            if (
                not self.socket.pending()
                and not select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]
            ):
                break
            try:
                octets = self.socket.recv(65536)
            except OSError:
                break
            if not octets:
                break
            self.buffer += octets
        return frames

    def _next_frame(self):
        if len(self.buffer) < 9:
            return None
        frame, length = hyperframe.frame.Frame.parse_frame_header(memoryview(self.buffer)[:9])
        if len(self.buffer) < 9 + length:
            return None
        frame.parse_body(memoryview(self.buffer)[9 : 9 + length])
        self.buffer = self.buffer[9 + length :]
        return frame
