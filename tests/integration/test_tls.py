# TLS of the listeners as operators and clients meet it: certificates by SNI and key type, hot reload, session tickets,
# what the log says of a weak choice, and clients that give up half-way (RFC 8446, RFC 6066, RFC 7858).
import os
import shutil
import socket
import ssl
import time

import certificates
import clients
import lab
import upstreams


class Tls(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"]})
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        cls.first = cls.authority.issue("first.test", ["first.test", "127.0.0.1"])
        cls.second = cls.authority.issue("second.test", ["second.test", "*.wild.test"])
        cls.rsa = cls.authority.issue("rsa.first.test", ["first.test", "127.0.0.1"], kind="rsa")
        cls.front = clients.Front(cls.first, cls.authority.file, host="first.test")
        configuration = cls.front.configuration(upstream=[cls.upstream.url])
        configuration["tls"] = {"certificates": [pair.as_config() for pair in (cls.first, cls.rsa, cls.second)]}
        cls.server = cls.start(configuration)

    def shown(self, front=None, host=None, context=None, port=None):
        """The certificate that the server shows: (common name, whether its key is RSA)."""
        front = front or self.front
        context = context or clients.tls_context(None)
        with front.connect(port or front.tls_port) as sock, context.wrap_socket(sock, server_hostname=host) as tls:
            text = lab.run(
                "openssl",
                "x509",
                "-inform",
                "DER",
                "-noout",
                "-subject",
                "-text",
                text=False,
                input=tls.getpeercert(True),
            ).decode()
        return text.split("CN = ")[1].split("\n")[0], "rsaEncryption" in text

    # -- Which certificate --
    def test_f71_sni_chooses_the_certificate_on_every_tls_listener(self):
        for port in (self.front.tls_port, self.front.https_port):
            self.assertEqual(self.shown(host="first.test", port=port)[0], "first.test")
            self.assertEqual(self.shown(host="second.test", port=port)[0], "second.test")
            self.assertEqual(self.shown(host="SECOND.test", port=port)[0], "second.test")
            self.assertEqual(self.shown(host="a.wild.test", port=port)[0], "second.test")

    def test_f71_the_first_is_shown_without_sni_and_for_unknown_names(self):
        for host in (None, "unknown.test", "b.a.wild.test", "wild.test"):
            with self.subTest(host=host):
                self.assertEqual(self.shown(host=host)[0], "first.test")

    def test_f71_the_key_type_follows_the_client(self):
        context = clients.tls_context(None)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
        self.assertEqual(self.shown(host="first.test", context=context), ("rsa.first.test", True))
        self.assertEqual(self.shown(host="first.test"), ("first.test", False))

    # -- Tickets --
    def test_f73_a_session_is_resumed_on_tls_1_2_and_1_3(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = clients.tls_context(self.authority.file)
            context.minimum_version = context.maximum_version = version
            with self.front.connect(self.front.tls_port) as sock, context.wrap_socket(
                sock, server_hostname="first.test"
            ) as tls:
                clients.DnsStream(tls).ask(clients.query("www.test"))
                session = tls.session
            with self.front.connect(self.front.tls_port) as sock, context.wrap_socket(
                sock, server_hostname="first.test", session=session
            ) as tls, self.subTest(version=version.name):
                clients.DnsStream(tls).ask(clients.query("www.test"))
                self.assertTrue(tls.session_reused)

    # -- Clients that give up --
    def test_a_handshake_dropped_at_any_point_costs_nothing_that_stays(self):
        hello = self.client_hello()
        before = self.server.descriptors()
        for port in (self.front.tls_port, self.front.https_port):
            for length in list(range(0, len(hello), 13)) + [len(hello)]:
                with self.front.connect(port) as sock:
                    sock.sendall(hello[:length])
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close with a reset
        lab.eventually(lambda: self.server.descriptors() <= before, 10, "dropped connections being closed")
        self.assertEqual(self.front.dot(clients.query("www.test")).rcode(), 0)

    def test_a_burst_of_unused_connections_as_browsers_open_them_is_taken(self):
        idle = [self.front.open_http2() for _ in range(12)]
        self.assertEqual(self.front.doh_post(clients.query("www.test")).rcode(), 0)
        for connection in idle:
            connection.close()

    def test_a_client_that_does_not_trust_the_certificate_gets_no_answer(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.front.connect_tls(self.front.tls_port, host="elsewhere.test")
        lab.eventually(
            lambda: self.front.metric("dragoman_tls_handshakes_total", result="failed") > 0,
            5,
            "the failed handshake being counted",
        )

    @staticmethod
    def client_hello():
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = clients.tls_context(None).wrap_bio(incoming, outgoing, server_hostname="first.test")
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return outgoing.read()


class Reload(lab.LabTest):
    """F72: certificates are followed as certbot (rename) and Kubernetes (symbolic links) change them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"]})
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)

    def install(self, folder, pair):
        """Copies a pair to live.crt and live.key, each by rename."""
        for source, name in ((pair.key, "live.key"), (pair.cert, "live.crt")):
            shutil.copy(source, f"{folder}/{name}.new")
            os.replace(f"{folder}/{name}.new", f"{folder}/{name}")

    def begin(self, name):
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        self.old = self.authority.issue(f"{name}-old", ["dns.test"])
        self.new = self.authority.issue(f"{name}-new", ["dns.test"])
        self.install(folder, self.old)
        live = certificates.Pair(folder, "live")
        self.front = clients.Front(live, self.authority.file)
        self.server = self.start_once(self.front.configuration(upstream=[self.upstream.url]))
        return folder

    def subject(self):
        with self.front.connect_tls(self.front.tls_port) as tls:
            return dict(entry[0] for entry in tls.getpeercert()["subject"])["commonName"]

    def test_a_renamed_pair_is_live_without_a_signal(self):
        folder = self.begin("rename")
        with self.front.open_dot() as before:
            self.install(folder, self.new)
            lab.eventually(lambda: self.subject() == "rename-new", 10, "the new certificate")
            self.assertEqual(before.ask(clients.query("www.test")).rcode(), 0, "the old connection lives on")
        self.assertEqual(self.front.doh_post(clients.query("www.test")).rcode(), 0)

    def test_a_pair_that_does_not_match_leaves_the_old_one_in_force(self):
        folder = self.begin("mismatch")
        shutil.copy(self.new.cert, f"{folder}/live.crt")
        lab.eventually(
            lambda: self.front.metric("dragoman_tls_certificate_reloads_total", result="failure")
            or "certificate" in self.server.log().split("ready", 1)[1],
            10,
            "a complaint",
        )
        self.assertEqual(self.subject(), "mismatch-old")
        shutil.copy(self.new.key, f"{folder}/live.key")
        lab.eventually(lambda: self.subject() == "mismatch-new", 10, "the repaired pair")

    def test_a_swapped_symbolic_link_is_followed(self):
        folder = os.path.join(self.folder, "links")
        for generation in ("one", "two"):
            os.makedirs(f"{folder}/..{generation}")
            self.install(f"{folder}/..{generation}", self.authority.issue(f"links-{generation}", ["dns.test"]))
        os.symlink("..one", f"{folder}/..data")
        for name in ("live.crt", "live.key"):
            os.symlink(f"..data/{name}", f"{folder}/{name}")
        self.front = clients.Front(certificates.Pair(folder, "live"), self.authority.file)
        self.server = self.start_once(self.front.configuration(upstream=[self.upstream.url]))
        self.assertEqual(self.subject(), "links-one")
        os.symlink("..two", f"{folder}/..data_tmp")
        os.replace(f"{folder}/..data_tmp", f"{folder}/..data")
        lab.eventually(lambda: self.subject() == "links-two", 10, "the new certificate")


class Weak(lab.LabTest):
    def setUp(self):
        self.authority = certificates.Authority(self.folder, self.unique("ca"))

    def check(self, pair):
        front = clients.Front(pair, self.authority.file)
        return lab.check(front.configuration(upstream=["dns://127.0.0.1:9"]), self.folder)

    def test_rsa_alone_is_warned_of(self):
        status, said = self.check(self.authority.issue("rsa.test", ["dns.test"], kind="rsa"))
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"(?i)rsa")

    def test_a_key_of_another_certificate_is_an_error(self):
        pair, other = self.authority.issue("one", ["dns.test"]), self.authority.issue("two", ["dns.test"])
        pair.key = other.key
        status, said = self.check(pair)
        self.assertEqual(status, 2, said)
        self.assertIn(other.key, said)

    def test_an_expired_certificate_is_found(self):
        status, said = self.check(self.authority.issue("old.test", ["dns.test"], days=-1))
        self.assertRegex(said, r"(?i)expired")

    def test_a_missing_file_is_an_error_that_names_it(self):
        pair = certificates.Pair(self.folder, "nowhere")
        status, said = self.check(pair)
        self.assertEqual(status, 2, said)
        self.assertIn("nowhere.crt", said)


if __name__ == "__main__":
    lab.main()
