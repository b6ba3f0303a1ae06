# Tables of what no honest HTTP client sends: text for HTTP/1.1, frames for HTTP/2, each with its end.
import struct

import clients
import hostile_messages
import hyperframe.frame as h2f

www = hostile_messages.header() + hostile_messages.question()
post = b"POST /dns-query HTTP/1.1\r\nhost: dns.test\r\ncontent-type: application/dns-message\r\n"
get = f"GET /dns-query?dns={clients.base64url(www)} HTTP/1.1\r\nhost: dns.test\r\n\r\n".encode()

# title, octets, the status that comes back (RFC 9112, RFC 9110 15)
http1 = [
    ("noise", b"\x00\xff\x13\x37\r\n\r\n", 400),
    ("no version", b"GET /dns-query\r\n\r\n", 400),
    ("version 9.9", b"GET /dns-query HTTP/9.9\r\nhost: x\r\n\r\n", 505),
    ("the preface of HTTP/2 without ALPN", clients.Frames.preface, 505),
    ("a header of 64 KiB", b"GET / HTTP/1.1\r\nx: " + b"a" * 65536 + b"\r\n\r\n", 431),
    ("ten thousand headers", b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 10000 + b"\r\n", 431),
    ("a request line of 64 KiB", b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\n\r\n", 431),
    ("a zero octet in a header", b"GET /dns-query HTTP/1.1\r\nho\0st: x\r\n\r\n", 400),
    ("a space before the colon", b"GET /dns-query HTTP/1.1\r\nhost : x\r\n\r\n", 400),
    ("content-length that is no number", post + b"content-length: many\r\n\r\n", 400),
    ("content-length below zero", post + b"content-length: -1\r\n\r\n", 400),
    ("content-length of 2^64", post + b"content-length: 18446744073709551616\r\n\r\n", 400),
    ("content-length of 4 GiB", post + b"content-length: 4294967296\r\n\r\n", 413),
    ("two content-lengths that differ", post + b"content-length: 5\r\ncontent-length: 29\r\n\r\n" + www, 400),
    ("content-length beside chunks", post + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("an unknown transfer-encoding", post + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    ("a chunk size that is no number", post + b"transfer-encoding: chunked\r\n\r\nxyz\r\n", 400),
    ("a chunk of 2^60 octets", post + b"transfer-encoding: chunked\r\n\r\nfffffffffffffff\r\n", 413),
    ("an empty body", post + b"content-length: 0\r\n\r\n", 400),
    ("a body that is no message", post + b"content-length: 4\r\n\r\nspam", 400),
    ("a body that is a response", post + b"content-length: 12\r\n\r\n" + hostile_messages.header(0, flags=0x8180), 400),
    ("a body of 65536 octets", post + b"content-length: 65536\r\n\r\n", 413),
    ("an absolute target of another host", get.replace(b"/dns-query", b"https://evil.test/dns-query"), 200),
    ("CONNECT", b"CONNECT example.test:443 HTTP/1.1\r\nhost: example.test\r\n\r\n", 404),
]


def frame(kind, flags, stream, body=b""):
    return struct.pack("!I", len(body))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + body


def field_block(frames, *fields):
    return frames.encoder.encode(
        [(":method", "POST"), (":scheme", "https"), (":authority", "dns.test"), (":path", "/dns-query"), *fields]
    )


def content_type():
    return ("content-type", clients.media_type)


# title, function(frames) that returns what to send, the acceptable ends: "goaway" (the connection ends, told or not),
# "rst" (the stream does), or a status.
http2 = [
    ("PING of 7 octets", lambda f: [frame(6, 0, 0, b"1234567")], ("goaway",)),
    ("PING on a stream", lambda f: [frame(6, 0, 1, b"12345678")], ("goaway",)),
    ("SETTINGS of 5 octets", lambda f: [frame(4, 0, 0, b"12345")], ("goaway",)),
    ("SETTINGS on a stream", lambda f: [frame(4, 0, 1)], ("goaway",)),
    ("a window of 2^31 in SETTINGS", lambda f: [frame(4, 0, 0, struct.pack("!HI", 4, 1 << 31))], ("goaway",)),
    ("10,000 SETTINGS", lambda f: [frame(4, 0, 0)] * 10000, ("goaway",)),
    ("10,000 PINGs (CVE-2019-9512)", lambda f: [frame(6, 0, 0, b"12345678")] * 10000, ("goaway",)),
    ("SETTINGS with 1,000 entries", lambda f: [frame(4, 0, 0, struct.pack("!HI", 0x99, 1) * 1000)], ("goaway",)),
    ("10,000 PRIORITY frames", lambda f: [frame(2, 0, 2 * i + 1, b"\0\0\0\0\x10") for i in range(10000)], ("goaway",)),
    (
        "10,000 empty DATA frames (CVE-2019-9518)",
        lambda f: [f.headers(1, f.post_head())] + [frame(0, 0, 1)] * 10000,
        ("goaway",),
    ),
    ("10,000 WINDOW_UPDATEs", lambda f: [frame(8, 0, 0, struct.pack("!I", 1))] * 10000, ("goaway",)),
    ("WINDOW_UPDATE of 0", lambda f: [frame(8, 0, 0, bytes(4))], ("goaway",)),
    ("a window beyond 2^31", lambda f: [frame(8, 0, 0, struct.pack("!I", 0x7FFFFFFF))] * 2, ("goaway",)),
    (
        "rapid reset (CVE-2023-44487)",
        lambda f: [
            part
            for i in range(2000)
            for part in (f.headers(2 * i + 1, f.post_head(len(www))), frame(3, 0, 2 * i + 1, struct.pack("!I", 8)))
        ],
        ("goaway",),
    ),
    (
        "CONTINUATION without end (CVE-2024-28182)",
        lambda f: [f.headers(1, f.post_head(), flags=())] + [frame(9, 0, 1, f.encoder.encode([("x", "y")]))] * 2000,
        ("goaway",),
    ),
    ("CONTINUATION out of nowhere", lambda f: [frame(9, 4, 1, b"")], ("goaway",)),
    ("DATA inside a header block", lambda f: [f.headers(1, f.post_head(), flags=()), frame(0, 1, 1, www)], ("goaway",)),
    ("DATA on an idle stream", lambda f: [frame(0, 1, 5, www)], ("goaway",)),
    ("DATA on stream 0", lambda f: [frame(0, 1, 0, www)], ("goaway",)),
    ("HEADERS on an even stream", lambda f: [frame(1, 5, 2, f.post_head())], ("goaway",)),
    ("HEADERS on a stream that went by", lambda f: f.post(5, www) + f.post(3, www), (200,)),
    ("HEADERS on stream 0", lambda f: [frame(1, 5, 0, f.post_head())], ("goaway",)),
    ("a frame of 16385 octets", lambda f: [f.headers(1, f.post_head()), frame(0, 1, 1, bytes(16385))], ("goaway",)),
    ("a frame of 2^24-1 octets", lambda f: [b"\xff\xff\xff" + frame(0, 0, 1)[3:] + bytes(20000)], ("goaway",)),
    (
        "padding longer than the frame",
        lambda f: [f.headers(1, f.post_head()), frame(0, 9, 1, b"\xff" + www)],
        ("goaway",),
    ),
    ("PUSH_PROMISE from a client", lambda f: [frame(5, 4, 1, struct.pack("!I", 2) + f.post_head())], ("goaway",)),
    ("a header block that is no HPACK", lambda f: [frame(1, 5, 1, b"\xff\xff\xff\xff\xff\xff")], ("goaway",)),
    ("HPACK table of 1 GiB", lambda f: [frame(1, 5, 1, b"\x3f\xe1\xff\xff\xff\x03")], ("goaway",)),
    (
        "an HPACK bomb",
        lambda f: [frame(1, 4, 1, f.encoder.encode([("x" * 20, "y" * 3900)]) + b"\xbe" * 12000)],
        ("goaway",),
    ),
    (
        "headers of 100 KiB",
        lambda f: [
            f.headers(1, f.post_head(extra=[("x", "a" * 15000)]), flags=()),
            *[frame(9, 0, 1, f.encoder.encode([(f"y{i}", "a" * 15000)])) for i in range(6)],
            frame(9, 4, 1),
        ],
        ("goaway",),
    ),
    (
        "a header name in capitals",
        lambda f: [frame(1, 5, 1, field_block(f, content_type()) + b"\x00\x01X\x01y")],
        ("rst",),
    ),
    ("no :path", lambda f: [frame(1, 5, 1, f.encoder.encode([(":method", "GET"), (":scheme", "https")]))], ("rst",)),
    ("two :path", lambda f: [frame(1, 5, 1, field_block(f, (":path", "/x")))], ("rst",)),
    (
        "a pseudo header after the others",
        lambda f: [
            frame(
                1,
                5,
                1,
                f.encoder.encode([(":method", "GET"), ("x", "y"), (":scheme", "https"), (":path", "/dns-query")]),
            )
        ],
        ("rst",),
    ),
    (
        "connection: keep-alive",
        lambda f: [frame(1, 5, 1, field_block(f, content_type(), ("connection", "keep-alive")))],
        ("rst",),
    ),
    (
        "a body of 65536 octets",
        lambda f: [f.headers(1, f.post_head(65536)), *[f.data(1, bytes(16384), flags=())] * 3],
        (413,),
    ),
    (
        "a body without end",
        lambda f: [
            f.headers(1, f.post_head()),
            *[f.data(1, bytes(16000), flags=())] * 4,
            f.data(1, bytes(1500), flags=()),
        ],
        ("goaway",),
    ),
    ("an empty body", lambda f: f.post(1, b""), (400,)),
    ("a body that is no message", lambda f: f.post(1, b"spam"), (400,)),
    ("an unknown frame type, then a query", lambda f: [frame(0xBB, 0, 0, b"whatever"), *f.post(1, www)], (200,)),
    (
        "PRIORITY_UPDATE, then a query, as browsers do",
        lambda f: [frame(0x10, 0, 0, struct.pack("!I", 1) + b"u=4, i"), *f.post(1, www)],
        (200,),
    ),
    ("GOAWAY from the client, then a query", lambda f: [frame(7, 0, 0, bytes(8)), *f.post(1, www)], (200, "goaway")),
    (
        "the same query on two streams, one reset",
        lambda f: [*f.post(1, www), *f.post(3, www), frame(3, 0, 1, bytes(4))],
        (200,),
    ),
]


def ends_of(frames, decoder):
    """What became of it, in the words of the table."""
    ends = set()
    for one in frames:
        if isinstance(one, h2f.GoAwayFrame):
            ends.add("goaway")
        elif isinstance(one, h2f.RstStreamFrame):
            ends.add("rst")
        elif isinstance(one, h2f.HeadersFrame):
            ends.add(int(dict(decoder.decode(one.data))[":status"]))
    return ends
