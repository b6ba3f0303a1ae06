# DNS64 and validation together: the matrix of matrix.py row by row, the attacks that deployed resolvers fall for, and
# that the page shows the same table.
import re

import dns.edns
import dns.flags
import dns.message
import dns.rdatatype

import program
from program import Validating

import clients
import lab
import lies
import matrix

of_validation = {1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 25, 27}


def embedded(address):
    """Under the Well-Known Prefix, unless it is an IPv6 address."""
    if ":" in address:
        return address
    a, b, c, d = map(int, address.split("."))
    return f"64:ff9b::{a << 8 | b:x}:{c << 8 | d:x}"


class Scene(Validating):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"]}}

    @classmethod
    def zones(cls):
        return matrix.zones()

    @classmethod
    def rules(cls, internet):
        return matrix.rules(internet)

    @classmethod
    def configuration_of(cls, front, **changes):
        dnssec = {
            "mode": "validate",
            "trust_anchor_file": cls.world.anchor_file,
            "negative_trust_anchors": ["excused.broken"],
        }
        upstream = {"servers": [cls.world.tampering.url], "attempt_timeout": "300ms", "timeout": "1500ms"}
        return super().configuration_of(front, **{"dnssec": dnssec, "upstream": upstream, **changes})

    def holds(self, row):
        for flags in row.flags:
            do, cd, ad = map(int, flags)
            with self.subTest(do=do, cd=cd, ad=ad):
                self.assert_row(row, do, cd, ad, self.ask(row.name, do=do, cd=cd, ad=ad))

    def assert_row(self, row, do, cd, ad, reply):
        self.assertEqual(program.rcode(reply), row.rcode, reply)
        self.assertEqual(clients.texts(reply, "AAAA"), sorted(map(embedded, row.addresses)), reply)
        self.assertEqual(clients.texts(reply, "A"), [], reply)
        self.assertEqual(program.has_ad(reply), row.ad and bool(do or ad) and not cd, reply)
        self.assertEqual(bool(reply.flags & dns.flags.CD), bool(cd))
        codes = of_validation & set(clients.ede_codes(reply))
        if row.ede:
            self.assertTrue(codes & set(row.ede), f"EDE {codes or 'none'}, not {row.ede}\n{reply}")
        elif row.ede is not None:
            self.assertEqual(codes, set(), reply)
        self.assertEqual(bool(program.types(reply.authority) & {"NSEC", "NSEC3"}), row.proof and bool(do), reply)
        covered = {
            dns.rdatatype.to_text(rrset.covers) for rrset in reply.answer if rrset.rdtype == dns.rdatatype.RRSIG
        }
        self.assertEqual(covered, set(row.signed) if do else set(), reply)


class Rows(Scene):
    """The matrix."""


class Attacks(Scene):
    """The same, for the table of what others do."""


def add_tests(suite, rows):
    """One test for each row, named by its number and case."""
    for row in rows:
        words = f"{row.number} {row.case} {matrix.flags_cell(row.flags)}"
        name = "test_" + re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_")
        if hasattr(suite, name):
            raise ValueError(f"two rows are {name}")
        setattr(suite, name, lambda self, row=row: self.holds(row))


add_tests(Rows, matrix.rows)
add_tests(Attacks, matrix.attacks)


class Off(Scene):
    """dnssec.mode off: D10."""

    @classmethod
    def configuration_of(cls, front, **changes):
        return super().configuration_of(front, **{"dnssec": {"mode": "off"}, **changes})

    @classmethod
    def rules(cls, internet):
        def blessed(query, ask):
            reply = lies.honest(query, ask)
            reply.flags |= dns.flags.AD
            return reply

        yield from matrix.rules(internet)
        yield "v4.signed.nsec.", "A", blessed
        yield "v4.signed.nsec.", "AAAA", blessed

    def test_D10_what_is_bogus_is_synthesized(self):
        reply = self.ask("a-octet.victim.broken", do=1)
        self.assertEqual(clients.texts(reply, "AAAA"), [embedded("198.51.100.9")])

    def test_D10_synthetic_answers_have_no_ad_whatever_the_upstream_said(self):
        for flags in matrix.cd0:
            do, _, ad = map(int, flags)
            with self.subTest(do=do, ad=ad):
                reply = self.ask("v4.signed.nsec", do=do, ad=ad)
                self.assertEqual(clients.texts(reply, "AAAA"), sorted(map(embedded, matrix.v4)))
                self.assertFalse(program.has_ad(reply))

    def test_D10_with_cd_nothing_is_synthesized(self):
        for do in (0, 1):
            self.assertEqual(clients.texts(self.ask("v4.signed.nsec", do=do, cd=1), "AAAA"), [])

    def test_D11_trust_in_ad_needs_an_authenticated_upstream(self):
        def configuration(url):
            front = clients.Front()  # the server has the ports of ours
            return self.configuration_of(front, upstream={"servers": [url]}, dnssec={"mode": "trust_ad"})

        def verdict(url):
            return lab.check(configuration(url), self.folder)

        status, said = verdict("dns://192.0.2.1:53")
        self.assertNotEqual(status, 0)
        self.assertIn("trust_ad", said)
        status, said = verdict("tls://192.0.2.1#dns.test")
        self.assertEqual(status, 0, said)

    def test_D11_trust_in_ad_passes_the_upstreams_on(self):
        front = clients.Front()  # the upstream is on this host
        self.start_once(self.configuration_of(front, dnssec={"mode": "trust_ad"}))
        for ad in (0, 1):
            reply = front.udp(clients.query("v4.signed.nsec", "A", flags="RD AD" if ad else "RD"))
            self.assertEqual(program.has_ad(reply), bool(ad))


class Page(lab.unittest.TestCase):
    def test_the_page_is_current(self):
        with open(matrix.page, encoding="utf-8") as file:
            self.assertIn(matrix.section(), file.read(), "docs/dnssec.md: python3 tests/dnssec/matrix.py")


if __name__ == "__main__":
    lab.main()
