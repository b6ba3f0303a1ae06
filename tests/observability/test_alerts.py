# The alert rules: valid, each tested as firing and as silent, explained in docs/alerts.md, about metrics that exist.
import re
import unittest

import yaml

import observed
from observed import lab


def alerts():
    groups = yaml.safe_load(observed.read(observed.rules_file))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def alert_tests():
    """(name of the block, alert, expected alerts) of every alert_rule_test."""
    for block in yaml.safe_load(observed.read(observed.rule_tests_file))["tests"]:
        for test in block.get("alert_rule_test", []):
            yield block["name"], test["alertname"], test["exp_alerts"]


class Alerts(unittest.TestCase):
    def test_promtool_accepts_rules_and_configuration(self):
        lab.run("promtool", "check", "rules", observed.rules_file)
        lab.run("promtool", "check", "config", f"{observed.prometheus_folder}/prometheus.yml")

    def test_promtool_tests_pass(self):
        lab.run("promtool", "test", "rules", observed.rule_tests_file, timeout=240)

    def test_every_alert_is_tested_as_firing(self):
        firing = {alert for _, alert, expected in alert_tests() if expected}
        self.assertEqual(set(alerts()) - firing, set())

    def test_every_alert_is_silent_on_a_healthy_server(self):
        silent = {alert for name, alert, expected in alert_tests() if name.startswith("a healthy server") and not expected}
        self.assertEqual(set(alerts()) - silent, set())

    def test_every_alert_tells_what_is_the_matter_and_what_to_do(self):
        for name, rule in alerts().items():
            with self.subTest(alert=name):
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
                self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url"})
                self.assertEqual(rule["annotations"]["runbook_url"], f"docs/alerts.md#{name.lower()}")

    def test_the_page_of_alerts_has_a_section_for_each_with_its_severity(self):
        sections = dict(re.findall(r"^## (\w+)\n\n\*\*(\w+)\.\*\*", observed.read("docs", "alerts.md"), re.M))
        self.assertEqual(sections, {name: rule["labels"]["severity"] for name, rule in alerts().items()})

    def test_rules_and_alert_page_name_metrics_that_exist(self):
        known = set(re.findall(r"`((?:dragoman|process)_\w+)`", observed.read("docs", "metrics.md")))
        known |= {name + suffix for name in known for suffix in ("_bucket", "_count", "_sum")}
        for source in (observed.rules_file, observed.rule_tests_file, "docs/alerts.md"):
            text = re.sub(r"job:\w+:\w+", "", observed.read(source))  # names of recording rules
            named = set(re.findall(r"\b(?:dragoman|process)_[a-z0-9_]+\b", text))
            self.assertEqual(named - known, set(), source)


if __name__ == "__main__":
    unittest.main(verbosity=2)
