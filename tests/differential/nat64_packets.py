#!/usr/bin/python3
"""Compares the NAT64's translation with Scapy over random packets.

    nat64_packets.py PATH-OF-nat64_dump [SEED]

Each packet is built twice by Scapy, as it comes and as RFC 7915 has it leave, with Scapy's lengths and checksums; what
the program makes of the first must be the second, octet by octet."""
import logging
import random
import struct
import subprocess
import sys

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP, IPOption_RR  # noqa: E402
from scapy.layers.inet6 import (  # noqa: E402
    ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded,
    IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.packet import Raw  # noqa: E402
from scapy.utils import checksum  # noqa: E402

PACKETS = 3000
FIRST_ID = 0x1000
MTU = 1500

# A host and its counterpart, in both families: the client behind the NAT64, the server, routers on either side.
CLIENT = ("2001:db8:1:2::3", "192.0.2.1")
SERVER = ("64:ff9b::c633:6401", "198.51.100.1")
ROUTER = ("64:ff9b::cb00:7109", "203.0.113.9")
SIX, FOUR = 0, 1


class Flow:
    """A packet's transport, built for either family: what differs is its ports or identifiers."""

    def __init__(self, rng, size):
        self.kind = rng.choice(["tcp", "udp", "echo"])
        self.ports = ((rng.randrange(1, 65536), rng.randrange(1, 65536)), (rng.randrange(1, 65536), rng.randrange(1, 65536)))
        if self.kind == "echo":
            self.ports = tuple((port, port) for port, _ in self.ports)
        self.payload = rng.randbytes(size)
        self.reply = rng.random() < 0.5
        self.sequence = rng.randrange(65536)
        self.fields = dict(seq=rng.randrange(2**32), ack=rng.randrange(2**32), flags=rng.randrange(512),
                           window=rng.randrange(65536), urgptr=rng.randrange(65536),
                           options=rng.choice([[], [("NOP", None), ("NOP", None), ("Timestamp", (7, 8))], [("MSS", 1440)]]))

    def transport(self, family):
        source, destination = self.ports[family]
        if self.kind == "tcp":
            return TCP(sport=source, dport=destination, **self.fields) / Raw(self.payload)
        if self.kind == "udp":
            return UDP(sport=source, dport=destination) / Raw(self.payload)
        if family == FOUR:
            return ICMP(type=0 if self.reply else 8, id=source, seq=self.sequence) / Raw(self.payload)
        kind = ICMPv6EchoReply if self.reply else ICMPv6EchoRequest
        return kind(id=source, seq=self.sequence, data=self.payload)

    def endpoints(self, family, source, destination):
        brackets = "[%s]:%d,[%s]:%d" if family == SIX else "%s:%d,%s:%d"
        ports = self.ports[family]
        return brackets % (source[family], ports[0], destination[family], ports[1])


def no_ports(family, source, destination):
    return ("[%s]:0,[%s]:0" if family == SIX else "%s:0,%s:0") % (source[family], destination[family])


def may_be_fragmented(total):
    return total <= 1260


def extension_headers(rng):
    """Such as are left out."""
    headers = []
    if rng.random() < 0.2:
        headers.append(IPv6ExtHdrHopByHop())
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        headers.append(rng.choice([IPv6ExtHdrDestOpt(), IPv6ExtHdrRouting(addresses=[CLIENT[SIX]], segleft=0)]))
    return headers


def joined(*layers):
    packet = layers[0]
    for layer in layers[1:]:
        packet = packet / layer
    return packet


def plain_six_to_four(rng):
    flow, tos, hops = Flow(rng, rng.randrange(1380)), rng.randrange(256), rng.randrange(2, 256)
    identification = rng.choice([None, None, rng.randrange(2**32)])
    headers = extension_headers(rng)
    if identification is not None:
        headers.append(IPv6ExtHdrFragment(id=identification))
    six = joined(IPv6(src=CLIENT[SIX], dst=SERVER[SIX], tc=tos, fl=rng.randrange(2**20), hlim=hops), *headers,
                 flow.transport(SIX))
    transport = flow.transport(FOUR)
    df = identification is None and not may_be_fragmented(20 + len(transport))
    four = IP(src=CLIENT[FOUR], dst=SERVER[FOUR], tos=tos, ttl=hops - 1, flags="DF" if df else 0,
              id=FIRST_ID if identification is None else identification & 0xFFFF) / transport
    return flow.endpoints(FOUR, CLIENT, SERVER), no_ports(FOUR, CLIENT, SERVER), bytes(six), bytes(four)


def plain_four_to_six(rng):
    flow, tos, hops = Flow(rng, rng.randrange(1380)), rng.randrange(256), rng.randrange(2, 256)
    options = rng.choice([[], [], [IPOption_NOP()] * 4, [IPOption_RR(length=7, pointer=4, routers=["0.0.0.0"])]])
    transport = flow.transport(FOUR)
    df = rng.random() < 0.5 and 40 + len(options) * 8 + len(transport) <= MTU
    four = bytearray(bytes(IP(src=SERVER[FOUR], dst=CLIENT[FOUR], tos=tos, ttl=hops, id=rng.randrange(65536),
                              flags="DF" if df else 0, options=options) / transport))
    if flow.kind == "udp" and rng.random() < 0.3:
        start = 4 * (four[0] & 15) + 6
        four[start:start + 2] = b"\0\0"
    six = IPv6(src=SERVER[SIX], dst=CLIENT[SIX], tc=tos, hlim=hops - 1) / flow.transport(SIX)
    return flow.endpoints(SIX, SERVER, CLIENT), no_ports(SIX, SERVER, CLIENT), bytes(four), bytes(six)


def whole_transports(flow, source, destination):
    """Octets of the transport in both families, with the checksums of the whole datagram."""
    six = bytes(IPv6(src=source[SIX], dst=destination[SIX]) / flow.transport(SIX))[40:]
    four = bytes(IP(src=source[FOUR], dst=destination[FOUR]) / flow.transport(FOUR))[20:]
    return six, four


def a_fragment(rng):
    """Of TCP or UDP, whichever place it has in its datagram, in either direction."""
    flow = Flow(rng, 2000)
    while flow.kind == "echo":
        flow = Flow(rng, 2000)
    to_four = rng.random() < 0.5
    source, destination = (CLIENT, SERVER) if to_four else (SERVER, CLIENT)
    six, four = whole_transports(flow, source, destination)
    start = rng.choice([0, 8 * rng.randrange(3, 150)])  # behind the checksum, which the first one must have
    part = start + 8 * rng.randrange(8, 90)
    end = part if start == 0 else rng.choice([len(six), part])
    more = end < len(six)
    number, identification = (6 if flow.kind == "tcp" else 17), rng.randrange(2**32 if to_four else 2**16)
    hops = rng.randrange(2, 256)
    six_hops, four_hops = (hops, hops - 1) if to_four else (hops - 1, hops)
    in_six = (IPv6(src=source[SIX], dst=destination[SIX], hlim=six_hops)
              / IPv6ExtHdrFragment(nh=number, id=identification, offset=start // 8, m=int(more)) / Raw(six[start:end]))
    in_four = (IP(src=source[FOUR], dst=destination[FOUR], ttl=four_hops, proto=number, id=identification & 0xFFFF,
                  flags="MF" if more else 0, frag=start // 8) / Raw(four[start:end]))
    family = FOUR if to_four else SIX
    packets = (bytes(in_six), bytes(in_four))
    return (flow.endpoints(family, source, destination), no_ports(family, source, destination),
            packets[1 - family], packets[family])


# Of RFC 7915 4.2 and 5.2, row by row: ICMPv4 and ICMPv6. Embedded packets have the same order of octets behind them.
def errors_from_four():
    pairs = [((3, code, 0), ICMPv6DestUnreach(code=0)) for code in (0, 1, 5, 6, 7, 8, 11, 12)]
    pairs += [((3, code, 0), ICMPv6DestUnreach(code=1)) for code in (9, 10, 13, 15)]
    pairs += [((3, 2, 0), ICMPv6ParamProblem(code=1, ptr=6)), ((3, 3, 0), ICMPv6DestUnreach(code=4)),
              ((3, 4, 1400), ICMPv6PacketTooBig(mtu=1420)), ((3, 4, 576), ICMPv6PacketTooBig(mtu=1280)),
              ((3, 4, 9000), ICMPv6PacketTooBig(mtu=MTU)), ((11, 0, 0), ICMPv6TimeExceeded(code=0)),
              ((11, 1, 0), ICMPv6TimeExceeded(code=1))]
    pointers = {0: 0, 1: 1, 2: 4, 3: 4, 8: 7, 9: 6, 12: 8, 15: 8, 16: 24, 19: 24}
    pairs += [((12, code, old << 24), ICMPv6ParamProblem(code=0, ptr=new)) for old, new in pointers.items() for code in (0, 2)]
    return pairs


def errors_from_six():
    pairs = [(ICMPv6DestUnreach(code=code), (3, 1, 0)) for code in (0, 2, 3)]
    pairs += [(ICMPv6DestUnreach(code=1), (3, 10, 0)), (ICMPv6DestUnreach(code=4), (3, 3, 0)),
              (ICMPv6PacketTooBig(mtu=1400), (3, 4, 1380)), (ICMPv6PacketTooBig(mtu=9000), (3, 4, MTU - 20)),
              (ICMPv6TimeExceeded(code=0), (11, 0, 0)), (ICMPv6TimeExceeded(code=1), (11, 1, 0)),
              (ICMPv6ParamProblem(code=1, ptr=40), (3, 2, 0))]
    pointers = {0: 0, 1: 1, 4: 2, 5: 2, 6: 9, 7: 8, 8: 12, 23: 12, 24: 16, 39: 16}
    pairs += [(ICMPv6ParamProblem(code=0, ptr=old), (12, 0, new << 24)) for old, new in pointers.items()]
    return pairs


def icmp4(kind, code, word, embedded):
    octets = struct.pack("!BBHI", kind, code, 0, word) + embedded
    return octets[:2] + struct.pack("!H", checksum(octets)) + octets[4:]


def cut(rng, flow, ip, whole):
    """How much an error has of a packet: its ports at least, and no half of a checksum, which nobody could update."""
    half = ip + {"tcp": 17, "udp": 7, "echo": 3}[flow.kind]
    size = rng.randrange(ip + (8 if flow.kind == "echo" else 4), whole + 1)
    return size + 1 if size == half else size


def an_error_six_to_four(rng):
    flow, tos, hops = Flow(rng, rng.randrange(600)), rng.randrange(256), rng.randrange(1, 256)
    embedded_six = bytes(IPv6(src=SERVER[SIX], dst=CLIENT[SIX], tc=tos, hlim=hops) / flow.transport(SIX))
    embedded_four = bytes(IP(src=SERVER[FOUR], dst=CLIENT[FOUR], tos=tos, ttl=hops, id=0) / flow.transport(FOUR))
    size = cut(rng, flow, 40, len(embedded_six))
    icmp, (kind, code, word) = rng.choice(errors_from_six())
    six = IPv6(src=CLIENT[SIX], dst=SERVER[SIX], hlim=50) / icmp.copy() / Raw(embedded_six[:size])
    four = IP(src=CLIENT[FOUR], dst=SERVER[FOUR], ttl=49, id=FIRST_ID, proto=1) / Raw(
        icmp4(kind, code, word, embedded_four[:size - 20]))
    return (no_ports(FOUR, CLIENT, SERVER), flow.endpoints(FOUR, SERVER, CLIENT), bytes(six), bytes(four))


def an_error_four_to_six(rng):
    flow, tos, hops = Flow(rng, rng.randrange(600)), rng.randrange(256), rng.randrange(1, 256)
    embedded_six = bytes(IPv6(src=CLIENT[SIX], dst=SERVER[SIX], tc=tos, hlim=hops) / flow.transport(SIX))
    embedded_four = bytes(IP(src=CLIENT[FOUR], dst=SERVER[FOUR], tos=tos, ttl=hops) / flow.transport(FOUR))
    size = cut(rng, flow, 20, len(embedded_four))
    (kind, code, word), icmp = rng.choice(errors_from_four())
    four = IP(src=ROUTER[FOUR], dst=CLIENT[FOUR], ttl=50, id=7, proto=1) / Raw(icmp4(kind, code, word, embedded_four[:size]))
    six = IPv6(src=ROUTER[SIX], dst=CLIENT[SIX], hlim=49) / icmp.copy() / Raw(embedded_six[:size + 20])
    return (no_ports(SIX, ROUTER, CLIENT), flow.endpoints(SIX, CLIENT, SERVER), bytes(four), bytes(six))


def main():
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    kinds = [plain_six_to_four, plain_four_to_six, a_fragment, an_error_six_to_four, an_error_four_to_six]
    cases = [rng.choice(kinds)(rng) for _ in range(PACKETS)]
    lines = "".join(f"{outer} {about} {packet.hex()}\n" for outer, about, packet, _ in cases)
    dumped = subprocess.run([sys.argv[1]], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().split()
    wrong = 0
    for (_, _, packet, expected), result in zip(cases, dumped, strict=True):
        if result != expected.hex():
            wrong += 1
            if wrong <= 5:
                print(f"packet   {packet.hex()}\nexpected {expected.hex()}\nbecame   {result}\n")
    print(f"{len(cases)} packets, {wrong} not as Scapy has them")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
