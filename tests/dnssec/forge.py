# What no signer does: a signed zone is taken apart and put together wrongly, with its own keys at hand.
import struct
import time

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.zone
from dns.rdtypes.ANY.RRSIG import RRSIG


hour, day = 3600, 86400


def signed_octets(rrset, template):
    """What a signature over this RRset covers (RFC 4034 3.1.8.1). The template may say anything, as a forger would."""
    owner = rrset.name
    if template.labels < len(owner) - 1:
        owner = dns.name.Name((b"*",) + owner.labels[-template.labels - 1 :])
    head = template.to_wire()[:18] + template.signer.to_digestable()
    fixed = struct.pack("!HHI", rrset.rdtype, rrset.rdclass, template.original_ttl)
    records = sorted(record.to_digestable() for record in rrset)
    return head + b"".join(
        owner.to_digestable() + fixed + struct.pack("!H", len(record)) + record for record in records
    )


def signature(rrset, key, **fields):
    """An RRSIG record over the RRset by this key; `fields` replace what would be right."""
    now = int(time.time())
    labels = len(rrset.name) - 1 - (rrset.name.labels[0] == b"*")
    right = {
        "type_covered": rrset.rdtype,
        "algorithm": key.algorithm,
        "labels": labels,
        "original_ttl": rrset.ttl,
        "expiration": now + 14 * day,
        "inception": now - hour,
        "key_tag": key.tag,
        "signer": key.zone,
        "signature": b"",
    }
    template = RRSIG(dns.rdataclass.IN, dns.rdatatype.RRSIG, **{**right, **fields})
    return template.replace(signature=key.signature(signed_octets(rrset, template)))


def damaged(rrsig):
    """The same signature with one octet changed, in the middle."""
    octets = bytearray(rrsig.signature)
    octets[len(octets) // 2] ^= 0x40
    return rrsig.replace(signature=bytes(octets))


class Signed:
    """A signed zone, its records and keys. Names may be relative to it. write() when it was changed."""

    def __init__(self, name, path, made):
        self.origin, self.path, self.keys = dns.name.from_text(name), path, made
        self._zone = None

    @property
    def entry_points(self):
        return [key for key in self.keys if key.is_entry_point]

    @property
    def zone_signing_key(self):
        """The key that signs data."""
        return self.keys[-1]

    def ds_texts(self, digests):
        return [key.ds(digest).to_text() for key in self.entry_points[:1] for digest in digests]

    # -- Looking --
    @property
    def zone(self):
        if self._zone is None:
            self._zone = dns.zone.from_file(self.path, self.origin, relativize=False, check_origin=False)
        return self._zone

    def name(self, text):
        return dns.name.from_text(text, self.origin)

    def rrset(self, name, kind):
        return self.zone.find_rrset(self.name(name), kind)

    def signatures(self, name, kind):
        return self.zone.find_rdataset(self.name(name), dns.rdatatype.RRSIG, dns.rdatatype.from_text(kind))

    # -- Changing --
    def remove(self, name, kind):
        """An RRset and its signatures."""
        owner, rdtype = self.name(name), dns.rdatatype.from_text(kind)
        self.zone.delete_rdataset(owner, rdtype)
        self.zone.delete_rdataset(owner, dns.rdatatype.RRSIG, rdtype)

    def strip(self, name, kind):
        """The signatures alone."""
        self.zone.delete_rdataset(self.name(name), dns.rdatatype.RRSIG, dns.rdatatype.from_text(kind))

    def put(self, name, kind, *records, ttl=300):
        """An RRset in the place of what was there; not signed."""
        records = [
            dns.rdata.from_text("IN", kind, one, self.origin, relativize=False) if isinstance(one, str) else one
            for one in records
        ]
        self.zone.replace_rdataset(self.name(name), dns.rdataset.from_rdata_list(ttl, records))

    def put_signatures(self, name, kind, *rrsigs):
        ttl = self.rrset(name, kind).ttl
        self.strip(name, kind)
        if rrsigs:
            self.zone.replace_rdataset(self.name(name), dns.rdataset.from_rdata_list(ttl, rrsigs))

    def sign(self, name, kind, key=None, **fields):
        """Signs an RRset anew, with fields that are wrong."""
        self.put_signatures(name, kind, signature(self.rrset(name, kind), key or self.zone_signing_key, **fields))

    def set_keys(self, *made, signed_by=None):
        """Another DNSKEY RRset, signed by these keys (those with the SEP flag)."""
        self.keys = list(made)
        self.put("@", "DNSKEY", *(key.rdata for key in made), ttl=3600)
        by = signed_by or self.entry_points
        self.put_signatures("@", "DNSKEY", *(signature(self.rrset("@", "DNSKEY"), key) for key in by))

    def signed_rrsets(self):
        """(owner, covered type, signatures) of each RRset that has signatures."""
        for name, rdataset in list(self.zone.iterate_rdatasets()):
            if rdataset.rdtype == dns.rdatatype.RRSIG:
                yield name.to_text(), dns.rdatatype.to_text(rdataset.covers), list(rdataset)

    def sign_everything(self, key):
        """All data, signed by this key alone, the DNSKEY RRset excepted."""
        for name, kind, _ in self.signed_rrsets():
            if kind != "DNSKEY":
                self.sign(name, kind, key)

    def nodes(self, kind):
        """The owners of RRsets of this type, as text."""
        rdtype = dns.rdatatype.from_text(kind)
        return [name.to_text() for name, _ in self.zone.iterate_rdatasets(rdtype)]

    def write(self):
        self.zone.to_file(self.path, relativize=False)
