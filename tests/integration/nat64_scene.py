# The scene of a NAT64 test: networks.Network with the program in its gateway, real services on both sides, and small
# ones in this process that remember who came.
import contextlib
import json
import os
import shutil
import signal
import socket
import threading
import unittest

import clients
import lab
import networks

pool = "198.51.100.1-198.51.100.4"
first_pool_address = "198.51.100.1"


def needs_namespaces(test):
    """For test classes: they need network namespaces, and a TUN device in them."""
    allowed = lab.isolated() and os.access("/dev/net/tun", os.R_OK | os.W_OK)
    return unittest.skipUnless(allowed, "needs network namespaces and /dev/net/tun")(test)


class Nat64Test(lab.LabTest):
    """One network for the tests of a class. `settings`: keys of the section nat64 beside device, prefix and pool;
    `sections`: other sections. With `settings = None` each test calls serve() itself."""

    settings = {}
    sections = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = networks.Network()
        cls.addClassCleanup(cls.network.close)
        cls.client, cls.gateway, cls.server = cls.network.client, cls.network.gateway, cls.network.server
        with cls.gateway.inside():
            cls.front = clients.Front()
        if cls.settings is not None:
            cls.program = cls._start(cls.start, cls.configuration())

    @classmethod
    def configuration(cls, sections=None, **settings):
        """The whole file: sections and keys of nat64 over those of the class."""
        nat64 = {"device": "nat64", "prefix": cls.network.prefix, "pool4": [{"addresses": pool}]}
        nat64.update(cls.settings or {}, **settings)
        admin = {"listen": [f"127.0.0.1:{cls.front.admin_port}"]}
        return {"workers": 1, "nat64": nat64, "http": admin, **cls.sections, **(sections or {})}

    @classmethod
    def _start(cls, start, configuration, **options):
        with cls.gateway.inside():
            return start(configuration, **options)

    def serve(self, sections=None, **settings):
        """The program for this test alone."""
        self.program = self._start(self.start_once, self.configuration(sections, **settings))
        return self.program

    def reload(self, sections=None, **settings):
        """Other settings for the running program; workers take them up at their next turn."""
        before = self.program.log().count("reloaded")
        self.program.write(self.configuration(sections, **settings))
        self.program.send(signal.SIGHUP)
        lab.eventually(lambda: self.program.log().count("reloaded") > before, what="the reload")

    # -- What the program says of itself --
    @classmethod
    def metric(cls, name, **labels):
        with cls.gateway.inside():
            return cls.front.metric(f"dragoman_nat64_{name}", **labels)

    @classmethod
    def drops(cls, reason):
        return cls.metric("drops_total", reason=reason)

    @classmethod
    def ctl(cls, *words, check=True):
        return cls.gateway.run(lab.binary(), "ctl", *words, "--admin", f"http://127.0.0.1:{cls.front.admin_port}",
                               check=check)

    # -- Ways --
    @classmethod
    def translated(cls, ipv4=None):
        """Where clients find an IPv4 host; the server, if none is named."""
        return cls.network.translated(ipv4 or cls.network.server_address)

    @classmethod
    def tcp(cls, namespace, address, port, source=None, timeout=5):
        """A connection from a namespace."""
        made = namespace.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, timeout=timeout)
        try:
            if source:
                made.bind((source, 0))
            made.connect((address, port))
        except BaseException:
            made.close()
            raise
        return made

    @classmethod
    def udp(cls, namespace, address, port, source=None, timeout=5):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made = namespace.socket(family, socket.SOCK_DGRAM, timeout=timeout)
        if source:
            made.bind((source, 0) if isinstance(source, str) else source)
        made.connect((address, port))
        return made

    # -- Services --
    @classmethod
    def echo(cls, namespace, address, port=7):
        made = Echo(namespace, address, port)
        cls.addClassCleanup(made.close)
        return made

    @classmethod
    def web(cls, namespace, address, name):
        made = Nginx(cls.folder, namespace, address, name)
        cls.addClassCleanup(made.stop)
        return made

    def iperf3(self, address, *options, server=None, port=5201):
        """Starts iperf3 from the client, with a server for it alone; Iperf3.end() has the result."""
        return Iperf3(self, server or self.server, address, port, options)


class Iperf3:
    def __init__(self, test, server, address, port, options):
        self._server = server.start(["iperf3", "-s", "-1", "-p", port, "--forceflush"], test.folder,
                                    test.unique("iperf3-server"))
        test.addCleanup(self._server.kill)
        self._server.wait_for_log("listening")
        self._client = test.client.start(["iperf3", "-c", address, "-p", port, "-J", *options], test.folder,
                                         test.unique("iperf3"))
        test.addCleanup(self._client.kill)

    def end(self, within=30):
        """What it says when it is through: the part "end" of its JSON."""
        status = self._client.wait(within)
        said = json.loads(self._client.log())
        if status or "error" in said:
            raise AssertionError(f"iperf3 ended with {status}: {said.get('error')}")
        return said["end"]


class Echo:
    """Sends back what it gets, by TCP and UDP, and remembers (address, port) of whoever connected or sent."""

    def __init__(self, namespace, address, port):
        self.peers, self.connected = [], []  # all, and those by TCP
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = namespace.socket(family, timeout=None)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._datagrams = namespace.socket(family, socket.SOCK_DGRAM, timeout=None)
        for sock in (self._listener, self._datagrams):
            sock.bind((address, port))
        self._listener.listen(64)
        self._held = []
        for work in (self._accept, self._answer):
            threading.Thread(target=work, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                stream, peer = self._listener.accept()
                self.peers.append(peer[:2])
                self.connected.append(peer[:2])
                self._held.append(stream)
                threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    @staticmethod
    def _serve(stream):
        with contextlib.suppress(OSError):
            while octets := stream.recv(65536):
                stream.sendall(octets)
            stream.close()

    def _answer(self):
        with contextlib.suppress(OSError):
            while True:
                octets, peer = self._datagrams.recvfrom(65536)
                if peer is None:
                    return  # shut down
                self.peers.append(peer[:2])
                self._datagrams.sendto(octets, peer)

    def close(self):
        for sock in (self._listener, self._datagrams, *self._held):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
            sock.close()


class Nginx(lab.Process):
    """nginx on port 80, with a page and a large file."""

    page = "<html><body><p>IPv4-only, reached over IPv6</p></body></html>\n"
    large_size = 8 << 20

    def __init__(self, folder, namespace, address, name):
        home = os.path.join(folder, name)
        os.makedirs(os.path.join(home, "temp"))
        with open(os.path.join(home, "index.html"), "w", encoding="ascii") as file:
            file.write(self.page)
        with open(os.path.join(home, "large"), "wb") as file:
            file.write(os.urandom(1 << 20) * (self.large_size >> 20))
        host = f"[{address}]" if ":" in address else address
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = " ".join(f"{kind}_temp_path {home}/temp;" for kind in kinds)
        with open(os.path.join(home, "nginx.conf"), "w", encoding="ascii") as file:
            file.write(f"user root; daemon off; master_process off; pid {home}/pid; error_log stderr; events {{ }}\n"
                       f"http {{ access_log {home}/access; {paths} server {{ listen {host}:80; root {home}; }} }}\n")
        self.home = home
        with namespace.inside():
            super().__init__(["nginx", "-e", "stderr", "-c", f"{home}/nginx.conf"], folder, name)
        lab.eventually(lambda: os.path.exists(f"{home}/pid"), 10, "nginx")

    def visitors(self):
        """The addresses that asked, in order."""
        with open(f"{self.home}/access", encoding="ascii") as file:
            return [line.split(" ", 1)[0] for line in file]

    def large(self):
        with open(f"{self.home}/large", "rb") as file:
            return file.read()


def curl(namespace, url, *options, timeout=30):
    """What curl gets, as octets."""
    return namespace.run("curl", "--silent", "--show-error", "--fail", "--max-time", timeout, *options, url,
                         text=False, timeout=timeout + 5)


def is_installed(*programs):
    return all(shutil.which(program) for program in programs)
