# Three signers from Debian: BIND's dnssec-signzone, ldns-signzone and Knot DNS's kzonesign. Each takes a zone without
# DNSSEC records and the wishes in a Plan, and gives the path of the signed zone file and the zone's keys.
#
# What each can sign, in the versions of Debian 12: all three know the algorithms 5, 7, 8, 10, 13, 14, 15 and 16. Knot
# refuses 5 with NSEC3, as it should be (RFC 5155 2: those zones have 7); the other two would not mind. None of them
# makes an algorithm or digest that is not standardized, a key without the zone bit, or a wrong signature: forge.py
# does.
import dataclasses
import datetime
import os
import subprocess
import time

import dns.rdatatype
import dns.zone

import keys


@dataclasses.dataclass(frozen=True)
class Nsec:
    """Denial by NSEC records."""


@dataclasses.dataclass(frozen=True)
class Nsec3:
    """Denial by NSEC3 records. `salt` in hexadecimal, empty for none; Knot chooses its own, of this length."""

    iterations: int = 0
    salt: str = ""
    opt_out: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """How a zone is to be signed. roles: "split" (KSK and ZSK), "single" (one key for all), "several" (two ZSKs, and a
    KSK that stands by). start, end: seconds from now, of each signature's validity; Knot always signs for two weeks."""

    signer: str = "bind"
    algorithm: int = 13
    denial: object = Nsec()
    roles: str = "split"
    start: int = -3600
    end: int = 14 * 86400


signers = ("bind", "ldns", "knot")


def sign(name, text, plan, folder):
    """(path of the signed zone, its keys) for the zone `name` with this text."""
    path = os.path.join(folder, f"{name}zone")
    makers = {"bind": _sign_with_bind, "ldns": _sign_with_ldns, "knot": _sign_with_knot}
    return makers[plan.signer](name, text, plan, path)


def date(offset):
    """The time in `offset` seconds, as RRSIG records write it."""
    when = datetime.datetime.fromtimestamp(time.time() + offset, datetime.timezone.utc)
    return when.strftime("%Y%m%d%H%M%S")


def _run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def make_keys(name, plan):
    """New keys for a zone, those with the SEP flag first."""
    flags = {
        "split": (keys.ksk_flags, keys.zsk_flags),
        "single": (keys.ksk_flags,),
        "several": (keys.ksk_flags, keys.ksk_flags, keys.zsk_flags, keys.zsk_flags),
    }
    return [keys.Key(name, plan.algorithm, one, number=number) for number, one in enumerate(flags[plan.roles])]


def _write_with_keys(path, name, text, made):
    """Zone and key files for the signers that take them by name; the base names of the key files."""
    with open(path + ".unsigned", "w", encoding="ascii") as file:
        file.write(text)
        file.writelines(f"{name} 3600 DNSKEY {key.rdata}\n" for key in made)
    return [key.write(os.path.dirname(path)) for key in made]


def _sign_with_bind(name, text, plan, path):
    made = make_keys(name, plan)
    bases = _write_with_keys(path, name, text, made)
    command = ["dnssec-signzone", "-q", "-P", "-n", "1", "-o", name, "-f", path, "-s", date(plan.start)]
    command += ["-e", date(plan.end), "-z" if plan.roles == "single" else "-x"]
    if isinstance(plan.denial, Nsec3):
        command += ["-3", plan.denial.salt or "-", "-H", str(plan.denial.iterations)]
        command += ["-A"] if plan.denial.opt_out else []
    _run(command + [path + ".unsigned"] + bases, cwd=os.path.dirname(path))
    return path, made


def _sign_with_ldns(name, text, plan, path):
    made = make_keys(name, plan)
    bases = _write_with_keys(path, name, text, made)
    command = ["ldns-signzone", "-o", name, "-f", path, "-i", date(plan.start), "-e", date(plan.end)]
    if isinstance(plan.denial, Nsec3):
        command += ["-n", "-t", str(plan.denial.iterations)]
        command += ["-s", plan.denial.salt] if plan.denial.salt else []
        command += ["-p"] if plan.denial.opt_out else []
    _run(command + [path + ".unsigned"] + bases)
    return path, made


_knot_names = {
    5: "rsasha1",
    7: "rsasha1-nsec3-sha1",
    8: "rsasha256",
    10: "rsasha512",
    13: "ecdsap256sha256",
    14: "ecdsap384sha384",
    15: "ed25519",
    16: "ed448",
}


def _knot_configuration(name, plan, path):
    """kzonesign reads one zone's part of a server's configuration, and keeps its keys beside it."""
    policy = [f"algorithm: {_knot_names[plan.algorithm]}", "rrsig-lifetime: 14d", "cds-cdnskey-publish: none"]
    if plan.algorithm in keys.rsa_algorithms:
        policy += [f"ksk-size: {keys.rsa_bits}", f"zsk-size: {keys.rsa_bits}"]
    if plan.roles == "single":
        policy.append("single-type-signing: on")
    if isinstance(plan.denial, Nsec3):
        policy += ["nsec3: on", f"nsec3-iterations: {plan.denial.iterations}"]
        policy += [f"nsec3-salt-length: {len(plan.denial.salt) // 2}"]
        policy += ["nsec3-opt-out: on"] if plan.denial.opt_out else []
    return "\n".join(
        [
            f"server:\n  rundir: {path}.knot\ndatabase:\n  storage: {path}.knot\n  kasp-db: {path}.knot/keys",
            "policy:\n- id: plan",
            *(f"  {line}" for line in policy),
            f"zone:\n- domain: {name}\n  file: {path}.knot/unsigned\n  dnssec-signing: on\n  dnssec-policy: plan",
            "  journal-content: none\n",
        ]
    )


def _sign_with_knot(name, text, plan, path):
    if plan.roles == "several" or (plan.start, plan.end) != (Plan.start, Plan.end):
        raise ValueError(f"{name}: kzonesign is not asked for several keys or another time here")
    os.makedirs(f"{path}.knot/signed")
    with open(f"{path}.knot/unsigned", "w", encoding="ascii") as file:
        file.write(text)
    with open(f"{path}.knot/conf", "w", encoding="ascii") as file:
        file.write(_knot_configuration(name, plan, path))
    _run(["kzonesign", "-c", f"{path}.knot/conf", "-o", f"{path}.knot/signed", name])
    os.replace(f"{path}.knot/signed/unsigned", path)
    return path, _knot_keys(name, plan, path)


def _knot_keys(name, plan, path):
    """The keys that Knot made: the DNSKEY records in the zone, each with the file of its private half."""
    folder = f"{path}.knot/keys/keys"
    pairs = {}
    for file in os.listdir(folder):
        private = keys.read_pem(os.path.join(folder, file))
        for flags in (keys.ksk_flags, keys.zsk_flags):
            key = keys.Key(name, plan.algorithm, flags, private)
            pairs[key.rdata] = key
    apex = dns.zone.from_file(path, name, relativize=False, check_origin=False)
    found = [pairs[rdata] for rdata in apex.find_rdataset(name, dns.rdatatype.DNSKEY)]
    return sorted(found, key=lambda key: not key.is_entry_point)
