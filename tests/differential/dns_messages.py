#!/usr/bin/python3
"""Compares the message parser with dnspython's over generated messages, well-formed and mutated.

    dns_messages.py PATH-OF-dns_dump [SEED]

Both must give the same verdict and, where they accept, read the same. Where they may differ in strictness, a rule below
says so and why; a rule excuses a verdict only when its own condition is found in the message."""
import collections
import random
import struct
import subprocess
import sys

import dns.exception
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype as rdatatype
import dns.wire

WELL_FORMED, MUTATED = 2000, 6000

# -- Generating: raw octets, so that what is malformed can be written down as well --

# RDATA by type, as fields: n name, N name that must not be compressed, a number of octets, s character-string, x rest.
FIELDS = {
    1: [4], 2: ["n"], 3: ["n"], 4: ["n"], 5: ["n"], 6: ["n", "n", 20], 7: ["n"], 8: ["n"], 9: ["n"], 12: ["n"],
    13: ["s", "s"], 14: ["n", "n"], 15: [2, "n"], 16: ["s"], 17: ["n", "n"], 18: [2, "n"], 21: [2, "n"],
    24: [18, "n", "x"], 26: [2, "n", "n"], 28: [16], 30: ["n", "x"], 33: [6, "n"], 35: [4, "s", "s", "s", "n"], 36: [2, "N"],
    39: ["N"], 43: [4, "x"], 46: [18, "N", "x"], 47: ["N", "bitmap"], 48: [4, "x"], 50: [4, "s", "hash", "bitmap"],
    52: [3, "x"], 64: [2, "N", "params"], 65: [2, "N", "params"], 99: ["s"], 257: [1, "tag", "x"], 65280: ["x"],
}
LABELS = [b"a", b"B", b"www", b"example", b"Com", b"x" * 63, b"\x00.\xff", b"1"]
CLASSES = [1] * 12 + [3, 4, 254, 255]


class Writer:
    """Writes a message; remembers where names stand, to point there now and then."""

    def __init__(self, rng):
        self.rng, self.wire, self.places = rng, bytearray(12), []

    def name(self, may_compress=True):
        targets = list(self.places)
        for _ in range(self.rng.randint(0, 3)):
            self.places.append(len(self.wire))
            label = self.rng.choice(LABELS)
            self.wire += bytes([len(label)]) + label
        if may_compress and targets and self.rng.random() < 0.6:
            self.wire += struct.pack("!H", 0xC000 | self.rng.choice(targets))
        else:
            self.wire += b"\0"

    def octets(self, count):
        self.wire += self.rng.randbytes(count)

    def field(self, kind):
        rng = self.rng
        if kind in ("n", "N"):
            self.name(kind == "n")
        elif kind == "s":
            self.string(rng.randint(0, 5))
        elif kind in ("hash", "tag"):
            size = rng.randint(1, 5)
            self.wire += bytes([size]) + bytes(rng.choice(b"abcxyz019") for _ in range(size))
        elif kind == "bitmap":
            self.wire += bytes([0, 2, 0x40, 1])
        elif kind == "params":
            self.wire += rng.choice([b"", bytes([0, 1, 0, 3, 2]) + b"h2", bytes([0, 3, 0, 2, 1, 187])])
        elif kind == "x":
            self.octets(rng.randint(1, 8))
        else:
            self.octets(kind)

    def string(self, size):
        self.wire += bytes([size])
        self.octets(size)

    def record(self):
        rng = self.rng
        self.name()
        kind = rng.choice(list(FIELDS))
        klass = 1 if kind in (1, 28) else rng.choice(CLASSES[:14])
        self.wire += struct.pack("!HHIH", kind, klass, rng.choice([0, 60, 2**31 - 1, 2**31, 2**32 - 1]), 0)
        start = len(self.wire)
        for field in FIELDS[kind]:
            self.field(field)
        struct.pack_into("!H", self.wire, start - 2, len(self.wire) - start)

    def opt(self):
        rng = self.rng
        options = b""
        for _ in range(rng.randint(0, 3)):
            data = rng.randbytes(rng.randint(0, 6))
            options += struct.pack("!HH", rng.choice([12, 65001, 65002]), len(data)) + data
        self.wire += b"\0" + struct.pack("!HHBBHH", 41, rng.randint(0, 4096), rng.choice([0, 0, 1]), 0,
                                         rng.choice([0, 0x8000]), len(options)) + options


def well_formed(rng):
    writer = Writer(rng)
    writer.name(may_compress=False)
    writer.wire += struct.pack("!HH", rng.choice([1, 28, 255, 65280]), rng.choice([1, 3]))
    counts = [rng.randint(0, 3) for _ in range(3)]
    for _ in range(sum(counts)):
        writer.record()
    if rng.random() < 0.6:
        writer.opt()
        counts[2] += 1
    flags = rng.choice([0x0100, 0x8180, 0x8583, 0x85A0, 0x8005])
    struct.pack_into("!HHHHHH", writer.wire, 0, rng.randint(0, 65535), flags, 1, *counts)
    return bytes(writer.wire)


def mutate(rng, wire):
    wire = bytearray(wire)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at = rng.randrange(len(wire)) if wire else 0
        kind = rng.randrange(8)
        if kind == 0:
            del wire[at:]
        elif kind == 1 and wire:
            wire[at] = rng.randrange(256)
        elif kind == 2 and wire:
            wire[at] ^= 1 << rng.randrange(8)
        elif kind == 3:
            wire[at:at] = rng.randbytes(rng.randint(1, 4))
        elif kind == 4:
            del wire[at:at + rng.randint(1, 4)]
        elif kind == 5:
            wire[at:at + 2] = struct.pack("!H", 0xC000 | rng.randrange(max(1, len(wire))))
        elif kind == 6 and len(wire) >= 12:
            wire[4 + rng.randrange(8)] = rng.choice([0, 0, 1, 1, 2, 3, 255])
        else:
            wire += rng.randbytes(rng.randint(1, 12))
    return bytes(wire)


# -- What dnspython makes of a message, in the words of dns_dump --

NAMED = {kind for kind, fields in FIELDS.items() if "n" in fields or "N" in fields}
SHAPED = NAMED | {1, 28}


def expanded(wire, record):
    """RDATA of types that dnspython does not know (in this class), names expanded by it; raises where they are malformed."""
    parser = dns.wire.Parser(wire, record.start)
    octets = b""
    with parser.restrict_to(record.end - record.start):
        for field in FIELDS[record.kind]:
            if field in ("n", "N"):
                octets += parser.get_name().to_wire()
            elif field == "s":
                string = parser.get_counted_bytes()
                octets += bytes([len(string)]) + string
            elif isinstance(field, int):
                octets += parser.get_bytes(field)
            else:
                octets += parser.get_remaining()
    return octets


def rdata_octets(rdata, wire, record):
    """Types without names are compared as they came: dnspython has a normal form of its own for some."""
    if rdata.rdtype not in NAMED or rdata.rdclass in (254, 255):
        return wire[record.start:record.end]
    if isinstance(rdata, dns.rdata.GenericRdata):
        return expanded(wire, record)
    return rdata.to_wire()


def dump(message, wire):
    question = message.question[0]
    text = f"ok {message.id} {message.flags & 0xFFFF} {int(message.rcode())}"
    text += f" q {question.name.to_wire().hex()} {int(question.rdtype)} {int(question.rdclass)}"
    if message.edns >= 0:
        text += f" opt {message.payload} {message.edns} {message.ednsflags >> 15 & 1}"
        text += "".join(f" {int(option.otype)}={option.to_wire().hex()}" for option in message.options)
    records = iter([record for record in records_of(wire) if record.kind != 41])
    for section, rrsets in enumerate((message.answer, message.authority, message.additional)):
        for rrset in rrsets:
            octets = rdata_octets(rrset[0], wire, next(records))
            text += f" rr {section} {rrset.name.to_wire().hex()} {int(rrset.rdtype)} {int(rrset.rdclass)} {rrset.ttl}"
            text += f" {octets.hex()}."
    return text


# -- A walk of its own over a message, for the rules: names are skipped, nothing is judged --

Record = collections.namedtuple("Record", "offset kind klass start end")


def skip_name(wire, at, pointers=None):
    while wire[at] != 0:
        if wire[at] >= 0xC0:
            if pointers is not None:
                pointers.append((wire[at] & 63) << 8 | wire[at + 1])
            return at + 2
        at += wire[at] + 1
    return at + 1


def pointers_of(wire):
    """Targets of all pointers that a walk meets, for as far as it gets."""
    found = []
    try:
        skip_name(wire, 12, found)
        for record in records_of(wire):
            skip_name(wire, record.offset, found)
            at = record.start
            for field in FIELDS.get(record.kind, []):
                at = skip_field(wire, at, field, found)
    except IndexError:
        pass
    return found


def skip_field(wire, at, field, pointers):
    if field in ("n", "N"):
        return skip_name(wire, at, pointers)
    if field in ("s", "hash", "tag"):
        return at + 1 + wire[at]
    return at + field if isinstance(field, int) else at


def records_of(wire):
    found = []
    try:
        at = skip_name(wire, 12) + 4
        for _ in range(sum(struct.unpack_from("!HHH", wire, 6))):
            fixed = skip_name(wire, at)
            kind, klass, _, size = struct.unpack_from("!HHIH", wire, fixed)
            if fixed + 10 + size > len(wire):
                break
            found.append(Record(at, kind, klass, fixed + 10, fixed + 10 + size))
            at = fixed + 10 + size
    except (IndexError, struct.error):
        pass
    return found


def has_compressed_name_where_forbidden(wire):
    for record in records_of(wire):
        at = record.start
        try:
            for field in FIELDS.get(record.kind, []):
                before = []
                at = skip_field(wire, at, field, before)
                if field == "N" and before:
                    return True
        except IndexError:
            pass
    return False


def has_rdata_that_dnspython_refuses(wire):
    for record in records_of(wire):
        try:
            dns.rdata.from_wire(record.klass, record.kind, wire, record.start, record.end - record.start)
        except Exception:
            free_tail = record.kind in (24, 46, 47, 64, 65)
            if record.kind not in SHAPED or free_tail or record.klass in (254, 255):
                return True
    return False


# -- Where the verdicts may differ: (what, why, condition) --

WE_ACCEPT = [
    ("RDATA without names, or behind them, is opaque to us", "a proxy passes on what it need not understand",
     has_rdata_that_dnspython_refuses),
    ("TSIG", "opaque to us; dnspython wants the key and the last place",
     lambda wire: any(record.kind == 250 for record in records_of(wire))),
    ("contents of EDNS options", "judged by whoever uses the option",
     lambda wire: any(record.kind == 41 and record.end > record.start for record in records_of(wire))),
    ("opcodes", "the server answers NOTIMP; dnspython knows no others, and RFC 2136 has rules of its own",
     lambda wire: wire[2] >> 3 & 15 not in (0, 1, 2, 4)),
    ("types that are only asked for", "a record of type ANY or AXFR is opaque to us",
     lambda wire: any(rdatatype.is_metatype(record.kind) for record in records_of(wire))),
]
WE_REFUSE = [
    ("a number of questions other than one", "RFC 9619", lambda wire: wire[4:6] != b"\0\1"),
    ("a compressed name in the RDATA of a later type", "RFC 3597 4", has_compressed_name_where_forbidden),
    ("a pointer into the header", "RFC 1035 4.1.4: a prior occurrence of a name",
     lambda wire: any(target < 12 for target in pointers_of(wire))),
    ("opcode UPDATE", "dnspython reads the sections by RFC 2136", lambda wire: wire[2] >> 3 & 15 == 5),
]


def reference(wire):
    """The message and what it says, or nothing and why not."""
    try:
        message = dns.message.from_wire(wire, one_rr_per_rrset=True)
        return (dump(message, wire) if len(message.question) == 1 else "ok"), ""
    except (dns.exception.DNSException, ValueError, KeyError, struct.error, AttributeError, NotImplementedError) as error:
        return None, f"{type(error).__name__}: {error}"


def judge(wire, ours, tally):
    """An error text, or nothing."""
    theirs, refusal = reference(wire)
    accepted = ours.startswith("ok ")
    if theirs is not None and accepted:
        tally["both accept"] += 1
        return "" if theirs == ours else f"read differently\n  ours   {ours}\n  theirs {theirs}"
    if theirs is None and not accepted:
        tally["both refuse"] += 1
        return ""
    rules = WE_ACCEPT if accepted else WE_REFUSE
    for what, _, condition in rules:
        if condition(wire):
            tally[("we accept: " if accepted else "we refuse: ") + what] += 1
            return ""
    return f"verdicts differ: ours {ours.split(' ')[0]}, theirs {refusal or 'ok'}"


def main():
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    good = [well_formed(rng) for _ in range(WELL_FORMED)]
    messages = good + [mutate(rng, rng.choice(good)) for _ in range(MUTATED)]
    stream = b"".join(struct.pack("!H", len(wire)) + wire for wire in messages)
    ours = subprocess.run([sys.argv[1]], input=stream, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(ours) == len(messages), "one line for each message"

    tally, errors = collections.Counter(), []
    for wire, line in zip(messages, ours):
        error = judge(wire, line, tally)
        if error:
            errors.append(f"{wire.hex()}: {error}")
    for what, count in sorted(tally.items()):
        print(f"{count:6} {what}")
    print(f"{len(errors):6} differences without a rule", *errors[:3], sep="\n")
    enough = tally["both accept"] > 1.5 * WELL_FORMED and tally["both refuse"] > MUTATED / 4
    if not enough:
        print("too few messages on which both agree: the generator is broken")
    return 1 if errors or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
