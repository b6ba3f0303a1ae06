#!/usr/bin/python3
"""Writes the seeds of the NAT64's fuzz targets: corpus/nat64_*. Plain Python.

The seeds are kept in the tree; run this after adding one here."""
import pathlib
import random
import struct

here = pathlib.Path(__file__).parent / "corpus"

# -- nat64_fragments: calls as choices, in the order in which the target draws them --
REMEMBER, RELEASE, NOTE, LIMITS, WAIT, EXPIRE, HOLD, REASSEMBLE = range(8)


def place(offset, size, more):
    """Units of eight octets: header size, M, offset, its scale, size, its scale, octets beyond."""
    return bytes([0, more, offset, 0, size, 0] + ([] if more else [0]))


def fragment(key, call, offset, size, more):
    """ECN as it is; no octet wrong."""
    wrong = [0, 0] if key % 2 else [0]  # IPv6 draws once more, for its headers
    return bytes([key, call]) + place(offset, size, more) + bytes([0] + wrong)


def call(key, number, *more):
    return bytes([key, number, *more])


def fragments_seeds():
    for key in (0, 1):
        yield f"in_order_{key}", b"".join(
            [call(key, REMEMBER)] + [call(key, NOTE) + place(i * 10, 10, i < 2) for i in range(3)])
        yield f"released_{key}", b"".join(
            [fragment(key, HOLD, 20, 10, 0), fragment(key, HOLD, 10, 10, 1), call(key, REMEMBER), call(key, RELEASE)])
        yield f"reassembled_{key}", b"".join(
            [fragment(key, HOLD, 20, 10, 0), fragment(key, REASSEMBLE, 0, 10, 1), fragment(key, REASSEMBLE, 10, 10, 1)])
        yield f"overlap_{key}", b"".join(
            [fragment(key, REASSEMBLE, 0, 10, 1), fragment(key, REASSEMBLE, 20, 10, 0),
             fragment(key, REASSEMBLE, 9, 10, 1), fragment(key, REASSEMBLE, 10, 10, 1)])
        yield f"duplicate_{key}", b"".join(
            [fragment(key, REASSEMBLE, 0, 10, 1)] * 2 + [fragment(key, REASSEMBLE, 10, 10, 0)])
        yield f"timeout_{key}", b"".join(
            [fragment(key, HOLD, 10, 10, 1), call(0, WAIT, 200), fragment(key, REASSEMBLE, 0, 10, 1), call(0, WAIT, 5),
             call(0, EXPIRE)])
    yield "memory", b"".join(
        [call(0, LIMITS, 20, 2)] + [fragment(key, HOLD, 10 * i, 100, 1) for i in range(4) for key in range(4)])


# -- nat64_translate: twelve octets of choices, then a packet. Checksums are repaired on the way, if the choices say so --
V6, HEADERS, CHECKSUM, COPY_CLASS, MSS, MTU6, MTU4, LOWEST = (1 << i for i in range(8))
PARTIAL, TCP4, TCP6, UDP, ECN = 1, 1, 4, 5, 0x80
source6, client6 = bytes.fromhex("20010db8000000000000000000000001"), bytes.fromhex("0064ff9b0000000000000000c0000221")
source4, client4 = bytes([192, 0, 2, 33]), bytes([198, 51, 100, 7])


def choices(bits, flags=0, kind=0, segment_size=0, start=0, offset=0):
    return struct.pack("!BBBHHBHH", bits | HEADERS | CHECKSUM, flags, kind, segment_size, start, offset, 1024, 80)


def ipv6(number, payload, before=b""):
    return struct.pack("!IHBB", 6 << 28, len(before + payload), number, 64) + source6 + client6 + before + payload


def ipv4(number, payload, place=0, options=b"", ttl=64):
    header = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), 77, place, ttl,
                         number, 0)
    return header + source4 + client4 + options + payload


def tcp(size, flags=0x18, options=b""):
    return struct.pack("!HHIIBBHHH", 40000, 80, 1, 2, (5 + len(options) // 4) << 4, flags, 512, 0, 0) + options + bytes(size)


def udp(size):
    return struct.pack("!HHHH", 40000, 53, 8 + size, 0) + bytes(size)


def icmp(kind, code=0, argument=0x00070001, payload=b"ping"):
    return struct.pack("!BBHI", kind, code, 0, argument) + payload


def fragment_header(number, offset, more, identification=0x00012345):
    return struct.pack("!BBHI", number, 0, offset | more, identification)


def translate_seeds():
    mss = b"\2\4\5\xb4\1\3\3\7"
    extension = lambda following: bytes([following, 0, 1, 4, 0, 0, 0, 0])
    routing = lambda left: bytes([17, 0, 0, left, 0, 0, 0, 0])
    six = {
        "udp": (0, ipv6(17, udp(20))), "udp_large": (0, ipv6(17, udp(1400))), "tcp_syn": (MSS, ipv6(6, tcp(0, 2, mss))),
        "tcp": (COPY_CLASS, ipv6(6, tcp(100))), "echo": (0, ipv6(58, icmp(128))), "reply": (0, ipv6(58, icmp(129))),
        "other": (0, ipv6(132, bytes(20))), "options": (0, ipv6(0, extension(60) + extension(17) + udp(9))),
        "routing": (0, ipv6(43, routing(0) + udp(9))), "source_route": (0, ipv6(43, routing(1) + udp(9))),
        "first": (0, ipv6(44, fragment_header(17, 0, 1) + udp(1200))),
        "middle": (0, ipv6(44, fragment_header(17, 1208, 1) + bytes(1200))),
        "last": (0, ipv6(44, fragment_header(6, 2408, 0) + bytes(7))),
        "atomic": (0, ipv6(44, fragment_header(17, 0, 0) + udp(7))),
        "behind_fragment": (0, ipv6(44, fragment_header(60, 0, 1) + extension(17) + udp(8))),
        "too_big": (MTU4, ipv6(58, icmp(2, 0, 1280, ipv6(17, udp(40))))),
        "unreachable": (0, ipv6(58, icmp(1, 4, 0, ipv6(6, tcp(0))))),
        "exceeded": (0, ipv6(58, icmp(3, 0, 0, ipv6(58, icmp(128))))),
        "parameter": (0, ipv6(58, icmp(4, 0, 40, ipv6(17, udp(9))))),
        "extended_error": (0, ipv6(58, icmp(1, 0, 17 << 24, ipv6(17, udp(88)) + bytes.fromhex("2000dfff0008010100000000")))),
        "short_error": (0, ipv6(58, icmp(1, 0, 0, ipv6(17, udp(9))[:44]))),
    }
    four = {
        "udp": (0, ipv4(17, udp(20))), "udp_large": (0, ipv4(17, udp(1400))), "udp_df": (MTU6, ipv4(17, udp(1400), 0x4000)),
        "tcp_syn": (MSS, ipv4(6, tcp(0, 2, mss))), "tcp": (COPY_CLASS, ipv4(6, tcp(100), 0x4000)),
        "echo": (0, ipv4(1, icmp(8))), "reply": (0, ipv4(1, icmp(0))), "timestamp": (0, ipv4(1, icmp(13))),
        "ttl": (0, ipv4(17, udp(4), ttl=1)), "options": (0, ipv4(17, udp(9), 0, b"\1\1\7\7\4\0\0\0\0\0\0\0")),
        "source_route": (0, ipv4(17, udp(9), 0, b"\x83\7\4\1\2\3\4\0")),
        "first": (0, ipv4(17, udp(1472), 0x2000)), "middle": (LOWEST, ipv4(17, bytes(1480), 0x20b9)),
        "last": (0, ipv4(17, bytes(5), 0x0172)),
        "too_big": (0, ipv4(1, icmp(3, 4, 1400, ipv4(17, udp(40))))),
        "too_big_old": (0, ipv4(1, icmp(3, 4, 0, ipv4(6, tcp(40))))),
        "unreachable": (0, ipv4(1, icmp(3, 3, 0, ipv4(17, udp(0))))),
        "exceeded": (0, ipv4(1, icmp(11, 0, 0, ipv4(1, icmp(8))))),
        "parameter": (0, ipv4(1, icmp(12, 0, 9 << 24, ipv4(17, udp(9))))),
        "extended_error": (0, ipv4(1, icmp(11, 0, 32 << 16, ipv4(17, udp(100)) + bytes.fromhex("2000dfff0008010100000000")))),
    }
    for name, (bits, packet) in six.items():
        yield f"six_{name}", choices(bits | V6) + packet
    for name, (bits, packet) in four.items():
        yield f"four_{name}", choices(bits) + packet
    for flags in (0, PARTIAL):
        yield f"six_tcp_super_{flags}", choices(V6, flags, TCP6 | ECN, 300, 40, 16) + ipv6(6, tcp(1000, 0x99, mss))
        yield f"six_udp_super_{flags}", choices(V6, flags, UDP, 100, 48, 6) + ipv6(60, extension(17) + udp(450))
        yield f"four_tcp_super_{flags}", choices(0, flags, TCP4, 1400, 20, 16) + ipv4(6, tcp(4000, 0x19), 0x4000)
        yield f"four_udp_super_{flags}", choices(0, flags, UDP, 1400, 20, 6) + ipv4(17, udp(4500))
        yield f"six_udp_{flags}", choices(V6, flags, 0, 0, 40, 6) + ipv6(17, udp(11))
        yield f"four_echo_{flags}", choices(0, flags, 0, 0, 20, 2) + ipv4(1, icmp(8))


# -- nat64_translator: choices without a meaning of their own, which lead far. A find of the fuzzer is added by hand --
def translator_seeds():
    for seed in range(40):
        chance = random.Random(seed)
        yield f"chance_{seed:02}", chance.randbytes(1 << chance.randrange(5, 12))


SEEDS = {"nat64_fragments": fragments_seeds, "nat64_translate": translate_seeds, "nat64_translator": translator_seeds}


def main():
    for target, seeds in SEEDS.items():
        folder = here / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, octets in seeds():
            (folder / name).write_bytes(octets)


if __name__ == "__main__":
    main()
