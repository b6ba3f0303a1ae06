# "Why did I get this?": the admin API's explanations and `dragoman query --explain`, against a scripted upstream.
import http.client
import json
import subprocess
import threading
import time
import urllib.parse

import dns.message
import dns.rcode

import certificates
import clients
import lab
import upstreams

zone = {
    ("v4.test", "A"): ["198.51.100.1"],
    ("both.test", "AAAA"): ["2001:db8::1"],
    ("servfail.test", "AAAA"): dns.rcode.SERVFAIL,
    ("servfail.test", "A"): ["198.51.100.3"],
    ("mapped.test", "AAAA"): ["::ffff:9.9.9.9"],
    ("mapped.test", "A"): ["198.51.100.4"],
    ("private.test", "A"): ["10.1.2.3"],
    ("alias.test", "CNAME"): ["v4.test."],
}


class Explain(lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted(dict(zone), ttl=3600, soa_ttl=300)
        cls.addClassCleanup(cls.upstream.stop)
        cls.upstream.put("silent.test", "AAAA", lambda query, transport: None)
        cls.upstream.put("silent.test", "A", ["198.51.100.6"])
        cls.upstream.put("half.test", "A", cls.half_a_chain)
        pair = certificates.Authority(cls.folder).issue("front", ["dns.test", "127.0.0.1"])
        cls.front = clients.Front(pair)
        prefixes = [
            {"prefix": "2001:db8:64::/96", "clients": ["127.0.0.2/32"]},
            {"prefix": "none", "clients": ["127.0.0.3/32"]},
            "64:ff9b::/96",
        ]
        cls.server = cls.start(
            cls.front.configuration(
                upstream=[cls.upstream.url], dns64={"prefixes": prefixes}, acl={"allow": ["127.0.0.0/8", "::1"]}
            )
        )
        cls.admin = f"http://127.0.0.1:{cls.front.admin_port}"

    @classmethod
    def half_a_chain(cls, query, transport):
        """An upstream that leaves the target of the alias out."""
        reply = dns.message.make_response(query)
        cls.upstream.add(reply, "half.test.", "CNAME", "v4.test.")
        return reply

    def setUp(self):
        self.upstream.forget_questions()

    # -- Asking --
    def get(self, target, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.front.admin_port, timeout=15)
        self.addCleanup(connection.close)
        connection.request("GET", target, headers=headers or {})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()

    def explain(self, name, **parameters):
        status, body = self.get("/api/v1/explain?" + urllib.parse.urlencode({"name": name, **parameters}))
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def steps(self, explained, *kinds):
        return [step for step in explained["steps"] if step["step"] in kinds]

    def facts(self, explained, kind):
        return [step["facts"] for step in self.steps(explained, kind)]

    def answers(self, explained):
        return [record["rdata"] for record in explained["reply"]["answer"]]

    def command(self, *words):
        return subprocess.run([lab.binary(), *words], capture_output=True, text=True, timeout=30)

    # -- What it tells --
    def test_a_synthetic_answer_is_explained_from_the_policy_to_the_ttl(self):
        self.upstream.put("fresh.test", "A", ["198.51.100.9"])
        explained = self.explain("fresh.test", client="127.0.0.1")
        self.assertEqual(self.answers(explained), ["64:ff9b::c633:6409"])
        self.assertEqual(explained["reply"]["ede"][0]["code"], 29)
        (policy,) = self.facts(explained, "policy")
        self.assertEqual((policy["policy"], policy["policies"], policy["prefixes"]), (3, 3, ["64:ff9b::/96"]))
        questions = [(row["type"], row["rcode"], row["server"]) for row in self.facts(explained, "upstream")]
        self.assertEqual(
            sorted(questions), [("A", "NOERROR", self.upstream.url), ("AAAA", "NOERROR", self.upstream.url)]
        )
        self.assertTrue(all(row["elapsed_ms"] > 0 for row in self.facts(explained, "upstream")))
        embedded = [row for row in self.facts(explained, "dns64") if row.get("result") == "embedded"]
        self.assertEqual([(row["a"], row["prefix"]) for row in embedded], [("198.51.100.9", "64:ff9b::/96")])
        (ttl,) = self.facts(explained, "ttl")
        self.assertEqual((ttl["a_ttl"], ttl["limit"], ttl["result"]), (3600, 300, 300))
        times = [step["at_ms"] for step in explained["steps"]]
        self.assertEqual(times, sorted(times))

    def test_what_the_cache_holds_is_said_and_no_upstream_asked(self):
        self.front.udp(clients.query("v4.test", "AAAA"))
        self.upstream.forget_questions()
        explained = self.explain("v4.test", client="127.0.0.1")
        self.assertEqual([row["state"] for row in self.facts(explained, "cache")], ["negative", "positive"])
        self.assertTrue(all(0 < row["left_s"] <= 3600 for row in self.facts(explained, "cache")))
        self.assertEqual(self.upstream.questions(), [])

    def test_what_is_learned_is_kept_for_clients(self):
        self.upstream.put("learned.test", "A", ["198.51.100.10"])
        self.explain("learned.test")
        self.upstream.forget_questions()
        reply = self.front.udp(clients.query("learned.test", "AAAA"))
        self.assertEqual(clients.texts(reply, "AAAA"), ["64:ff9b::c633:640a"])
        self.assertEqual(self.upstream.questions(), [])

    def test_each_client_is_told_of_its_own_policy(self):
        for client, number, answers in (
            ("127.0.0.2", 1, ["2001:db8:64::c633:6401"]),
            ("127.0.0.3", 2, []),
            ("127.0.0.4", 3, ["64:ff9b::c633:6401"]),
        ):
            with self.subTest(client=client):
                explained = self.explain("v4.test", client=client)
                self.assertEqual(self.facts(explained, "policy")[0]["policy"], number)
                self.assertEqual(self.answers(explained), answers)

    def test_a_client_that_may_not_ask_is_refused(self):
        explained = self.explain("v4.test", client="192.0.2.1")
        self.assertEqual(self.facts(explained, "admission"), [{"allowed": False, "reason": "acl"}])
        self.assertEqual(explained["reply"]["rcode"], "REFUSED")

    def test_excluded_and_refused_addresses_have_a_reason(self):
        explained = self.explain("mapped.test")
        (excluded,) = self.facts(explained, "exclusion")
        self.assertEqual((excluded["address"], excluded["list"]), ("::ffff:9.9.9.9", "exclude_aaaa"))
        explained = self.explain("private.test")
        refused = [row for row in self.facts(explained, "dns64") if row.get("result") == "not_global"]
        self.assertEqual([(row["a"], row["by"]) for row in refused], [("10.1.2.3", "RFC 6052 3.1")])
        self.assertEqual(self.answers(explained), [])

    def test_every_question_of_a_chain_is_told(self):
        explained = self.explain("half.test", type="A")
        self.assertEqual([row["name"] for row in self.facts(explained, "upstream")], ["half.test.", "v4.test."])

    def test_failures_and_deadlines_are_told(self):
        explained = self.explain("servfail.test")
        self.assertIn("SERVFAIL", [row.get("rcode") for row in self.facts(explained, "upstream")])
        self.assertIn("error", [row.get("verdict") for row in self.facts(explained, "dns64")])
        explained = self.explain("silent.test")
        self.assertIn("deadline", [row.get("failure") for row in self.facts(explained, "upstream")])
        self.assertEqual(self.answers(explained), ["64:ff9b::c633:6406"])

    def test_a_question_on_its_way_is_joined(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def late(query, transport):
            release.wait(10)
            reply = dns.message.make_response(query)
            self.upstream.add(reply, "late.test.", "TXT", "at last")
            return reply

        self.upstream.put("late.test", "TXT", late)
        asked = threading.Thread(target=lambda: self.front.udp(clients.query("late.test", "TXT")))
        asked.start()
        lab.eventually(lambda: self.upstream.questions(), what="the client's question")
        told = []
        explaining = threading.Thread(target=lambda: told.append(self.explain("late.test", type="TXT")))
        explaining.start()
        time.sleep(0.3)
        release.set()
        asked.join()
        explaining.join()
        self.assertTrue(any(row.get("joined") for row in self.facts(told[0], "upstream")), told)

    def test_the_listener_decides_how_it_is_asked(self):
        urls = self.front.configuration()["listen"]
        self.assertEqual(self.explain("v4.test", listener=urls[0])["query"]["protocol"], "udp")
        explained = self.explain("v4.test", listener=urls[2], tls_name="DNS.test")
        self.assertEqual(explained["query"]["protocol"], "doh")
        self.assertEqual((explained["query"]["path"], explained["query"]["tls_name"]), ("/dns-query", "dns.test"))

    def test_explanations_are_not_counted_as_clients(self):
        def requests():
            return [line for line in self.get("/metrics")[1].splitlines() if "dragoman_dns_requests_total{" in line]

        before = requests()
        self.explain("both.test")
        self.assertEqual(requests(), before)

    # -- Who may ask --
    def test_bad_parameters_are_told(self):
        for target, said in (
            ("/api/v1/explain", "which name?"),
            ("/api/v1/explain?name=a..b", "no domain name"),
            ("/api/v1/explain?name=a&client=x", "no IP address"),
            ("/api/v1/explain?name=a&listener=dns://192.0.2.1", "no such listener"),
            ("/api/v1/explain?name=%zz", "hexadecimal"),
            ("/api/v1/explain?name=a&nmae=b", "no such parameter"),
        ):
            with self.subTest(target=target):
                status, body = self.get(target)
                self.assertEqual(status, 400)
                self.assertIn(said, body)

    def test_names_that_lead_here_by_rebinding_are_refused(self):
        for headers in ({"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            with self.subTest(headers=headers):
                status, _ = self.get("/api/v1/explain?name=v4.test", headers)
                self.assertEqual(status, 403)
        self.assertEqual(self.get("/metrics", {"Host": "evil.example"})[0], 200)
        self.assertEqual(self.upstream.questions(), [])

    def test_a_scrape_does_not_wait_for_an_explanation(self):
        waiting = threading.Thread(target=lambda: self.explain("silent2.test"))
        self.upstream.put("silent2.test", "AAAA", lambda query, transport: None)
        waiting.start()
        lab.eventually(lambda: self.upstream.questions(), what="the question")
        begin = time.monotonic()
        self.assertEqual(self.get("/healthz")[0], 200)
        self.assertLess(time.monotonic() - begin, 1)
        waiting.join()

    # -- For people --
    def test_query_explain_prints_the_steps_and_the_answer(self):
        done = self.command("query", "--explain", "v4.test", "AAAA", "--client", "127.0.0.2", "--admin", self.admin)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^AAAA v4\.test\. for 127\.0\.0\.2, through dns://127\.0\.0\.1:\d+$")
        self.assertRegex(done.stdout, r"(?m)^ *\d+\.\d ms  policy +policy `127\.0\.0\.2/32`, 1 of 3, for clients in 127\.0\.0\.2/32")
        self.assertRegex(done.stdout, r"(?m)^v4\.test\.  \d+  IN  AAAA  2001:db8:64::c633:6401$")

    def test_query_explain_prints_json_for_programs(self):
        done = self.command("query", "--explain", "v4.test", "--json", "--admin", self.admin)
        self.assertEqual(json.loads(done.stdout)["query"]["type"], "AAAA")

    def test_ctl_explains_and_shows_the_status(self):
        done = self.command("ctl", "--admin", self.admin, "explain", "both.test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2001:db8::1", done.stdout)
        done = self.command("ctl", "--admin", self.admin, "status")
        self.assertRegex(done.stdout, r"(?m)^ready +yes$")
        done = self.command("ctl", "upstreams", "--admin", self.admin)
        self.assertRegex(done.stdout, rf"(?m)^{self.upstream.url} +up +\d")

    def test_exit_codes_are_those_of_the_other_commands(self):
        self.assertEqual(self.command("query", "--explain", "none.test", "--admin", self.admin).returncode, 1)
        self.assertEqual(self.command("query", "--explain", "a..b", "--admin", self.admin).returncode, 2)
        nobody = f"http://127.0.0.1:{lab.free_port()}"
        done = self.command("ctl", "--admin", nobody, "status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("http.listen", done.stderr)


class Workers(lab.LabTest):
    def test_the_status_comes_from_every_worker(self):
        upstream = upstreams.Scripted(dict(zone))
        self.addCleanup(upstream.stop)
        front = clients.Front()
        self.start_once({**front.configuration(upstream=[upstream.url]), "workers": 3})
        connection = http.client.HTTPConnection("127.0.0.1", front.admin_port, timeout=15)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/status")
        status = json.loads(connection.getresponse().read())
        self.assertEqual((status["workers"], status["ready"]), (3, True))
        self.assertEqual([(row["url"], row["workers_up"]) for row in status["upstreams"]], [(upstream.url, 3)])


if __name__ == "__main__":
    lab.main()
