# Keys of zones: made afresh for each run, in the forms that the signers read (BIND's private key files, which ldns
# reads too), or read from where Knot DNS keeps those that it made itself. The private half stays at hand, for signing
# wrongly.
import base64
import os
import threading

import dns.dnssec
import dns.name
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, utils

algorithms = {
    5: "RSASHA1",
    7: "NSEC3RSASHA1",
    8: "RSASHA256",
    10: "RSASHA512",
    13: "ECDSAP256SHA256",
    14: "ECDSAP384SHA384",
    15: "ED25519",
    16: "ED448",
}
rsa_algorithms = (5, 7, 8, 10)
# Of those that hash before they sign (RFC 8624 3.1).
digests = {
    5: hashes.SHA1(),
    7: hashes.SHA1(),
    8: hashes.SHA256(),
    10: hashes.SHA512(),
    13: hashes.SHA256(),
    14: hashes.SHA384(),
}
# Small, because making them takes time; still one that no validator refuses.
rsa_bits = 1024

zone_key, revoked, secure_entry_point = 0x100, 0x80, 0x1
zsk_flags, ksk_flags = zone_key, zone_key | secure_entry_point

_rsa_pool = {}
_rsa_lock = threading.Lock()


def _private(algorithm, number):
    """A new private key. RSA keys are made once for a run: the same `number` gives the same key."""
    if algorithm in rsa_algorithms:
        with _rsa_lock:
            if number not in _rsa_pool:
                _rsa_pool[number] = rsa.generate_private_key(65537, rsa_bits)
            return _rsa_pool[number]
    makers = {
        13: lambda: ec.generate_private_key(ec.SECP256R1()),
        14: lambda: ec.generate_private_key(ec.SECP384R1()),
        15: ed25519.Ed25519PrivateKey.generate,
        16: ed448.Ed448PrivateKey.generate,
    }
    return makers[algorithm]()


class Key:
    """A key pair of a zone. `rdata` is its DNSKEY record."""

    def __init__(self, zone, algorithm, flags, private=None, number=0):
        self.zone = dns.name.from_text(zone) if isinstance(zone, str) else zone
        self.algorithm, self.flags = algorithm, flags
        self.private = private or _private(algorithm, number)
        self.rdata = dns.dnssec.make_dnskey(self.private.public_key(), algorithm, flags)

    @property
    def tag(self):
        return dns.dnssec.key_id(self.rdata)

    @property
    def is_entry_point(self):
        return bool(self.flags & secure_entry_point)

    def with_flags(self, flags):
        """The same key pair in another role."""
        return Key(self.zone, self.algorithm, flags, self.private)

    def ds(self, digest=2):
        name = {1: "SHA1", 2: "SHA256", 4: "SHA384"}[digest]
        return dns.dnssec.make_ds(self.zone, self.rdata, name, policy=dns.dnssec.allow_all_policy)

    def signature(self, octets):
        """The signature field of an RRSIG record over these octets (RFC 3110, 6605, 8080)."""
        return _sign(self.private, self.algorithm, octets)

    def write(self, folder):
        """Writes both key files; returns the name that they have in common."""
        base = os.path.join(folder, f"K{self.zone}+{self.algorithm:03}+{self.tag:05}")
        with open(base + ".key", "w", encoding="ascii") as file:
            file.write(f"{self.zone} 3600 IN DNSKEY {self.rdata}\n")
        with open(base + ".private", "w", encoding="ascii") as file:
            fields = {"Private-key-format": "v1.3", "Algorithm": f"{self.algorithm} ({algorithms[self.algorithm]})"}
            fields.update((name, base64.b64encode(value).decode()) for name, value in _private_fields(self.private))
            file.writelines(f"{name}: {value}\n" for name, value in fields.items())
        os.chmod(base + ".private", 0o600)
        return base


def _sign(private, algorithm, octets):
    if algorithm in rsa_algorithms:
        return private.sign(octets, padding.PKCS1v15(), digests[algorithm])
    if algorithm in (13, 14):
        size = private.key_size // 8
        r, s = utils.decode_dss_signature(private.sign(octets, ec.ECDSA(digests[algorithm])))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return private.sign(octets)


def _octets(number, size=None):
    return number.to_bytes(size or (number.bit_length() + 7) // 8, "big")


def _private_fields(private):
    """What a private key file holds, by name."""
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.private_numbers()
        return [
            ("Modulus", _octets(numbers.public_numbers.n)),
            ("PublicExponent", _octets(numbers.public_numbers.e)),
            ("PrivateExponent", _octets(numbers.d)),
            ("Prime1", _octets(numbers.p)),
            ("Prime2", _octets(numbers.q)),
            ("Exponent1", _octets(numbers.dmp1)),
            ("Exponent2", _octets(numbers.dmq1)),
            ("Coefficient", _octets(numbers.iqmp)),
        ]
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return [("PrivateKey", _octets(private.private_numbers().private_value, private.key_size // 8))]
    raw = private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    return [("PrivateKey", raw)]


def read_pem(path):
    with open(path, "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)
