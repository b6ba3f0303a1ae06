# The laboratory of the integration tests: a network namespace for each test program, the real binary with a
# configuration of the test, and processes that are sure to end. upstreams.py holds what answers behind the server,
# clients.py what asks in front of it, certificates.py the keys of both.
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_inside = "DRAGOMAN_LAB_INSIDE"


def binary():
    """The program under test: $DRAGOMAN, else the newest that was built."""
    if "DRAGOMAN" in os.environ:
        return os.environ["DRAGOMAN"]
    built = [
        path
        for path in (f"{root}/build/{preset}/dragoman" for preset in ("debug", "release", "asan"))
        if os.path.exists(path)
    ]
    if not built:
        sys.exit("No program to test: run ./dev test, or set DRAGOMAN to the path of one.")
    return max(built, key=os.path.getmtime)


def main():
    """Runs the tests of the calling program, in a network namespace of their own when that is allowed."""
    if _inside not in os.environ:
        _enter_namespace()
    unittest.main(verbosity=2)


def _enter_namespace():
    unshare = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    allowed = subprocess.run(unshare + ["ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
    if not allowed:
        os.environ[_inside] = "no"
        return
    os.environ[_inside] = "yes"
    os.execvp("unshare", unshare + ["sh", "-c", 'ip link set lo up && exec "$@"', "lab", sys.executable] + sys.argv)


def is_sanitized():
    """Whether the program was built with a sanitizer, whose own memory blurs every measurement of memory."""
    with open(binary(), "rb") as file:
        return b"__asan_init" in file.read()


def isolated():
    """Whether this is a namespace of our own, where every port is free and addresses may be added."""
    return os.environ.get(_inside) == "yes"


def add_address(address):
    """Adds an address to this namespace's loopback device; ready at once (no duplicate address detection)."""
    run("ip", "address", "replace", address, "dev", "lo", *(["nodad"] if ":" in address else []))


def run(*command, timeout=60, check=True, **options):
    """Runs a program to its end and returns its output (standard error too)."""
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        text=options.pop("text", True),
        **options,
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def eventually(condition, within=10.0, what="the condition"):
    """Asks until `condition()` is true; returns what it returned."""
    end = time.monotonic() + within
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {within} s")
        time.sleep(0.02)


_given = set()


def free_port(address="127.0.0.1"):
    """A port that is free for TCP and UDP on this address now, and was given to nobody else here."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as tcp, socket.socket(family, socket.SOCK_DGRAM) as udp:
            tcp.bind((address, 0))
            with contextlib.suppress(OSError):
                port = tcp.getsockname()[1]
                udp.bind((address, port))
                if port not in _given:
                    _given.add(port)
                    return port


class Process:
    """A program that runs while the test does; its output goes to a file. End it with stop() or kill()."""

    def __init__(self, command, folder, name, **options):
        self.name = name
        self.log_path = os.path.join(folder, f"{name}.log")
        self._log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            **options,
        )

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for_log(self, pattern, within=10.0):
        """The match of `pattern` in the output, as soon as there is one."""

        def look():
            found = re.search(pattern, self.log())
            if not found and self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.log()}")
            return found

        try:
            return eventually(look, within, f"{self.name} printing {pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=15):
        """The exit status."""
        status = self.process.wait(timeout)
        self._log.close()
        return status

    def stop(self, number=signal.SIGTERM, timeout=15):
        if self.process.poll() is None:
            self.send(number)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} did not end within {timeout} s of signal {number}:\n{self.log()}"
            ) from None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._log.close()

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_s(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Dragoman(Process):
    """The server, from a configuration given as the values that its YAML file would hold. Ready when made."""

    def __init__(self, folder, configuration, name="dragoman", within=20.0, environment=None):
        self.config_path = os.path.join(folder, f"{name}.yaml")
        self.write(configuration)
        variables = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:halt_on_error=1", UBSAN_OPTIONS="halt_on_error=1")
        variables.update(environment or {})
        super().__init__([binary(), "serve", "--config", self.config_path], folder, name, env=variables)
        try:
            self.wait_for_log(r"\bready\b", within)
        except BaseException:
            self.kill()
            raise

    def write(self, configuration):
        """JSON is YAML. The file is replaced whole, as editors do."""
        text = configuration if isinstance(configuration, str) else json.dumps(configuration, indent=1)
        with open(self.config_path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(self.config_path + ".new", self.config_path)

    def is_alive(self):
        return self.process.poll() is None

    def assert_stops_cleanly(self):
        status = self.stop()
        if status != 0:
            raise AssertionError(f"dragoman ended with {status}:\n{self.log()}")


def check(configuration, folder):
    """`dragoman check` on a configuration: (exit status, output)."""
    path = os.path.join(folder, "checked.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(configuration if isinstance(configuration, str) else json.dumps(configuration, indent=1))
    done = subprocess.run([binary(), "check", "--config", path], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


class LabTest(unittest.TestCase):
    """A test case with a folder of its own and processes that end with it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="dragoman-lab.")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        os.chmod(cls.folder, 0o755)
        cls._names = 0

    @classmethod
    def unique(cls, name):
        cls._names += 1
        return f"{name}-{cls._names}"

    @classmethod
    def start(cls, configuration, **options):
        """A server for all tests of the class; it must end cleanly with them."""
        server = Dragoman(cls.folder, configuration, cls.unique("dragoman"), **options)
        cls.addClassCleanup(server.assert_stops_cleanly)
        return server

    def start_once(self, configuration, **options):
        """A server for this test alone."""
        server = Dragoman(self.folder, configuration, self.unique("dragoman"), **options)
        self.addCleanup(lambda: server.is_alive() and server.assert_stops_cleanly())
        return server
