# A real browser, with everything that this product is made of between it and the page: headless Chromium in a network
# without IPv4, "secure" DNS over HTTPS to the gateway with a private CA, DNS64, the NAT64, and an nginx that has IPv4
# alone. It has no other resolver; and an IPv6 default route, since browsers ask for no AAAA without one.
import json
import os
import shutil
import unittest

import certificates
import clients
import lab
import nat64_scene
import upstreams

prefix = "64:ff9b::/96"


@nat64_scene.needs_namespaces
@unittest.skipUnless(shutil.which("chromium"), "needs chromium")
class Chromium(nat64_scene.Nat64Test):
    settings = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.web(cls.server, cls.network.server_address, "site")
        cls.authority = certificates.Authority(cls.folder)
        with cls.gateway.inside():
            cls.unbound = upstreams.Unbound(cls.folder, [f"v4only.test. 300 IN A {cls.network.server_address}"])
        cls.addClassCleanup(cls.unbound.stop)

    def trust(self, home):
        database = os.path.join(home, ".pki", "nssdb")
        os.makedirs(database)
        lab.run("certutil", "-d", f"sql:{database}", "-N", "--empty-password")
        lab.run("certutil", "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", "lab", "-i", self.authority.file)

    def load(self, template, url):
        """What the page contains after the browser resolved its name with this DoH template."""
        home = os.path.join(self.folder, self.unique("home"))
        profile = os.path.join(home, "profile")
        os.makedirs(profile)
        self.trust(home)
        with open(os.path.join(profile, "Local State"), "w", encoding="ascii") as file:
            json.dump({"dns_over_https": {"mode": "secure", "templates": template}}, file)
        return self.client.run(
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--dump-dom",
            "--timeout=20000",
            url,
            env=dict(os.environ, HOME=home),
            timeout=90,
        )

    def begin(self):
        """The gateway with DoH, DNS64 and NAT64."""
        address = self.network.gateway6
        with self.gateway.inside():
            self.front = clients.Front(self.authority.issue("dns.test", ["dns.test", address]), self.authority.file,
                                       address=address)
        return self.serve(self.front.configuration(upstream=[self.unbound.url], dns64={"prefixes": [prefix]},
                                                   acl={"allow": ["2001:db8::/32"]}), prefix=prefix)

    def test_loads_an_ipv4_only_page_with_get_and_post(self):
        for method, suffix in (("POST", ""), ("GET", "{?dns}")):
            with self.subTest(method=method):
                server = self.begin()
                template = f"https://[{self.network.gateway6}]:{self.front.https_port}/dns-query{suffix}"
                seen = len(self.site.visitors())
                self.assertIn("IPv4-only, reached over IPv6", self.load(template, "http://v4only.test/"))
                visitors = self.site.visitors()[seen:]
                self.assertTrue(visitors and all(visitor.startswith("198.51.100.") for visitor in visitors), visitors)
                self.assert_counted(method)
                server.assert_stops_cleanly()
        self.assertIn(("v4only.test.", "A"), self.unbound.questions())

    def assert_counted(self, method):
        with self.gateway.inside():
            count = self.front.metric
            self.assertGreater(count("dragoman_dns_requests_total", proto="doh", type="AAAA"), 0)
            self.assertEqual(count("dragoman_dns_requests_total", proto="udp"), 0)
            self.assertGreater(count("dragoman_dns64_responses_total", result="synthesized"), 0)
            self.assertGreater(count("dragoman_http_requests_total", method=method, status="200"), 0)
            self.assertGreater(count("dragoman_nat64_packets_total", direction="6to4", protocol="tcp"), 0)


if __name__ == "__main__":
    lab.main()
