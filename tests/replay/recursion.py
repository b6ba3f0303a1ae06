# The recursive resolver that stands between the program under test and the servers of a script. The program forwards:
# it asks one question and gets the whole answer, so somebody must follow the referrals. Nothing is validated here, and
# nothing is remembered but who serves which zone and what referrals said about DS records.
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from script import Question

_deepest = 8  # lookups within lookups
_most_hops = 24
_denying = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)


class Answer:
    """What comes of a question: an RCODE and the sections that matter."""

    def __init__(self, rcode=dns.rcode.NOERROR, answer=(), authority=(), additional=()):
        self.rcode = rcode
        self.answer, self.authority, self.additional = list(answer), list(authority), list(additional)

    @classmethod
    def of(cls, message):
        return cls(message.rcode(), message.answer, message.authority, message.additional)

    def with_signatures_in_place(self):
        """Some scripts have signatures in another section than what they are over; resolvers put them right."""
        parts = (self.answer, self.authority, self.additional)
        for home in parts:
            for rrset in [each for each in home if each.rdtype != dns.rdatatype.RRSIG]:
                self._bring_home(rrset, home, [part for part in parts if part is not home])
        return self

    @staticmethod
    def _bring_home(rrset, home, others):
        def signs(each):
            return each.covers == rrset.rdtype and each.name == rrset.name

        for part in others:
            if any(each.name == rrset.name and each.rdtype == rrset.rdtype for each in part):
                continue  # they are that one's
            for stray in [each for each in part if signs(each)]:
                part.remove(stray)
                here = next((each for each in home if signs(each)), None)
                if here is None:
                    home.append(stray)
                else:
                    here.update(stray)

    def find(self, section, name, kind):
        return next((each for each in getattr(self, section) if each.name == name and each.rdtype == kind), None)


def _kind_of(rrset):
    return rrset.covers if rrset.rdtype == dns.rdatatype.RRSIG else rrset.rdtype


def about(rrsets, name, kind):
    """The RRset and its signatures."""
    return [each for each in rrsets if each.name == name and _kind_of(each) == kind]


class Recursion:
    """`say(address, question, transport)` is what a server of the script says now: an Entry, or None."""

    def __init__(self, script, say):
        self.say = say
        self.forwards = script.zones("forward-zone", "forward-addr")
        self.servers = script.zones("stub-zone", "stub-addr")  # zone -> addresses
        if dns.name.root not in self.servers:
            self.servers[dns.name.root] = self._root_hints(script)
        self.hosts = {}  # zone -> names of its servers
        self.addresses = {}  # name of a server -> addresses
        self.referrals = {}  # zone -> what its parent said of DS records
        self.times_asked = {}
        self.script = script

    @staticmethod
    def _root_hints(script):
        """Without hints: the servers that somewhere give the NS records of the root, else the first of the script."""
        for each in script.ranges:
            for entry in each.entries:
                if entry.question and entry.question.name == dns.name.root and entry.question.type == dns.rdatatype.NS:
                    return sorted(each.addresses)
        return sorted(script.ranges[0].addresses) if script.ranges else []

    def resolve(self, question, depth=0):
        """The whole answer, or None when nobody has one."""
        if depth > _deepest:
            return None
        forward = self._closest(self.forwards, self._asked_zone(question))
        if forward is not None:
            return self._ask(self.forwards[forward], question)
        key = (question.name, question.type)
        self.times_asked[key] = self.times_asked.get(key, 0) + 1
        found = self._iterate(question, depth)
        if found is None and question.type in (dns.rdatatype.DS, dns.rdatatype.DNSKEY):
            found = self._from_referral(question) or self._from_anybody(question)
        return found

    # -- From zone to zone --
    def _iterate(self, question, depth):
        zone = self._cut_above(question)
        silent, last = set(), None
        for _ in range(_most_hops):
            reply = None if zone in silent else self._ask(self._addresses_of(zone, depth), question)
            if reply is None or reply.rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                last = reply or last
                silent.add(zone)
                if zone == dns.name.root:
                    return last
                zone = self._closest_cut(zone.parent(), silent)
                if zone is None:
                    return last
                continue
            child = self._referral(reply, zone, question)
            if child is None:
                return self._finish(reply, zone, question, depth)
            self._learn(child, reply)
            if question.type == dns.rdatatype.DS and child == question.name:
                return self._from_referral(question)
            if child in silent:
                return last
            zone = child
        return None

    def _closest(self, zones, name):
        while name not in zones:
            if name == dns.name.root:
                return None
            name = name.parent()
        return name

    def _closest_cut(self, name, silent=()):
        known = [zone for zone in (*self.servers, *self.hosts) if zone not in silent]
        return self._closest(known, name)

    @staticmethod
    def _asked_zone(question):
        """DS records are the parent's."""
        of_parent = question.type == dns.rdatatype.DS and question.name != dns.name.root
        return question.name.parent() if of_parent else question.name

    def _cut_above(self, question):
        return self._closest_cut(self._asked_zone(question))

    @staticmethod
    def _referral(reply, zone, question):
        """The zone that the reply leads to; None if it is an answer."""
        if reply.rcode != dns.rcode.NOERROR or reply.answer:
            return None
        if any(each.rdtype == dns.rdatatype.SOA for each in reply.authority):
            return None
        for each in reply.authority:
            below = each.name != zone and each.name.is_subdomain(zone) and question.name.is_subdomain(each.name)
            if each.rdtype == dns.rdatatype.NS and below:
                return each.name
        return None

    def _learn(self, zone, referral):
        hosts = referral.find("authority", zone, dns.rdatatype.NS)
        self.hosts[zone] = [record.target for record in hosts]
        for each in referral.additional:
            if each.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA) and each.name in self.hosts[zone]:
                known = self.addresses.setdefault(each.name, [])
                known += [record.address for record in each if record.address not in known]
        self.referrals[zone] = [
            each for each in referral.authority if _kind_of(each) in (dns.rdatatype.DS, *_denying)
        ]

    def _addresses_of(self, zone, depth):
        if zone in self.servers:
            return self.servers[zone]
        found = []
        for host in self.hosts.get(zone, []):
            if host not in self.addresses:
                self.addresses[host] = []  # who asks for itself gets nothing
                for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
                    answer = self.resolve(Question(host, kind, 1), depth + 1)
                    for each in answer.answer if answer else []:
                        if each.rdtype == kind:
                            self.addresses[host] += [record.address for record in each]
                if not self.addresses[host]:
                    del self.addresses[host]
                    continue
            found += self.addresses[host]
        return found

    def _ask(self, addresses, question):
        """The first reply that is none of an error; whoever asks again begins with another server."""
        if not addresses:
            return None
        turn = (self.times_asked.get((question.name, question.type), 1) - 1) % len(addresses)
        last = None
        for address in addresses[turn:] + addresses[:turn]:
            entry = self.say(address, question, "udp")
            if entry is not None and "TC" in entry.flags:
                entry = self.say(address, question, "tcp") or entry
            if entry is None or "do_not_answer" in entry.adjust:
                continue
            reply = Answer.of(entry.message()).with_signatures_in_place()
            if reply.rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return reply
            last = reply
        return last

    # -- DS and DNSKEY records that a script has in other places than where they are asked for --
    def _from_referral(self, question):
        if question.type != dns.rdatatype.DS or question.name not in self.referrals:
            return None
        said = self.referrals[question.name]
        answer = about(said, question.name, dns.rdatatype.DS)
        denial = [each for each in said if _kind_of(each) in _denying]
        return Answer(answer=answer, authority=[] if answer else denial)

    def _from_anybody(self, question):
        """Nothing led there yet: whoever of the script's servers has the very records."""
        for address in sorted({address for each in self.script.ranges for address in each.addresses}):
            entry = self.say(address, question, "udp")
            if entry is None or not entry.question or entry.question.type != question.type:
                continue
            reply = Answer.of(entry.message())
            if reply.find("answer", question.name, question.type):
                return reply
        return None

    # -- Aliases --
    def _finish(self, reply, zone, question, depth):
        """Keeps what belongs to the chain of aliases, and finds its end where another zone has it."""
        if question.type in (dns.rdatatype.ANY, dns.rdatatype.RRSIG):
            return reply
        kept, name = [], question.name
        for _ in range(_most_hops):
            here = name == question.name or name.is_subdomain(zone)
            data = about(reply.answer, name, question.type) if here else []
            if data:
                return self._with(reply, kept + data)
            target = self._alias(reply, name, kept) if here else None
            if target is None:
                break
            name = target
        if name == question.name or here and self._is_denial(reply):
            return self._with(reply, kept)
        rest = self.resolve(Question(name, question.type, question.klass), depth + 1)
        if rest is None:
            return None
        proofs = [each for each in reply.authority if _kind_of(each) in _denying]
        seen = [(each.name, each.rdtype, each.covers) for each in rest.authority]
        proofs = [each for each in proofs if (each.name, each.rdtype, each.covers) not in seen]
        kept += [each for each in rest.answer if each not in kept]
        return Answer(rest.rcode, kept, proofs + rest.authority, rest.additional)

    @staticmethod
    def _with(reply, answer):
        return Answer(reply.rcode, answer, reply.authority, reply.additional)

    @staticmethod
    def _is_denial(reply):
        return reply.rcode == dns.rcode.NXDOMAIN or any(
            each.rdtype == dns.rdatatype.SOA for each in reply.authority
        )

    @staticmethod
    def _alias(reply, name, kept):
        """Where the reply's CNAME or DNAME for `name` leads; what says so is kept."""
        for each in reply.answer:
            if each.rdtype == dns.rdatatype.DNAME and name != each.name and name.is_subdomain(each.name):
                kept += [part for part in about(reply.answer, each.name, dns.rdatatype.DNAME) if part not in kept]
                target = name.relativize(each.name).derelativize(each[0].target)
                cname = about(reply.answer, name, dns.rdatatype.CNAME)
                kept += cname or [dns.rrset.from_text(name, each.ttl, "IN", "CNAME", str(target))]
                return target
        cname = reply.find("answer", name, dns.rdatatype.CNAME)
        if cname is None:
            return None
        kept += about(reply.answer, name, dns.rdatatype.CNAME)
        return cname[0].target


def response(query, answer):
    """The message to the one who asked: SERVFAIL where there is no answer."""
    reply = dns.message.make_response(query, recursion_available=True)
    reply.flags |= query.flags & dns.flags.CD
    if answer is None:
        reply.set_rcode(dns.rcode.SERVFAIL)
        return reply
    reply.set_rcode(answer.rcode)
    for section in ("answer", "authority", "additional"):
        setattr(reply, section, [each for each in getattr(answer, section) if _is_for(query, each)])
    return reply


def _is_for(query, rrset):
    """Signatures and denials are for those who ask for them (RFC 4035 3.2.1)."""
    of_dnssec = rrset.rdtype in (dns.rdatatype.RRSIG, *_denying)
    return query.ednsflags & dns.flags.DO or not of_dnssec or rrset.rdtype == query.question[0].rdtype
