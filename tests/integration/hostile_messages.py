# A table of DNS messages that no honest client sends, each with the answer that the standards want.
# Rows: title, octets, RCODE of the answer over every transport (None: no answer).
import struct

import dns.rcode

FORMERR, NOTIMP, REFUSED, BADVERS = dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.REFUSED, dns.rcode.BADVERS
NOERROR, NXDOMAIN = dns.rcode.NOERROR, dns.rcode.NXDOMAIN

www = b"\3www\4test\0"


def header(questions=1, answers=0, authorities=0, additionals=0, flags=0x0100):
    return struct.pack("!6H", 0x4D2, flags, questions, answers, authorities, additionals)


def question(name=www, kind=1, klass=1):
    return name + struct.pack("!2H", kind, klass)


def opt(options=b"", name=b"\0", version=0, length=None, payload=1232):
    return (
        name + struct.pack("!HHBBHH", 41, payload, 0, version, 0, len(options) if length is None else length) + options
    )


def option(code, data=b"", length=None):
    return struct.pack("!HH", code, len(data) if length is None else length) + data


long_label = b"\x3f" + b"a" * 63
messages = [
    # Headers (RFC 1035 4.1.1)
    ("a header alone, no question", header(0), FORMERR),
    ("a header that promises a question", header(1), FORMERR),
    ("a response", header(flags=0x8180) + question(), None),
    ("opcode IQUERY", header(flags=0x0900) + question(), NOTIMP),
    ("opcode 15", header(flags=0x7900) + question(), NOTIMP),
    ("TC, AA, RA and Z set in a query", header(flags=0x07D0) + question(), NOERROR),
    ("an RCODE in a query", header(flags=0x010F) + question(), NOERROR),
    # Counts that lie (CVE-2026-82399: never reserve by them)
    ("two questions promised, one there", header(2) + question(), FORMERR),
    ("two questions", header(2) + question() + question(), FORMERR),
    ("65535 questions promised", header(65535) + question(), FORMERR),
    ("65535 answers promised", header(1, 65535) + question(), FORMERR),
    ("65535 additional records promised", header(1, 0, 0, 65535) + question() + opt(), FORMERR),
    ("octets after the end", header() + question() + b"trailing", FORMERR),
    # Names (RFC 1035 4.1.4)
    ("a name without an end", header() + b"\3www\4test", FORMERR),
    ("a label longer than the message", header() + b"\x3fwww\0" + b"\0\1\0\1", FORMERR),
    ("a label of type 01", header() + question(b"\x41a\0"), FORMERR),
    ("a label of type 10", header() + question(b"\x81a\0"), FORMERR),
    ("a pointer to itself", header() + question(b"\xc0\x0c"), FORMERR),
    ("a pointer forward", header() + question(b"\xc0\x12") + b"\3www\0", FORMERR),
    ("two pointers in a ring", header() + question(b"\xc0\x0e\xc0\x0c"), FORMERR),
    ("a pointer beyond the message", header() + question(b"\xff\xff"), FORMERR),
    ("half a pointer", header() + b"\xc0", FORMERR),
    ("a name of 256 octets", header() + question(long_label * 3 + b"\x3e" + b"a" * 62 + b"\1a\0"), FORMERR),
    ("a name of 255 octets", header() + question(long_label * 3 + b"\x3d" + b"a" * 61 + b"\0"), NXDOMAIN),
    ("a name of 127 labels", header() + question(b"\1a" * 127 + b"\0"), NXDOMAIN),
    ("a name with every octet", header() + question(bytes([32]) + bytes(range(32)) + b'\x04\xff\xfe."\0'), NXDOMAIN),
    # Questions
    ("a question cut after its type", header() + www + b"\0\1", FORMERR),
    ("class 0", header() + question(klass=0), REFUSED),
    ("class ANY", header() + question(klass=255), REFUSED),
    ("type OPT as a question", header() + question(kind=41), FORMERR),
    ("type TSIG as a question", header() + question(kind=250), NOTIMP),
    ("AXFR", header() + question(kind=252), REFUSED),
    (
        "IXFR with its SOA",
        header(1, 0, 1) + question(kind=251) + www + struct.pack("!HHIH", 6, 1, 0, 22) + b"\0\0" + b"\0" * 20,
        REFUSED,
    ),
    ("type 65280, unknown to all", header() + question(kind=65280), NOERROR),
    # EDNS (RFC 6891)
    ("two OPT records", header(1, 0, 0, 2) + question() + opt() + opt(), FORMERR),
    ("an OPT with a name", header(1, 0, 0, 1) + question() + opt(name=www), FORMERR),
    ("an OPT among the answers", header(1, 1) + question() + opt(), FORMERR),
    ("an OPT longer than the message", header(1, 0, 0, 1) + question() + opt(length=40), FORMERR),
    ("an option longer than its OPT", header(1, 0, 0, 1) + question() + opt(option(10, b"12345678", 20)), FORMERR),
    ("half an option header", header(1, 0, 0, 1) + question() + opt(b"\0\x0a"), FORMERR),
    ("500 options (CVE-2026-41292)", header(1, 0, 0, 1) + question() + opt(option(65001) * 500), FORMERR),
    ("EDNS version 255", header(1, 0, 0, 1) + question() + opt(version=255), BADVERS),
    (
        "cookies, paddings and keepalives twice (CVE-2026-42944)",
        header(1, 0, 0, 1)
        + question()
        + opt((option(10, b"12345678") + option(12, b"\0" * 9) + option(11) + option(3)) * 4),
        NOERROR,
    ),
    # Cookies (RFC 7873 5.2.2, 5.4)
    ("a cookie of 7 octets", header(1, 0, 0, 1) + question() + opt(option(10, b"1234567")), FORMERR),
    ("a cookie of 12 octets", header(1, 0, 0, 1) + question() + opt(option(10, b"x" * 12)), FORMERR),
    ("a cookie of 41 octets", header(1, 0, 0, 1) + question() + opt(option(10, b"x" * 41)), FORMERR),
    ("a cookie of 40 octets, not ours", header(1, 0, 0, 1) + question() + opt(option(10, b"x" * 40)), NOERROR),
    ("a cookie in an EDNS of tomorrow", header(1, 0, 0, 1) + question() + opt(option(10, b"x"), version=1), BADVERS),
    ("a cookie and no question", header(0, 0, 0, 1) + opt(option(10, b"12345678")), NOERROR),
    ("a cookie, no question, and octets behind", header(0, 0, 0, 1) + opt(option(10, b"12345678")) + b"x", FORMERR),
    ("an OPT without a cookie and no question", header(0, 0, 0, 1) + opt(), FORMERR),
    (
        "a record longer than the message",
        header(1, 0, 0, 1) + question() + www + struct.pack("!HHIH", 1, 1, 0, 400),
        FORMERR,
    ),
]


def deep_pointers():
    """28 KiB of names that each walk a chain of pointers (Unbound CVE-2024-8508): only streams can carry it."""
    chain = b"\1a" + b"".join(struct.pack("!H", 0xC000 | max(12, 12 + 2 * i)) for i in range(3000))
    records = b"".join(struct.pack("!H", 0xC000 | 6000) + struct.pack("!HHIH", 1, 1, 0, 0) for _ in range(1800))
    return header(1, 0, 0, 1800) + question(chain[:2] + b"\0") + chain + records
