# Upstreams on every transport, dead ones, silent ones, ones that lie, and recovery (RFC 7858, 8484, 8914, 5452).
import ssl
import time

import dns.message
import dns.rcode

import certificates
import clients
import lab
import upstreams

records = [
    "www.test. 300 IN A 192.0.2.1",
    "ipv6.test. 300 IN AAAA 2001:db8::1",
    *(f"many.test. 300 IN A 192.0.2.{number}" for number in range(1, 151)),
]


class Transports(lab.LabTest):
    """One real Unbound, asked by UDP, TCP, TLS and HTTPS; its log tells what arrived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = certificates.Authority(cls.folder)
        cls.pair = cls.authority.issue("up.test", ["up.test", "127.0.0.1"])
        cls.unbound = upstreams.Unbound(cls.folder, records, cls.pair)
        cls.addClassCleanup(cls.unbound.stop)

    def urls(self):
        host = self.unbound.address
        return {
            "dns": f"dns://{host}:{self.unbound.port}",
            "udp": f"udp://{host}:{self.unbound.port}",
            "tcp": f"tcp://{host}:{self.unbound.port}",
            "tls": f"tls://{host}:{self.unbound.tls_port}#up.test",
            "https": f"https://{host}:{self.unbound.https_port}/dns-query",
        }

    def test_every_transport_answers_and_is_used_again(self):
        for scheme, url in self.urls().items():
            front = clients.Front()
            with self.subTest(scheme=scheme):
                server = self.start_once(
                    front.configuration(upstream={"servers": [url], "ca_file": self.authority.file})
                )
                for name, kind, expected in (("www.test", "A", 1), ("ipv6.test", "AAAA", 1), ("many.test", "A", 150)):
                    self.assertEqual(len(clients.texts(front.tcp(clients.query(name, kind)), kind)), expected)
                self.assertEqual(front.tcp(clients.query("missing.test")).rcode(), dns.rcode.NXDOMAIN)
                self.assertEqual(front.metric("dragoman_upstream_up"), 1)
                if scheme in ("tcp", "tls", "https"):
                    self.assertLessEqual(front.metric("dragoman_upstream_connections"), 2)
                server.assert_stops_cleanly()

    def test_a_certificate_of_another_name_is_not_trusted(self):
        other = self.authority.issue("other.test", ["other.test"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(other.cert, other.key)
        upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"]}, tls=context, udp=False)
        self.addCleanup(upstream.stop)
        front = clients.Front()
        self.start_once(
            front.configuration(
                upstream={"servers": [f"tls://127.0.0.1:{upstream.port}#up.test"], "ca_file": self.authority.file}
            )
        )
        reply = front.udp(clients.query("www.test"))
        self.assertEqual(reply.rcode(), dns.rcode.SERVFAIL)
        self.assertIn(clients.ede_codes(reply), ([22], [23]))
        self.assertEqual(upstream.questions(), [], "nothing was told to a server that could not prove its name")


class Authoritative(lab.LabTest):
    def test_knot_and_nsd_answer_for_their_zones(self):
        for kind in (upstreams.Knot, upstreams.Nsd):
            upstream = kind(self.folder, "real.test.", ["www A 192.0.2.1", "alias CNAME www", "six AAAA 2001:db8::1"])
            self.addCleanup(upstream.stop)
            front = clients.Front()
            with self.subTest(kind=kind.__name__):
                self.start_once(front.configuration(upstream=[upstream.url], dns64={"prefixes": ["64:ff9b::/96"]}))
                self.assertEqual(
                    clients.texts(front.udp(clients.query("alias.real.test", "AAAA")), "AAAA"), ["64:ff9b::c000:201"]
                )
                self.assertEqual(
                    clients.texts(front.udp(clients.query("six.real.test", "AAAA")), "AAAA"), ["2001:db8::1"]
                )
                self.assertEqual(front.udp(clients.query("no.real.test")).rcode(), dns.rcode.NXDOMAIN)


class Failures(lab.LabTest):
    def upstream(self, **options):
        upstream = upstreams.Scripted(
            {("www.test", "A"): ["192.0.2.1"], **{(f"n{i}.test", "A"): ["192.0.2.2"] for i in range(60)}}, **options
        )
        self.addCleanup(upstream.stop)
        return upstream

    def serve(self, *urls, **options):
        self.front = clients.Front()
        self.server = self.start_once(self.front.configuration(upstream={"servers": list(urls), **options}))

    def timed(self, name):
        begin = time.monotonic()
        return self.front.udp(clients.query(name)), time.monotonic() - begin

    def test_f115_a_dead_server_does_not_keep_anyone_waiting(self):
        upstream = self.upstream()
        self.serve(f"dns://127.0.0.1:{upstreams.refused_port()}", upstream.url)
        for number in range(30):
            reply, took = self.timed(f"n{number}.test")
            self.assertEqual(reply.rcode(), dns.rcode.NOERROR)
            self.assertLess(took, 2)

    def test_f115_a_silent_server_costs_the_first_questions_alone(self):
        upstream, silent = self.upstream(), self.upstream(script=lambda query, transport: None)
        self.serve(silent.url, upstream.url)
        times = []
        for number in range(30):
            reply, took = self.timed(f"n{number}.test")
            self.assertEqual(reply.rcode(), dns.rcode.NOERROR)
            times.append(took)
        self.assertLess(max(times), 2.5)
        self.assertLess(sum(time > 0.5 for time in times), 8, times)

    def test_a_server_that_fails_is_not_the_last_word(self):
        good, bad = self.upstream(), self.upstream(script=lambda query, transport: self.refuse(query))
        self.serve(bad.url, good.url)
        for number in range(10):
            self.assertEqual(self.timed(f"n{number}.test")[0].rcode(), dns.rcode.NOERROR)

    @staticmethod
    def refuse(query):
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.REFUSED)
        return reply

    def test_all_dead_is_a_clear_servfail_and_recovery_needs_nobody(self):
        port = upstreams.refused_port()
        self.serve(f"dns://127.0.0.1:{port}")
        reply, took = self.timed("www.test")
        self.assertEqual(reply.rcode(), dns.rcode.SERVFAIL)
        self.assertIn(clients.ede_codes(reply), ([22], [23]))
        self.assertLess(took, 6)
        for number in range(5):
            self.timed(f"n{number}.test")
        lab.eventually(lambda: self.front.admin("/readyz").status == 503, 10, "/readyz saying so")
        self.upstream(port=port)
        lab.eventually(lambda: self.timed("www.test")[0].rcode() == dns.rcode.NOERROR, 40, "recovery")
        lab.eventually(lambda: self.front.admin("/readyz").status == 200, 10, "/readyz saying so")

    def test_f112_a_connection_that_falls_silent_is_noticed_within_two_seconds(self):
        silent, good = upstreams.SilentStream(), self.upstream()
        self.addCleanup(silent.stop)
        self.serve(f"tcp://127.0.0.1:{silent.port}", good.url)
        for number in range(5):
            reply, took = self.timed(f"n{number}.test")
            self.assertEqual(reply.rcode(), dns.rcode.NOERROR)
            self.assertLess(took, 2.5)

    def test_f111_wrong_datagrams_are_ignored_and_the_right_one_taken(self):
        def lie(query, transport):
            right = upstream.from_zone(query, transport)
            octets = right.to_wire()
            wrong_id = bytes([octets[0] ^ 255]) + octets[1:]
            other = dns.message.make_response(clients.query("other.test", identifier=query.id))
            upstream.add(other, "other.test.", "A", "203.0.113.66")
            forged = upstream.from_zone(query, transport)
            forged.answer = []
            upstream.add(forged, query.question[0].name, "A", "203.0.113.66")
            forged_octets = bytearray(forged.to_wire())
            forged_octets[1] ^= 255
            return [wrong_id, other, bytes(forged_octets), b"\0" * 5, octets]

        upstream = self.upstream()
        upstream.script = lie
        self.serve(upstream.url)
        self.assertEqual(clients.texts(self.timed("www.test")[0], "A"), ["192.0.2.1"])
        self.assertGreater(self.front.metric("dragoman_upstream_mismatches_total"), 0)

    def test_f111_a_truncated_answer_is_asked_again_over_tcp(self):
        upstream = self.upstream()
        upstream.put("long.test", "A", [f"192.0.2.{number}" for number in range(1, 200)])
        self.serve(upstream.url)
        self.assertEqual(len(clients.texts(self.front.tcp(clients.query("long.test")), "A")), 199)
        self.assertEqual([transport for _, _, transport in upstream.questions("long.test")], ["udp", "tcp"])

    def test_f111_ids_ports_and_letter_case_are_hard_to_guess(self):
        upstream = self.upstream()
        self.serve(upstream.url)
        for number in range(60):
            self.front.udp(clients.query(f"n{number}.test"))
        ids = {asked.message.id for asked in upstream.asked}
        self.assertGreater(len(ids), 50)
        cased = [str(asked.message.question[0].name) for asked in upstream.asked]
        self.assertGreater(sum(name != name.lower() for name in cased), 30, "0x20")

    def test_a_server_without_edns_is_asked_without(self):
        def old(query, transport):
            if query.edns >= 0:
                reply = dns.message.make_response(query)
                reply.use_edns(-1)
                reply.set_rcode(dns.rcode.FORMERR)
                return reply
            return upstream.from_zone(query, transport)

        upstream = self.upstream()
        upstream.script = old
        self.serve(upstream.url)
        self.assertEqual(self.timed("www.test")[0].rcode(), dns.rcode.NOERROR)

    def test_names_in_urls_come_from_the_bootstrap_servers(self):
        authority = certificates.Authority(self.folder, "bootstrap-ca")
        pair = authority.issue("resolver.test", ["resolver.test"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.cert, pair.key)
        real, bootstrap = self.upstream(tls=context, udp=False), self.upstream()
        bootstrap.put("resolver.test", "A", ["127.0.0.1"])
        self.front = clients.Front()
        self.start_once(
            self.front.configuration(
                upstream={
                    "servers": [f"tls://resolver.test:{real.port}"],
                    "bootstrap": [f"127.0.0.1:{bootstrap.port}"],
                    "ca_file": authority.file,
                }
            )
        )
        lab.eventually(lambda: self.timed("www.test")[0].rcode() == dns.rcode.NOERROR, 15, "an answer")
        self.assertIn(("resolver.test.", "A", "udp"), bootstrap.questions())


if __name__ == "__main__":
    lab.main()
