# What a scripted upstream says, as functions (query, transport) for a zone of upstreams.Scripted: whole messages from
# zone-file lines, errors, silence, and what only broken or hostile servers send.
import time

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

soa = "ns.test. host.test. 1 3600 600 86400 300"


def signature(covered, ttl=300, labels=2):
    """The RDATA of an RRSIG that covers this type; nobody here verifies it."""
    return f"RRSIG {covered} 13 {labels} {ttl} 20400101000000 20200101000000 4711 test. {'A' * 86}=="


def section_of(lines, asked):
    """Records from "OWNER TTL TYPE RDATA" lines; @ is the name that was asked, with its letter case."""
    found = []
    for line in lines:
        owner, ttl, kind, rdata = line.split(maxsplit=3)
        name = asked if owner == "@" else dns.name.from_text(owner)
        found.append(dns.rrset.from_text(name, int(ttl), "IN", kind, rdata))
    return found


def says(*answer, authority=(), additional=(), rcode=0, flags="", options=None):
    """A whole message. `flags` come on top of QR, RD and RA."""

    def build(query, transport):
        reply = dns.message.make_response(query, recursion_available=True)
        if options is not None:
            reply.use_edns(0, 0, 1232, options=options)
        reply.set_rcode(rcode)
        reply.flags |= dns.flags.from_text(flags)
        for name, lines in (("answer", answer), ("authority", authority), ("additional", additional)):
            setattr(reply, name, section_of(lines, query.question[0].name))
        if transport == "udp" and len(reply.to_wire(max_size=65535)) > max(query.payload, 512):
            reply.answer, reply.authority, reply.additional = [], [], []
            reply.flags |= dns.flags.TC
        return reply

    return build


def nodata(owner="test.", ttl=300, minimum=300, serial=1, extra=()):
    """An empty answer with its SOA record."""
    return says(authority=[f"{owner} {ttl} SOA ns.test. host.test. {serial} 3600 600 86400 {minimum}", *extra])


def nxdomain(owner="test.", ttl=300, minimum=300):
    line = f"{owner} {ttl} SOA ns.test. host.test. 1 3600 600 86400 {minimum}"
    return says(authority=[line], rcode=dns.rcode.NXDOMAIN)


def empty(query, transport):
    """NOERROR and not one record, not even an SOA."""
    return dns.message.make_response(query, recursion_available=True)


def silence(query, transport):
    return None


def late(delay, then):
    """The same, `delay` seconds later."""

    def build(query, transport):
        time.sleep(delay)
        return then(query, transport)

    return build


def in_turn(*replies):
    """The first time the first, and so on; the last stays."""
    left = list(replies)

    def build(query, transport):
        return (left.pop(0) if len(left) > 1 else left[0])(query, transport)

    return build


def switch(replies):
    """What `replies[0]` says now: the test changes it."""
    return lambda query, transport: replies[0](query, transport)


def repeated(count, then):
    """The same message several times over."""
    return lambda query, transport: [then(query, transport)] * count


def cut_short(octets, then):
    """A message whose last octets are missing."""
    return lambda query, transport: then(query, transport).to_wire(max_size=65535)[:-octets]


def noise(query, transport):
    """The header of an answer, and then nothing that makes sense."""
    return query.to_wire()[:2] + b"\x81\x80\x00\x01\x00\x07\x00\x00\x00\x00" + b"\xc0\x0c\xff" * 9


def misdirected(then):
    """An answer to another question: what somebody sends who guesses."""

    def build(query, transport):
        reply = then(query, transport)
        reply.question[0].name = dns.name.from_text("elsewhere.test")
        return reply

    return build


def of_another_id(then):
    def build(query, transport):
        reply = then(query, transport)
        reply.id ^= 0x5A5A
        return reply

    return build
