# Builds docker/Dockerfile and runs the result, without a Docker engine: buildah in chroot isolation, on a base image made
# by mmdebstrap. Takes minutes and needs root, the network and both packages, so only with DRAGOMAN_TEST_IMAGE=1.
import json
import os
import re
import shutil
import sys
import tempfile
import unittest

import observed
from observed import lab

base_image = "docker.io/library/debian:bookworm-slim"


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="dragoman-image.", dir=os.environ.get("DRAGOMAN_IMAGE_TMP", "/var/tmp"))
        cls.addClassCleanup(lambda: shutil.rmtree(cls.folder, ignore_errors=True))
        cls.make_base_image()
        cls.buildah("bud", "--pull-never", "--format", "docker", "--network", "host", "--tag", "dragoman",
                    "--file", f"{lab.root}/docker/Dockerfile", "--ignorefile", f"{lab.root}/.dockerignore", lab.root,
                    timeout=3000)
        cls.container = cls.buildah("from", "--pull-never", "localhost/dragoman").split()[-1]

    @classmethod
    def buildah(cls, *words, timeout=600, check=True):
        """Images and containers in the test's own folder; the file system is copied, since overlays need more."""
        command = ["buildah", "--root", f"{cls.folder}/root", "--runroot", f"{cls.folder}/run", "--storage-driver", "vfs"]
        environment = dict(os.environ, BUILDAH_ISOLATION="chroot", TMPDIR=cls.folder)
        return lab.run(*command, *words, timeout=timeout, check=check, env=environment)

    @classmethod
    def make_base_image(cls):
        archive = f"{cls.folder}/base.tar"
        lab.run("mmdebstrap", "--variant=minbase", "bookworm", archive, timeout=900)
        made = cls.buildah("from", "scratch").split()[-1]
        cls.buildah("add", made, archive, "/")
        cls.buildah("commit", made, base_image)
        cls.buildah("rm", made)
        os.remove(archive)

    def run_inside(self, *words, check=True):
        return self.buildah("run", "--isolation", "chroot", self.container, "--", *words, check=check)

    def test_the_program_runs_with_the_libraries_of_the_image(self):
        self.assertIn("dragoman", self.run_inside("dragoman", "version"))

    def test_it_runs_as_nobody_in_particular(self):
        self.assertEqual(self.run_inside("id", "-u").strip(), "65532")

    def test_the_configuration_of_the_image_is_found_and_only_misses_its_certificate(self):
        complaint = self.run_inside("dragoman", "check", "--config", "/etc/dragoman/dragoman.yaml", check=False)
        problems = [line for line in complaint.splitlines()
                    if re.match(r"/etc/dragoman/dragoman\.yaml:\d+:\d+: ", line) and ": warning: " not in line]
        self.assertTrue(problems, complaint)
        self.assertEqual([line for line in problems if "certs/tls." not in line], [], complaint)

    def test_the_image_tells_an_engine_how_to_run_it(self):
        image = json.loads(self.buildah("inspect", "--type", "image", "localhost/dragoman"))["Docker"]["config"]
        self.assertEqual(image["User"], "65532:65532")
        self.assertEqual(image["Entrypoint"], ["dragoman"])
        self.assertEqual(image["Cmd"], ["serve", "--config", "/etc/dragoman/dragoman.yaml"])
        self.assertEqual(image["Healthcheck"]["Test"], ["CMD", "dragoman", "health", "--ready"])
        self.assertEqual(set(image["ExposedPorts"]), {"5300/udp", "5300/tcp", "8853/tcp", "8443/tcp", "9153/tcp"})

    def test_it_serves_and_finds_itself_healthy(self):
        script = ("printf 'listen: [dns://127.0.0.1:5300]\\nhttp: {listen: [\"127.0.0.1:9153\"]}\\n"
                  "local_data: [{name: a.test, a: 192.0.2.1}]\\n' >/tmp/d.yaml\n"
                  "dragoman serve --config /tmp/d.yaml & server=$!\n"
                  "for i in $(seq 100); do dragoman health --ready 2>/dev/null && break; sleep 0.1; done\n"
                  "dragoman query a.test A @dns://127.0.0.1:5300\n"
                  "kill -TERM $server; wait $server; echo ended with $?\n")
        said = self.run_inside("sh", "-c", script)
        for part in ("ready", "192.0.2.1", "ended with 0"):
            self.assertIn(part, said)

    def test_no_compiler_and_no_key_is_left_in_it(self):
        found = self.run_inside("sh", "-c", "command -v g++ cmake ninja; find /etc/dragoman /src -name '*.key' 2>/dev/null; true")
        self.assertEqual(found.strip(), "")


if __name__ == "__main__":
    if os.environ.get("DRAGOMAN_TEST_IMAGE") != "1":
        print("Set DRAGOMAN_TEST_IMAGE=1 to build the container image.")
        sys.exit(77)
    missing = [program for program in ("buildah", "mmdebstrap") if not shutil.which(program)]
    if missing or os.geteuid() != 0:
        sys.exit(f"needs root and {missing or 'nothing more'}: apt-get install --no-install-recommends buildah mmdebstrap")
    unittest.main(verbosity=2)
