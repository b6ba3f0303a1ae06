# Our scripts, each against a program of its own; and the runner itself, which must see what is wrong.
import glob
import os
import tempfile
import unittest

import replay

import lab

folder = os.path.join(replay.program.here, "scripts")


class Scripts(unittest.TestCase):
    def test_every_script_passes(self):
        paths = sorted(glob.glob(os.path.join(folder, "*.rpl")))
        self.assertGreater(len(paths), 20)
        found = list(replay.play_all(paths, jobs=2 * (os.cpu_count() or 1)))
        for path, verdict, why in found:
            with self.subTest(os.path.basename(path)):
                if verdict == "refused" and lab.is_sanitized():
                    continue  # no settable clock there
                self.assertEqual(verdict, "passed", why)


def changed(name, *changes):
    """(verdict, why) of one of our scripts in which something was changed."""
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        text = file.read()
    for before, after in changes:
        if before not in text:
            raise AssertionError(f"{name} has no {before!r}")
        text = text.replace(before, after, 1)
    with tempfile.NamedTemporaryFile("w", suffix=".rpl", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        return replay.play(file.name)


class Runner(unittest.TestCase):
    """Scripts that must not pass."""

    def assert_fails(self, found, *words):
        self.assertEqual(found[0], "failed", found)
        for word in words:
            self.assertIn(word, found[1])

    def test_another_record_is_seen(self):
        expected = "AD NOERROR\nSECTION QUESTION\nwww.example. IN A\nSECTION ANSWER\nwww.example. 300 IN A 192.0.2.8"
        found = changed("positive.rpl", (expected + "0", expected + "1"))
        self.assert_fails(found, "step 11", "lacks www.example. A 192.0.2.81", "has www.example. A 192.0.2.80")

    def test_another_flag_is_seen(self):
        found = changed("positive.rpl", ("REPLY QR RD RA AD NOERROR", "REPLY QR RD RA NOERROR"))
        self.assert_fails(found, "flags is QR RD RA AD, not QR RD RA")

    def test_another_rcode_and_error_are_seen(self):
        found = changed("wrong_anchor.rpl", ("REPLY QR RD RA SERVFAIL", "REPLY QR RD RA NXDOMAIN"))
        self.assert_fails(found, "rcode is SERVFAIL, not NXDOMAIN")
        found = changed("signatures.rpl", ("ede=10", "ede=12"))
        self.assert_fails(found, "extended errors are", "not 12")

    def test_another_ttl_is_seen(self):
        if lab.is_sanitized():
            self.skipTest("no settable clock")
        found = changed("ttl.rpl", ("ELAPSE 50", "ELAPSE 60"))
        self.assert_fails(found, "TTL of www.example. A is 2", ", not 250")

    def test_the_date_counts(self):
        found = changed("positive.rpl", ('val-override-date: "20260301000000"', 'val-override-date: "20270301000000"'))
        self.assert_fails(found, "rcode is SERVFAIL")

    def test_what_is_not_supported_is_said(self):
        found = changed("positive.rpl", ("server:\n", 'server:\n\tlocal-data: "a. A 192.0.2.1"\n'))
        self.assertEqual(found[0], "refused")
        self.assertIn("local-data", found[1])
        found = changed("positive.rpl", ("STEP 10 QUERY", "STEP 10 FLUSH_MESSAGE"))
        self.assertEqual(found[0], "refused")

    def test_a_script_is_written_out_with_all_records(self):
        text = replay.written_out(os.path.join(folder, "denial_nsec3.rpl"))
        self.assertNotIn("\n;sign", text)
        self.assertNotIn("\n;nsec3", text)
        with tempfile.NamedTemporaryFile("w", suffix=".rpl", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            self.assertEqual(replay.play(file.name), ("passed", ""))


if __name__ == "__main__":
    lab.main()
