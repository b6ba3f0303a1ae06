# Where validation begins and where it ends: trust anchors in their forms, for the root and for islands, and negative
# ones.
import os

import program
from program import Validating

import breakages
import clients
import judges
import lab
import zones
from signers import Plan
from zones import Zone, standard


def break_all(zone):
    for name, kind, rrsigs in zone.signed_rrsets():
        if kind == "A":
            zone.strip(name, kind)


class Anchors(Validating):
    @classmethod
    def zones(cls):
        return [
            zones.root,
            *zones.tlds,
            breakages.tld,
            Zone("good.nsec.", Plan("bind"), standard),
            Zone("island.plain.", Plan("ldns"), standard),
            Zone("below.island.plain.", Plan("knot"), standard),
            Zone("other.plain.", Plan("ldns"), standard),
            Zone("bad.broken.", Plan("bind"), standard, break_all),
            Zone("under.bad.broken.", Plan("ldns"), standard),
        ]

    def anchors(self, *lines):
        """A file of trust anchors."""
        path = os.path.join(self.folder, self.unique("anchors"))
        with open(path, "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
        return path

    def ds_of(self, zone):
        return f"{zone} IN DS {self.world.internet.signed[zone].ds_texts((2,))[0]}"

    def keys_of(self, zone):
        return [f"{zone} 3600 IN DNSKEY {key.rdata}" for key in self.world.internet.signed[zone].entry_points]

    def with_dnssec(self, path=None, **settings):
        """A server with these settings; what a client sees of it: verdict("www.good.nsec")."""
        front = clients.Front()
        dnssec = {"mode": "validate", "trust_anchor_file": path or self.world.anchor_file, **settings}
        self.start_once(self.configuration_of(front, dnssec=dnssec))

        def verdict(name, kind="A"):
            reply = front.udp(judges.query(name, kind, judges.Flags(1, 0, 0)))
            if program.rcode(reply) == "SERVFAIL":
                return "bogus"
            return "secure" if program.has_ad(reply) else "insecure"

        return verdict

    def test_the_root_as_ds_record(self):
        verdict = self.with_dnssec()
        self.assertEqual(verdict("www.good.nsec"), "secure")
        self.assertEqual(verdict("www.island.plain"), "insecure")
        self.assertEqual(verdict("www.bad.broken"), "bogus")

    def test_the_root_as_dnskey_record(self):
        verdict = self.with_dnssec(self.anchors(*self.keys_of(".")))
        self.assertEqual(verdict("www.good.nsec"), "secure")
        self.assertEqual(verdict("missing.good.nsec"), "secure")

    def test_a_ds_record_of_another_key_makes_everything_bogus(self):
        wrong = f". IN DS {self.ds_of('good.nsec.').split(' DS ')[1]}"
        verdict = self.with_dnssec(self.anchors(wrong))
        self.assertEqual(verdict("www.good.nsec"), "bogus")
        self.assertEqual(verdict("www.plain"), "bogus")

    def test_one_anchor_of_two_is_enough(self):
        """A roll-over: the next key is there already, or the last one still."""
        stranger = f". IN DS {self.ds_of('good.nsec.').split(' DS ')[1]}"
        verdict = self.with_dnssec(self.anchors(stranger, self.ds_of(".")))
        self.assertEqual(verdict("www.good.nsec"), "secure")

    def test_an_island_has_an_anchor_of_its_own(self):
        verdict = self.with_dnssec(self.anchors(self.ds_of("."), self.ds_of("island.plain.")))
        self.assertEqual(verdict("www.island.plain"), "secure")
        self.assertEqual(verdict("missing.island.plain"), "secure")
        self.assertEqual(verdict("www.below.island.plain"), "secure")
        self.assertEqual(verdict("www.other.plain"), "insecure")
        self.assertEqual(verdict("www.good.nsec"), "secure")

    def test_what_no_anchor_covers_is_not_validated(self):
        verdict = self.with_dnssec(self.anchors(self.ds_of("island.plain.")))
        self.assertEqual(verdict("www.below.island.plain"), "secure")
        self.assertEqual(verdict("www.good.nsec"), "insecure")
        self.assertEqual(verdict("www.bad.broken"), "insecure")

    def test_a_negative_anchor_excepts_all_below(self):
        verdict = self.with_dnssec(negative_trust_anchors=["bad.broken"])
        self.assertEqual(verdict("www.bad.broken"), "insecure")
        self.assertEqual(verdict("www.under.bad.broken"), "insecure")
        self.assertEqual(verdict("missing.broken"), "secure")

    def test_a_negative_anchor_ends(self):
        for expires, expected in (("2020-01-01T00:00:00Z", "bogus"), ("2100-01-01T00:00:00Z", "insecure")):
            with self.subTest(expires=expires):
                verdict = self.with_dnssec(negative_trust_anchors=[{"name": "bad.broken", "expires": expires}])
                self.assertEqual(verdict("www.bad.broken"), expected)

    def test_an_anchor_below_a_negative_one_holds_again(self):
        """RFC 7646 3."""
        verdict = self.with_dnssec(
            self.anchors(self.ds_of("."), self.ds_of("under.bad.broken.")), negative_trust_anchors=["bad.broken"]
        )
        self.assertEqual(verdict("www.under.bad.broken"), "secure")
        self.assertEqual(verdict("www.bad.broken"), "insecure")


if __name__ == "__main__":
    lab.main()
