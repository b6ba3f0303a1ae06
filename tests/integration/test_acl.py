# One rule for every way in: the access list decides on the client's address, whatever the transport, and nothing of a
# client that may not ask reaches the cache or an upstream. The table is transports x lists.
import certificates
import clients
import lab
import upstreams

import dns.rcode

refused, answered = dns.rcode.REFUSED, dns.rcode.NOERROR

# configuration -> {source: rcode}. The longest match decides; without a list: loopback, private and link-local.
lists = [
    ("absent", None, {"127.0.0.1": answered, "127.9.9.9": answered}),
    ("one address", {"allow": ["127.0.0.2/32"]}, {"127.0.0.2": answered, "127.0.0.3": refused}),
    (
        "hole in a prefix",
        {"allow": ["127.0.0.0/8"], "deny": ["127.0.1.0/24"]},
        {"127.0.0.2": answered, "127.0.1.7": refused},
    ),
    (
        "hole in the hole",
        {"allow": ["127.0.0.0/8", "127.0.1.7/32"], "deny": ["127.0.1.0/24"]},
        {"127.0.1.7": answered, "127.0.1.8": refused},
    ),
    ("nobody here", {"allow": ["192.0.2.0/24"]}, {"127.0.0.1": refused}),
]


class Acl(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"]})
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        cls.pair = cls.authority.issue("dns.test", ["dns.test"])

    def test_every_transport_obeys_every_list(self):
        for title, acl, sources in lists:
            front = clients.Front(self.pair, self.authority.file)
            sections = {"upstream": [self.upstream.url], **({"acl": acl} if acl else {})}
            server = self.start_once(front.configuration(**sections))
            for source, expected in sources.items():
                for transport in front.transports:
                    with self.subTest(acl=title, source=source, transport=transport):
                        self.upstream.forget_questions()
                        reply = front.ask(transport, clients.query("www.test"), source=source)
                        self.assertEqual(reply.rcode(), expected)
                        if expected == refused:
                            self.assertEqual(clients.ede_codes(reply), [18])
                            self.assertEqual((reply.answer, self.upstream.questions()), ([], []))
            server.assert_stops_cleanly()

    def test_mapped_addresses_obey_the_rules_of_ipv4(self):
        port = lab.free_port("::1")
        self.start_once(
            {
                "listen": [f"dns://[::]:{port}"],
                "upstream": [self.upstream.url],
                "acl": {"allow": ["127.0.0.2/32", "::1/128"]},
            }
        )
        for address, source, expected in (
            ("127.0.0.1", "127.0.0.2", answered),
            ("127.0.0.1", "127.0.0.3", refused),
            ("::1", "::1", answered),
        ):
            front = clients.Front(address=address)
            front.port = port
            for transport in ("udp", "tcp"):
                with self.subTest(source=source, transport=transport):
                    self.assertEqual(front.ask(transport, clients.query("www.test"), source=source).rcode(), expected)

    def test_public_addresses_are_refused_without_a_list(self):
        if not lab.isolated():
            self.skipTest("needs a network namespace to own a public address")
        lab.add_address("203.0.113.5/32")
        lab.add_address("2001:db8:5::5/128")
        for address in ("203.0.113.5", "2001:db8:5::5"):
            front = clients.Front(address=address)
            self.start_once({"listen": [f"dns://{front.url_host()}:{front.port}"], "upstream": [self.upstream.url]})
            for transport in ("udp", "tcp"):
                with self.subTest(address=address, transport=transport):
                    reply = front.ask(transport, clients.query("www.test"), source=address)
                    self.assertEqual((reply.rcode(), clients.ede_codes(reply)), (refused, [18]))


if __name__ == "__main__":
    lab.main()
