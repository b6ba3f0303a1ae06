# Records that a script of ours leaves to the runner: a comment in a section that begins with one of these words stands
# for records. `replay.py --print SCRIPT` writes them out, so that other runners can read the script.
#
#   ;trust-anchor ZONE [key=N] [digest=N]           in the configuration: DS of the zone's key
#   ;dnskey ZONE [ttl=N] [key=N] [flags=N]          the zone's DNSKEY record
#   ;ds ZONE [ttl=N] [key=N] [digest=N] [algorithm=N] [wrong]
#   ;nsec3 ZONE NAME [to=NAME] [ttl=N] [optout] [iterations=N] [salt=HEX] [hash=N] [flags=N] [match | cover] TYPE...
#                                                   of the NAME's hash, or (cover) around it
#   ;sign ZONE [key=N] [flags=N] [labels=N] [wrong] [expired] [future] [from=DATE] [until=DATE] [algorithm=N] [tag=N]
#         [signer=NAME] [ttl=N]
#                                                   signature over the RRset that ends right above
# Keys are Ed25519 (RFC 8080), whose signatures are always the same, made of the zone's name and the number of the key.
import base64
import calendar
import hashlib
import struct
import time

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdatatype
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

today = "20260301000000"  # the day on which our scripts play; val-override-date says it too
_day_s = 86400
ed25519_algorithm = 15


def private_key(seed):
    return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())


def public_octets(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def dnskey_of(private, flags=257):
    octets = struct.pack("!HBB", flags, 3, ed25519_algorithm) + public_octets(private)
    return dns.rdata.from_wire("IN", dns.rdatatype.DNSKEY, octets, 0, len(octets))


def signed_octets(owner, ttl, rdatas, header, signer):
    """What a signature is over (RFC 4035 5.3.2): its RDATA before the signature, and the RRset. Records that are in it
    only once count once."""
    labels = header[3]
    name = owner
    if labels < len(owner) - 1:
        name = dns.name.from_text("*", owner.split(labels + 1)[1])
    octets = header + signer.to_digestable()
    kind = rdatas[0].rdtype
    for rdata in sorted({each.to_digestable(dns.name.root) for each in rdatas}):
        octets += name.to_digestable() + struct.pack("!HHIH", kind, 1, ttl, len(rdata)) + rdata
    return octets


def rrsig_of(octets):
    return dns.rdata.from_wire("IN", dns.rdatatype.RRSIG, octets, 0, len(octets))


def seconds_of(date):
    return calendar.timegm(time.strptime(date, "%Y%m%d%H%M%S"))


def _split(words):
    """(words, {key: value}) of WORD KEY=VALUE ..."""
    options = dict(word.split("=", 1) for word in words if "=" in word)
    return [word for word in words if "=" not in word], options


def _zone_key(zone, options):
    return private_key(f"{zone.canonicalize()} {options.get('key', '1')}".encode())


def _ds(zone, options, words):
    key = dnskey_of(_zone_key(zone, options), int(options.get("flags", 257)))
    digest_type = int(options.get("digest", 2))
    hashed = {1: hashlib.sha1, 2: hashlib.sha256, 4: hashlib.sha384}.get(digest_type, hashlib.sha256)
    digest = hashed(zone.to_digestable() + key.to_wire()).digest()
    if "wrong" in words:
        digest = bytes(octet ^ 0x55 for octet in digest)
    tag = int(options.get("tag", dns.dnssec.key_id(key)))
    algorithm = int(options.get("algorithm", ed25519_algorithm))
    return dns.rdata.from_text("IN", "DS", f"{tag} {algorithm} {digest_type} {digest.hex()}")


_base32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")


def nsec3_label(digest):
    return base64.b32encode(digest).translate(_base32).decode().lower()


def _digest(name, options):
    salt = bytes.fromhex(options.get("salt", ""))
    digest = name.to_digestable()
    for _ in range(int(options.get("iterations", 0)) + 1):
        digest = hashlib.sha1(digest + salt).digest()
    return digest


def _moved(digest, by):
    return ((int.from_bytes(digest, "big") + by) % 2**160).to_bytes(20, "big")


def _nsec3(zone, words, options):
    name = dns.name.from_text(words[0])
    types = [word for word in words[1:] if word not in ("optout", "cover", "match")]
    first = _digest(name, options)
    last = _digest(dns.name.from_text(options["to"]), options) if "to" in options else _moved(first, 1)
    if "cover" in words:
        first = _moved(first, -1)
    salt = options.get("salt", "") or "-"
    flags = options.get("flags", int("optout" in words))
    parameters = f"{options.get('hash', 1)} {flags} {options.get('iterations', 0)} {salt}"
    owner = dns.name.from_text(nsec3_label(first), zone)
    return owner, dns.rdata.from_text("IN", "NSEC3", f"{parameters} {nsec3_label(last)} {' '.join(types)}")


def _signature(zone, words, options, rrset):
    owner, ttl, kind = rrset[0].name, rrset[0].ttl, rrset[0].rdata.rdtype
    now = seconds_of(today)
    since, until = now - 10 * _day_s, now + 10 * _day_s
    if "expired" in words:
        since, until = now - 30 * _day_s, now - _day_s
    if "future" in words:
        since, until = now + _day_s, now + 30 * _day_s
    since = seconds_of(options["from"]) if "from" in options else since
    until = seconds_of(options["until"]) if "until" in options else until
    labels = int(options.get("labels", len(owner) - 1 - (owner.labels[0] == b"*")))
    key = _zone_key(zone, options)
    tag = int(options.get("tag", dns.dnssec.key_id(dnskey_of(key, int(options.get("flags", 257))))))
    algorithm = int(options.get("algorithm", ed25519_algorithm))
    ttl = int(options.get("ttl", ttl))
    signer = dns.name.from_text(options["signer"]) if "signer" in options else zone
    header = struct.pack("!HBBIIIH", kind, algorithm, labels, ttl, until, since, tag)
    signature = key.sign(signed_octets(owner, ttl, [each.rdata for each in rrset], header, signer))
    if "wrong" in words:
        signature = bytes([signature[0] ^ 0xFF]) + signature[1:]
    return rrsig_of(header + signer.to_wire() + signature)


class Directives:
    """What script.Reader asks about comments."""

    def __init__(self, make_record):
        self.make = make_record

    def trust_anchor(self, words):
        words, options = _split(words)
        zone = dns.name.from_text(words[0])
        return f"{zone} 3600 IN DS {_ds(zone, options, words)}"

    def records(self, words, above):
        """The records that a comment stands for, `above` are those of the section so far."""
        if not words or words[0] not in ("dnskey", "ds", "nsec3", "sign"):
            return []
        kind = words[0]
        words, options = _split(words[1:])
        zone = dns.name.from_text(words[0])
        ttl = int(options.get("ttl", 3600))
        if kind == "dnskey":
            rdata = dnskey_of(_zone_key(zone, options), int(options.get("flags", 257)))
            return [self.make(zone, ttl, 1, rdata)]
        if kind == "ds":
            return [self.make(zone, ttl, 1, _ds(zone, options, words))]
        if kind == "nsec3":
            owner, rdata = _nsec3(zone, words[1:], options)
            return [self.make(owner, ttl, 1, rdata)]
        signed = [each for each in above if each.rdata.rdtype != dns.rdatatype.RRSIG]
        last = signed[-1]
        rrset = [each for each in signed if each.name == last.name and each.rdata.rdtype == last.rdata.rdtype]
        rdata = _signature(zone, words[1:], options, rrset)
        return [self.make(last.name, last.ttl, 1, rdata)]
