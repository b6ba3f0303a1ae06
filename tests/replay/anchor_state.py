# What is known of the keys of a trust anchor (RFC 5011): as scripts have it, in lines of Unbound's file of state, and
# as the program has it in its own. Compared are the states of keys that may become anchors.
import calendar
import os
import re
import time

import dns.name
import dns.rdata

_states = ["start", "add_pend", "valid", "missing", "revoked", "removed"]  # by their numbers in scripts
_forgotten = ("start", "removed")  # which is which, each program has its own way to tell
_entry_point = 1


def path(folder):
    return os.path.join(folder, "managed_anchors")


def _key(text):
    """The key itself, short, and whether it may become an anchor."""
    rdata = dns.rdata.from_text("IN", "DNSKEY", text)
    return rdata.key.hex()[-12:], bool(rdata.flags & _entry_point)


def expected(lines):
    """key -> state."""
    found = {}
    for line in lines:
        told = re.search(r"\sDNSKEY\s+([^;]*);.*;state=(\d)", line)
        if told is None:
            continue
        key, may_be_anchor = _key(told.group(1))
        state = _states[int(told.group(2))]
        if may_be_anchor and state not in _forgotten:
            found[key] = state
    return found


def of_program(folder, zone):
    """The same, as the program has it now; empty while there is no file."""
    found = {}
    try:
        with open(path(folder), encoding="ascii") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        told = re.match(r"(\S+) (\w+) .*?DNSKEY (.*)", line)
        if told is None or dns.name.from_text(told.group(1)) != dns.name.from_text(zone):
            continue
        if told.group(2) in _states and told.group(2) not in _forgotten:
            key, may_be_anchor = _key(told.group(3))
            if may_be_anchor:
                found[key] = told.group(2)
    return found


def next_query(folder):
    """When the keys are asked for again, in seconds since 1970: the soonest."""
    with open(path(folder), encoding="ascii") as file:
        times = re.findall(r" next (\d+-\d+-\d+T\d+:\d+:\d+)", file.read())
    return min(calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S")) for text in times)
