# What a cached answer costs in instructions, by protocol, and what a new connection does, counted by callgrind: a number
# that does not move with what else the machine does. One client, one query at a time, so that no batch hides a cost; the
# kernel's part is not in it. Valgrind's processor has neither ADX nor SHA extensions, so that the arithmetic of a handshake
# weighs more here than it does in time.
# `./dev bench instructions` prints it, tests/budget holds it to a budget; docs/performance.md has the figures.
import argparse
import contextlib
import os
import re
import stat
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(root, "tests", "integration"))

import certificates  # noqa: E402
import clients  # noqa: E402
import lab  # noqa: E402
import upstreams  # noqa: E402

inside = "DRAGOMAN_BENCH_INSIDE"
protocols = ("udp", "tcp", "dot", "doh")
goes = 3
# "Again": the same octets were asked within this second, as most are on a busy server. "Anew": made of the cache's answer.
ways = {"again": {}, "anew": {"cache": {"packets": 0}}}
kinds = (("A", "www.v4-site.net", "A"), ("AAAA", "www.dual-site.net", "AAAA"), ("AAAA, synthesized", "www.v4-site.net", "AAAA"))
zone = {("www.v4-site.net", "A"): ["198.18.0.1"], ("www.dual-site.net", "AAAA"): ["2001:db8::1"], ("www.dual-site.net", "A"): ["198.18.0.2"]}


class Counter:
    """The instructions that a server under callgrind has spent since the last look."""

    def __init__(self, server, folder):
        self.pid, self.folder = server.pid, folder

    def zero(self):
        lab.run("callgrind_control", "--zero", self.pid)

    def read(self):
        before = set(os.listdir(self.folder))
        lab.run("callgrind_control", "--dump", self.pid)
        total = 0
        for name in set(os.listdir(self.folder)) - before:
            with open(os.path.join(self.folder, name), encoding="ascii", errors="replace") as file:
                total += sum(int(found) for found in re.findall(r"^(?:summary|totals): (\d+)", file.read(), re.M)[:1])
        return total


def wrapper(folder, binary):
    path = os.path.join(folder, "dragoman")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\nexec valgrind -q --tool=callgrind --callgrind-out-file={folder}/out.%p {binary} \"$@\"\n")
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


class Asker:
    """One question after the other by one protocol, over one connection."""

    def __init__(self, front, protocol):
        self.open = {"udp": lambda: None, "tcp": front.open_tcp, "dot": front.open_dot, "doh": front.open_http2}[protocol]
        self.front, self.stream = front, self.open()

    def ask(self, octets):
        if self.stream is None:
            self.front.udp(octets)
        elif isinstance(self.stream, clients.Http2):
            self.stream.post(octets)
        else:
            self.stream.ask(octets)


class Newcomer:
    """A client that opens a connection, asks one question, and goes."""

    def __init__(self, front):
        self.front = front
        self.dot, self.doh = clients.tls_context(front.ca_file, ["dot"]), clients.tls_context(front.ca_file, ["h2"])
        self.session = None

    def open_dot(self, session=None):
        front = self.front
        plain = front.connect(front.tls_port)
        with self.dot.wrap_socket(plain, server_hostname=front.host, session=session) as sock:
            clients.DnsStream(sock).ask(clients.query(kinds[0][1], "A"))
            self.session = sock.session  # its ticket came before the answer
            assert sock.session_reused == (session is not None)

    def open_dot_again(self):
        self.open_dot(self.session)

    def open_doh(self):
        front = self.front
        with clients.Http2(front.connect_tls(front.https_port, context=self.doh), front.host, front.path) as stream:
            stream.post(clients.query(kinds[0][1], "A", identifier=0).to_wire())


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench instructions", description="Instructions of a cached answer and of a new connection.")
    parser.add_argument("--binary", default=f"{root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--queries", type=int, default=300, metavar="N", help="of each kind")
    parser.add_argument("--connections", type=int, default=200, metavar="N", help="of each kind")
    return parser.parse_args()


@contextlib.contextmanager
def counted_server(binary, **sections):
    """Where it listens, and its counter; with these sections of the configuration beside the usual ones."""
    with tempfile.TemporaryDirectory(prefix="dragoman-bench.") as folder:
        os.chmod(folder, 0o755)
        counts = os.path.join(folder, "counts")
        os.mkdir(counts)
        os.environ["DRAGOMAN"] = wrapper(counts, os.path.abspath(binary))
        upstream = upstreams.Scripted(zone, ttl=86400, soa_ttl=86400)
        authority = certificates.Authority(folder)
        front = clients.Front(authority.issue("server", ["dns.test", "127.0.0.1"]), authority.file)
        server = lab.Dragoman(folder, front.configuration(upstream=[upstream.url], dns64={}, **sections), within=60)
        try:
            yield front, Counter(server, counts)
        finally:
            server.stop(timeout=60)
            upstream.stop()


def count(binary, queries, **sections):
    """{protocol: {kind: instructions of an answer}}."""
    with counted_server(binary, **sections) as (front, counter):
        return {protocol: count_kinds(front, protocol, counter, queries) for protocol in protocols}


def count_connections(binary, connections):
    """{kind of connection: instructions of one, from the first octet to the last, with one cached answer}."""
    openers = {"new DoT": Newcomer.open_dot, "resumed DoT": Newcomer.open_dot_again, "new DoH": Newcomer.open_doh}
    with counted_server(binary) as (front, counter):
        newcomer, counted = Newcomer(front), {}
        for title, come in openers.items():
            for _ in range(20):
                come(newcomer)
            counter.zero()
            for _ in range(connections):
                come(newcomer)
            counted[title] = round(counter.read() / connections)
    return counted


def count_kinds(front, protocol, counter, queries):
    asker, counted = Asker(front, protocol), {}
    for title, name, kind in kinds:
        octets = clients.query(name, kind, identifier=0 if protocol == "doh" else 1).to_wire()
        for _ in range(20):
            asker.ask(octets)
        # The least of several goes: in the others a second began, or a timer was due, and on a slow machine in many.
        counted[title] = min(count_once(asker, octets, counter, queries // goes) for _ in range(goes))
    return counted


def count_once(asker, octets, counter, queries):
    asker.ask(octets)
    counter.zero()
    for _ in range(queries):
        asker.ask(octets)
    return round(counter.read() / queries)


def enter_namespace():
    """Begins this program anew in a network that has a loopback device and nothing else."""
    if inside in os.environ:
        return
    unshare = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    os.environ[inside] = "yes"
    os.execvp("unshare", unshare + ["sh", "-c", 'ip link set lo up && exec "$@"', "bench", sys.executable] + sys.argv)


def main():
    chosen = arguments()
    enter_namespace()
    tables = {way: count(chosen.binary, chosen.queries, **sections) for way, sections in ways.items()}
    columns = [f"{title}, {way}" for title, _, _ in kinds for way in ways]
    print("\n| instructions of a cached answer | " + " | ".join(columns) + " |\n|---" + "|---" * len(columns) + "|")
    for protocol in protocols:
        cells = [str(tables[way][protocol][title]) for title, _, _ in kinds for way in ways]
        print(f"| {protocol} | " + " | ".join(cells) + " |")
    counted = count_connections(chosen.binary, chosen.connections)
    print("\n| instructions of a connection with one answer | |\n|---|---|")
    for title, instructions in counted.items():
        print(f"| {title} | {instructions} |")


if __name__ == "__main__":
    main()
