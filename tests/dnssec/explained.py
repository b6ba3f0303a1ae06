# The differences between the program and its judges that have an explanation; a table. Each row is as narrow as it can
# be, and fails the test when its difference no longer occurs. Reasons tell who is right.
from differential import Explained

any_flags = r"do=. cd=. ad=."
cd0, cd1, do1 = r"do=. cd=0 ad=.", r"do=. cd=1 ad=.", r"do=1 cd=. ad=."
anything = r".*"
denied = r"(v4|missing|new\.wild|new\.ent)"

# (judge, "NAME TYPE", flags, what differs, reason). Patterns match whole.
rows = (
    # -- AD --
    ("unbound", anything, cd1, "ad 0, not 1",
     "tells with CD=1 what it found out before; ours has AD=0, for nobody looked (RFC 4035 3.2.2)"),
    ("bind", anything, cd1, "ad 0, not 1",
     "tells with CD=1 what it found out before; ours has AD=0, for nobody looked (RFC 4035 3.2.2)"),
    # -- NSEC3 iterations: RFC 9276 3.2 leaves the limits to us --
    ("unbound", rf"{denied}\.sixty-(ldns|knot)\.nsec3\. (A|AAAA)", cd0, "ad 0, not 1",
     "takes up to 150 iterations for secure; we take 50"),
    ("bind", rf"{denied}\.sixty-(ldns|knot)\.nsec3\. (A|AAAA)", cd0, "ad 0, not 1",
     "takes up to 150 iterations for secure; we take 50"),
    ("delv", r"v4\.sixty-(ldns|knot)\.nsec3\. AAAA", any_flags, "insecure, not secure",
     "takes up to 150 iterations for secure; we take 50"),
    ("unbound", rf"{denied}\.sixhundred-(ldns|knot)\.nsec3\. (A|AAAA)", cd0, anything,
     "has no second limit; beyond 500 iterations we say SERVFAIL"),
    ("bind", rf"{denied}\.sixhundred-(ldns|knot)\.nsec3\. (A|AAAA)", cd0, anything,
     "has no second limit; beyond 500 iterations we say SERVFAIL"),
    ("delv", r"v4\.sixhundred-(ldns|knot)\.nsec3\. AAAA", any_flags, "bogus, not insecure",
     "has no second limit; beyond 500 iterations we say SERVFAIL"),
    # -- Chains of trust --
    ("unbound", r"www\.ds-sha1\.broken\. A", cd0, anything,
     "uses the SHA-1 digest although there is a SHA-256 one, against RFC 4509 3 (harden-algo-downgrade is off)"),
    ("unbound", r"www\.revoked\.broken\. A", cd0, anything,
     "uses a revoked key that a DS record points at; RFC 5011 2.1: for nothing but its own revocation"),
    # -- Denials --
    ("unbound", r"missing\.black-lie-nx\.broken\. A", any_flags, anything,
     "gives NODATA, which the record proves, in place of the NXDOMAIN that came"),
    ("unbound", r"zzz\.nsec-far\.broken\. A", cd0, anything,
     "does not mind where the next name of an NSEC record lies"),
    # -- Opt-out --
    ("delv", r"(missing\.(bind|ldns|knot)\.optout\. A|(unsigned|lost\.no\.ds)\.cuts\.optout\. DS)", any_flags,
     "insecure, not secure",
     "tells that the records are signed; that an opt-out span proves nothing (RFC 5155 9.2) it does not tell"),
    ("bind", r"(unsigned|lost\.no\.ds)\.cuts\.optout\. DS", cd0, "ad 0, not 1",
     "the same, where it met the denial on the way to a name below", True),
    # -- What comes along with an answer --
    ("bind", r"\*\.wild\.a(8|13|15)-(ldns|bind|knot)\.nsec3?\. A", do1, r"denial(_rrsig)? 0, not 1",
     "takes the wildcard itself for one that was expanded, and adds a proof that nobody needs"),
    ("bind", r"exact\.wild\.wildcard-abuse\.broken\. A", cd1, r"denial(_rrsig)? 1, not 0",
     "forgets with CD=1 the authority section of an answer"),
    ("bind", r"www\.signer-below\.broken\. A", cd1, "answer_rrsig 1, not 0",
     "drops signatures whose signer it would not believe, with CD=1 too; we give what came"),
)  # fmt: skip


def explained():
    """Fresh rows, which count."""
    return [Explained(*row) for row in rows]
