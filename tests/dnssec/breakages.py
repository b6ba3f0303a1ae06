# Every kind of breakage: zones that were signed rightly and then broken, or are lied about on the way. A Breakage says
# what is asked, what is right to think of it, and which Extended DNS Errors fit (RFC 8914 4).
import base64
import dataclasses
import time
from typing import Callable, Optional

import dns.dnssec
import dns.name
import dns.rdataset
import dns.rdatatype
import dns.rdtypes.ANY.DNSKEY
import dns.rrset

import forge
import keys
import lies
from signers import Nsec, Nsec3, Plan
from zones import Zone, standard

day = forge.day


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked, and the verdict that is right: secure, insecure or bogus. ede: the codes that fit a bogus or
    insecure one; empty where none is expected."""

    name: str
    kind: str
    verdict: str
    ede: frozenset = frozenset()


@dataclasses.dataclass(frozen=True)
class Breakage:
    """`label` is the zone's, below broken.; `sentence` says what is wrong. asked: (name, type, verdict, EDE codes) with
    names relative to the zone. rules(zone, internet): lies for serving.Tampering, as (name, type, rule), relative
    too."""

    label: str
    sentence: str
    asked: tuple
    edit: Optional[Callable] = None
    plan: Plan = Plan("ldns")
    ds: object = (2,)
    rules: Optional[Callable] = None
    more: tuple = ()  # further zones: Zone objects with names relative to this one
    text: tuple = standard

    @property
    def origin(self):
        return f"{self.label}.broken."

    def absolute(self, name):
        return self.origin if name == "@" else f"{name}.{self.origin}"

    def zones(self):
        mine = Zone(self.origin, self.plan, self.text, self.edit, self.ds)
        return [mine] + [dataclasses.replace(zone, name=f"{zone.name}{self.origin}") for zone in self.more]

    def questions(self):
        return [
            Question(self.absolute(name), kind, verdict, frozenset(ede)) for name, kind, verdict, ede in self.asked
        ]

    def tampering(self, internet):
        made = self.rules(internet.signed[self.origin], internet) if self.rules else ()
        return [(self.absolute(name), kind, rule) for name, kind, rule in made]


def www(verdict, *ede):
    return (("www", "A", verdict, ede),)


# -- Signatures --
def expires_before_it_begins(zone):
    zone.sign("www", "A", inception=now() + 3 * day, expiration=now() - 3 * day)


def now():
    return int(time.time())


def window(start, end):
    """Signs from and until then, in seconds from now, as serial numbers."""
    return lambda zone: zone.sign("www", "A", inception=(now() + start) % 2**32, expiration=(now() + end) % 2**32)


def stranger(tag_of_ours):
    """A signature by a key that the zone does not have."""

    def edit(zone):
        other = keys.Key(zone.origin, zone.zone_signing_key.algorithm, keys.zsk_flags)
        fields = {"key_tag": zone.zone_signing_key.tag} if tag_of_ours else {}
        zone.sign("www", "A", other, **fields)

    return edit


def damage(name, kind):
    return lambda zone: zone.put_signatures(name, kind, *map(forge.damaged, zone.signatures(name, kind)))


def beside_a_good_one(make):
    """A second signature that is wrong; one good one is enough (RFC 4035 5.3.3)."""

    def edit(zone):
        good = list(zone.signatures("www", "A"))
        zone.put_signatures("www", "A", *good, make(zone))

    return edit


def expired_signature(zone):
    return forge.signature(
        zone.rrset("www", "A"), zone.zone_signing_key, inception=now() - 9 * day, expiration=now() - day
    )


def longer_ttl(zone):
    """The records live longer than the signature says; the signature itself is right."""
    zone.put("www", "A", "198.51.100.1", ttl=86400)
    zone.sign("www", "A", original_ttl=300)


def long_ttl_and_short_signature(zone):
    zone.put("www", "A", "198.51.100.1", ttl=7200)
    zone.sign("www", "A", inception=now() - day, expiration=now() + 1800)


def signed_by(signer):
    def edit(zone):
        zone.sign("www", "A", signer=dns.name.from_text(signer))

    return edit


signatures = (
    Breakage("expired", "every signature has expired", www("bogus", 7),
             plan=Plan("bind", start=-20 * day, end=-day)),
    Breakage("early", "no signature is valid yet", www("bogus", 8),
             plan=Plan("ldns", start=2 * day, end=20 * day)),
    Breakage("one-expired", "the signature of one RRset has expired",
             www("bogus", 7) + (("v4", "A", "secure", ()),), window(-9 * day, -day)),
    Breakage("one-early", "the signature of one RRset is not valid yet",
             www("bogus", 8) + (("v4", "A", "secure", ()),), window(day, 9 * day)),
    Breakage("reversed", "a signature expires before it becomes valid", www("bogus", 7, 8, 25),
             expires_before_it_begins),
    Breakage("stranger", "a signature by a key that the zone does not have", www("bogus", 6, 9), stranger(False)),
    Breakage("same-tag", "the same, under the key tag of one that it has", www("bogus", 6), stranger(True)),
    Breakage("stripped", "an RRset without its signature",
             www("bogus", 10) + (("v4", "A", "secure", ()),), lambda zone: zone.strip("www", "A")),
    Breakage("octet", "a signature with one octet changed", www("bogus", 6), damage("www", "A")),
    Breakage("octet-rsa", "the same of an RSA signature", www("bogus", 6), damage("www", "A"), Plan("bind", 8)),
    Breakage("octet-ed", "the same of an Ed25519 signature", www("bogus", 6), damage("www", "A"), Plan("knot", 15)),
    Breakage("record", "a record that was changed after it was signed", www("bogus", 6),
             lambda zone: zone.zone.replace_rdataset(zone.name("www"), _a_record("203.0.113.66"))),
    Breakage("two-good", "an expired signature beside a good one", www("secure"), beside_a_good_one(expired_signature)),
    Breakage("signer-above", "the signer is a zone above, which has no such key", www("bogus", 6, 9, 10),
             signed_by("broken.")),
    Breakage("signer-beside", "the signer is another zone", www("bogus", 6, 9, 10), signed_by("octet.broken.")),
    Breakage("signer-below", "the signer is a name below the owner", www("bogus", 6, 9, 10),
             lambda zone: zone.sign("www", "A", signer=zone.name("zone.www"))),
    Breakage("labels", "more labels in the signature than in the owner's name", www("bogus", 6, 10),
             lambda zone: zone.sign("www", "A", labels=len(zone.name("www")))),
    Breakage("ttl", "records that live longer than they were signed for", www("secure"), longer_ttl),
    Breakage("serial", "a signature so long valid that only serial numbers tell (RFC 4034 3.1.5)", www("secure"),
             window(-(2**31) + 2 * day, day)),
    Breakage("serial-past", "one that expires so late that it has expired", www("bogus", 7, 25, 8),
             window(-day, 2**31 + 9000)),
    Breakage("soon", "a signature that expires before its records do", www("secure"), long_ttl_and_short_signature),
    Breakage("algorithm", "the signature names another algorithm than its key", www("bogus", 6, 9, 10),
             lambda zone: zone.sign("www", "A", algorithm=14)),
)  # fmt: skip


def _a_record(address):
    return dns.rdataset.from_text("IN", "A", 300, address)


# -- Keys and DS records --
def without_zone_bit(zone):
    """All keys lack the flag; the DS record fits one of them."""
    bare = [key.with_flags(key.flags & ~keys.zone_key) for key in zone.keys]
    zone.set_keys(*bare)
    zone.sign_everything(zone.zone_signing_key)


def revoke(zone):
    zone.set_keys(*(key.with_flags(key.flags | keys.revoked) if key.is_entry_point else key for key in zone.keys))


def keys_signed_by_zsk(zone):
    zone.set_keys(*zone.keys, signed_by=[zone.zone_signing_key])


def ds_of_nothing(zone):
    return [f"{(zone.entry_points[0].tag + 1) % 65536} 13 2 {'ab' * 32}"]


def ds_with_wrong_digest(zone):
    return [f"{zone.entry_points[0].tag} 13 2 {'ab' * 32}"]


def ds_and(*others):
    """A right DS record and these: RDATA texts with TAG for the key's tag."""

    def make(zone):
        return zone.ds_texts((2,)) + [text.replace("TAG", str(zone.entry_points[0].tag)) for text in others]

    return make


def ds_only(*texts):
    return lambda zone: [text.replace("TAG", str(zone.entry_points[0].tag)) for text in texts]


def sha1_beside_wrong_sha256(zone):
    return zone.ds_texts((1,)) + ds_with_wrong_digest(zone)


def two_algorithms(zone):
    """A second algorithm in DNSKEY RRset (signed) and DS records, with which no data is signed."""
    ksk = keys.Key(zone.origin, 8, keys.ksk_flags)
    zone.set_keys(ksk, *zone.keys)


def ds_of_both(zone):
    return [key.ds(2).to_text() for key in zone.entry_points]


def unknown_key_algorithm(zone):
    """The zone's only keys have an algorithm that nobody knows; its signatures are noise."""
    odd = []
    for key in zone.keys:
        one = key.with_flags(key.flags)
        one.rdata = dns.rdtypes.ANY.DNSKEY.DNSKEY("IN", "DNSKEY", key.flags, 3, 200, b"nobody knows this" * 4)
        odd.append(one)
    zone.keys = odd
    zone.put("@", "DNSKEY", *(key.rdata for key in odd), ttl=3600)
    for name, kind, rrsigs in zone.signed_rrsets():
        zone.put_signatures(name, kind, *(one.replace(algorithm=200, key_tag=odd[-1].tag) for one in rrsigs))


def many_protocol(zone):
    """DNSKEY records with a protocol that is not 3 (RFC 4034 2.1.2)."""
    for key in zone.keys:
        key.rdata = key.rdata.replace(protocol=2)
    zone.set_keys(*zone.keys)
    zone.sign_everything(zone.zone_signing_key)


chain = (
    Breakage("no-dnskey", "the DNSKEY RRset is missing", www("bogus", 9), lambda zone: zone.remove("@", "DNSKEY")),
    Breakage("ds-nothing", "the DS record points at a key that is not there", www("bogus", 9), ds=ds_of_nothing),
    Breakage("ds-digest", "the digest in the DS record is of another key", www("bogus", 9, 6),
             ds=ds_with_wrong_digest),
    Breakage("ds-one-good", "one DS record of three fits", www("secure"),
             ds=ds_and(f"TAG 13 2 {'ab' * 32}", f"4711 13 2 {'cd' * 32}")),
    Breakage("ds-sha1", "the SHA-1 digest fits, the SHA-256 one does not (RFC 4509 3)", www("bogus", 9, 6),
             ds=sha1_beside_wrong_sha256),
    Breakage("no-zone-bit", "no key has the zone key bit", www("bogus", 11, 9), without_zone_bit),
    Breakage("revoked", "the key that the DS record points at is revoked (RFC 5011 2.1)", www("bogus", 9, 6, 10),
             revoke),
    Breakage("protocol", "the protocol of the keys is not 3", www("bogus", 9, 6), many_protocol),
    Breakage("keys-by-zsk", "the DNSKEY RRset is not signed by the key that the DS record points at",
             www("bogus", 6, 9, 10), keys_signed_by_zsk),
    Breakage("keys-unsigned", "the DNSKEY RRset has no signature", www("bogus", 10),
             lambda zone: zone.strip("@", "DNSKEY")),
    Breakage("keys-octet", "the signature of the DNSKEY RRset is damaged", www("bogus", 6), damage("@", "DNSKEY")),
    Breakage("keys-lie", "NODATA, proven, in place of DNSKEY records that a DS record points at", www("bogus", 9, 10),
             rules=lambda zone, internet: [("@", "DNSKEY", lies.denial(zone, ["www"]))]),
    Breakage("two-algorithms", "a second algorithm that signs no data (RFC 6840 5.11)", www("secure"),
             two_algorithms, ds=ds_of_both),
    Breakage("unknown-algorithm", "the only algorithm is unknown", www("insecure", 1), unknown_key_algorithm),
    Breakage("unknown-digest", "the only digest is unknown", www("insecure", 2), ds=ds_only(f"TAG 13 200 {'ab' * 32}")),
    Breakage("unknown-ds-algorithm", "the only DS record is for an unknown algorithm", www("insecure", 1),
             ds=ds_only(f"TAG 200 2 {'ab' * 32}")),
    Breakage("unknown-beside", "an unknown digest and algorithm beside those that fit", www("secure"),
             ds=ds_and(f"TAG 13 200 {'ab' * 32}", f"4711 200 2 {'ab' * 32}")),
)  # fmt: skip

# Not for the judges: BIND asks for ten seconds before it gives up.
unreachable = (
    Breakage("keys-gone", "whoever has the DNSKEY records does not answer", www("bogus", 9, 22, 23),
             rules=lambda zone, internet: [("@", "DNSKEY", lies.error("SERVFAIL"))]),
    Breakage("ds-gone", "whoever has the DS records does not answer", www("bogus", 9, 22, 23),
             rules=lambda zone, internet: [("@", "DS", lies.error("SERVFAIL"))]),
)  # fmt: skip


# -- Denial --
def nsec_of(*owners, rcode="NOERROR"):
    """The question gets these NSEC records of the zone for an answer."""
    return lambda zone: lies.denial(zone, owners, rcode)


def lie(name, kind, make):
    """`make(zone)` is the rule for this question, and for that of DS records at the name: who doubts asks for them, and
    would meet there what is lied about here."""
    return lambda zone, internet: [(name, one, make(zone)) for one in (kind, "DS")]


def replayed(name, kind, other, other_kind, rename=False):
    return lie(name, kind, lambda zone: lies.replay(zone.name(other).to_text(), other_kind, rename))


def honest_without(name, kind, *kinds):
    return lie(name, kind, lambda zone: lies.without(*kinds, where=("authority",)))


def nsec3_owner(zone, name):
    """The owner of the NSEC3 record that matches a name."""
    parameters = zone.rrset("@", "NSEC3PARAM")[0]
    label = dns.dnssec.nsec3_hash(zone.name(name), parameters.salt, parameters.iterations, parameters.algorithm)
    return f"{label.lower()}.{zone.origin}"


def nsec3_of(*names, rcode="NOERROR"):
    return lambda zone: lies.denial(zone, dict.fromkeys(nsec3_owner(zone, name) for name in names), rcode, "NSEC3")


def unknown_hash(name):
    """The NSEC3 record that matches a name, with a hash algorithm that nobody knows, rightly signed. NSD would not load
    a zone with it."""

    def make(zone):
        found = zone.rrset(nsec3_owner(zone, name), "NSEC3")
        rrset = dns.rrset.from_rdata_list(found.name, found.ttl, [one.replace(algorithm=200) for one in found])
        signed = forge.signature(rrset, zone.zone_signing_key)
        return lies.denial(zone, [], more=[rrset, dns.rrset.from_rdata(rrset.name, rrset.ttl, signed)])

    return make


nsec3_plan = Plan("ldns", denial=Nsec3(iterations=0, salt="ab"))
no_proof = (12, 6)

denials = (
    Breakage("nsec-stripped", "denials without NSEC records",
             (("v4", "AAAA", "bogus", (12, 10)), ("missing", "A", "bogus", (12, 10))),
             lambda zone: [zone.remove(owner, "NSEC") for owner in zone.nodes("NSEC")]),
    Breakage("nsec-unsigned", "NSEC records without signatures", (("v4", "AAAA", "bogus", (10, 12)),),
             lambda zone: [zone.strip(owner, "NSEC") for owner in zone.nodes("NSEC")]),
    Breakage("nsec-octet", "NSEC records with damaged signatures", (("v4", "AAAA", "bogus", (6, 12)),),
             lambda zone: [damage(owner, "NSEC")(zone) for owner in zone.nodes("NSEC")]),
    Breakage("nsec-expired", "NSEC records with expired signatures", (("v4", "AAAA", "bogus", (7, 12, 6)),),
             lambda zone: zone.sign("v4", "NSEC", inception=now() - 9 * day, expiration=now() - day)),
    Breakage("nsec-other", "NODATA with the NSEC record of another name", (("text", "A", "bogus", no_proof),),
             rules=replayed("text", "A", "v4", "AAAA")),
    Breakage("nodata-exists", "NODATA for a name that has the type, with the proof of another name",
             (("www", "AAAA", "bogus", no_proof),), rules=replayed("www", "AAAA", "v4", "AAAA")),
    Breakage("nodata-own", "NODATA for a type that the name's own NSEC record lists",
             (("www", "AAAA", "bogus", no_proof),), rules=lie("www", "AAAA", nsec_of("www"))),
    Breakage("nodata-cname", "NODATA by an NSEC record with the CNAME bit (RFC 6840 4.3)",
             (("alias", "AAAA", "bogus", no_proof),), rules=lie("alias", "AAAA", nsec_of("alias"))),
    Breakage("nx-exists", "NXDOMAIN for a name that exists, with the proof of another name",
             (("www", "A", "bogus", no_proof),), rules=replayed("www", "A", "missing", "A")),
    Breakage("nx-wildcard", "NXDOMAIN where a wildcard exists: the name is denied, the wildcard is not",
             (("new.wild", "A", "bogus", no_proof),), rules=lie("new.wild", "A", nsec_of("*.wild", rcode="NXDOMAIN"))),
    Breakage("nx-ent", "NXDOMAIN for an empty non-terminal", (("ent", "A", "bogus", no_proof),),
             rules=lie("ent", "A", nsec_of("alias-www", "@", rcode="NXDOMAIN"))),
    Breakage("wildcard-bare", "a wildcard's answer without the proof that the name itself is missing",
             (("new.wild", "A", "bogus", no_proof),), rules=honest_without("new.wild", "A", "NSEC")),
    Breakage("wildcard-abuse", "a wildcard's answer for a name that exists",
             (("exact.wild", "A", "bogus", no_proof),), text=standard + ("exact.wild A 198.51.100.8",),
             rules=replayed("exact.wild", "A", "a.wild", "A", rename=True)),
    Breakage("dname-bit", "NXDOMAIN below a DNAME, by its NSEC record (RFC 6672 5.3.4.1)",
             (("www.away", "A", "bogus", no_proof),), text=standard + ("away DNAME plain.",),
             rules=lie("www.away", "A", nsec_of("away", "@", rcode="NXDOMAIN"))),
    Breakage("parent-nx", "the parent's NSEC record at a zone cut denies a name below the cut (RFC 6840 4.1)",
             (("www.child", "A", "bogus", no_proof),), more=(Zone("child.", Plan("ldns"), standard),),
             rules=lie("www.child", "A", nsec_of("child", "@", rcode="NXDOMAIN"))),
    Breakage("parent-nodata", "the parent's NSEC record at a zone cut denies a type of the child (RFC 6840 4.1)",
             (("child", "TXT", "bogus", no_proof),), more=(Zone("child.", Plan("ldns"), standard),),
             rules=lie("child", "TXT", nsec_of("child"))),
    Breakage("child-ds", "the child's NSEC record at its apex denies the DS record (RFC 6840 4.4)",
             (("www.child", "A", "bogus", no_proof),), more=(Zone("child.", Plan("ldns"), standard),),
             rules=lambda zone, internet: [
                 ("child", "DS", lies.denial(internet.signed[f"child.{zone.origin}"], ["@"]))]),
    Breakage("cut-claimed", "an unsigned child zone, and no proof that it has no DS record",
             (("www.child", "A", "bogus", (12, 10)),), more=(Zone("child.", None, standard),),
             rules=honest_without("child", "DS", "NSEC")),
    Breakage("below", "an unsigned answer below a signed zone", (("www", "A", "bogus", (10,)),),
             rules=lambda zone, internet: [("www", "A", lies.forged("@ 300 A 203.0.113.66"))]),
    Breakage("below-new", "an unsigned answer for a name that does not exist", (("new", "A", "bogus", (10, 12)),),
             rules=lambda zone, internet: [
                 ("new", "A", lies.forged("@ 300 A 203.0.113.66")), ("new", "DS", lies.unsigned)]),
    Breakage("alias-cut", "an unsigned CNAME out of a signed zone", (("www", "A", "bogus", (10,)),),
             rules=lie("www", "A", lambda zone: lies.forged(
                 "@ 300 CNAME www.plain.", "www.plain. 300 A 198.51.100.80"))),
    Breakage("nsec3-stripped", "denials without NSEC3 records", (("v4", "AAAA", "bogus", (12, 10)),),
             lambda zone: [zone.remove(owner, "NSEC3") for owner in zone.nodes("NSEC3")], nsec3_plan),
    Breakage("nsec3-octet", "NSEC3 records with damaged signatures", (("v4", "AAAA", "bogus", (6, 12)),),
             lambda zone: [damage(owner, "NSEC3")(zone) for owner in zone.nodes("NSEC3")], nsec3_plan),
    Breakage("nsec3-other", "NODATA with the NSEC3 record of another name", (("text", "A", "bogus", no_proof),),
             plan=nsec3_plan, rules=replayed("text", "A", "v4", "AAAA")),
    Breakage("nsec3-own", "NODATA for a type that the name's own NSEC3 record lists",
             (("www", "AAAA", "bogus", no_proof),), plan=nsec3_plan, rules=lie("www", "AAAA", nsec3_of("www"))),
    Breakage("nsec3-cname", "NODATA by an NSEC3 record with the CNAME bit (RFC 6840 4.3)",
             (("alias", "AAAA", "bogus", no_proof),), plan=nsec3_plan, rules=lie("alias", "AAAA", nsec3_of("alias"))),
    Breakage("nsec3-exists", "NXDOMAIN for a name that exists, with the proof of another name",
             (("www", "A", "bogus", no_proof),), plan=nsec3_plan, rules=replayed("www", "A", "missing", "A")),
    Breakage("nsec3-encloser", "NXDOMAIN with a closest encloser that is not the closest",
             (("new.ent", "A", "bogus", no_proof),), plan=nsec3_plan, rules=replayed("new.ent", "A", "missing", "A")),
    Breakage("nsec3-hash", "NSEC3 records whose hash algorithm is unknown are ignored (RFC 5155 8.1)",
             (("v4", "AAAA", "bogus", no_proof),), plan=nsec3_plan, rules=lie("v4", "AAAA", unknown_hash("v4"))),
    Breakage("nsec3-wildcard", "a wildcard's answer without the NSEC3 record of the next closer name",
             (("new.wild", "A", "bogus", no_proof),), plan=nsec3_plan,
             rules=honest_without("new.wild", "A", "NSEC3")),
    Breakage("nsec3-parent", "the parent's NSEC3 record at a zone cut denies a type of the child",
             (("child", "TXT", "bogus", no_proof),), plan=nsec3_plan, more=(Zone("child.", Plan("ldns"), standard),),
             rules=lie("child", "TXT", nsec3_of("child"))),
    Breakage("nsec3-cut", "an unsigned child zone, and no proof that it has no DS record",
             (("www.child", "A", "bogus", (12, 10)),), plan=nsec3_plan, more=(Zone("child.", None, standard),),
             rules=honest_without("child", "DS", "NSEC3")),
)  # fmt: skip

# -- Denials that are made when they are asked for --
def with_signature(zone, owner, kind, rdata):
    """A new record of the zone and its signature."""
    rrset = dns.rrset.from_text(zone.name(owner), 300, "IN", kind, rdata)
    return [rrset, dns.rrset.from_rdata(rrset.name, 300, forge.signature(rrset, zone.zone_signing_key))]


def made(rcode, *nsecs):
    """An answer with these NSEC records: (owner, "NEXT TYPES"), relative to the zone."""

    def make(zone):
        records = []
        for owner, text in nsecs:
            following, _, types = text.partition(" ")
            records += with_signature(zone, owner, "NSEC", f"{zone.name(following)} {types}")
        return lies.denial(zone, [], rcode, more=records)

    return make


def around(zone, name, before=1, after=1):
    """(owner, next) of an NSEC3 record that covers a name as tightly as can be; it matches it with before=0."""
    alphabet = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUV", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    hashed = dns.dnssec.nsec3_hash(zone.name(name), "", 0, 1)
    number = int.from_bytes(base64.b32decode(hashed.translate(alphabet)), "big")
    low, high = ((number + change) % 2**160 for change in (-before, after))
    back = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
    return tuple(base64.b32encode(one.to_bytes(20, "big")).decode().translate(back).lower() for one in (low, high))


def made_nsec3(rcode, matched, covered):
    """The same with NSEC3 records: (name, types) that are matched, names that are covered."""

    def make(zone):
        records = []
        for name, types in matched:
            owner, following = around(zone, name, before=0)
            records += with_signature(zone, owner, "NSEC3", f"1 0 0 - {following} {types}")
        for name in covered:
            owner, following = around(zone, name)
            records += with_signature(zone, owner, "NSEC3", f"1 0 0 - {following} A RRSIG")
        return lies.denial(zone, [], rcode, more=records)

    return make


apex_types = "NS SOA TXT RRSIG DNSKEY NSEC3PARAM"
online = (
    Breakage("black-lie", "NODATA by a record of the name itself, in place of NXDOMAIN (RFC 9824 3)",
             (("missing", "A", "secure", ()),),
             rules=lie("missing", "A", made("NOERROR", ("missing", "\\000.missing RRSIG NSEC TYPE128")))),
    Breakage("black-lie-nx", "the same with NXDOMAIN: the record says that the name is there",
             (("missing", "A", "bogus", no_proof),),
             rules=lie("missing", "A", made("NXDOMAIN", ("missing", "\\000.missing RRSIG NSEC")))),
    Breakage("white-lie", "NXDOMAIN by records that cover next to nothing (RFC 4470)",
             (("missing", "A", "secure", ()),),
             rules=lie("missing", "A", made("NXDOMAIN", ("missin", "missing- RRSIG NSEC"), ("!", "+ RRSIG NSEC")))),
    Breakage("white-lie-half", "the same without a word about the wildcard", (("missing", "A", "bogus", no_proof),),
             rules=lie("missing", "A", made("NXDOMAIN", ("missin", "missing- RRSIG NSEC")))),
    Breakage("white-lie3", "NXDOMAIN by NSEC3 records that cover next to nothing (RFC 7129 B)",
             (("missing", "A", "secure", ()),), plan=Plan("ldns", denial=Nsec3()),
             rules=lie("missing", "A", made_nsec3("NXDOMAIN", [("@", apex_types)], ["missing", "*"]))),
    Breakage("white-lie3-half", "the same without a word about the wildcard", (("missing", "A", "bogus", no_proof),),
             plan=Plan("ldns", denial=Nsec3()),
             rules=lie("missing", "A", made_nsec3("NXDOMAIN", [("@", apex_types)], ["missing"]))),
    Breakage("white-lie3-cut", "the closest encloser is a delegation (RFC 5155 8.3)",
             (("new.child", "A", "bogus", no_proof),), plan=Plan("ldns", denial=Nsec3()),
             more=(Zone("child.", Plan("ldns"), standard),),
             rules=lie("new.child", "A", made_nsec3("NXDOMAIN", [("child", "NS DS RRSIG")], ["new.child", "*.child"]))),
    Breakage("white-lie3-dname", "the closest encloser is a DNAME (RFC 5155 8.3)",
             (("new.away", "A", "bogus", no_proof),), plan=Plan("ldns", denial=Nsec3()),
             text=standard + ("away DNAME plain.",),
             rules=lie("new.away", "A", made_nsec3("NXDOMAIN", [("away", "DNAME RRSIG")], ["new.away", "*.away"]))),
    Breakage("nsec-far", "an NSEC record whose next name lies in another zone", (("zzz", "A", "bogus", no_proof),),
             rules=lie("zzz", "A", lambda zone: lies.denial(zone, [], "NXDOMAIN", more=[
                 *with_signature(zone, "wild", "NSEC", "plain. RRSIG NSEC"),
                 *with_signature(zone, "!", "NSEC", f"+.{zone.origin} RRSIG NSEC")]))),
    Breakage("nsec-whole", "one NSEC record that denies the whole zone, on the way round",
             (("missing", "A", "secure", ()),),
             rules=lie("missing", "A", made("NXDOMAIN", ("@", "@ NS SOA RRSIG NSEC")))),
)  # fmt: skip

all_breakages = signatures + chain + denials + online
tld = Zone("broken.", Plan("bind", 13, Nsec(), "split"))
