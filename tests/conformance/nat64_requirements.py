# What the RFCs ask of a stateful NAT64, as a table, and where the tests show it. The tests are not in this folder:
# packets as text in tests/golden/nat64, unit tests, and the real program between real hosts in tests/integration. They
# name a requirement by its number:
#   tests/golden/nat64/r22_*.txt     the file's name
#   tests/unit/**/*_test.cpp         // R22 (RFC ...) in the test or in front of it, or for several: in front of them as
#                                    // -- What they have in common. R22 (RFC ...) --, or at the head of the file
#   tests/integration/test_*.py      the test's name: test_r22_...
import collections
import glob
import os
import re

import requirement

Requirement = collections.namedtuple("Requirement", "number paragraph sentence")
# `name`: of the test; None for a whole file.
Place = collections.namedtuple("Place", "number path name")

requirements = [Requirement(*row) for row in (
    ("R1", "RFC 6146 3.1", "a table of bindings for each of TCP, UDP and ICMP; one binding for a source, whatever the destination"),
    ("R2", "RFC 6146 3.2", "a binding ends with its last session, a static one never"),
    ("R3", "RFC 6146 3.4", "the tuple of an ICMP error is that of the packet inside, turned round; other protocols are refused"),
    ("R4", "RFC 6146 3.4", "fragments may come in any order, wait for at least 2 s, in bounded memory, and go silently"),
    ("R5", "RFC 6146 3.5", "neither a source inside a prefix nor a destination outside all prefixes is translated"),
    ("R6", "RFC 6146 3.5.1, 4", "a UDP session lives for 5 minutes; what is sent from inside prolongs it"),
    ("R7", "RFC 6146 3.5.1.1, RFC 7857 7", "a host keeps one address; ports keep their range, no port is given twice"),
    ("R8", "RFC 6146 3.5.2.2", "the TCP state machine, edge by edge"),
    ("R9", "RFC 6146 3.5.3, RFC 5508 3.1", "pings are mapped by identifier, for at least 60 s"),
    ("R10", "RFC 6146 3.5", "filtering: everybody may answer, or addresses that were written to; the rest is told 3/13"),
    ("R11", "RFC 6146 3.5.2.3, 3.6", "a TCP port comes from the host's address; the outgoing tuple, of errors, too"),
    ("R12", "RFC 6146 3.8, RFC 4787 REQ-9", "what inside sends to an address of the pool turns back, with the sender's outside address"),
    ("R13", "RFC 6146 5.3", "state is bounded, and IPv4 makes no binding"),
    ("R14", "RFC 6888 REQ-3", "the pool has any addresses and of each any ports"),
    ("R15", "RFC 6146 3.5", "what comes to the pool without a binding is refused and never goes round"),
    ("R20", "RFC 7915 4.1", "the IPv6 header that is made of an IPv4 header"),
    ("R21", "RFC 7915 4.1", "an unexpired source route is refused with 3/5, an expired one is ignored"),
    ("R22", "RFC 7915 4.1", "without DF a packet is cut to what every IPv6 link takes, and small ones get no Fragment Header"),
    ("R23", "RFC 7915 4.1", "with DF what is too long is refused with 3/4, 20 octets less than the IPv6 link's MTU"),
    ("R24", "RFC 7915 4.1", "a fragment becomes a fragment; sources that nobody may have are refused"),
    ("R25", "RFC 7915 4.2", "each type and code of ICMPv4, and each pointer"),
    ("R26", "RFC 7915 4.2", "the MTU in Packet Too Big, never below 1280; without one, the plateaus of RFC 1191"),
    ("R27", "RFC 7915 4.2, 4.3", "the packet inside an error is translated once, its extensions are kept (RFC 4884)"),
    ("R28", "RFC 7915 4.4, 4.5", "what is refused is told, but for errors, at a limited rate; a missing UDP checksum is computed"),
    ("R29", "RFC 6146 3.4", "other transport protocols are refused"),
    ("R30", "RFC 7915 5.1", "the IPv4 header that is made of an IPv6 header; DF from 1261 octets on"),
    ("R31", "RFC 7915 5.1", "extension headers are skipped; a routing header with segments left is refused with 4/0"),
    ("R32", "RFC 7915 5.1.1", "a Fragment Header becomes fields of the IPv4 header"),
    ("R33", "RFC 7915 5.2", "each type and code of ICMPv6, each pointer, and the MTU"),
    ("R34", "RFC 7915 5.3, 5.4", "the packet inside an error, and routers that show as themselves"),
    ("R35", "RFC 6791 3, 4", "IPv6 routers have an IPv4 address in errors, and their own beside it (RFC 5837)"),
    ("R36", "RFC 7915 5.1, RFC 8200 5", "an IPv4 link of less than 1260 octets is passed"),
    ("R40", "RFC 6052 2.2", "prefixes of 32, 40, 48, 56, 64 and 96 bits; the suffix is ignored"),
    ("R41", "RFC 6052 3.1", "64:ff9b::/96 carries no addresses that are not global, but where the operator wants it"),
    ("R42", "RFC 8215", "64:ff9b:1::/48 is a prefix like any other"),
    ("R43", "RFC 6146 3.5", "several prefixes at once"),
    ("R44", "RFC 6888 REQ-6", "IPv4 destinations may be denied"),
    ("R50", "RFC 4787", "mappings do not depend on the destination, ports are not shared, behaviour does not change under load"),
    ("R51", "RFC 5382", "the same of TCP; simultaneous open; 6 s of silence for a SYN; ICMP errors end nothing"),
    ("R52", "RFC 5508", "ICMP errors belong to a session, damaged inner checksums or not; those of the NAT64 have its address"),
    ("R53", "RFC 7857", "one address for all protocols; ports are hard to guess; identifications of IPv4 are not repeated"),
    ("R54", "RFC 6888", "limits for each subscriber; nothing that exists is harmed; a port rests before its next owner"),
    ("R57", "RFC 8158", "bindings are told as NAT events of IPFIX"),
)]
numbers = [row.number for row in requirements]

_number = re.compile(r"\bR([1-9]\d?)\b")


def _golden():
    for path in sorted(glob.glob(os.path.join(requirement.root, "tests", "golden", "nat64", "r*.txt"))):
        name = os.path.basename(path)[:-4]
        number, _, rest = name.partition("_")
        yield Place(number.upper(), path, rest.replace("_", " "))


def _unit():
    for path in sorted(glob.glob(os.path.join(requirement.root, "tests", "unit", "**", "*_test.cpp"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            yield from _in_cpp(path, file.read())


def _in_cpp(path, text):
    head, body = re.match(r"((?://.*\n)*)([\s\S]*)", text).groups()
    yield from (Place(number, path, None) for number in _numbers(head))
    section, waiting, test = [], [], None
    for line in body.splitlines():
        begins = re.match(r"TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", line)
        if begins:
            test, found, waiting = begins.group(2).replace("_", " "), section + waiting, []
        elif line.startswith("// -- "):
            test, section, found, waiting = None, _numbers(line), [], []
        elif line.startswith("//"):
            test, found, waiting = None, [], waiting + _numbers(line)
        elif line.startswith((" ", "}")):
            found = _numbers(line)
        else:
            test, found, waiting = None, [], []
        if test:
            yield from (Place(number, path, test) for number in found)


def _numbers(text):
    return ["R" + digits for digits in dict.fromkeys(_number.findall(text))]


def _integration():
    for path in sorted(glob.glob(os.path.join(requirement.root, "tests", "integration", "test_nat64*.py"))):
        with open(path, encoding="utf-8") as file:
            for digits, name in re.findall(r"^    def test_r(\d+)_(\w+)", file.read(), re.M):
                yield Place("R" + digits, path, name.replace("_", " "))


def places():
    """Every test that names a requirement, once for each that it names."""
    return list(dict.fromkeys([*_golden(), *_unit(), *_integration()]))
