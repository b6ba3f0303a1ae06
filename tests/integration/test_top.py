# What still needs IPv4: the list that a running server keeps of what it synthesized, over its API and `dragoman ctl`.
import json
import subprocess

import clients
import lab
import upstreams


class Top(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        zone = {(f"host{number}.example.net", "A"): ["198.51.100.1"] for number in range(3)}
        zone[("www.shop.co.uk", "A")] = ["198.51.100.2"]
        zone[("dual.example.net", "A")] = ["198.51.100.3"]
        zone[("dual.example.net", "AAAA")] = ["2001:db8::1"]
        cls.upstream = upstreams.Scripted(zone, ttl=1, soa_ttl=1)
        cls.addClassCleanup(cls.upstream.stop)
        cls.front = clients.Front()
        policies = [{"name": "guests", "clients": ["127.0.0.2/32"], "prefix": "2001:db8:64::/96"}]
        cls.server = cls.start(
            cls.front.configuration(workers=2, upstream=[cls.upstream.url], dns64={"policies": policies})
        )

    def ask(self, name, source="127.0.0.1"):
        return self.front.udp(clients.query(name, "AAAA"), source=source)

    def ctl(self, *words):
        url = f"http://127.0.0.1:{self.front.admin_port}"
        done = subprocess.run(
            [lab.binary(), "ctl", "--admin", url, "top", *words], capture_output=True, text=True, timeout=30
        )
        return done.returncode, done.stdout, done.stderr

    def listed(self, rows=50):
        return json.loads(self.front.admin(f"/api/v1/top/ipv4-only?rows={rows}").body)

    def test_names_and_domains_are_counted_by_policy_whichever_worker_answers(self):
        self.assertIn("nothing was synthesized yet", self.ctl("ipv4-only")[1])
        for _ in range(5):
            self.ask("host0.example.net")
        self.ask("host1.example.net", source="127.0.0.2")
        self.ask("www.shop.co.uk")
        self.ask("dual.example.net")
        told = self.listed()
        names = {row["name"]: row for row in told["names"]}
        self.assertEqual(set(names), {"host0.example.net", "host1.example.net", "www.shop.co.uk"})
        self.assertEqual(names["host0.example.net"]["count"], 5)
        self.assertEqual(names["host1.example.net"]["by_policy"], {"guests": 1})
        domains = [(row["name"], row["count"], row["by_policy"]) for row in told["domains"]]
        self.assertEqual(domains[0], ("example.net", 6, {"default": 5, "guests": 1}))
        self.assertEqual(domains[1][0], "shop.co.uk")
        self.assertEqual(len(self.listed(rows=1)["names"]), 1)

        # The day a name has AAAA records it says so, and is still there.
        self.upstream.put("host0.example.net", "AAAA", ["2001:db8::2"])
        lab.eventually(lambda: clients.texts(self.ask("host0.example.net"), "AAAA") == ["2001:db8::2"])
        since = {row["name"]: row["got_aaaa_at"] for row in self.listed()["names"]}
        self.assertRegex(since["host0.example.net"], r"^\d{4}-\d\d-\d\dT")
        self.assertIsNone(since["host1.example.net"])
        code, output, _ = self.ctl("ipv4-only", "--rows", "5")
        self.assertEqual(code, 0)
        self.assertRegex(output, r"(?m)^ +\d+ +host0\.example\.net +default \d+ +\d{4}-\d\d-\d\dT")
        self.assertRegex(output, r"(?m)^ +\d+ +example\.net +default \d+, guests 1")

    def test_wrong_words_are_refused_with_a_reason(self):
        self.assertEqual(self.front.admin("/api/v1/top/ipv4-only?rows=none").status, 400)
        self.assertEqual(self.front.admin("/api/v1/top/ipv4-only?lines=3").status, 400)
        self.assertEqual(self.ctl("ipv6-only")[0], 2)
        self.assertEqual(self.ctl("ipv4-only", "--rows", "0")[0], 2)

    def test_nobody_listens(self):
        url = f"http://127.0.0.1:{lab.free_port()}"
        done = subprocess.run(
            [lab.binary(), "ctl", "--admin", url, "top", "ipv4-only"], capture_output=True, text=True, timeout=30
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(url, done.stderr)


if __name__ == "__main__":
    lab.main()
