# The program under test as a script wants it: configuration, clock, and a client's side of it.
import calendar
import datetime
import ipaddress
import itertools
import mmap
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(here), "integration"))

import dns.exception
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import lab

import anchor_state
from script import Refused

# What changes answers and we have not. Everything else that we do not know tunes a resolver or is of no matter here.
_essential = {
    "local-data", "local-zone", "auth-zone", "rpz", "view", "python-script", "response-ip", "access-control-view",
    "val-permissive-mode", "ignore-cd-flag", "dlv-anchor", "dlv-anchor-file", "trusted-keys-file",
    "trust-anchor-file", "send-client-subnet", "serve-expired-client-timeout", "edns-client-string", "define-tag",
    "cachedb-check-when-serve-expired", "wait-limit", "answer-cookie", "nat64-prefix",
}
_not_with_value = {"no", "", "never", "static"}


def _refuse_the_essential(script):
    for section, key, value in script.config:
        if section in ("auth-zone", "rpz", "view", "cachedb", "python") or key in _essential:
            if value not in _not_with_value:
                raise Refused(f"its configuration has {key}: {value}" if key in _essential else f"it has a {section}")
    modules = script.value("module-config", "validator iterator").split()
    for module in modules:
        if module not in ("validator", "iterator", "dns64"):
            raise Refused(f"its configuration has the module {module}")


_iterations = 150
_lawful_prefix = ipaddress.ip_network("2001:db8:64::/96")


def date_of(script):
    """Seconds since 1970 at which the script plays; None: today. Those that follow keys (RFC 5011) begin at 0."""
    if any(step.kind == "CHECK_AUTOTRUST" for step in script.steps):
        return 0
    stamp = script.value("val-override-timestamp")
    if stamp:
        return int(stamp)
    date = script.value("val-override-date")
    if not date or date.startswith("-"):
        return None
    if date.isdigit() and len(date) < 14:
        return int(date)
    return calendar.timegm(time.strptime(date, "%Y%m%d%H%M%S"))


def anchors_of(script):
    """Lines of a zone file: DS and DNSKEY records."""
    lines = list(script.values("trust-anchor"))
    for key in ("auto-trust-anchor-file",):
        for name in script.values(key):
            if name not in script.files:
                raise Refused(f"the file {name} is not in it")
    for lines_of_file in script.files.values():
        lines += [line.split(";")[0] for line in lines_of_file if not line.startswith(";") and line]
    return [anchor for line in lines if (anchor := _anchor_of(line))]


def _anchor_of(line):
    """On one line, as in a zone file; None: no trust anchor."""
    words = line.split()
    for kind in ("DS", "DNSKEY"):
        if kind in words:
            rdata = dns.rdata.from_text("IN", kind, " ".join(words[words.index(kind) + 1 :]))
            return f"{_with_dot(words[0])} 3600 IN {kind} {rdata.to_text()}"
    return None


def dns64_of(script):
    """The section dns64 of the configuration."""
    prefix = script.value("dns64-prefix")
    for feature in script.values("features"):
        name, _, value = feature.partition("=")
        if name.strip() == "dns64_prefix":
            prefix = value.strip()
    is_on = "dns64" in script.value("module-config", "").split() or script.values("features") and prefix
    if not is_on:
        return {"prefix": "none"}
    prefix = prefix or "64:ff9b::/96"
    if "/" not in prefix:
        prefix += "/96"
    network = ipaddress.ip_network(prefix, strict=False)
    if network.network_address.packed[8]:
        _move_prefix(script, network)
        network = _lawful_prefix
    section = {"prefixes": [str(network)], "well_known_prefix": "off"}
    ignored = ["."] if script.value("dns64-synthall") == "yes" else script.values("dns64-ignore-aaaa")
    if ignored:
        section["ignore_aaaa_names"] = [_with_dot(name) for name in ignored]
    return section


def _move_prefix(script, network):
    """Some scripts have a prefix that RFC 6052 2.2 forbids: another one, in what is expected too."""
    for step in script.steps:
        for record in list(step.entry.records["answer"]) if step.entry else []:
            if record.rdata.rdtype == dns.rdatatype.AAAA and ipaddress.ip_address(record.rdata.address) in network:
                step.entry.records["answer"].remove(record)
                octets = _lawful_prefix.network_address.packed[:12] + record.rdata.to_wire()[12:]
                rdata = dns.rdata.from_text("IN", "AAAA", str(ipaddress.ip_address(octets)))
                step.entry.records["answer"].append(record._replace(rdata=rdata))


def _with_dot(name):
    return str(dns.name.from_text(name))


def _iterations_of(script):
    """`val-nsec3-keysize-iterations`: for the smallest keys, which scripts have. Otherwise what was usual."""
    text = script.value("val-nsec3-keysize-iterations")
    return int(text.split()[1]) if text else _iterations


_scripts_so_far = itertools.count(1)


def own_address():
    """An address of the loopback network for each script, so that nobody takes a port away from another."""
    number = next(_scripts_so_far)
    return f"127.{os.getpid() % 200 + 20}.{number // 250 % 250}.{number % 250 + 1}"


class Places:
    """ADDRESS:PORT of the program's two listeners, and of its upstream."""

    def __init__(self, address, upstream_port):
        self.address = address
        self.front_port = lab.free_port(address)
        self.front = f"{address}:{self.front_port}"
        self.admin = f"{address}:{lab.free_port(address)}"
        self.upstream = f"{address}:{upstream_port}"


def configuration_of(script, places, folder, use_validation_time):
    _refuse_the_essential(script)
    dnssec = {"mode": "off"}
    modules = script.value("module-config", "validator iterator").split()
    anchors = anchors_of(script)
    if anchors and "validator" in modules:
        path = os.path.join(folder, "anchors")
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(anchors) + "\n")
        dnssec = {
            "mode": "validate",
            "trust_anchor_file": path,
            "aggressive": script.value("aggressive-nsec", "no") == "yes",
            "negative_trust_anchors": [_with_dot(name) for name in script.values("domain-insecure")],
        }
        iterations = _iterations_of(script)
        if iterations is not None:
            dnssec["limits"] = {"nsec3_iterations": iterations}
        if use_validation_time and date_of(script) is not None:
            moment = datetime.datetime.fromtimestamp(date_of(script), datetime.timezone.utc)
            dnssec["validation_time"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if script.values("auto-trust-anchor-file") or script.files:
            dnssec["managed_anchors"] = {"state_file": anchor_state.path(folder)}
    cache = {"prefetch": script.value("prefetch", "no") == "yes", "failure_ttl": "1s", "failure_max_ttl": "1s"}
    if script.value("cache-min-ttl"):
        cache["min_ttl"] = script.value("cache-min-ttl") + "s"
    if script.value("serve-expired", "no") == "yes":
        cache["serve_stale"] = {"enabled": True}
    return {
        "listen": [f"dns://{places.front}"],
        "http": {"listen": [places.admin]},
        "workers": 1,
        "upstream": {"servers": [f"tcp://{places.upstream}"], "timeout": "9s", "attempt_timeout": "8s"},
        "special_names": {"enabled": False},
        "dns64": dns64_of(script),
        "dnssec": dnssec,
        "cache": cache,
    }


class Clock:
    """What settable_clock.cpp reads. Made from the library that the build has, or by the compiler."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "clock")
        with open(self.path, "wb") as file:
            file.write(bytes(16))
        with open(self.path, "r+b") as file:
            self.offsets = mmap.mmap(file.fileno(), 16)
        self.elapsed = 0
        self.apart = 0

    @staticmethod
    def library():
        """None: there is none, so time cannot pass."""
        if lab.is_sanitized():
            return None  # whose libraries must come first
        built = os.path.join(os.path.dirname(lab.binary()), "libsettable_clock.so")
        if os.path.exists(built):
            return built
        compiler = shutil.which("c++")
        if compiler is None:
            return None
        made = os.path.join(tempfile.gettempdir(), f"settable_clock.{os.getuid()}.{os.getpid()}.so")
        source = os.path.join(here, "settable_clock.cpp")
        subprocess.run([compiler, "-shared", "-fPIC", "-std=c++20", "-O1", "-o", made, source], check=True)
        return made

    def set(self, date):
        """It is this moment now."""
        self.apart = 0 if date is None else int(date - time.time()) - self.elapsed
        self._write()

    def pass_by(self, seconds):
        self.elapsed += seconds
        self._write()

    def now(self):
        return time.time() + self.apart + self.elapsed

    def _write(self):
        self.offsets[:] = struct.pack("=qq", self.apart + self.elapsed, self.elapsed)


class Answers:
    """Questions that were sent, and the answers as they come."""

    def __init__(self, address, port):
        self.place = (address, port)
        self.waiting = []  # in the order of the questions
        self.changed = threading.Condition()

    def ask(self, query):
        place = {"query": query, "answer": None}
        with self.changed:
            self.waiting.append(place)
        threading.Thread(target=self._ask, args=(place,), daemon=True).start()
        return place

    def _ask(self, place):
        try:
            with socket.create_connection(self.place, timeout=20) as stream:
                wire = place["query"].to_wire()
                stream.sendall(struct.pack("!H", len(wire)) + wire)
                answer = dns.message.from_wire(received(stream), one_rr_per_rrset=False)
        except (OSError, EOFError, dns.exception.DNSException) as error:
            answer = error
        with self.changed:
            place["answer"] = answer
            self.changed.notify_all()

    def take(self, name, timeout):
        """The answer to the oldest question for this name, or else to the oldest of all."""
        with self.changed:
            places = [place for place in self.waiting if place["query"].question[0].name == name] or self.waiting
            if not places:
                return None
            place = places[0]
            self.changed.wait_for(lambda: place["answer"] is not None, timeout)
            self.waiting.remove(place)
            return place["answer"]


def received(stream):
    """One message of a TCP connection."""
    length = struct.unpack("!H", _exactly(stream, 2))[0]
    return _exactly(stream, length)


def _exactly(stream, count):
    octets = b""
    while len(octets) < count:
        part = stream.recv(count - len(octets))
        if not part:
            raise EOFError("the connection ended")
        octets += part
    return octets
