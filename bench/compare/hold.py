# Opens connections, asks once on each and keeps them: `hold.py dot|doh PORT COUNT QUERYFILE`. Says "open COUNT" and stays
# until its standard input ends. The HTTP/2 is the least that a server accepts (RFC 9113): preface, SETTINGS, one POST.
import socket
import ssl
import struct
import sys


def frame(kind, flags, stream, payload=b""):
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def field(index, value):
    """A header field without indexing, its name from the static table (RFC 7541 6.2.2 and appendix A)."""
    prefix = bytes([index]) if index < 15 else bytes([15, index - 15])
    return prefix + bytes([len(value)]) + value


def post(query):
    headers = b"\x83\x87" + field(1, b"127.0.0.1") + field(4, b"/dns-query")
    headers += field(31, b"application/dns-message") + field(28, str(len(query)).encode())
    return (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 4, 1, headers) + frame(0, 1, 1, query))


def read_exactly(stream, count):
    octets = b""
    while len(octets) < count:
        more = stream.recv(count - len(octets))
        if not more:
            raise ConnectionError("closed")
        octets += more
    return octets


def ask_dot(stream, query):
    stream.sendall(struct.pack("!H", len(query)) + query)
    read_exactly(stream, struct.unpack("!H", read_exactly(stream, 2))[0])


def ask_doh(stream, query):
    stream.sendall(post(query))
    ended = False
    while not ended:
        head = read_exactly(stream, 9)
        read_exactly(stream, int.from_bytes(head[:3], "big"))
        kind, flags, number = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind == 4 and not flags & 1:
            stream.sendall(frame(4, 1, 0))
        ended = number == 1 and kind in (0, 1) and bool(flags & 1)


def main():
    protocol, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(sys.argv[4], "rb") as file:
        query = file.read()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2" if protocol == "doh" else "dot"])
    streams = []
    for _ in range(count):
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = context.wrap_socket(plain)
        (ask_doh if protocol == "doh" else ask_dot)(stream, query)
        streams.append(stream)
    print(f"open {len(streams)}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
