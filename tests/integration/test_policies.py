# Who gets synthesis, told apart by every door that there is: source, listener, path of a DoH request, TLS name; over one
# cache, so that what one client asked for is never what another one sees.
import subprocess

import certificates
import clients
import lab
import upstreams


class Doors(lab.LabTest):
    """Each policy has a prefix of its own, which says which one it was."""

    prefixes = {
        "default": "64:ff9b::/96",
        "by-source": "2001:db8:1::/96",
        "by-listener": "2001:db8:2::/96",
        "by-path": "2001:db8:3::/96",
        "by-name": "2001:db8:4::/96",
        "all-of-them": "2001:db8:5::/96",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("v4.test", "A"): ["198.51.100.1"]})
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        names = ["dns.test", "kids.dns.test", "127.0.0.1"]
        cls.front = clients.Front(cls.authority.issue("server", names), cls.authority.file)
        cls.second = clients.Front(cls.front.pair, cls.front.ca_file)
        configuration = cls.front.configuration(upstream=[cls.upstream.url])
        kids = f"https://127.0.0.1:{cls.front.https_port}/kids"
        configuration["listen"] += [kids, f"dns://127.0.0.1:{cls.second.port}"]
        cls.kids_url = kids
        policies = [
            {"name": "all-of-them", "clients": ["127.0.0.3/32"], "paths": ["/kids"], "tls_names": ["kids.dns.test"]},
            {"name": "by-name", "tls_names": ["kids.dns.test"]},
            {"name": "by-path", "paths": ["/kids"]},
            {"name": "by-listener", "listeners": [f"dns://127.0.0.1:{cls.second.port}"]},
            {"name": "by-source", "clients": ["127.0.0.2/32"]},
            {"name": "dual-stack", "clients": ["127.0.0.9/32"], "prefix": "none"},
        ]
        for policy in policies:
            if "prefix" not in policy:
                policy["prefix"] = cls.prefixes[policy["name"]]
        configuration["dns64"] = {"policies": policies}
        cls.server = cls.start(configuration)

    def policy_of(self, reply):
        """The name of the policy by whose prefix the answer was made."""
        found = clients.texts(reply, "AAAA")
        if not found:
            return "none"
        ends = {"64:ff9b::c633:6401": "default"}
        for number, name in enumerate(list(self.prefixes)[1:], 1):
            ends[f"2001:db8:{number}::c633:6401"] = name
        self.assertEqual(len(found), 1, found)
        return ends[found[0]]

    def doh(self, path="/dns-query", host="dns.test", source=None):
        front = clients.Front(self.front.pair, self.front.ca_file, path=path, host=host)
        front.https_port = self.front.https_port
        return self.policy_of(front.doh_post(clients.query("v4.test", "AAAA"), source=source))

    def dot(self, host="dns.test"):
        front = clients.Front(self.front.pair, self.front.ca_file, host=host)
        front.tls_port = self.front.tls_port
        return self.policy_of(front.dot(clients.query("v4.test", "AAAA")))

    def udp(self, front=None, source=None):
        return self.policy_of((front or self.front).udp(clients.query("v4.test", "AAAA"), source=source))

    def test_every_condition_tells_clients_apart(self):
        self.assertEqual(self.udp(), "default")
        self.assertEqual(self.udp(source="127.0.0.2"), "by-source")
        self.assertEqual(self.udp(front=self.second), "by-listener")
        self.assertEqual(self.policy_of(self.second.tcp(clients.query("v4.test", "AAAA"))), "by-listener")
        self.assertEqual(self.doh(), "default")
        self.assertEqual(self.doh(path="/kids"), "by-path")
        self.assertEqual(self.doh(host="kids.dns.test"), "by-name")
        self.assertEqual(self.dot(), "default")
        self.assertEqual(self.dot(host="kids.dns.test"), "by-name")
        self.assertEqual(self.udp(source="127.0.0.9"), "none")

    def test_all_conditions_of_a_policy_must_hold(self):
        self.assertEqual(self.doh(path="/kids", host="kids.dns.test", source="127.0.0.3"), "all-of-them")
        self.assertEqual(self.doh(path="/kids", host="kids.dns.test"), "by-name")
        self.assertEqual(self.doh(path="/kids", source="127.0.0.3"), "by-path")

    def test_http_1_has_the_same_doors(self):
        front = clients.Front(self.front.pair, self.front.ca_file, path="/kids")
        front.https_port = self.front.https_port
        for ask in (front.http1_post, front.http1_get, front.doh_get):
            self.assertEqual(self.policy_of(ask(clients.query("v4.test", "AAAA"))), "by-path")

    def test_one_lookup_serves_all_policies(self):
        self.udp()
        self.upstream.forget_questions()
        self.test_every_condition_tells_clients_apart()
        self.assertEqual(self.upstream.questions(), [])

    def test_an_explanation_names_the_policy_and_its_conditions(self):
        done = subprocess.run(
            [lab.binary(), "query", "--explain", "v4.test", "AAAA", f"@{self.kids_url}", "--admin",
             f"http://127.0.0.1:{self.front.admin_port}", "--client", "127.0.0.1"],
            capture_output=True, text=True, timeout=30,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"policy `by-path`, 3 of 7, for path /kids: 2001:db8:3::/96")


if __name__ == "__main__":
    lab.main()
