#!/usr/bin/python3
"""Writes the seeds of the fuzz targets of the client protocols: corpus/serve_*. Needs Debian's python3-hpack.

The first octet of a seed for a session chooses how the rest is cut. The seeds are kept in the tree; run this after
adding one here."""
import pathlib
import struct

import hpack

here = pathlib.Path(__file__).parent / "corpus"
query = b"\0\0\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"
encoded = "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB"
target = "/dns-query?dns=" + encoded


def framed(message):
    return struct.pack("!H", len(message)) + message


def frame(kind, flags, stream, payload=b""):
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def section(*fields):
    return hpack.Encoder().encode(fields)


def get(path=target, *more):
    return section((":method", "GET"), (":scheme", "https"), (":authority", "dns.example"), (":path", path), *more)


def post(length):
    return section((":method", "POST"), (":scheme", "https"), (":authority", "dns.example"), (":path", "/dns-query"),
                   ("content-type", "application/dns-message"), ("content-length", str(length)))


DATA, HEADERS, PRIORITY, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION, UPDATE = 0, 1, 2, 3, 4, 6, 7, 8, 9, 16
hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0)
later = query[:-1] + b"\x05"    # answered late

seeds = {
    "serve_dns_stream": {
        "one": framed(query), "pipelined": framed(query) * 3 + framed(later) + framed(query + b"\4"),
        "too_short": framed(query) + framed(b"short"), "half": framed(query)[:20], "large": framed(b"x" * 3000),
        "announced": b"\xff\xffx",
    },
    "serve_http1": {
        "get": f"GET {target} HTTP/1.1\r\nhost: a\r\n\r\n".encode(),
        "head_10": f"HEAD {target} HTTP/1.0\r\nconnection: keep-alive\r\n\r\n".encode(),
        "post": b"POST /dns-query HTTP/1.1\r\nhost: a\r\ncontent-type: application/dns-message\r\ncontent-length: %d\r\n\r\n"
                % len(query) + query,
        "chunked": b"POST /dns-query HTTP/1.1\r\nhost: a\r\ncontent-type: application/dns-message\r\n"
                   b"transfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n%x;a=b\r\n" % len(later) + later
                   + b"\r\n0\r\ntrailer: x\r\n\r\n",
        "pipelined": f"GET {target} HTTP/1.1\r\n\r\nGET /x HTTP/1.1\r\n\r\nPUT / HTTP/1.1\r\n\r\nGET ".encode(),
        "h2": hello,
    },
    "serve_http2": {
        "get": hello + frame(HEADERS, 5, 1, get()),
        "post": hello + frame(HEADERS, 4, 1, post(len(query))) + frame(DATA, 1, 1, query),
        "chromium": hello + frame(WINDOW, 0, 0, b"\0\xef\0\1") + frame(UPDATE, 0, 0, b"\0\0\0\1u=4, i")
                    + frame(HEADERS, 4, 1, post(len(later))) + frame(DATA, 9, 1, b"\3" + later + b"\0\0\0"),
        "padded": hello + frame(HEADERS, 13, 1, b"\2" + get() + b"\0\0"),
        "priority": hello + frame(PRIORITY, 0, 3, b"\0\0\0\0\x10") + frame(HEADERS, 0x25, 1, b"\0\0\0\0\xff" + get()),
        "reset": hello + frame(HEADERS, 4, 1, post(len(later))) + frame(DATA, 1, 1, later) + frame(RST, 0, 1, b"\0\0\0\x08"),
        "small_window": hello + frame(SETTINGS, 0, 0, b"\0\4\0\0\0\5") + frame(HEADERS, 5, 1, get())
                        + frame(WINDOW, 0, 1, b"\0\0\0\x50") + frame(SETTINGS, 1, 0),
        "continuation": hello + frame(HEADERS, 1, 1, get()[:20]) + frame(CONTINUATION, 4, 1, get()[20:]),
        "trailers": hello + frame(HEADERS, 4, 1, post(len(query))) + frame(DATA, 0, 1, query)
                    + frame(HEADERS, 5, 1, section(("x-trailer", "y"))),
        "ping_goaway": hello + frame(PING, 0, 0, b"12345678") + frame(HEADERS, 5, 1, get()) + frame(GOAWAY, 0, 0, b"\0" * 8),
        "errors": hello + frame(HEADERS, 5, 1, get("/x")) + frame(HEADERS, 5, 3, get("/dns-query?dns=A"))
                  + frame(HEADERS, 5, 5, get(target, ("a", "b" * 8200))),
        "settings": hello + frame(SETTINGS, 0, 0, b"\0\1\0\1\0\0\0\2\0\0\0\0\0\4\0\x60\0\0\0\6\0\4\0\0"),
    },
    "serve_doh_request": {
        "target": target.encode(), "parameters": f"/dns-query?ct&dns={encoded}==&x=y#z".encode(),
        "absolute": f"https://dns.example{target}".encode(), "type": b"Application/DNS-Message ; charset=utf-8",
        "length": b"65535", "bad_digit": b"/dns-query?dns=AA+/AAAA",
    },
}

for folder, files in seeds.items():
    (here / folder).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        first = b"" if folder == "serve_doh_request" else b"\x06"
        (here / folder / name).write_bytes(first + content)
