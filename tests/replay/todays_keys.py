# Old scripts are signed with DSA (algorithms 3 and 6), by which nobody may validate any more (RFC 8624 3.1). So that
# they go on telling something, their keys are replaced by Ed25519 keys: every DSA signature is verified, and what was
# right is right again, by another key; what was wrong stays wrong. DS records and key tags follow.
import hashlib
import struct

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdatatype

import signing

_old = (3, 6)
_digests = {1: hashlib.sha1, 2: hashlib.sha256, 4: hashlib.sha384}


def _is_old_key(rdata):
    return rdata.rdtype == dns.rdatatype.DNSKEY and rdata.algorithm in _old


def _is_old_signature(rdata):
    return rdata.rdtype == dns.rdatatype.RRSIG and rdata.algorithm in _old


def _r_and_s(signature):
    """RFC 2536 has octets of fixed length; old signers wrote ASN.1, which old validators took. None: neither."""
    if len(signature) == 41:
        return int.from_bytes(signature[1:21], "big"), int.from_bytes(signature[21:], "big")
    numbers, rest = [], signature[2:]
    while len(rest) > 2 and rest[0] == 2:
        numbers.append(int.from_bytes(rest[2 : 2 + rest[1]], "big"))
        rest = rest[2 + rest[1] :]
    return tuple(numbers) if len(numbers) == 2 else None


def dsa_verifies(key, message, signature):
    """RFC 2536: whether the signature is the key's."""
    octets, size = key[1:], 64 + key[0] * 8
    both = _r_and_s(signature)
    if key[0] > 8 or len(octets) != 20 + 3 * size or both is None:
        return False
    r, s = both
    q = int.from_bytes(octets[:20], "big")
    p, g, y = (int.from_bytes(octets[20 + at * size : 20 + (at + 1) * size], "big") for at in range(3))
    if not (0 < r < q and 0 < s < q):
        return False
    inverse = pow(s, -1, q)
    hashed = int.from_bytes(hashlib.sha1(message).digest(), "big")
    return pow(g, hashed * inverse % q, p) * pow(y, r * inverse % q, p) % p % q == r


class TodaysKeys:
    def __init__(self, script):
        self.script = script
        self.keys = {}  # old DNSKEY RDATA -> (owner, old rdata, private key, new rdata)
        self.right = {}  # old RRSIG RDATA -> private key, or None where it was wrong

    def replace(self):
        """Changes the script. Returns how many keys were replaced."""
        self._find_keys()
        self._verify()
        for entry in self.script.entries():
            self._rewrite(entry)
        self.script.config = [
            (where, key, self._anchor(value) if key == "trust-anchor" else value)
            for where, key, value in self.script.config
        ]
        return len(self.keys)

    def _find_keys(self):
        for _, key, value in self.script.config:
            if key == "trust-anchor" and " DNSKEY " in f" {' '.join(value.split())} ":
                words = value.split()
                at = words.index("DNSKEY")
                rdata = dns.rdata.from_text("IN", "DNSKEY", " ".join(words[at + 1 :]))
                self._add(dns.name.from_text(words[0]), rdata)
        for entry in self.script.entries():
            for records in entry.records.values():
                for record in records:
                    self._add(record.name, record.rdata)

    def _add(self, owner, rdata):
        if not _is_old_key(rdata) or rdata.to_wire() in self.keys:
            return
        private = signing.private_key(rdata.to_wire())
        self.keys[rdata.to_wire()] = (owner, rdata, private, signing.dnskey_of(private, rdata.flags))

    def _verify(self):
        for entry in self.script.entries():
            for records in entry.records.values():
                for record in records:
                    wire = record.rdata.to_wire()
                    if _is_old_signature(record.rdata) and not self.right.get(wire):
                        self.right[wire] = self._signer(record, self._covered(record, entry.records))

    @staticmethod
    def _covered(record, sections):
        """The RRset, wherever in the message it is."""
        return [
            each.rdata
            for records in sections.values()
            for each in records
            if each.name == record.name and each.rdata.rdtype == record.rdata.type_covered
        ]

    def _signer(self, record, rdatas):
        rrsig = record.rdata
        if not rdatas or rrsig.labels > len(record.name) - 1:
            return None
        message = signing.signed_octets(record.name, rrsig.original_ttl, rdatas, rrsig.to_wire()[:18], rrsig.signer)
        for owner, key, private, new in self.keys.values():
            if owner != rrsig.signer or key.algorithm != rrsig.algorithm or dns.dnssec.key_id(key) != rrsig.key_tag:
                continue
            if dsa_verifies(key.key, message, rrsig.signature):
                return private, new
        return None

    def _rewrite(self, entry):
        changed = {
            section: [record._replace(rdata=self._unsigned(record)) for record in records]
            for section, records in entry.records.items()
        }
        for section, records in entry.records.items():
            entry.records[section] = [
                old._replace(rdata=self._signature(old, self._covered(old, changed)))
                if _is_old_signature(old.rdata)
                else new
                for old, new in zip(records, changed[section])
            ]

    def _unsigned(self, record):
        rdata = record.rdata
        if _is_old_key(rdata):
            return self.keys[rdata.to_wire()][3]
        if rdata.rdtype == dns.rdatatype.DS and rdata.algorithm in _old:
            return self._ds(record.name, rdata)
        return rdata

    def _ds(self, zone, ds):
        for owner, key, _, new in self.keys.values():
            hashed = _digests.get(ds.digest_type)
            if owner != zone or hashed is None or dns.dnssec.key_id(key) != ds.key_tag:
                continue
            if hashed(zone.to_digestable() + key.to_wire()).digest() == ds.digest:
                digest = hashed(zone.to_digestable() + new.to_wire()).digest()
                tag = dns.dnssec.key_id(new)
                return dns.rdata.from_text("IN", "DS", f"{tag} {new.algorithm.value} {ds.digest_type} {digest.hex()}")
        return dns.rdata.from_text(
            "IN", "DS", f"{ds.key_tag} {signing.ed25519_algorithm} {ds.digest_type} {ds.digest.hex()}"
        )

    def _signature(self, record, rdatas):
        rrsig = record.rdata
        right = self.right[rrsig.to_wire()]
        tag = dns.dnssec.key_id(right[1]) if right else self._new_tag(rrsig)
        header = struct.pack(
            "!HBBIIIH", rrsig.type_covered, signing.ed25519_algorithm, rrsig.labels, rrsig.original_ttl,
            rrsig.expiration, rrsig.inception, tag,
        )
        signature = hashlib.sha512(rrsig.signature).digest()  # as wrong as it was
        if right and rdatas:
            octets = signing.signed_octets(record.name, rrsig.original_ttl, rdatas, header, rrsig.signer)
            signature = right[0].sign(octets)
        return signing.rrsig_of(header + rrsig.signer.to_wire() + signature)

    def _new_tag(self, rrsig):
        for owner, key, _, new in self.keys.values():
            if owner == rrsig.signer and dns.dnssec.key_id(key) == rrsig.key_tag:
                return dns.dnssec.key_id(new)
        return rrsig.key_tag

    def _anchor(self, text):
        words = text.split()
        kind = next((word for word in ("DS", "DNSKEY") if word in words), None)
        if kind is None:
            return text
        at = words.index(kind)
        rdata = dns.rdata.from_text("IN", kind, " ".join(words[at + 1 :]))
        zone = dns.name.from_text(words[0])
        if kind == "DS" and rdata.algorithm in _old:
            rdata = self._ds(zone, rdata)
        elif kind == "DNSKEY" and _is_old_key(rdata):
            rdata = self.keys[rdata.to_wire()][3]
        return f"{' '.join(words[:at])} {kind} {rdata.to_text()}"
