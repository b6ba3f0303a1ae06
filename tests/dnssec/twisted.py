# Lies by chance: answers put together from real signed records, the way an attacker on the path may. Sections of other
# answers, records and signatures left out, owners renamed, RCODEs changed; about data and about delegations.
import random

import dns.name
import dns.rcode
import dns.rdatatype

from signers import Nsec, Nsec3, Plan
from zones import Zone

kinds = ("A", "AAAA", "TXT", "MX")
hosts, children = 48, 12


def _text(seed):
    """Names of every sort, by chance."""
    chance = random.Random(f"text {seed}")
    lines = ["@ TXT apex", "*.wild A 198.51.100.7", "*.wild TXT wild", "*.far.wild AAAA 2001:db8::7"]
    for number in range(hosts):
        for kind in chance.sample(kinds, chance.randint(1, 2)):
            rdata = {"A": "198.51.100.1", "AAAA": "2001:db8::1", "TXT": "text", "MX": "10 mail"}[kind]
            lines.append(f"n{number}{chance.choice(('', '', '.ent', '.a.b'))} {kind} {rdata}")
    # Aliases lead to names that nobody is lied to about: the judges ask for those again, whatever came with the alias.
    lines += [f"c{number} CNAME t{number}" for number in range(6)] + [f"t{number} A 198.51.100.9" for number in (0, 1)]
    lines += ["d DNAME calm", "*.calm A 198.51.100.10", "www.calm TXT calm"]
    return tuple(lines)


def zones():
    plans = {
        "twist.nsec.": Plan("bind", 13, Nsec()),
        "twist.nsec3.": Plan("knot", 13, Nsec3(3, "abcd")),
        "twist.optout.": Plan("ldns", 13, Nsec3(0, "ab", opt_out=True)),
    }
    for name, plan in plans.items():
        yield Zone(name, plan, _text(name))
        for number in range(children):
            child = Plan("ldns") if number % 2 else None
            yield Zone(f"child{number}.{name}", child, ("www A 198.51.100.1", "@ TXT child"))


def names_of(zone):
    """Names that exist, and names that do not."""
    made = {line.split()[0] for line in _text(zone) if "calm" not in line and not line.startswith("t")} - {"@"}
    made |= {"d"}
    made = {name.replace("*", "new") for name in made} | {f"missing{number}" for number in range(12)}
    made |= {"ent", "a.b", "wild", "far.wild", "below.n1", "new.ent", "www.d", "new.d", "x.new.wild", "zzzz", "--"}
    return sorted(f"{name}.{zone}" for name in made) + [zone]


def is_alias(name):
    """Whether there is an alias at the name, or made for it."""
    return name.split(".")[0] in {f"c{number}" for number in range(6)} or name.split(".")[1] == "d"


def questions():
    """(name, type) about data; each is lied about at most once, since what was found is remembered."""
    for zone in ("twist.nsec.", "twist.nsec3.", "twist.optout."):
        for name in names_of(zone):
            for kind in kinds:
                yield name, kind


def cuts():
    """(name, type, delegation) below delegations whose DS answers are lies."""
    for zone in ("twist.nsec.", "twist.nsec3.", "twist.optout."):
        for number in range(children):
            yield f"www.child{number}.{zone}", "A", f"child{number}.{zone}"


class Lie:
    """A rule for serving.Tampering, the same each time it is asked: everything hangs on the seed and the question."""

    def __init__(self, seed, name, kind):
        self.seed, self.name, self.kind = seed, name, kind

    def __call__(self, query, ask):
        chance = random.Random(f"{self.seed} {self.name} {self.kind}")
        reply = self._basis(chance, ask)
        for _ in range(chance.choice((0, 1, 1, 2))):
            chance.choice((self._drop, self._drop_signature, self._other_authority, self._more_authority,
                           self._rename, self._rcode, self._empty))(chance, reply, ask)  # fmt: skip
        return reply

    def _zone(self):
        return next(zone for zone in ("twist.nsec.", "twist.nsec3.", "twist.optout.") if self.name.endswith(zone))

    def _other(self, chance, ask):
        """The honest answer to some other question about the zone, its parent or a child."""
        name = chance.choice(names_of(self._zone()))
        if chance.random() < 0.3:
            name = f"child{chance.randrange(children)}.{self._zone()}"
        return ask(name, chance.choice((self.kind, *kinds, "DS", "NSEC", "CNAME")))

    def _basis(self, chance, ask):
        if chance.random() < 0.5:
            return ask(self.name, self.kind)
        if chance.random() < 0.4:
            return ask(self.name, chance.choice((*kinds, "NSEC", "DS", "SOA")))
        return self._other(chance, ask)

    def _drop(self, chance, reply, ask):
        section = reply.authority if reply.authority and chance.random() < 0.7 else reply.answer
        if section:
            gone = chance.choice(_sorted(section))
            section[:] = [
                rrset
                for rrset in section
                if rrset.name != gone.name or gone.rdtype not in (rrset.rdtype, rrset.covers)
            ]

    def _drop_signature(self, chance, reply, ask):
        section = chance.choice((reply.answer, reply.authority))
        signatures = [rrset for rrset in _sorted(section) if rrset.rdtype == dns.rdatatype.RRSIG]
        if signatures:
            section.remove(chance.choice(signatures))

    def _other_authority(self, chance, reply, ask):
        reply.authority = self._other(chance, ask).authority

    def _more_authority(self, chance, reply, ask):
        known = {(rrset.name, rrset.rdtype, rrset.covers) for rrset in reply.authority}
        for rrset in self._other(chance, ask).authority:
            if (rrset.name, rrset.rdtype, rrset.covers) not in known:
                reply.authority.append(rrset)

    def _rename(self, chance, reply, ask):
        """The first owner becomes the name that was asked."""
        if reply.answer:
            old = reply.answer[0].name
            for rrset in reply.answer:
                rrset.name = dns.name.from_text(self.name) if rrset.name == old else rrset.name

    def _rcode(self, chance, reply, ask):
        other = {dns.rcode.NOERROR: dns.rcode.NXDOMAIN, dns.rcode.NXDOMAIN: dns.rcode.NOERROR}
        reply.set_rcode(other.get(reply.rcode(), reply.rcode()))

    def _empty(self, chance, reply, ask):
        reply.answer = []


def _sorted(section):
    """In an order that does not hang on the server's."""
    return sorted(section, key=lambda rrset: (rrset.name, rrset.rdtype, rrset.covers))
