# DNS over HTTPS as RFC 8484, 9110 and 9113 want it, seen from outside: HTTP/2 and HTTP/1.1.
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import h2.errors

import certificates
import clients
import lab
import upstreams

post = [("content-type", clients.media_type)]


class Doh(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted(
            {
                ("www.test", "A"): ["192.0.2.1"],
                ("fail.test", "A"): dns.rcode.SERVFAIL,
                ("short.test", "A"): ["192.0.2.3"],
            },
            soa_ttl=120,
        )
        cls.upstream.put("short.test", "A", cls.short)
        cls.upstream.put("nosoa.test", "A", lambda query, transport: dns.message.make_response(query))
        for name in ("slow.test", "reset.test"):
            cls.upstream.put_slow(name, 1.0, "192.0.2.9")
        cls.addClassCleanup(cls.upstream.stop)
        cls.authority = certificates.Authority(cls.folder)
        cls.front = clients.Front(cls.authority.issue("dns.test", ["dns.test", "127.0.0.1"]), cls.authority.file)
        cls.server = cls.start(
            cls.front.configuration(upstream={"servers": [cls.upstream.url], "attempt_timeout": "4s"})
        )
        cls.www = clients.query("www.test", identifier=0).to_wire()

    @classmethod
    def short(cls, query, transport):
        reply = dns.message.make_response(query)
        cls.upstream.add(reply, query.question[0].name, "A", "192.0.2.3", ttl=5)
        return reply

    def statuses(self, method, path=None, body=None, headers=()):
        """The status over HTTP/2 and over HTTP/1.1."""
        with self.front.open_http2() as connection:
            second = connection.request(method, path, body, headers)
        first = self.front.http1(method, path or self.front.path, body, dict(headers))
        return second.status, first.status

    def assert_status(self, expected, *arguments, **options):
        self.assertEqual(self.statuses(*arguments, **options), (expected, expected))

    # -- GET (RFC 8484 4.1) --
    def test_f1_get_takes_base64url_without_padding(self):
        self.assert_status(200, "GET", f"/dns-query?dns={clients.base64url(self.www)}")

    def test_f1_get_tolerates_padding_and_other_parameters_in_any_order(self):
        coded = clients.base64url(self.www)
        for target in (
            f"?ct&dns={coded}",
            f"?dns={coded}&random_padding=xxxx",
            f"?a=b&dns={coded}&c",
            f"?dns={coded}" + "=" * (-len(coded) % 4),
        ):
            with self.subTest(target=target):
                self.assert_status(200, "GET", "/dns-query" + target)

    def test_f1_get_without_a_usable_dns_parameter_is_400(self):
        for target in ("", "?", "?dns=", "?dns", "?name=www.test", "?dns=!!!!", "?dns=AAAA*", "?dns=AAA%20"):
            with self.subTest(target=target):
                self.assert_status(400, "GET", "/dns-query" + target)

    # -- POST --
    def test_f2_post_takes_the_message_as_its_body(self):
        self.assert_status(200, "POST", body=self.www, headers=post)

    def test_f2_another_media_type_is_415(self):
        for headers in ([("content-type", "application/json")], [("content-type", "text/plain")], []):
            with self.subTest(headers=headers):
                self.assert_status(415, "POST", body=self.www, headers=headers)

    def test_f2_http2_needs_no_content_length(self):
        with self.front.open_http2() as connection:
            self.assertEqual(connection.request("POST", body=self.www, headers=post).status, 200)

    def test_f2_a_content_length_that_disagrees_resets_the_stream(self):
        with self.front.open_frames() as frames:
            frames.send(frames.headers(1, frames.post_head(len(self.www) + 5)), frames.data(1, self.www))
            seen = frames.read_frames(until=lambda frame: frame.stream_id == 1)
            self.assertEqual(type(seen[-1]).__name__, "RstStreamFrame")
            self.assertEqual(seen[-1].error_code, h2.errors.ErrorCodes.PROTOCOL_ERROR)

    # -- Methods, paths, sizes (RFC 9110) --
    def test_f3_other_methods_are_405_with_allow(self):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            with self.subTest(method=method), self.front.open_http2() as connection:
                reply = connection.request(method)
                self.assertEqual(reply.status, 405)
                self.assertIn("GET", reply.headers["allow"])
                self.assertIn("POST", reply.headers["allow"])
                self.assertEqual(self.front.http1(method, self.front.path).status, 405)

    def test_f3_head_answers_like_get_without_a_body(self):
        target = f"/dns-query?dns={clients.base64url(self.www)}"
        with self.front.open_http2() as connection:
            reply = connection.request("HEAD", target)
        for reply in (reply, self.front.http1("HEAD", target)):
            self.assertEqual((reply.status, reply.body, reply.headers["content-type"]), (200, b"", clients.media_type))

    def test_f4_other_paths_are_404(self):
        for path in ("/", "/dns-quer", "/dns-query/", "/dns-query2", "/DNS-QUERY", "/../dns-query"):
            with self.subTest(path=path):
                self.assert_status(404, "POST", path, self.www, post)

    def test_f5_a_body_beyond_65535_octets_is_413(self):
        with self.front.open_http2() as connection:
            headers = post + [("content-length", "65536")]
            self.assertEqual(connection.request("POST", body=bytes(65536), headers=headers).status, 413)
        self.assertEqual(self.front.http1("POST", "/dns-query", bytes(65536), dict(post)).status, 413)

    def test_f5_a_longer_dns_parameter_is_414_or_431(self):
        with self.front.open_http2() as connection:
            self.assertIn(connection.request("GET", "/dns-query?dns=" + "A" * 7000).status, (400, 414, 431))
        self.assertIn(self.front.http1("GET", "/dns-query?dns=" + "A" * 90000).status, (414, 431))

    # -- Replies (RFC 8484 4.2, 5.1) --
    def test_f6_every_dns_answer_is_200(self):
        for name, rcode in (
            ("www.test", 0),
            ("missing.nowhere", dns.rcode.NXDOMAIN),
            ("fail.test", dns.rcode.SERVFAIL),
        ):
            for transport in ("doh_post", "doh_get", "http1_post", "http1_get"):
                with self.subTest(name=name, transport=transport):
                    self.assertEqual(self.front.ask(transport, clients.query(name)).rcode(), rcode)

    def freshness(self, name):
        with self.front.open_http2() as connection:
            reply = connection.post(clients.query(name, identifier=0).to_wire())
        self.assertEqual(reply.headers["content-type"], clients.media_type)
        self.assertEqual(reply.headers["content-length"], str(len(reply.body)))
        return reply.headers["cache-control"], dns.message.from_wire(reply.body)

    def test_f7_freshness_is_the_smallest_ttl_and_ages_with_it(self):
        self.assertEqual(self.freshness("short.test")[0], "max-age=5")
        time.sleep(2.1)
        told, message = self.freshness("short.test")
        self.assertEqual(told, f"max-age={clients.ttls(message)[0]}")
        self.assertIn(told, ("max-age=2", "max-age=3"))

    def test_f7_freshness_of_a_negative_answer_is_that_of_its_soa(self):
        self.assertEqual(self.freshness("missing.elsewhere")[0], "max-age=120")

    def test_f7_failures_and_answers_without_soa_are_not_fresh(self):
        for name in ("fail.test", "nosoa.test"):
            self.assertEqual(self.freshness(name)[0], "max-age=0")

    def test_f8_the_id_of_the_client_comes_back(self):
        for identifier in (0, 1, 65535):
            with self.front.open_http2() as connection:
                reply = connection.post(clients.query("www.test", identifier=identifier).to_wire())
                self.assertEqual(dns.message.from_wire(reply.body).id, identifier)

    def test_f10_alpn_chooses_the_protocol_and_none_means_http_1_1(self):
        for offered, chosen in ((["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), (["http/1.1", "h2"], "h2")):
            with self.front.connect_tls(self.front.https_port, offered) as sock:
                self.assertEqual(sock.selected_alpn_protocol(), chosen)
        with self.front.connect_tls(self.front.https_port) as sock:
            sock.sendall(f"GET /dns-query?dns={clients.base64url(self.www)} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            self.assertTrue(sock.recv(65536).startswith(b"HTTP/1.1 200"))

    def test_f11_http_1_1_keeps_the_connection_and_takes_chunks(self):
        with self.front.connect_tls(self.front.https_port, ["http/1.1"]) as sock:
            for _ in range(3):
                sock.sendall(
                    b"POST /dns-query HTTP/1.1\r\nhost: x\r\ncontent-type: application/dns-message\r\n"
                    b"transfer-encoding: chunked\r\n\r\n"
                )
                for octet in self.www:
                    sock.sendall(b"1\r\n" + bytes([octet]) + b"\r\n")
                sock.sendall(b"0\r\n\r\n")
                self.assertTrue(sock.recv(65536).startswith(b"HTTP/1.1 200"))

    def test_f14_zone_transfers_are_refused_before_any_upstream(self):
        for kind in ("AXFR", "IXFR"):
            query = clients.query("transfer.test", "SOA", edns=-1)
            query.question[0].rdtype = dns.rdatatype.from_text(kind)
            for transport in ("doh_post", "http1_post"):
                self.assertIn(self.front.ask(transport, query).rcode(), (dns.rcode.REFUSED, dns.rcode.NOTIMP))
        self.assertEqual(self.upstream.questions("transfer.test"), [])

    def test_f40_padded_when_the_query_was(self):
        with self.front.open_http2() as connection:
            reply = connection.post(clients.query("www.test", options=[clients.padding(30)]).to_wire())
        self.assertEqual(len(reply.body) % 468, 0)

    # -- Streams --
    def test_a_slow_stream_does_not_delay_a_fast_one(self):
        self.front.doh_post(clients.query("www.test"))
        with self.front.open_http2() as connection:
            slow = connection.start_post(clients.query("slow.test").to_wire())
            begin = time.monotonic()
            connection.post(self.www)
            self.assertLess(time.monotonic() - begin, 0.9)
            self.assertNotIn(slow, connection.replies)
            self.assertEqual(connection.finish(slow).status, 200)

    def test_a_burst_of_a_hundred_streams_is_answered_whole(self):
        with self.front.open_http2() as connection:
            connection.pump()  # the server's SETTINGS say how many are allowed
            streams = [connection.start_post(self.www, flush=False) for _ in range(50)]
            streams += [connection.start_post(clients.query(f"n{i}.burst").to_wire(), flush=False) for i in range(50)]
            connection.flush()
            self.assertEqual({connection.finish(stream).status for stream in streams}, {200})

    def test_one_of_two_identical_queries_may_be_reset(self):
        octets = clients.query("reset.test").to_wire()
        with self.front.open_http2() as connection:
            first, second = connection.start_post(octets), connection.start_post(octets)
            connection.h2.reset_stream(first, h2.errors.ErrorCodes.CANCEL)
            connection.flush()
            self.assertEqual(clients.texts(dns.message.from_wire(connection.finish(second).body), "A"), ["192.0.2.9"])

    def test_no_server_push_and_no_transformation(self):
        with self.front.open_http2() as connection:
            reply = connection.post(self.www)
        self.assertEqual(
            self.front.tcp(clients.query("www.test", identifier=0)).answer, dns.message.from_wire(reply.body).answer
        )
        self.assertFalse({"content-encoding", "vary", "age"} & set(reply.headers))


if __name__ == "__main__":
    lab.main()
