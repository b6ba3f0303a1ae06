# Whether an answer is what a script expects, by the words of its MATCH line.
import dns.flags
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.wire

import script as scripts

_denial = (dns.rdatatype.SOA, dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
_clock_s = 2  # that may go by between what the script says and what is seen


def differences(expected, actual, strict=False):
    """What is wrong with the answer, in words; empty if it is right. A forwarder need not pass on what only helps
    resolvers, the NS records of the authority section and the additional section: they count with `strict`."""
    actual = _without_reverse_alias(expected, actual)
    words = [word.lower() for word in expected.match] or ["all"]
    found = []
    for word in words:
        found += _differences_in(word, expected, actual, strict)
    return found


def _differences_in(word, expected, actual, strict):
    wanted = expected.message()
    if word == "all":
        parts = ("opcode", "question", "rcode", "flags", *scripts.sections)
        return [line for part in parts for line in _differences_in(part, expected, actual, strict)]
    if word == "rcode":
        return _compare("rcode", dns.rcode.to_text(wanted.rcode()), dns.rcode.to_text(actual.rcode()))
    if word == "opcode":
        return _compare("opcode", wanted.opcode(), actual.opcode())
    if word == "flags":
        return _compare("flags", dns.flags.to_text(wanted.flags), dns.flags.to_text(actual.flags))
    if word in ("question", "qname", "qtype", "qcase"):
        return _compare("question", _questions(wanted, word), _questions(actual, word))
    if word in scripts.sections:
        return _compare_sections(word, wanted, actual, strict)
    if word == "ttl":
        return _compare_ttls(wanted, actual)
    if word == "answertypes":
        return _compare("types", _types(wanted.answer), _types(actual.answer))
    if word == "do":
        return _compare("DO", bool(wanted.ednsflags & dns.flags.DO), bool(actual.ednsflags & dns.flags.DO))
    if word.startswith("ede="):
        return _compare_ede(word[4:], actual)
    return []


def _without_reverse_alias(expected, actual):
    """RFC 6147 5.3.1 leads from the IPv6 reverse name to the IPv4 one by a CNAME; where the script has the PTR record
    under the name that was asked for, it is taken for that."""
    asked = actual.question[0] if actual.question else None
    if asked is None or asked.rdtype != dns.rdatatype.PTR or len(actual.answer) < 2:
        return actual
    first, second = actual.answer[:2]
    leads_there = (first.name, first.rdtype) == (asked.name, dns.rdatatype.CNAME) and second.name == first[0].target
    if not leads_there or any(record.rdata.rdtype != second.rdtype for record in expected.records["answer"]):
        return actual
    second.name = asked.name
    actual.answer.remove(first)
    return actual


def _compare(what, wanted, seen):
    return [] if wanted == seen else [f"{what} is {seen}, not {wanted}"]


def _questions(message, word):
    each = [(str(one.name), dns.rdatatype.to_text(one.rdtype)) for one in message.question]
    if word != "qcase":
        each = [(name.lower(), kind) for name, kind in each]
    return [(name if word != "qtype" else "", kind if word not in ("qname", "qcase") else "") for name, kind in each]


def _types(rrsets):
    return sorted({dns.rdatatype.to_text(rrset.rdtype) for rrset in rrsets})


def _records(rrsets, counts):
    return sorted(
        f"{rrset.name.canonicalize()} {dns.rdatatype.to_text(rrset.rdtype)} {_canonical(rdata)}"
        for rrset in rrsets
        if counts(rrset)
        for rdata in rrset
    )


def _canonical(rdata):
    """With the names in it in lower case, as far as canonical form has them so."""
    parser = dns.wire.Parser(rdata.to_digestable(dns.name.root))
    return dns.rdata.from_wire_parser(rdata.rdclass, rdata.rdtype, parser).to_text()


def _compare_sections(section, wanted, actual, strict):
    def counts(rrset):
        if strict or section == "answer":
            return True
        kind = rrset.covers if rrset.rdtype == dns.rdatatype.RRSIG else rrset.rdtype
        return section == "authority" and kind in _denial

    before, after = (_records(getattr(message, section), counts) for message in (wanted, actual))
    lines = [f"{section} lacks {_short(line)}" for line in before if line not in after]
    return lines + [f"{section} has {_short(line)}" for line in after if line not in before]


def _short(line):
    return line if len(line) < 110 else line[:107] + "..."


def _compare_ttls(wanted, actual):
    found = []
    for section in scripts.sections:
        for rrset in getattr(wanted, section):
            for seen in getattr(actual, section):
                same = seen.match(rrset.name, rrset.rdclass, rrset.rdtype, rrset.covers)
                if same and not rrset.ttl - _clock_s <= seen.ttl <= rrset.ttl:
                    found.append(f"TTL of {rrset.name} {_types([rrset])[0]} is {seen.ttl}, not {rrset.ttl}")
    return found


def _compare_ede(wanted, actual):
    codes = [int(option.code) for option in actual.options if int(option.otype) == 15]
    if wanted == "any":
        return [] if codes else ["no extended error"]
    return [] if int(wanted) in codes else [f"extended errors are {codes}, not {wanted}"]
