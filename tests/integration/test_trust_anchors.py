# Trust anchors in a real server: the roll-over of a zone's key (RFC 5011) with BIND's tools and NSD, what survives a
# restart, negative trust anchors (RFC 7646) by `dragoman ctl`, and a state file that cannot be written. Hold-down times
# are seconds here.
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

import dns.flags
import dns.rcode

import clients
import lab
import upstreams

needed = ("dnssec-keygen", "dnssec-signzone", "dnssec-settime", "dnssec-revoke", "dnssec-dsfromkey", "nsd")
zone = "roll.test"


class SignedZone:
    """A zone with keys that come and go, signed anew each time, on an NSD that takes it up."""

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.file = os.path.join(self.folder, "served")
        self.serial = 0
        self.signer = self.make_key()
        self.zsk = self.make_key(ksk=False)
        self.records = [f"n{number} A 192.0.2.{number}" for number in range(1, 20)] + ["bad A 192.0.2.99"]
        self.sign()
        self.server = upstreams.Nsd(self.folder, f"{zone}.", [], file=self.file)

    def tool(self, *command):
        return lab.run(*command, cwd=self.folder).strip().splitlines()[-1]

    def make_key(self, ksk=True):
        """The name of a new key; its TTL is short, so that nobody has to wait for it."""
        kind = ["-f", "KSK"] if ksk else []
        return self.tool("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-L", "2", *kind, zone)

    def publish_only(self, key):
        self.tool("dnssec-settime", "-P", "now", "-A", "+1y", key)

    def sign_with(self, key):
        self.tool("dnssec-settime", "-A", "now", key)

    def revoke(self, key):
        """The key's new name: the revoke bit changes its tag."""
        return os.path.basename(self.tool("dnssec-revoke", "-f", key)).removesuffix(".key")

    def remove(self, key):
        for suffix in (".key", ".private"):
            os.remove(os.path.join(self.folder, key + suffix))

    def ds(self, key):
        return self.tool("dnssec-dsfromkey", "-2", key)

    def sign(self):
        """Signs; the record of `bad` is another one afterwards than what was signed."""
        self.serial += 1
        plain = os.path.join(self.folder, "plain")
        with open(plain, "w", encoding="ascii") as file:
            file.write(f"$ORIGIN {zone}.\n$TTL 2\n@ SOA ns hostmaster {self.serial} 3600 600 86400 2\n@ NS ns\n")
            file.write("ns A 127.0.0.1\n" + "\n".join(self.records) + "\n")
        lab.run("dnssec-signzone", "-S", "-K", ".", "-o", zone, "-f", "signed", "plain", cwd=self.folder)
        with open(os.path.join(self.folder, "signed"), encoding="ascii") as file:
            text = file.read()
        with open(self.file, "w", encoding="ascii") as file:
            file.write(text.replace("192.0.2.99", "192.0.2.66"))

    def serve(self):
        """NSD is started anew: it looks at the times of files by whole seconds."""
        self.sign()
        self.server.stop()
        self.server = upstreams.Nsd(self.folder, f"{zone}.", [], port=self.server.port, file=self.file)


@unittest.skipUnless(all(shutil.which(tool) for tool in needed), "needs bind9-utils and nsd")
class TrustAnchors(lab.LabTest):
    def setUp(self):
        self.zone = SignedZone(self.folder, self.unique("zone"))
        self.addCleanup(lambda: self.zone.server.kill())
        self.front = clients.Front()
        self.anchors = os.path.join(self.zone.folder, "anchors")
        self.state = os.path.join(self.zone.folder, "state")
        with open(self.anchors, "w", encoding="ascii") as file:
            file.write(self.zone.ds(self.zone.signer) + "\n")
        self.next_name = 0

    def configuration(self, **dnssec):
        settings = {"mode": "validate", "trust_anchor_file": self.anchors, **dnssec}
        return self.front.configuration(upstream=[self.zone.server.url], dnssec=settings)

    def managed(self, **more):
        times = {"add_hold_down": "4s", "remove_hold_down": "2s", "min_interval": "1s", "max_interval": "1s"}
        return self.configuration(managed_anchors={"state_file": self.state, **times, **more})

    def ask(self, name=None):
        """The reply for a name that nobody has asked for yet."""
        if name is None:
            self.next_name += 1
            name = f"n{self.next_name}.{zone}"
        return self.front.udp(clients.query(name, flags="RD AD"))

    def expect_secure(self):
        reply = self.ask()
        self.assertEqual(reply.rcode(), dns.rcode.NOERROR, reply)
        self.assertTrue(reply.flags & dns.flags.AD, reply)

    def ctl(self, *words, check=True):
        url = f"http://127.0.0.1:{self.front.admin_port}"
        done = subprocess.run(
            [lab.binary(), "ctl", "--admin", url, "dnssec", *words], capture_output=True, text=True, timeout=30
        )
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout if check else done

    def states(self):
        """{tag of the key: its state} as `ctl` tells it."""
        told = json.loads(self.ctl("anchors", "--json"))
        return {record["key_tag"]: record["state"] for anchor in told["anchors"] for record in anchor["records"]}

    def expect_state(self, key, state, within=15):
        tag = int(key.rsplit("+", 1)[1])
        lab.eventually(lambda: self.states().get(tag) == state, within, f"{key} {state}, not {self.states()}")

    def count(self, state):
        return self.front.metric("dragoman_trust_anchor_keys", zone=f"{zone}.", state=state)

    def test_a_roll_over_is_followed(self):
        """RFC 5011 2.2, 2.1, 2.4.2: a key is added, the old one revokes itself and goes; the new one is enough then."""
        server = self.start_once(self.managed())
        old = self.zone.signer
        self.expect_state(old, "valid")
        self.expect_secure()

        new = self.zone.make_key()
        self.zone.publish_only(new)
        self.zone.serve()
        self.expect_state(new, "add_pend")
        self.assertEqual(self.count("add_pend"), 1)
        self.assertRegex(self.ctl("anchors"), r"add_pend .* trusted from 20")
        self.expect_state(new, "valid")
        server.wait_for_log(r"trust_anchor_key: a key is trusted .*zone=roll.test")

        self.zone.sign_with(new)
        revoked = self.zone.revoke(old)
        self.zone.remove(old)
        self.zone.serve()
        self.expect_state(old, "revoked")
        self.expect_secure()
        self.zone.remove(revoked)
        self.zone.serve()
        self.expect_state(old, "removed")
        self.expect_secure()

        # The file that was configured names a key that is gone: what was learned since survives a restart.
        self.assertEqual(server.stop(), 0)
        server = self.start_once(self.managed())
        self.assertEqual(self.states()[int(new.rsplit("+", 1)[1])], "valid")
        self.expect_secure()
        self.assertEqual(server.stop(), 0)
        self.start_once(self.configuration())
        self.assertEqual(self.ask().rcode(), dns.rcode.SERVFAIL)

    def test_a_key_is_not_trusted_before_its_time(self):
        """RFC 5011 2.4.1: whoever has the zone's keys for a moment does not gain a key of his own."""
        self.start_once(self.managed(add_hold_down="1h"))
        old = self.zone.signer
        self.expect_state(old, "valid")
        new = self.zone.make_key()
        self.zone.serve()
        self.expect_state(new, "add_pend")
        self.zone.remove(old)
        self.zone.serve()
        lab.eventually(
            lambda: self.front.metric("dragoman_trust_anchor_refreshes_total", zone=f"{zone}.", result="bogus") > 1,
            15,
            "the new key alone being refused",
        )
        self.assertEqual(self.states()[int(new.rsplit("+", 1)[1])], "add_pend")
        self.assertEqual(self.ask().rcode(), dns.rcode.SERVFAIL)

    def test_a_state_file_that_cannot_be_written_stops_nothing(self):
        self.state = os.path.join(self.zone.folder, "later", "state")
        server = self.start_once(self.managed())
        self.expect_secure()
        self.expect_state(self.zone.signer, "valid")
        self.assertEqual(self.front.metric("dragoman_trust_anchor_state_unsaved"), 1)
        server.wait_for_log("trust_anchor_state_unwritable")
        os.mkdir(os.path.dirname(self.state))
        lab.eventually(lambda: self.front.metric("dragoman_trust_anchor_state_unsaved") == 0, 15, "the file written")
        with open(self.state, encoding="ascii") as file:
            self.assertTrue(file.read().endswith("\nend\n"))

    def test_a_negative_trust_anchor_ends_by_itself(self):
        """RFC 7646: a name whose signatures are broken is answered for as long as an operator says."""
        server = self.start_once(self.configuration())
        bad = f"bad.{zone}"
        self.assertEqual(self.ask(bad).rcode(), dns.rcode.SERVFAIL)
        self.assertIn("bogus", self.ctl("explain", bad, "A"))
        self.assertIn(f"{bad}.", self.ctl("nta", "add", bad, "--for", "3s"))
        reply = lab.eventually(lambda: self.ask(bad).rcode() == dns.rcode.NOERROR and self.ask(bad))
        self.assertEqual(clients.texts(reply, "A"), ["192.0.2.66"])
        self.assertFalse(reply.flags & dns.flags.AD)
        self.expect_secure()  # everything else is validated as before
        self.assertEqual(self.front.metric("dragoman_negative_trust_anchors", source="operator"), 1)

        server.send(signal.SIGHUP)
        server.wait_for_log("reloaded")
        self.assertIn(f"{bad}.", self.ctl("nta"))
        lab.eventually(lambda: self.ask(bad).rcode() == dns.rcode.SERVFAIL, 10, "the end of the negative anchor")
        self.assertEqual(self.ctl("nta"), "every name is validated\n")
        server.wait_for_log("negative_trust_anchor_ended")

    def test_a_negative_trust_anchor_can_be_removed(self):
        self.start_once(self.configuration())
        bad = f"bad.{zone}"
        self.ctl("nta", "add", bad)
        lab.eventually(lambda: self.ask(bad).rcode() == dns.rcode.NOERROR)
        self.assertEqual(self.ctl("nta", "remove", bad), "every name is validated\n")
        lab.eventually(lambda: self.ask(bad).rcode() == dns.rcode.SERVFAIL)
        refused = self.ctl("nta", "remove", bad, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("no operator has added", refused.stderr)
        self.assertIn("is a trust anchor", self.ctl("nta", "add", zone, check=False).stderr)
        self.assertIn("no trust anchor is above", self.ctl("nta", "add", "other.test", check=False).stderr)
        self.assertEqual(self.front.admin(f"/api/v1/dnssec/negative/add?name={bad}").status, 405)

    def test_anchors_change_with_a_reload(self):
        other = SignedZone(self.folder, self.unique("zone"))
        self.addCleanup(lambda: other.server.kill())
        with open(self.anchors, "w", encoding="ascii") as file:
            file.write(other.ds(other.signer) + "\n")  # of keys that this zone has never had
        server = self.start_once(self.configuration())
        self.assertEqual(self.ask(f"n1.{zone}").rcode(), dns.rcode.SERVFAIL)
        with open(self.anchors, "w", encoding="ascii") as file:
            file.write(self.zone.ds(self.zone.signer) + "\n")
        server.send(signal.SIGHUP)
        reply = lab.eventually(
            lambda: self.ask(f"n1.{zone}").rcode() == dns.rcode.NOERROR and self.ask(f"n1.{zone}")
        )
        self.assertTrue(reply.flags & dns.flags.AD)
        with open(self.anchors, "w", encoding="ascii") as file:
            file.write("roll.test. IN TXT nonsense\n")
        server.send(signal.SIGHUP)
        server.wait_for_log(re.escape(f"{self.anchors}:1: neither a DS nor a DNSKEY record"))
        self.expect_secure()  # the configuration in force stays


if __name__ == "__main__":
    if not all(shutil.which(tool) for tool in needed):
        print("skipped: needs bind9-utils and nsd")
        sys.exit(77)
    lab.main()
