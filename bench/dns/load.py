# Load by our own generator (load.cpp), and by public tools that say whether it is right: dnsperf and h2load. Every run ends
# by itself, after a time or a number of queries.
import contextlib
import json
import os
import re
import struct
import subprocess
import time

import network
import servers
import zone

import lab

sockets, usual_connections, usual_in_flight = 10, 50, 100
real_time = ("chrt", "--rr", "10")


class LoadFailed(AssertionError):
    pass


class Files:
    """The query files, and names that no server was asked for yet."""

    def __init__(self, folder):
        self.folder = folder
        self.hot = zone.hot_queries(os.path.join(folder, "hot"))
        self.post = os.path.join(folder, "post")
        labels = b"".join(bytes([len(label)]) + label.encode() for label in zone.v4_only(1).rstrip(".").split("."))
        with open(self.post, "wb") as file:
            file.write(struct.pack("!6H", 0, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 28, 1))
        self._asked = self._mixed_in = 0

    def new_names(self, share):
        """Options: of the queries so many are for names of this run alone, as many as it may take."""
        self._mixed_in += 10_000_000
        return ("--misses", share, "--fresh-suffix", "fresh." + zone.origin.rstrip("."), "--fresh-start", self._mixed_in)

    def fresh(self, count, wildcard="fresh"):
        self._asked += count
        return zone.fresh_queries(os.path.join(self.folder, wildcard), self._asked, count, wildcard)


class Tool:
    """load.cpp. What it returns are its own words for what it found; `cpu_us` is a query's, of all the server's threads."""

    def __init__(self, path):
        self.path = path

    def command(self, server, protocol, queries, *options, charge=True):
        charged = ["--charge", server.pids()] if charge else []
        return servers.pinned(servers.load_cpu, self.path, "--protocol", protocol, "--port", getattr(server.ports, protocol),
                              "--queries", queries, *charged, *options)

    def run(self, server, protocol, queries, *options, before=()):
        """Once more when the machine was so busy with something else that nothing came back. `before`: what comes before
        the command, such as one that sets its priority."""
        for _ in range(2):
            found = json.loads(lab.run(*before, *self.command(server, protocol, queries, *options), timeout=900))
            wrong = found["failed"] + found["servfail"]
            if found["answered"] and wrong <= found["answered"] / 100:
                return found
        raise LoadFailed(f"{server.name}, {protocol}: {json.dumps(found)}")

    def warm(self, server, protocol, files):
        self.run(server, protocol, files.hot, "--count", zone.hot_count, "--in-flight", 50)

    def hot(self, server, protocol, files, seconds, *options, connections=None, in_flight=usual_in_flight):
        """Cached AAAA, as fast as answers come."""
        connections = connections or (sockets if protocol == "udp" else usual_connections)
        return self.run(server, protocol, files.hot, "--connections", connections, "--in-flight", in_flight,
                        "--seconds", seconds, *options)

    def at_rate(self, server, protocol, files, rate, seconds, *options, before=()):
        connections = sockets if protocol == "udp" else usual_connections
        return self.run(server, protocol, files.hot, "--connections", connections, "--rate", rate, "--seconds", seconds,
                        *options, before=before)

    def new_connections(self, server, protocol, files, seconds, *options):
        return self.run(server, protocol, files.hot, "--mode", "connections", "--connections", 20, "--seconds", seconds,
                        *options)

    def misses(self, server, files, count):
        return self.run(server, "udp", files.fresh(count), "--count", count, "--in-flight", 50)

    @contextlib.contextmanager
    def held(self, server, protocol, files, count):
        """`count` connections that have asked once and wait."""
        command = self.command(server, protocol, files.hot, "--mode", "idle", "--connections", count, charge=False)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            line = holder.stdout.readline()
            if line.strip() != f'{{"open": {count}}}':
                raise LoadFailed(f"{server.name}, {protocol}: of {count} connections some did not open")
            try:
                yield
            finally:
                holder.stdin.close()  # the end of its input lets it go

    def idle_memory(self, server, protocol, files, count):
        """Octets of the server's memory for each of so many connections."""
        with self.held(server, protocol, files, 50):
            time.sleep(1)
        before = server.rss_octets()
        with self.held(server, protocol, files, count):
            time.sleep(3)
            return (server.rss_octets() - before) / count

    def name_memory(self, server, files, count):
        """Octets of the server's memory for each of so many names asked once, their AAAA denial and their A answer."""
        self.misses(server, files, 2000)
        before = server.rss_octets()
        self.run(server, "udp", files.fresh(count, "kept"), "--count", count, "--in-flight", 50)
        return (server.rss_octets() - before) / count


# -- Public tools. Connection set-up is inside their figures --
def spent_by(server, *command):
    """(the tool's output, CPU us)."""
    before = cpu_us(server)
    output = lab.run(*servers.pinned(servers.load_cpu, *command), timeout=180)
    return output, cpu_us(server) - before


def cpu_us(server):
    total = 0
    for process in server.processes:
        tasks = f"/proc/{process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total / 1000


def number(pattern, text):
    found = re.search(pattern, text)
    return int(found.group(1)) if found else 0


def by_public_tool(server, protocol, files, seconds):
    """CPU us a query: dnsperf for UDP, TCP and DoT; h2load, which repeats one query, for DoH."""
    if protocol == "doh":
        output, spent = spent_by(server, "h2load", "-d", files.post, "-H", "content-type: application/dns-message", "-H",
                                 "accept: application/dns-message", "-D", seconds, "-c", usual_connections, "-m", 2,
                                 f"https://127.0.0.1:{server.ports.doh}/dns-query")
        answered = number(r"status codes: (\d+) 2xx", output)
    else:
        output, spent = spent_by(server, "dnsperf", "-m", protocol, "-s", "127.0.0.1", "-p", getattr(server.ports, protocol),
                                 "-d", files.hot, "-c", sockets if protocol == "udp" else usual_connections, "-q",
                                 usual_in_flight, "-l", seconds)
        answered = number(r"Queries completed:\s+(\d+)", output)
    if not answered:
        raise LoadFailed(f"nothing was answered:\n{output}")
    return spent / answered


def default_tool():
    return os.path.join(network.root, "build", "release", "bench", "dns_load")
