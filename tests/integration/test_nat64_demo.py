# `./dev demo` tells the truth: each of its steps shows what it says, and nothing is left behind.
import glob
import os
import signal
import subprocess
import sys
import unittest

import lab
import nat64_scene


@nat64_scene.needs_namespaces
@unittest.skipUnless(nat64_scene.is_installed("nginx", "curl"), "needs nginx and curl")
class Demo(lab.LabTest):
    def begin(self):
        # A folder for its temporary files, which must be empty again.
        self.temporary = os.path.join(self.folder, self.unique("temporary"))
        os.mkdir(self.temporary)
        demo = os.path.join(lab.root, "tests", "integration", "demo.py")
        process = subprocess.Popen([sys.executable, demo, lab.binary()], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env=dict(os.environ, TMPDIR=self.temporary))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process

    def test_every_step_shows_what_it_says(self):
        process = self.begin()
        told, _ = process.communicate(timeout=50)
        self.assertEqual(process.returncode, 0, told)
        for pattern in (r"client\$ ip [^\n]*\n[^\n]*2001:db8:6::2/64 *\n",
                        r"server\$ ip [^\n]*\n[^\n]*203\.0\.113\.80/24 *\n",
                        r"Network is unreachable", r"AAAA +64:ff9b::cb00:7150\n", r"Hello from a server",
                        r"198\.51\.100\.\d port \d+ asked: GET /", r"3 received, 0% packet loss",
                        r"tcp +\[2001:db8:6::2\]:\d+ +198\.51\.100\.\d:\d+ +203\.0\.113\.80:80",
                        r"(?s)who-had.*2001:db8:6::/64"):
            self.assertRegex(told, pattern)
        self.assertLessEqual(max(map(len, told.splitlines())), 100, "narrow")
        self.assertEqual(os.listdir(self.temporary), [])

    def test_interrupted_it_leaves_nothing(self):
        process = self.begin()
        lab.eventually(lambda: glob.glob(f"{self.temporary}/*/dragoman.log"), 20, "the server")
        children = lab.run("pgrep", "-P", process.pid).split()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertEqual([child for child in children if os.path.exists(f"/proc/{child}")], [])


if __name__ == "__main__":
    lab.main()
