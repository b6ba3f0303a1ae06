# Lies that no server tells, as rules for serving.Tampering: answers of other questions, records left out or put in,
# errors and silence. Each is a function (query, ask); those that need records of a zone take its forge.Signed.
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

import forge

sections = ("answer", "authority")


def honest(query, ask):
    question = query.question[0]
    return ask(question.name, question.rdtype)


def replay(name, kind, rename=False):
    """The answer to another question. `rename`: its first owner becomes the name that was asked."""

    def rule(query, ask):
        reply = ask(name, kind)
        if rename:
            other = dns.name.from_text(name)
            for rrset in reply.answer:
                if rrset.name == other:
                    rrset.name = query.question[0].name
        return reply

    return rule


def without(*kinds, where=sections, owner=None):
    """The honest answer without these types, and without the signatures over them. `owner`: only where it is this."""
    types = {dns.rdatatype.from_text(kind) for kind in kinds}
    only = dns.name.from_text(owner) if owner else None

    def is_meant(rrset):
        return (rrset.rdtype in types or rrset.covers in types) and only in (None, rrset.name)

    def rule(query, ask):
        reply = honest(query, ask)
        for section in where:
            setattr(reply, section, [rrset for rrset in getattr(reply, section) if not is_meant(rrset)])
        return reply

    return rule


def unsigned(query, ask):
    """The honest answer without any DNSSEC record."""
    return without("RRSIG", "NSEC", "NSEC3")(query, ask)


def forged(*lines, rcode="NOERROR", authority=()):
    """Records out of nowhere: "OWNER TTL TYPE RDATA", @ for the name that was asked."""

    def section_of(query, those):
        found = []
        for line in those:
            owner, ttl, kind, rdata = line.split(maxsplit=3)
            name = query.question[0].name if owner == "@" else dns.name.from_text(owner)
            found.append(dns.rrset.from_text(name, int(ttl), "IN", kind, rdata))
        return found

    def rule(query, ask):
        reply = dns.message.make_response(query, recursion_available=True)
        reply.set_rcode(dns.rcode.from_text(rcode))
        reply.answer, reply.authority = section_of(query, lines), section_of(query, authority)
        return reply

    return rule


def unsigned_nodata(zone):
    """"There is no such record", with an SOA record of the zone and no proof."""
    return forged(authority=(f"{zone} 300 SOA nsd.server. host.server. 1 3600 600 86400 300",))


def error(rcode):
    def rule(query, ask):
        reply = dns.message.make_response(query, recursion_available=True)
        reply.set_rcode(dns.rcode.from_text(rcode))
        return reply

    return rule


def silence(query, ask):
    return None


def damage(rrset_kind, section="authority"):
    """The honest answer with one octet changed in each signature over this type."""
    covered = dns.rdatatype.from_text(rrset_kind)

    def rule(query, ask):
        reply = honest(query, ask)
        changed = []
        for rrset in getattr(reply, section):
            if rrset.rdtype == dns.rdatatype.RRSIG and rrset.covers == covered:
                rrset = dns.rrset.from_rdata_list(rrset.name, rrset.ttl, [forge.damaged(one) for one in rrset])
            changed.append(rrset)
        setattr(reply, section, changed)
        return reply

    return rule


def denial(zone, owners, rcode="NOERROR", kind="NSEC", more=()):
    """An empty answer with the SOA of this zone and these of its NSEC records, signed; `more` too."""

    def rule(query, ask):
        reply = dns.message.make_response(query, recursion_available=True)
        reply.set_rcode(dns.rcode.from_text(rcode))
        for name, one in [("@", "SOA")] + [(owner, kind) for owner in owners]:
            reply.authority.append(zone.rrset(name, one))
            signatures = zone.signatures(name, one)
            reply.authority.append(dns.rrset.from_rdata_list(zone.name(name), signatures.ttl, list(signatures)))
        reply.authority += more
        return reply

    return rule
