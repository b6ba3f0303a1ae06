# A real browser: headless Chromium with "secure" DNS over HTTPS to this server and a private CA loads a page whose
# name has an IPv4 address alone, at the address that DNS64 made of it. It has a network of its own, without any other
# resolver, and an IPv6 default route, since browsers ask for no AAAA without one.
import http.server
import json
import os
import shutil
import socket
import threading
import unittest

import certificates
import clients
import lab
import upstreams

page_address = "64:ff9b::c633:6450"  # 198.51.100.80
text = "IPv4-only, reached over IPv6"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, self.connection.getsockname()[0]))
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(f"<html><body><p>{text}</p></body></html>".encode())

    def log_message(self, *_):
        pass


class PageServer(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True

    def __init__(self, address):
        super().__init__((address, 8080), Page)
        self.seen = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


@unittest.skipUnless(lab.isolated(), "needs a network namespace")
@unittest.skipUnless(shutil.which("chromium"), "needs chromium")
class Chromium(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default_route()
        lab.add_address(page_address + "/128")
        cls.page = PageServer(page_address)
        cls.addClassCleanup(cls.page.server_close)
        cls.addClassCleanup(cls.page.shutdown)
        cls.authority = certificates.Authority(cls.folder)
        cls.unbound = upstreams.Unbound(cls.folder, ["v4only.test. 300 IN A 198.51.100.80"])
        cls.addClassCleanup(cls.unbound.stop)

    @staticmethod
    def default_route():
        lab.run("ip", "link", "add", "out0", "type", "veth", "peer", "name", "out1")
        for device in ("out0", "out1"):
            # No link-local address: when its duplicate detection ends, the browser sees another network and drops the
            # load that it is in the middle of.
            lab.run("ip", "link", "set", device, "addrgenmode", "none")
            lab.run("ip", "link", "set", device, "up")
        lab.run("ip", "address", "add", "2001:db8:fe::1/64", "dev", "out0", "nodad")
        lab.run("ip", "-6", "route", "add", "default", "via", "2001:db8:fe::2", "dev", "out0")

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
        return lab.run(
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

    def test_loads_an_ipv4_only_page_at_its_synthesized_address_with_get_and_post(self):
        for method, suffix in (("POST", ""), ("GET", "{?dns}")):
            with self.subTest(method=method):
                front = clients.Front(self.authority.issue("dns.test", ["dns.test", "127.0.0.1"]), self.authority.file)
                server = self.start_once(
                    front.configuration(upstream=[self.unbound.url], dns64={"prefixes": ["64:ff9b::/96"]})
                )
                dom = self.load(f"https://127.0.0.1:{front.https_port}/dns-query{suffix}", "http://v4only.test:8080/")
                self.assertIn(text, dom)
                self.assertIn(("/", page_address), self.page.seen)
                self.page.seen.clear()
                self.assertGreater(front.metric("dragoman_dns_requests_total", proto="doh", type="AAAA"), 0)
                self.assertEqual(front.metric("dragoman_dns_requests_total", proto="udp"), 0)
                self.assertGreater(front.metric("dragoman_dns64_responses_total", result="synthesized"), 0)
                self.assertGreater(front.metric("dragoman_http_requests_total", method=method, status="200"), 0)
                server.assert_stops_cleanly()
        self.assertIn(("v4only.test.", "A"), self.unbound.questions())


if __name__ == "__main__":
    lab.main()
