# What is compared between the program and its judges, and which differences have an explanation.
import collections
import re

import dns.flags
import dns.rcode
import dns.rdatatype

# What two answers are compared by. answer: the records but RRSIG, without TTL. answer_rrsig: whether there is one;
# denial: whether the authority section has NSEC or NSEC3 records; denial_rrsig: whether signatures over those or an SOA
# record. NS records there are everybody's own choice.
Seen = collections.namedtuple("Seen", "rcode ad answer answer_rrsig denial denial_rrsig")


def seen(reply):
    if reply is None:
        return Seen("silence", 0, frozenset(), 0, 0, 0)
    answer = frozenset(
        (rrset.name.to_text().lower(), dns.rdatatype.to_text(rrset.rdtype), record.to_text().lower())
        for rrset in reply.answer
        if rrset.rdtype != dns.rdatatype.RRSIG
        for record in rrset
    )

    proofs = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
    return Seen(
        dns.rcode.to_text(reply.rcode()),
        int(bool(reply.flags & dns.flags.AD)),
        answer,
        int(any(rrset.rdtype == dns.rdatatype.RRSIG for rrset in reply.answer)),
        int(any(rrset.rdtype in proofs for rrset in reply.authority)),
        int(any(rrset.covers in (dns.rdatatype.SOA, *proofs) for rrset in reply.authority)),
    )


def differences(ours, theirs):
    """Each difference in words: "rcode SERVFAIL, not NOERROR" is ours first."""
    for field, one, other in zip(Seen._fields, ours, theirs):
        if one == other:
            continue
        if field == "answer":
            yield f"answer {'none' if not one else 'more' if one > other else 'less' if one < other else 'other'}"
        else:
            yield f"{field} {one}, not {other}"


class Explained:
    """A difference that has a reason. judge: its name. question: a pattern that "NAME TYPE" matches whole. flags: a
    pattern for "do=1 cd=0 ad=0". difference: a pattern for what differences() says. sometimes: it hangs on what the
    judge was asked just before, and need not occur."""

    def __init__(self, judge, question, flags, difference, reason, sometimes=False):
        self.judge, self.reason, self.sometimes = judge, reason, sometimes
        self.patterns = [re.compile(one) for one in (question, flags, difference)]
        self.times = 0

    def fits(self, judge, question, flags, difference):
        said = (f"{question.name} {question.kind}", flags, difference)
        return self.judge == judge and all(map(re.fullmatch, self.patterns, said))

    def is_idle(self):
        """Whether the difference has gone, and the row with it should."""
        return not self.times and not self.sometimes

    def __str__(self):
        return f"{self.judge}: {' / '.join(one.pattern for one in self.patterns)}: {self.reason}"


def flags_text(flags):
    return f"do={flags.do} cd={flags.cd} ad={flags.ad}"


def unexplained(found, table):
    """Of (judge, question, flags, difference), those that no row explains. Rows count how often they did."""
    left = []
    for judge, question, flags, difference in found:
        rows = [row for row in table if row.fits(judge, question, flags, difference)]
        for row in rows[:1]:
            row.times += 1
        if not rows:
            left.append(f"{judge}: {question.name} {question.kind} {flags}: {difference}")
    return left
