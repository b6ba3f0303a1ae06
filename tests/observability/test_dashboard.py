# The dashboard and the rules against a real Prometheus that scrapes a live server: every query parses and finds data, and
# nothing alarms. Grafana itself is not in Debian; what it would ask, this asks.
import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import yaml

import observed
from observed import lab

# What Grafana puts in for its variables, for a scrape every 0.5 s.
variables = {"$__rate_interval": "5s", "$job": ".*", "$instance": ".*"}


def queries():
    """(panel, expression) with the variables put in."""
    for panel in observed.dashboard()["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"]
            for name, value in variables.items():
                expression = expression.replace(name, value)
            yield panel["title"], expression


class Prometheus(lab.Process):
    def __init__(self, folder, target):
        self.port = lab.free_port()
        config = os.path.join(folder, "prometheus.yml")
        shipped = yaml.safe_load(observed.read(observed.prometheus_folder, "prometheus.yml"))
        shipped["global"] = {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "1s"}
        shipped["rule_files"] = [observed.rules_file]
        shipped["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
        with open(config, "w", encoding="utf-8") as file:
            yaml.safe_dump(shipped, file)
        super().__init__(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
                          f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], folder, "prometheus")

    def api(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it is starting
                raise
            return json.load(error)

    def samples(self, expression):
        reply = self.api("query", query=expression)
        if reply["status"] != "success":
            raise AssertionError(f"{expression}: {reply['error']}")
        return reply["data"]["result"]

    def is_up(self):
        try:
            return bool(self.samples("up == 1"))
        except (OSError, AssertionError):
            return False


class Dashboard(observed.BusyServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prometheus = Prometheus(cls.folder, f"127.0.0.1:{cls.front.admin_port}")
        cls.addClassCleanup(cls.prometheus.stop)
        lab.eventually(cls.prometheus.is_up, 20, "the first scrape")

    def scrapes(self):
        return int(self.prometheus.samples("sum(count_over_time(up[1m]))")[0]["value"][1])

    def keep_busy_for_scrapes(self, count):
        """A rate needs two scrapes in its window; the queries go on meanwhile."""
        until = self.scrapes() + count
        while self.scrapes() < until:
            self.keep_busy()

    @observed.needs_a_nat64
    def test_every_panel_has_data(self):
        self.keep_busy_for_scrapes(8)
        for title, expression in queries():
            with self.subTest(panel=title):
                self.assertTrue(self.prometheus.samples(expression), f"no data: {expression}")

    def test_the_traffic_is_seen(self):
        self.keep_busy_for_scrapes(8)
        by_protocol = {sample["metric"]["proto"]: float(sample["value"][1]) for sample in
                       self.prometheus.samples("sum by (proto) (rate(dragoman_dns_requests_total[5s]))")}
        self.assertEqual(set(by_protocol), {"udp", "tcp", "dot", "doh"})
        self.assertTrue(all(rate > 0 for rate in by_protocol.values()), by_protocol)

    def test_the_rules_are_evaluated_and_nothing_alarms(self):
        self.keep_busy_for_scrapes(6)
        groups = self.prometheus.api("rules")["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertGreater(len(rules), 20)
        self.assertEqual([rule["name"] for rule in rules if rule["health"] != "ok"], [])
        self.assertEqual([rule["name"] for rule in rules if rule.get("state") == "firing"], [])


class DashboardFile(lab.unittest.TestCase):
    def test_it_is_what_its_table_makes(self):
        made = subprocess.run([os.path.join(lab.root, "config", "grafana", "dashboard.py")], capture_output=True, text=True,
                              check=True, timeout=30).stdout
        self.assertEqual(observed.read(observed.dashboard_file), made, "run config/grafana/dashboard.py, see its first lines")

    def test_every_query_obeys_the_variables(self):
        for panel in observed.dashboard()["panels"]:
            for target in panel.get("targets", []):
                selectors = len(re.findall(r"\b(?:dragoman|process)_\w+", target["expr"]))
                self.assertEqual(target["expr"].count('job=~"$job",instance=~"$instance"'), selectors, target["expr"])

    def test_every_documented_metric_is_on_a_panel(self):
        documented = set(re.findall(r"`((?:dragoman|process)_\w+)`", observed.read("docs", "metrics.md")))
        shown = {re.sub(r"_bucket$", "", name) for name in
                 re.findall(r"\b(?:dragoman|process)_\w+", json.dumps(observed.dashboard()))}
        not_for_the_eye = {"process_virtual_memory_bytes", "dragoman_tls_certificate_not_before_timestamp_seconds"}
        self.assertEqual(documented - shown - not_for_the_eye, set())
        self.assertEqual(shown - documented, set())

    def test_panels_neither_overlap_nor_leave_the_grid(self):
        taken = {}
        for panel in observed.dashboard()["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, f"{panel['title']} lies on {taken.get((x, y))}")
                    taken[x, y] = panel["title"]

    def test_ids_are_unique(self):
        ids = [panel["id"] for panel in observed.dashboard()["panels"]]
        self.assertEqual(len(ids), len(set(ids)))


if __name__ == "__main__":
    lab.main()
