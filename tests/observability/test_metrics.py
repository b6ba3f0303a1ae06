# The metrics page of a live server in both formats, judged by promtool and by the strict parser of Prometheus' Python
# client; and docs/metrics.md, which is made from it: test_metrics.py --write
import collections
import os
import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

import observed
from observed import lab

page = os.path.join(lab.root, "docs", "metrics.md")
head = """# Metrics

Made by `tests/observability/test_metrics.py --write` from what a live server shows at `/metrics`; a test compares the two.
Alerts on them are in [alerts.md](alerts.md), a dashboard in `config/grafana/dashboards/dragoman.json`.

Counters and histograms start at zero with the process; what several workers count under the same labels is added up.
Labels whose values depend on the configuration or are too many to list stand without values. A combination of labels
that never occurred may be missing from large families.

| metric | type | labels | meaning |
|---|---|---|---|
"""

# Their values come from the configuration, the build or the machine.
open_labels = {"group", "server", "interface", "zone", "prefix", "pool", "target", "format", "worker", "file", "cn", "hash", "compiler", "version of dragoman_build"}
# Of more than 64 cells only those that counted are shown, so a page tells little of their labels.
large_families = {"dragoman_dns_requests", "dragoman_http_requests"}


def described_labels(family):
    """The names of a family's labels, with their values where these are a closed set."""
    values = collections.defaultdict(set)
    for sample in family.samples:
        for name, value in sample.labels.items():
            values[name].add(value)
    values.pop("le", None)
    is_open = family.name in large_families
    return "; ".join(name if is_open or {name, f"{name} of {family.name}"} & open_labels else
                     f"{name}: {' '.join(sorted(values[name]))}" for name in sorted(values))


def exposed_name(family):
    return family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")


def made_page(open_metrics):
    families = sorted(parse_open_metrics(open_metrics), key=exposed_name)
    return head + "".join(f"| `{exposed_name(family)}` | {family.type} | {described_labels(family)} | {family.documentation} |\n"
                          for family in families)


def sample_keys(families):
    return {(sample.name, frozenset(sample.labels.items())) for family in families for sample in family.samples}


class Metrics(observed.BusyServerTest):
    def setUp(self):
        self.keep_busy()

    def test_promtool_finds_nothing_to_complain_about(self):
        content_type, text = self.metrics_page()
        self.assertIn("version=0.0.4", content_type)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_open_metrics_passes_the_strict_parser(self):
        content_type, text = self.metrics_page("application/openmetrics-text; version=1.0.0")
        self.assertIn("application/openmetrics-text", content_type)
        self.assertGreater(len(list(parse_open_metrics(text))), 30)

    def test_both_formats_show_the_same_series(self):
        _, text = self.metrics_page()
        _, open_metrics = self.metrics_page("application/openmetrics-text")
        self.assertEqual(sample_keys(parse_text(text)), sample_keys(parse_open_metrics(open_metrics)))

    def test_all_protocols_are_counted(self):
        for protocol in ("udp", "tcp", "dot", "doh"):
            self.assertGreater(self.front.metric("dragoman_dns_requests_total", proto=protocol), 0, protocol)
            self.assertGreater(self.front.metric("dragoman_dns_request_duration_seconds_count", proto=protocol), 0, protocol)

    def test_the_number_of_series_is_bounded(self):
        self.assertLess(len(self.front.metrics()), 2500)

    @observed.needs_a_nat64
    def test_the_page_in_docs_is_what_the_server_shows(self):
        _, text = self.metrics_page("application/openmetrics-text")
        made = made_page(text)
        if os.environ.get("DRAGOMAN_WRITE_METRICS_PAGE"):
            with open(page, "w", encoding="utf-8") as file:
                file.write(made)
        self.assertEqual(observed.read(page).splitlines(), made.splitlines(), "run tests/observability/test_metrics.py --write")


if __name__ == "__main__":
    if "--write" in sys.argv:
        sys.argv.remove("--write")
        os.environ["DRAGOMAN_WRITE_METRICS_PAGE"] = "1"
    lab.main()
