# What the observability tests share: the files under config/, and a server that has done a little of everything, so that
# every metric has something to tell.
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import certificates  # noqa: E402
import clients  # noqa: E402
import lab  # noqa: E402
import upstreams  # noqa: E402

prometheus_folder = os.path.join(lab.root, "config", "prometheus")
rules_file = os.path.join(prometheus_folder, "dragoman.rules.yml")
rule_tests_file = os.path.join(prometheus_folder, "dragoman.rules.test.yml")
dashboard_file = os.path.join(lab.root, "config", "grafana", "dashboards", "dragoman.json")


def read(*path):
    with open(os.path.join(lab.root, *path), encoding="utf-8") as file:
        return file.read()


def dashboard():
    return json.loads(read(dashboard_file))


def may_have_a_nat64():
    return lab.isolated() and os.access("/dev/net/tun", os.R_OK | os.W_OK)


needs_a_nat64 = lab.unittest.skipUnless(may_have_a_nat64(), "needs a network namespace and /dev/net/tun")


class BusyServerTest(lab.LabTest):
    """A server on all protocols with DNS64, NAT64, TLS and an upstream; keep_busy() asks it one of each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = upstreams.Scripted({("four.test", "A"): ["192.0.2.1"], ("six.test", "AAAA"): ["2001:db8::1"]})
        cls.addClassCleanup(cls.upstream.stop)
        authority = certificates.Authority(cls.folder)
        cls.front = clients.Front(authority.issue("dns.test", ["dns.test", "127.0.0.1"]), authority.file)
        cls.server = cls.start(cls.front.configuration(
            upstream=[cls.upstream.url], dns64=cls.dns64(), dnssec=cls.dnssec(), workers=2, xdp=cls.xdp(),
            **cls.nat64()))

    @classmethod
    def nat64(cls):
        """A NAT64 that nobody sends packets to, with a log."""
        if not may_have_a_nat64():
            return {}
        log = {"format": "json", "target": f"{cls.folder}/bindings.jsonl"}
        return {"nat64": {"pool4": "198.51.100.1", "binding_log": log}}

    @classmethod
    def xdp(cls):
        """An interface that nobody sends queries by; without namespaces one that is not there."""
        if lab.isolated() and not os.path.exists("/proc/sys/net/ipv4/conf/xdp0"):
            lab.run("ip", "link", "add", "xdp0", "type", "veth", "peer", "name", "xdp1")
            for end in ("xdp0", "xdp1"):
                lab.run("ip", "link", "set", end, "up")
        return {"interfaces": ["xdp0"]}

    @classmethod
    def dnssec(cls):
        """Validation below a zone that nobody asks about, whose keys are followed."""
        anchors = f"{cls.folder}/anchors"
        with open(anchors, "w", encoding="ascii") as file:
            file.write(f"anchored.test. DS 20326 8 2 {'00' * 32}\n")
        return {"mode": "validate", "trust_anchor_file": anchors, "managed_anchors": f"{cls.folder}/anchor-state"}

    @classmethod
    def dns64(cls):
        """Synthesis for everybody, a prefix that is probed over loopback, and one that is discovered."""
        cls.upstream.put("ipv4only.arpa", "AAAA", ["2001:db8:64::c000:aa", "2001:db8:64::c000:ab"])
        probed = {"prefix": "2001:db8:1::/96", "external": True, "probe": "dns://192.0.2.53"}
        nobody = {"clients": ["192.0.2.0/24"]}
        return {"prefixes": ["64:ff9b::/96", {**probed, **nobody}, {"prefix": "discovered", **nobody}],
                "discovery": {"from": [cls.upstream.url]}, "probing": {"interval": "1h"}}

    def keep_busy(self):
        for transport in clients.Front.transports:
            for name, kind in (("four.test", "AAAA"), ("six.test", "AAAA"), ("four.test", "A"), ("none.test", "TXT"),
                               ("1.2.0.192.in-addr.arpa", "PTR")):
                self.front.ask(transport, clients.query(name, kind))

    def metrics_page(self, accept="text/plain"):
        """(Content-Type, body) of /metrics."""
        connection = clients.http.client.HTTPConnection(self.front.address, self.front.admin_port, timeout=5)
        try:
            connection.request("GET", "/metrics", headers={"Accept": accept})
            reply = connection.getresponse()
            return reply.getheader("Content-Type"), reply.read().decode()
        finally:
            connection.close()
