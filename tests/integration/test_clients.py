# The clients that people have: dig, kdig, curl and our own, on every transport, against a real Unbound behind. What was
# asked is checked at the server (its counters) and at the upstream (its query log).
import http.server
import json
import socket
import subprocess
import threading

import certificates
import clients
import lab
import upstreams

page_address = "64:ff9b::c633:6450"  # 198.51.100.80 embedded in the Well-Known Prefix
records = [
    f"{kind}.test. 300 IN A 198.51.100.80"
    for kind in (
        "udp",
        "tcp",
        "dot",
        "doh",
        "dohget",
        "kdot",
        "kdoh",
        "kdohget",
        "curl1",
        "curl2",
        "own",
        "page",
        "stub",
    )
]


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.headers["host"], self.connection.getsockname()[0]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<p>reached through NAT64</p>")

    def log_message(self, *_):
        pass


class RealClients(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = certificates.Authority(cls.folder)
        cls.unbound = upstreams.Unbound(cls.folder, records)
        cls.addClassCleanup(cls.unbound.stop)
        cls.front = clients.Front(cls.authority.issue("dns.test", ["dns.test", "127.0.0.1"]), cls.authority.file)
        cls.server = cls.start(
            cls.front.configuration(upstream=[cls.unbound.url], dns64={"prefixes": ["64:ff9b::/96"]})
        )

    def assert_asked(self, protocol, name, tool, *arguments):
        """The tool prints the synthetic address; the server counts `protocol`; the upstream was asked AAAA and A."""
        before = self.front.metric("dragoman_dns_requests_total", proto=protocol, type="AAAA")
        said = lab.run(tool, *arguments)
        self.assertIn(page_address, said)
        self.assertEqual(self.front.metric("dragoman_dns_requests_total", proto=protocol, type="AAAA"), before + 1)
        lab.eventually(
            lambda: sorted(self.unbound.questions(name)) == [(name + ".", "A"), (name + ".", "AAAA")],
            5,
            f"the upstream being asked for {name}",
        )

    def dig(self, protocol, name, port, *options):
        self.assert_asked(protocol, name, "dig", "@127.0.0.1", "-p", port, name, "AAAA", "+tries=1", *options)

    def kdig(self, protocol, name, port, *options):
        self.assert_asked(protocol, name, "kdig", "@127.0.0.1", "-p", port, name, "AAAA", "+retry=0", *options)

    def test_dig(self):
        trust = [f"+tls-ca={self.authority.file}", "+tls-hostname=dns.test"]
        self.dig("udp", "udp.test", self.front.port)
        self.dig("tcp", "tcp.test", self.front.port, "+tcp")
        self.dig("dot", "dot.test", self.front.tls_port, "+tls", *trust)
        self.dig("doh", "doh.test", self.front.https_port, "+https", *trust)
        self.dig("doh", "dohget.test", self.front.https_port, "+https-get", *trust)

    def test_kdig(self):
        trust = [f"+tls-ca={self.authority.file}", "+tls-hostname=dns.test"]
        self.kdig("dot", "kdot.test", self.front.tls_port, "+tls", *trust)
        self.kdig("doh", "kdoh.test", self.front.https_port, "+https=dns.test/dns-query", *trust)
        self.kdig("doh", "kdohget.test", self.front.https_port, "+https=dns.test/dns-query", "+https-get", *trust)

    def test_curl_asks_for_the_message_over_both_versions_of_http(self):
        for version, name in (("--http1.1", "curl1.test"), ("--http2", "curl2.test")):
            query = clients.query(name, "AAAA", identifier=0).to_wire()
            url = f"https://127.0.0.1:{self.front.https_port}/dns-query"
            said = lab.run(
                "curl",
                "-sS",
                version,
                "--cacert",
                self.authority.file,
                "-H",
                "content-type: application/dns-message",
                "--data-binary",
                "@-",
                "-o",
                "-",
                "-w",
                "%{http_version} %{http_code}",
                url,
                input=query,
                text=False,
            )
            self.assertTrue(said.endswith(b"1.1 200" if version == "--http1.1" else b"2 200"), said)
            self.assertIn(socket.inet_pton(socket.AF_INET6, page_address), said)

    def test_curl_loads_a_page_by_a_name_that_it_resolves_with_doh(self):
        if not lab.isolated():
            self.skipTest("needs a network namespace to own the page's address")
        lab.add_address(page_address + "/128")
        server = http.server.HTTPServer.__new__(http.server.HTTPServer)
        server.address_family, server.seen = socket.AF_INET6, []
        http.server.HTTPServer.__init__(server, (page_address, 8080), Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        said = lab.run(
            "curl",
            "-sS",
            "--cacert",
            self.authority.file,
            "--doh-url",
            f"https://127.0.0.1:{self.front.https_port}/dns-query",
            "--max-time",
            "10",
            "http://page.test:8080/",
        )
        self.assertIn("reached through NAT64", said)
        self.assertEqual(server.seen, [("page.test:8080", page_address)])

    def test_our_own_client_speaks_every_transport(self):
        urls = [
            f"dns://127.0.0.1:{self.front.port}",
            f"tls://127.0.0.1:{self.front.tls_port}#dns.test",
            f"https://127.0.0.1:{self.front.https_port}/dns-query",
        ]
        for url in urls:
            with self.subTest(url=url):
                command = [lab.binary(), "query", "own.test", "AAAA", f"@{url}", "--ca", self.authority.file]
                self.assertIn(page_address, lab.run(*command))
                json.loads(lab.run(*command, "--json"))
        negative = subprocess.run(
            [lab.binary(), "query", "missing.test", "A", f"@{urls[0]}"], capture_output=True, timeout=20
        )
        self.assertEqual(negative.returncode, 1)

    def test_the_stub_resolver_of_the_c_library_gets_the_address(self):
        """drill-like: two questions from one socket, as getaddrinfo sends them."""
        with clients.datagram("127.0.0.1") as sock:
            sock.settimeout(5)
            sock.connect(("127.0.0.1", self.front.port))
            for identifier, kind in ((1, "A"), (2, "AAAA")):
                sock.send(clients.query("stub.test", kind, edns=-1, identifier=identifier).to_wire())
            answers = [clients.dns.message.from_wire(sock.recv(4096)) for _ in range(2)]
        self.assertEqual({answer.id: len(answer.answer) for answer in answers}, {1: 1, 2: 1})


if __name__ == "__main__":
    lab.main()
