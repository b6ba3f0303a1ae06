# IPv4 addresses in IPv6 ones: lengths, the u octet, suffixes, and what the Well-Known Prefix may hold (RFC 6052, 8215).
import ipaddress
import random
import socket

import dns.reversename

from requirement import requirement
from scene import Scene, aliases, embedded

import clients
import lab

lengths = {
    "2001:db8::/32": "2001:db8:c000:221::",
    "2001:db8:100::/40": "2001:db8:1c0:2:21::",
    "2001:db8:122::/48": "2001:db8:122:c000:2:2100::",
    "2001:db8:122:300::/56": "2001:db8:122:3c0:0:221::",
    "2001:db8:122:344::/64": "2001:db8:122:344:c0:2:2100:0",
    "2001:db8:122:344::/96": "2001:db8:122:344::c000:221",
}

numbers = random.Random(6052)
some = [socket.inet_ntoa(numbers.randbytes(4)) for _ in range(20)]
named = [address for address in some if ipaddress.IPv4Address(address).is_global][:6]  # by reverse names
edges = ["0.0.0.1", "1.0.0.0", "255.255.255.254", "128.0.0.0", "0.255.0.255", "192.0.2.33"]


def normal(text):
    return str(ipaddress.IPv6Address(text))


class Check(lab.LabTest):
    def check(self, prefixes, **dns64):
        configuration = {"listen": ["dns://127.0.0.1:5300"], "upstream": ["dns://127.0.0.1:5301"]}
        return lab.check({**configuration, "dns64": {"prefixes": prefixes, **dns64}}, self.folder)

    def assert_refused(self, prefixes, **dns64):
        status, output = self.check(prefixes, **dns64)
        self.assertEqual(status, 2, output)
        self.assertIn("dns64", output)

    def assert_accepted(self, prefixes, **dns64):
        status, output = self.check(prefixes, **dns64)
        self.assertEqual(status, 0, output)
        return output

    @requirement("B1", "RFC 6052 2.2", "lengths other than 32, 40, 48, 56, 64 and 96 are refused by the check")
    def test_B01_other_lengths_are_refused(self):
        for length in (0, 24, 31, 32, 33, 40, 48, 56, 64, 65, 72, 95, 96, 97, 104, 128):
            with self.subTest(length=length):
                prefix = str(ipaddress.IPv6Network(f"2001:db8::/{length}", strict=False))
                if length in (32, 40, 48, 56, 64, 96):
                    self.assert_accepted([prefix])
                else:
                    self.assert_refused([prefix])
        self.assert_refused(["192.0.2.0/24"])

    @requirement("B2", "RFC 6052 2.2", "a prefix with one of the bits 64 to 71 set is refused")
    def test_B02_the_u_octet_is_zero(self):
        for octet in ("100", "8000", "ff00", "4000"):
            with self.subTest(octet=octet):
                self.assert_refused([f"2001:db8:122:344:{octet}::/96"])
        self.assert_accepted(["2001:db8:122:344:ff::/96"])

    @requirement("B3", "RFC 6052 2.2", "a suffix that overlaps the prefix, the IPv4 address or the u octet is refused")
    def test_B03_a_suffix_keeps_its_place(self):
        for prefix, suffix in (
            ("2001:db8::/32", "::1:0:0:0:0"),  # the u octet's sixteen bits
            ("2001:db8::/32", "0:0:1::"),
            ("2001:db8:122::/48", "::ff00:0:0:0"),
            ("2001:db8:122:344::/64", "::1:0:0"),
            ("2001:db8:122:344::/96", "::1"),
        ):
            with self.subTest(prefix=prefix, suffix=suffix):
                self.assert_refused([{"prefix": prefix, "suffix": suffix}])
        self.assert_accepted([{"prefix": "2001:db8::/32", "suffix": "::1:2"}])

    @requirement("B7", "RFC 8215 4", "64:ff9b:1::/48 and prefixes of legal length inside it are accepted")
    def test_B07_the_local_use_prefix_is_accepted(self):
        for prefix in ("64:ff9b:1::/48", "64:ff9b:1:ab00::/56", "64:ff9b:1:abcd::/64", "64:ff9b:1:abcd::/96"):
            self.assert_accepted([prefix])

    @requirement("B7", "RFC 6052 2.1, RFC 8215 4", "a prefix that takes in the Well-Known Prefix is pointed out")
    def test_B07_overlapping_the_well_known_prefix(self):
        for prefix in ("64:ff9b::/32", "64:ff9b::/48", "64:ff9b::/64"):
            with self.subTest(prefix=prefix):
                _, output = self.check([prefix])
                self.assertIn("64:ff9b::/96", output)

    @requirement("B8", "RFC 6147 5.2", "DNS64 and NAT64 use one prefix; another one must be marked external")
    def test_B08_every_prefix_has_a_translator(self):
        configuration = {
            "listen": ["dns://127.0.0.1:5300"],
            "upstream": ["dns://127.0.0.1:5301"],
            "nat64": {"prefix": "64:ff9b::/96", "pool4": "198.51.100.1"},
        }
        for prefix, verdict in {
            "64:ff9b::/96": 0,
            "2001:db8:64::/96": 2,
        }.items():
            status, output = lab.check({**configuration, "dns64": {"prefixes": [prefix]}}, self.folder)
            self.assertEqual(status, verdict, output)
        self.assertRegex(output, "dns64.prefixes.*translated by nobody: nat64 has 64:ff9b::/96")
        entry = {"prefix": "2001:db8:64::/96", "external": True}
        status, output = lab.check({**configuration, "dns64": {"prefixes": [entry]}}, self.folder)
        self.assertEqual(status, 0, output)

    @requirement("B8", "RFC 6147 5.2", "without a NAT64 of ours every prefix is another translator's")
    def test_B08_prefixes_need_no_translator_of_ours(self):
        self.assert_accepted(["2001:db8:64::/96"])


class Embedding(Scene):
    """Each prefix for the clients of one address, so that each is seen alone."""

    of = {prefix: f"127.0.1.{number}" for number, prefix in enumerate(lengths, 1)}
    settings = {
        "dns64": {"prefixes": [{"prefix": prefix, "clients": [f"{source}/32"]} for prefix, source in of.items()]}
    }
    zone = {
        ("vector.test", "A"): ["192.0.2.33"],
        ("some.test", "A"): some + edges,
        ("private.test", "A"): ["10.1.2.3"],
    }

    @requirement("B4", "RFC 6052 2.4", "the six published vectors of 192.0.2.33")
    def test_B04_the_published_vectors(self):
        for prefix, address in lengths.items():
            with self.subTest(prefix=prefix):
                found = self.addresses("vector.test", source=self.of[prefix])
                self.assertEqual([normal(text) for text in found], [normal(address)])

    @requirement("B1", "RFC 6052 2.2", "all six lengths embed and give back every address")
    def test_B01_there_and_back(self):
        for prefix, source in self.of.items():
            with self.subTest(prefix=prefix):
                found = self.ask("some.test", transport="tcp", source=source)
                expected = embedded(prefix, *some, *edges)
                self.assertEqual(sorted(map(normal, clients.texts(found, "AAAA"))), sorted(map(normal, expected)))
                for address in named:
                    self.assert_names(embedded(prefix, address)[0], address, source)

    def assert_names(self, ipv6, ipv4, source):
        """The reverse name leads to that of the IPv4 address."""
        target = str(dns.reversename.from_address(ipv4))
        self.upstream.put(target, "PTR", ["host.test."])
        reply = self.ask(dns.reversename.from_address(ipv6), "PTR", source=source)
        self.assertEqual(aliases(reply)[0][1], target)
        self.assertEqual(clients.texts(reply, "PTR"), ["host.test."])

    @requirement("B2", "RFC 6052 2.2", "the u octet is skipped: it stays zero with every length")
    def test_B02_the_u_octet_is_skipped(self):
        for prefix, source in self.of.items():
            for text in clients.texts(self.ask("some.test", transport="tcp", source=source), "AAAA"):
                self.assertEqual(socket.inet_pton(socket.AF_INET6, text)[8], 0, text)

    @requirement("B3", "RFC 6052 2.2", "what follows the address is zero, unless a suffix is set")
    def test_B03_the_suffix_is_zero(self):
        for prefix, source in self.of.items():
            length = int(prefix.split("/")[1])
            used = length // 8 + 4 + (length < 96)
            for text in self.addresses("vector.test", source=source):
                self.assertEqual(socket.inet_pton(socket.AF_INET6, text)[used:], bytes(16 - used), text)

    @requirement("B6", "RFC 6052 3.1", "prefixes of one's own may hold private addresses")
    def test_B06_network_specific_prefixes_take_all(self):
        for prefix, source in self.of.items():
            self.assertEqual(
                [normal(text) for text in self.addresses("private.test", source=source)],
                [normal(text) for text in embedded(prefix, "10.1.2.3")],
            )


class Suffix(Scene):
    settings = {"dns64": {"prefixes": [{"prefix": "2001:db8:122::/48", "suffix": "::5e:abcd"}]}}
    zone = {("v4.test", "A"): ["193.0.14.33"]}

    @requirement("B3", "RFC 6052 2.2, 2.3", "a configured suffix fills the octets after the address")
    def test_B03_a_configured_suffix(self):
        found = self.addresses("v4.test")
        self.assertEqual([normal(text) for text in found], [normal("2001:db8:122:c100:e:2100:5e:abcd")])
        self.upstream.put("33.14.0.193.in-addr.arpa", "PTR", ["host.test."])
        reply = self.ask(dns.reversename.from_address(found[0]), "PTR")
        self.assertEqual(clients.texts(reply, "PTR"), ["host.test."])


class Defaults(Scene):
    settings = {"dns64": {}}
    zone = {("v4.test", "A"): ["198.51.100.1"]}

    @requirement("B5", "RFC 6147 5.2", "where no prefix is configured it is the Well-Known Prefix, 64:ff9b::/96")
    def test_B05_the_well_known_prefix_is_the_default(self):
        self.assert_synthesized("v4.test", "198.51.100.1", prefix="64:ff9b::/96")


class Replacement(Scene):
    settings = {"dns64": {"prefixes": ["2001:db8:64::/96"]}}
    zone = {("v4.test", "A"): ["198.51.100.1"]}

    @requirement("B5", "RFC 6147 5.2", "a configured prefix takes the place of the Well-Known Prefix")
    def test_B05_a_configured_prefix_replaces_it(self):
        self.assert_synthesized("v4.test", "198.51.100.1", prefix="2001:db8:64::/96")


# Blocks of IPv4 addresses by what they are; the addresses are first, middle or last ones.
private = ["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"]
example = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255"]
other = [
    *("0.0.0.0", "0.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255"),
    *("169.254.0.1", "169.254.255.255", "192.0.0.1", "192.0.0.8", "192.88.99.1", "224.0.0.1", "239.255.255.255"),
    *("240.0.0.1", "255.255.255.254", "255.255.255.255"),
]
well_known_addresses = ["192.0.0.170", "192.0.0.171"]
public = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255"),
    *("198.20.0.0", "223.255.255.255"),
]


class WellKnownPrefix(Scene):
    """Four policies, by client; own.test has a policy with another prefix."""

    rules = {"examples": "127.0.0.2", "rfc6052": "127.0.0.3", "wkp_1918": "127.0.0.4", "off": "127.0.0.5"}
    local_use = "127.0.0.6"
    settings = {
        "dns64": {
            "prefixes": ["64:ff9b::/96"],
            "policies": [
                *(
                    {"name": rule, "clients": [f"{source}/32"], "well_known_prefix": rule}
                    for rule, source in rules.items()
                ),
                {
                    "name": "local-use",
                    "clients": [f"{local_use}/32"],
                    "prefixes": ["64:ff9b:1::/48"],
                    "well_known_prefix": "rfc6052",
                },
            ],
        }
    }
    zone = {
        (f"a-{address.replace('.', '-')}.test", "A"): [address]
        for address in {*private, *example, *other, *well_known_addresses, *public}
    }

    def mapped(self, addresses, source):
        """Those of the addresses that a client gets under the Well-Known Prefix."""
        found = []
        for address in addresses:
            reply = self.ask(f"a-{address.replace('.', '-')}.test", source=source)
            self.assert_is_sound(reply)
            texts = clients.texts(reply, "AAAA")
            if texts:
                self.assertEqual(texts, embedded("64:ff9b::/96", address))
                found.append(address)
        return found

    def assert_mapped(self, rule, *kept):
        source = self.rules.get(rule)
        every = [*private, *example, *other, *well_known_addresses, *public]
        self.assertEqual(sorted(set(self.mapped(every, source))), sorted({a for block in kept for a in block}))

    @requirement("B6", "RFC 6052 3.1", "with rfc6052 the Well-Known Prefix holds global addresses alone")
    def test_B06_the_letter(self):
        self.assert_mapped("rfc6052", public)

    @requirement(
        "B6",
        "RFC 6052 3.1",
        "the default lets the blocks of documentation and benchmarks through",
        departs="192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 198.18.0.0/15 occur in examples and tests alone, "
        "and refusing them is in the way there; `well_known_prefix: rfc6052` is the letter",
    )
    def test_B06_the_default_lets_examples_through(self):
        self.assert_mapped("examples", public, example)
        self.assertEqual(sorted(self.mapped(example + private, None)), sorted(example))

    @requirement("B6", "RFC 6052 3.1, RFC 8880 7.1", "192.0.0.170 and .171 are embedded for ipv4only.arpa alone")
    def test_B06_the_exception_of_ipv4only_arpa(self):
        for source in self.rules.values():
            found = self.addresses("ipv4only.arpa", source=source)
            self.assertEqual(found, embedded("64:ff9b::/96", *well_known_addresses))

    @requirement("B6", "RFC 6052 3.1", "with off every address is embedded")
    def test_B06_off(self):
        self.assert_mapped("off", public, example, private, other, well_known_addresses)

    @requirement("B7", "RFC 8215 4", "the local-use prefix takes private addresses, whatever the rule")
    def test_B07_the_local_use_prefix_takes_private_addresses(self):
        found = self.addresses("a-10-0-0-0.test", source=self.local_use)
        self.assertEqual([normal(text) for text in found], [normal("64:ff9b:1:a00::")])

    @requirement(
        "K3",
        "draft-ietf-v6ops-nat64-wkp-1918",
        "with wkp_1918 private addresses (RFC 1918) may stand in the Well-Known Prefix; loopback and the like may not",
    )
    def test_K03_private_addresses_by_choice(self):
        source = self.rules["wkp_1918"]
        self.assertEqual(self.mapped(private + public, source), private + public)
        never = ["0.0.0.0", "127.0.0.1", "169.254.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"]
        self.assertEqual(self.mapped(never, source), [])


class FormerKey(Scene):
    settings = {"dns64": {"prefixes": ["64:ff9b::/96"], "well_known_prefix_for_global_only": False}}
    zone = {("private.test", "A"): ["10.1.2.3"]}

    @requirement(
        "K3", "draft-ietf-v6ops-nat64-wkp-1918", "the former key well_known_prefix_for_global_only still works"
    )
    def test_K03_the_former_key(self):
        self.assert_synthesized("private.test", "10.1.2.3")


if __name__ == "__main__":
    lab.main()
