# Reads scripts in the `.rpl` format of resolver test suites: what servers say (ranges of entries), and what a client
# does (steps). Records may be written short, by the directives of signing.py.
import collections
import dataclasses
import re

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

default_ttl = 3600
sections = ("answer", "authority", "additional")
_flags = {"QR", "AA", "TC", "RD", "RA", "AD", "CD"}
_classes = {"IN", "CH", "HS", "ANY", "NONE"}
_bare_steps = {"NOTHING", "TIMEOUT", "ERROR", "TRAFFIC", "TIME_PASSES", "ASSIGN"}


class Refused(Exception):
    """The script asks for what this runner or the program cannot do."""


Record = collections.namedtuple("Record", "name ttl klass rdata")
Question = collections.namedtuple("Question", "name type klass")


@dataclasses.dataclass
class Entry:
    """A message: what a server says, what a client asks, or what is expected."""

    line: int
    match: list = dataclasses.field(default_factory=list)
    adjust: list = dataclasses.field(default_factory=list)
    flags: set | None = None  # None: it says nothing about them
    rcode: int = 0
    opcode: int = 0
    question: Question | None = None
    records: dict = dataclasses.field(default_factory=lambda: {name: [] for name in sections})
    wire: bytes | None = None  # instead of all this, where the script has octets
    options: bytes = b""

    def rrsets(self, section):
        """The records of a section as RRsets, in the order in which they appear."""
        found = []
        for record in self.records[section]:
            for rrset in found:
                if rrset.match(record.name, record.klass, record.rdata.rdtype, record.rdata.covers()):
                    break
            else:
                rrset = dns.rrset.RRset(record.name, record.klass, record.rdata.rdtype, record.rdata.covers())
                rrset.update_ttl(record.ttl)
                found.append(rrset)
            rrset.add(record.rdata)
        return found

    def message(self, identifier=0):
        if self.wire is not None:
            return dns.message.from_wire(self.wire, ignore_trailing=True)
        message = dns.message.Message(identifier)
        flags = self.flags or set()
        message.flags = dns.flags.from_text(" ".join(flags & _flags))
        message.set_opcode(self.opcode)
        if "DO" in flags or self.options:
            options = _options_of(self.options)
            message.use_edns(0, dns.flags.DO if "DO" in flags else 0, 4096, options=options)
        message.set_rcode(self.rcode)
        if self.question:
            question = dns.rrset.RRset(self.question.name, self.question.klass, self.question.type)
            message.question = [question]
        for section in sections:
            setattr(message, section, self.rrsets(section))
        return message

    def matches(self, question, transport="udp", dnssec_ok=True):
        """Whether this is what a server says to the question."""
        words = {word.split("=")[0].lower() for word in self.match}
        if self.question is None:
            return not words & {"qname", "qtype", "question", "all", "subdomain"}
        if words & {"qtype", "question", "all"} and self.question.type != question.type:
            return False
        if words & {"qname", "question", "all"} and self.question.name != question.name:
            return False
        if "subdomain" in words and not question.name.is_subdomain(self.question.name):
            return False
        if "do" in words and not dnssec_ok or "noedns" in words and dnssec_ok:
            return False
        return not ("tcp" in words and transport != "tcp" or "udp" in words and transport != "udp")


def _options_of(octets):
    options = []
    while len(octets) >= 4:
        kind, length = int.from_bytes(octets[:2], "big"), int.from_bytes(octets[2:4], "big")
        options.append(dns.edns.GenericOption(kind, octets[4 : 4 + length]))
        octets = octets[4 + length :]
    return options


@dataclasses.dataclass
class Range:
    first: int
    last: int
    addresses: set
    entries: list


@dataclasses.dataclass
class Step:
    number: int
    kind: str
    line: int
    words: list
    entry: Entry | None = None
    lines: list = dataclasses.field(default_factory=list)  # of a file that is compared


@dataclasses.dataclass
class Script:
    config: list = dataclasses.field(default_factory=list)  # (section, key, value) in order
    files: dict = dataclasses.field(default_factory=dict)  # name -> lines, of files that the configuration brings
    title: str = ""
    ranges: list = dataclasses.field(default_factory=list)
    steps: list = dataclasses.field(default_factory=list)

    def values(self, key, section=None):
        return [value for where, name, value in self.config if name == key and section in (None, where)]

    def value(self, key, otherwise=None):
        return (self.values(key) or [otherwise])[-1]

    def entries(self):
        yield from (entry for each in self.ranges for entry in each.entries)
        yield from (step.entry for step in self.steps if step.entry)

    def zones(self, section, address_key):
        """name -> addresses, of the sections stub-zone or forward-zone."""
        found, name = {}, None
        for where, key, value in self.config:
            if where != section:
                continue
            if key == "name":
                name = dns.name.from_text(value)
            elif key == address_key and name is not None:
                found.setdefault(name, []).append(value.split("@")[0])
        return found


def without_comment(line):
    """What stands before the first semicolon that is in no quoted string."""
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == ";" and not quoted:
            return line[:at].strip()
    return line.strip()


def _config_value(text):
    text = text.strip()
    if text[:1] in ('"', "'") and text.find(text[0], 1) > 0:
        return text[1 : text.find(text[0], 1)]
    return re.split(r"\s[#;]", " " + text)[0].strip().strip('"')


class Reader:
    """Line by line. `directives` may turn a comment into records; see signing.py."""

    def __init__(self, text, directives=None):
        self.lines = text.splitlines()
        self.at = 0
        self.directives = directives
        self.script = Script()
        self.origin, self.ttl = dns.name.root, default_ttl

    def refuse(self, why):
        raise Refused(f"line {self.at}: {why}")

    def next(self):
        """(what the line says, the line as it is), None at the end."""
        if self.at >= len(self.lines):
            return None
        raw = self.lines[self.at]
        self.at += 1
        return without_comment(raw), raw.strip()

    def read(self):
        self.read_config()
        while (line := self.next()) is not None:
            words = line[0].split()
            if not words:
                continue
            if words[0] == "SCENARIO_BEGIN":
                self.script.title = line[0][len("SCENARIO_BEGIN") :].strip()
            elif words[0] == "RANGE_BEGIN":
                self.read_range(int(words[1]), int(words[2]))
            elif words[0] == "STEP":
                self.read_step(words)
            elif words[0] == "SCENARIO_END":
                break
            elif words[0] == "RANGE_END":
                pass  # once more
            else:
                self.refuse(f"what is {words[0]}?")
        return self.script

    def read_config(self):
        section = "server"
        if not any(line.strip().startswith("CONFIG_END") for line in self.lines):
            return
        while (line := self.next()) is not None:
            text = line[1]
            if text.startswith("CONFIG_END"):
                return
            words = text.split()
            if not words or text[0] in ";#" and not text.startswith(";trust-anchor"):
                continue
            if words[0] in ("AUTOTRUST_FILE", "TEMPFILE_CONTENTS"):
                self.script.files[words[1]] = self.lines_until(words[0].split("_")[0] + "_END")
                continue
            if text.startswith(";trust-anchor"):
                anchor = self.directives.trust_anchor(words[1:])
                self.script.config.append(("server", "trust-anchor", anchor))
                continue
            key, colon, value = text.partition(":")
            if not colon:
                self.refuse(f"no key and value: {text}")
            if key.strip() in _config_sections:
                section = key.strip()
                for word, quoted in re.findall(r'([\w-]+):\s*("[^"]*"|\S+)', value):  # all on one line
                    self.script.config.append((section, word, quoted.strip('"')))
                continue
            self.script.config.append((section, key.strip().lower(), _config_value(value)))

    def lines_until(self, end):
        taken = []
        while (line := self.next()) is not None and line[1] != end:
            taken.append(line[1])
        return taken

    def read_range(self, first, last):
        made = Range(first, last, set(), [])
        while (line := self.next()) is not None:
            words = line[0].split()
            if not words:
                continue
            if words[0] == "RANGE_END":
                break
            if words[0] == "ADDRESS":
                made.addresses.add(words[1])
            elif words[0] == "ENTRY_BEGIN":
                made.entries.append(self.read_entry())
            else:
                self.refuse(f"what is {words[0]} in a range?")
        self.script.ranges.append(made)

    def read_step(self, words):
        step = Step(int(words[1]), words[2], self.at, words[3:])
        self.script.steps.append(step)
        if step.kind in ("QUERY", "CHECK_ANSWER", "REPLY", "CHECK_OUT_QUERY"):
            while (line := self.next()) is not None:
                if line[0].startswith("ENTRY_BEGIN"):
                    step.entry = self.read_entry()
                    return
                if line[0] and not line[0].startswith("ADDRESS"):
                    self.at -= 1
                    return
        elif step.kind in ("CHECK_AUTOTRUST", "CHECK_TEMPFILE"):
            step.lines = self.lines_until("FILE_END")[1:]
        elif step.kind not in _bare_steps:
            self.refuse(f"steps of kind {step.kind} are not supported")

    def read_entry(self):
        entry = Entry(self.at)
        section, answering = None, False
        self.origin, self.ttl = dns.name.root, default_ttl
        while (line := self.next()) is not None:
            text, raw = line
            if self.directives and raw.startswith(";") and section in sections:
                entry.records[section] += self.directives.records(raw[1:].split(), entry.records[section])
                continue
            words = text.split()
            if not words:
                continue
            if words[0] == "ENTRY_END":
                return entry
            if words[0] == "MATCH":
                entry.match += words[1:]
            elif words[0] == "ADJUST":
                entry.adjust += words[1:]
            elif words[0] == "REPLY":
                self.read_reply_line(entry, words[1:])
            elif words[0].startswith("SECTIO"):
                section = words[1].lower()
            elif words[0] == "HEX_ANSWER_BEGIN":
                entry.wire = self.octets_until("HEX_ANSWER_END")
            elif words[0] == "HEX_EDNSDATA_BEGIN":
                entry.options += self.octets_until("HEX_EDNSDATA_END")
            elif words[0] == "MANDATORY":
                pass  # that it is asked for is up to whoever resolves
            elif words[0] == "EXTRA_PACKET":
                self.refuse("EXTRA_PACKET is not supported")
            elif words[0] == "$ORIGIN":
                self.origin = dns.name.from_text(words[1])
            elif words[0] == "$TTL":
                self.ttl = int(words[1])
            elif section == "question":
                entry.question = self.question_of(words)
            elif section in sections:
                entry.records[section].append(self.record_of(self.joined(text)))
            else:
                self.refuse(f"what is {words[0]} in an entry?")
        self.refuse("an entry without its end")

    def octets_until(self, end):
        text = ""
        while (line := self.next()) is not None and not line[0].startswith(end):
            text += line[0]
        return bytes.fromhex(re.sub(r"\s", "", text))

    def joined(self, text):
        """A record may go over several lines, in parentheses."""
        while text.count("(") > text.count(")"):
            more = self.next()
            if more is None:
                self.refuse("a parenthesis that is not closed")
            text += " " + more[0]
        return text

    def read_reply_line(self, entry, words):
        entry.flags = entry.flags or set()
        for word in (word.upper() for word in words):
            if word in _flags or word == "DO":
                entry.flags.add(word)
                continue
            if word in ("YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE", "BADVERS", "BADCOOKIE"):
                entry.rcode = dns.rcode.from_text(word)
            elif word in ("QUERY", "IQUERY", "STATUS", "NOTIFY", "UPDATE"):
                entry.opcode = dns.opcode.from_text(word)
            else:
                try:
                    entry.rcode = dns.rcode.from_text("NOTIMP" if word == "NOTIMPL" else word)
                except (dns.exception.DNSException, ValueError):
                    self.refuse(f"what is {word} in REPLY?")

    def question_of(self, words):
        klass = words[1] if len(words) > 2 else "IN"
        kind = words[2] if len(words) > 2 else words[1]
        name = dns.name.from_text(words[0], self.origin)
        try:
            return Question(name, dns.rdatatype.from_text(kind), dns.rdataclass.from_text(klass))
        except dns.exception.DNSException:
            return Question(name, dns.rdatatype.from_text(klass), dns.rdataclass.from_text(kind))

    def record_of(self, text):
        owner, _, rest = text.partition(" ") if " " in text.split("\t")[0] else text.partition("\t")
        ttl, klass = self.ttl, dns.rdataclass.IN
        if not rest.strip():
            self.refuse(f"no record: {text}")
        while True:
            word, *others = rest.split(None, 1)
            if word.isdigit():
                ttl = int(word)
            elif word.upper() in _classes:
                klass = dns.rdataclass.from_text(word)
            else:
                break
            if not others:
                self.refuse(f"no record: {text}")
            rest = others[0]
        try:
            kind = dns.rdatatype.from_text(word)
            rdata = dns.rdata.from_text(klass, kind, others[0] if others else "", dns.name.root, relativize=False)
            return Record(dns.name.from_text(owner, self.origin), ttl, klass, rdata)
        except (dns.exception.DNSException, ValueError) as error:
            self.refuse(f"no record that this Python can read: {text[:70]} ({error})")


_config_sections = ("server", "stub-zone", "forward-zone", "auth-zone", "rpz", "view", "python", "remote-control",
                    "dynlib", "cachedb", "dnscrypt", "ipset", "dnstap")


def read(text, directives=None):
    """A script from its text. Refused where it cannot be one."""
    return Reader(text, directives).read()
