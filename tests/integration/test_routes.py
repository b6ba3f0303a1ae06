# Zones that lead to upstreams of their own: who is asked about what, chains across groups, DNS64 by route, reload.
import signal

import dns.message
import dns.rcode

import certificates
import clients
import lab
import upstreams

well_known = "64:ff9b::c000:20"  # and a digit: 192.0.2.x


class Routes(lab.LabTest):
    def setUp(self):
        self.usual = self.upstream(
            {
                ("www.test", "A"): ["192.0.2.1"],
                ("host.corp.test", "A"): ["192.0.2.9"],
                ("alias.test", "CNAME"): ["host.corp.test."],
                ("gone.test", "CNAME"): ["gone.corp.test."],
            }
        )
        self.corp = self.upstream(
            {
                ("host.corp.test", "A"): ["192.0.2.2"],
                ("out.corp.test", "CNAME"): ["www.test."],
                ("corp.test", "SOA"): ["ns.corp.test. host.corp.test. 1 3600 600 86400 300"],
            }
        )
        self.usual.put("corp.test", "DS", ["1 13 2 " + "ab" * 32])

    def upstream(self, zone, **options):
        upstream = upstreams.Scripted(zone, **options)
        self.addCleanup(upstream.stop)
        return upstream

    def configuration(self, routes=None, **sections):
        return self.front.configuration(
            upstream=[self.usual.url],
            upstreams={"corp": {"servers": [self.corp.url], "attempt_timeout": "300ms", "timeout": "1s"}},
            routes=routes if routes is not None else [{"zone": "corp.test", "upstream": "corp"}],
            dns64={"prefix": "64:ff9b::/96"},
            **sections,
        )

    def serve(self, routes=None, **sections):
        self.front = clients.Front()
        self.server = self.start_once(self.configuration(routes, **sections))

    def reload(self, configuration):
        applied = self.server.log().count("reloaded")
        self.server.write(configuration)
        self.server.send(signal.SIGHUP)
        lab.eventually(lambda: self.server.log().count("reloaded") > applied, 10, "the reload")

    def ask(self, name, kind="A"):
        return self.front.udp(clients.query(name, kind))

    def addresses(self, name, kind="A"):
        return clients.texts(self.ask(name, kind), kind)

    # -- Who is asked --
    def test_a_zone_and_all_below_it_go_to_its_group_and_nothing_else(self):
        self.serve()
        self.assertEqual(self.addresses("host.corp.test"), ["192.0.2.2"])
        self.assertEqual(self.addresses("www.test"), ["192.0.2.1"])
        self.assertEqual(self.ask("corp.test", "SOA").rcode(), dns.rcode.NOERROR)
        self.assertEqual(self.usual.questions("host.corp.test"), [])
        self.assertEqual(self.usual.questions("corp.test"), [])
        self.assertEqual(self.corp.questions("www.test"), [])

    def test_the_longest_zone_decides(self):
        self.serve(
            [
                {"zone": "corp.test", "upstream": "corp"},
                {"zone": "host.corp.test", "dns64": True},
                {"zone": "lab.test", "servers": [self.corp.url]},
            ]
        )
        self.assertEqual(self.addresses("host.corp.test"), ["192.0.2.9"])
        self.ask("other.corp.test")
        self.ask("a.lab.test")
        self.assertEqual(len(self.corp.questions("other.corp.test")), 1)
        self.assertEqual(len(self.corp.questions("a.lab.test")), 1)

    def test_rfc4035_3_1_4_1_the_ds_of_a_zone_is_asked_for_above_it(self):
        self.serve()
        self.assertEqual(len(self.ask("corp.test", "DS").answer), 1)
        self.ask("sub.corp.test", "DS")
        self.assertEqual([kind for _, kind, _ in self.usual.questions("corp.test")], ["DS"])
        self.assertEqual([kind for _, kind, _ in self.corp.questions("sub.corp.test")], ["DS"])

    def test_each_name_of_a_chain_goes_by_its_own_route(self):
        self.serve()
        reply = self.ask("alias.test")
        self.assertEqual(clients.texts(reply, "A"), ["192.0.2.2"], "not what the other group says of a name of corp")
        self.assertEqual(clients.texts(reply, "CNAME"), ["host.corp.test."])
        self.assertEqual(self.addresses("out.corp.test"), ["192.0.2.1"])
        self.assertEqual(len(self.usual.questions("www.test")), 1)
        self.assertEqual(self.ask("gone.test").rcode(), dns.rcode.NXDOMAIN)
        self.assertEqual(len(self.corp.questions("gone.corp.test")), 1)
        self.assertEqual(self.addresses("alias.test", "AAAA"), [well_known + "2"])

    def test_a_group_without_a_server_that_answers_fails_for_its_zones_alone(self):
        self.serve()
        self.corp.stop()
        self.assertEqual(self.addresses("www.test"), ["192.0.2.1"])
        for number in range(5):
            reply = self.ask(f"n{number}.corp.test")
            self.assertEqual(reply.rcode(), dns.rcode.SERVFAIL)
            self.assertIn(clients.ede_codes(reply), ([22], [23]))
        self.assertEqual(self.ask("other.test").rcode(), dns.rcode.NXDOMAIN)
        lab.eventually(
            lambda: self.front.metric("dragoman_upstream_up", group="corp", server=self.corp.url) == 0, 10, "the server being down"
        )
        self.assertEqual(self.front.admin("/readyz").status, 200)

    def test_ready_is_about_the_default_group(self):
        self.serve()
        self.usual.stop()
        for number in range(5):
            self.ask(f"n{number}.test")
        lab.eventually(lambda: self.front.admin("/readyz").status == 503, 10, "/readyz saying so")
        self.assertEqual(self.addresses("host.corp.test"), ["192.0.2.2"])

    # -- DNS64 by route --
    def test_nothing_is_synthesized_where_a_route_says_so(self):
        self.serve([{"zone": "corp.test", "upstream": "corp", "dns64": False}])
        self.assertEqual(self.addresses("www.test", "AAAA"), [well_known + "1"])
        for _ in range(2):  # asked, and from the cache
            reply = self.ask("host.corp.test", "AAAA")
            self.assertEqual((reply.rcode(), reply.answer), (dns.rcode.NOERROR, []))
        self.assertEqual(self.addresses("host.corp.test"), ["192.0.2.2"])

    def test_a_reverse_zone_has_a_route_like_any_other(self):
        self.corp.put("9.2.0.10.in-addr.arpa", "PTR", ["printer.corp.test."])
        self.serve([{"zone": "10.in-addr.arpa", "upstream": "corp"}])
        self.assertEqual(clients.texts(self.ask("9.2.0.10.in-addr.arpa", "PTR"), "PTR"), ["printer.corp.test."])

    # -- Reload --
    def test_a_reload_changes_routes_at_once_whatever_the_cache_holds(self):
        self.serve([])
        self.assertEqual(self.addresses("host.corp.test"), ["192.0.2.9"])
        self.assertEqual(self.addresses("www.test"), ["192.0.2.1"])
        self.reload(self.configuration())
        lab.eventually(lambda: self.addresses("host.corp.test") == ["192.0.2.2"], 5, "the new route")
        self.assertEqual(self.addresses("alias.test"), ["192.0.2.2"])
        self.reload(self.configuration([{"zone": "corp.test", "upstream": "corp", "dns64": False}]))
        lab.eventually(lambda: self.addresses("host.corp.test", "AAAA") == [], 5, "the route without DNS64")
        self.reload(self.configuration([]))
        lab.eventually(lambda: self.addresses("host.corp.test") == ["192.0.2.9"], 5, "no route")

    def test_what_is_on_its_way_ends_with_the_servers_it_began_with(self):
        self.corp.put_slow("slow.corp.test", 0.6, "192.0.2.7")
        self.front = clients.Front()
        configuration = self.front.configuration(
            upstream=[self.usual.url], routes=[{"zone": "corp.test", "servers": [self.corp.url]}]
        )
        self.server = self.start_once(configuration)
        with self.front.open_tcp() as stream:
            stream.send(clients.query("slow.corp.test"))
            lab.eventually(lambda: self.corp.questions("slow.corp.test"), 5, "the question")
            self.reload(self.front.configuration(upstream=[self.usual.url]))
            self.assertEqual(clients.texts(stream.receive(), "A"), ["192.0.2.7"])
        lab.eventually(lambda: not self.shown(self.corp.url), 10, "the server that nobody needs going")
        self.assertTrue(self.shown(self.usual.url))

    def shown(self, url):
        return any(("server", url) in labels for _, labels in self.front.metrics())

    # -- What is refused --
    def test_mistakes_are_told_with_their_place(self):
        self.front = clients.Front()
        for routes, words in (
            ([{"zone": "corp.test", "upstream": "crop"}], "routes[0].upstream: there is no group `crop`; did you mean"),
            ([{"zone": "a.test", "upstream": "corp"}, {"zone": "A.test", "dns64": False}], "routes[1].zone: an earlier"),
            ([{"zone": "corp.test", "servers": [f"dns://127.0.0.1:{self.front.port}"]}], "is our own listener"),
        ):
            with self.subTest(words=words):
                status, output = lab.check(self.configuration(routes), self.folder)
                self.assertEqual(status, 2)
                self.assertIn(words, output)


class Paths(lab.LabTest):
    def test_several_paths_share_an_address_and_others_are_not_found(self):
        authority = certificates.Authority(self.folder)
        upstream = upstreams.Scripted({("www.test", "A"): ["192.0.2.1"]})
        self.addCleanup(upstream.stop)
        front = clients.Front(authority.issue("dns.test", ["dns.test"]), authority.file)
        configuration = front.configuration(upstream=[upstream.url], workers=2)
        family = f"https://127.0.0.1:{front.https_port}/family"
        configuration["listen"].append(family)
        server = self.start_once(configuration)
        self.assertIn(family, server.log())
        for path in ("/dns-query", "/family"):
            front.path = path
            for transport in ("doh_post", "doh_get", "http1_post", "http1_get"):
                with self.subTest(path=path, transport=transport):
                    reply = front.ask(transport, clients.query("www.test"))
                    self.assertEqual(clients.texts(reply, "A"), ["192.0.2.1"])
        self.assertEqual(front.http1("GET", "/other?dns=AAABAAABAAAAAAAAA3d3dwR0ZXN0AAABAAE").status, 404)


if __name__ == "__main__":
    lab.main()
