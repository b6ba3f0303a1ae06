# Load by public tools, and what a run of them cost the server: dnsperf for UDP, TCP and DoT, h2load for DoH. Every run
# ends by itself, after a time or a number of queries.
import collections
import os
import re
import struct
import subprocess
import sys
import time

import lab
import servers
import zone

Cost = collections.namedtuple("Cost", "us answered lost kernel_share")


class LoadFailed(AssertionError):
    pass


def run(server, *command):
    """(the tool's output, CPU us, share of it in the kernel)."""
    ticks, before = server.kernel_ticks(), server.cpu_us()
    output = lab.run(*servers.pinned(servers.load_cpu, *command), timeout=180)
    spent = server.cpu_us() - before
    user, system = (after - start for after, start in zip(server.kernel_ticks(), ticks))
    return output, spent, system / max(1, user + system)


def cost(measured, answered, lost):
    output, spent, kernel_share = measured
    if not answered:
        raise LoadFailed(f"nothing was answered:\n{output}")
    return Cost(spent / answered, answered, lost, kernel_share)


def number(pattern, text):
    found = re.search(pattern, text)
    return int(found.group(1)) if found else 0


def dnsperf(server, protocol, queries, *options):
    clients = 10 if protocol == "udp" else 50
    measured = run(server, "dnsperf", "-m", protocol, "-s", "127.0.0.1", "-p", getattr(server.ports, protocol),
                   "-d", queries, "-c", clients, "-q", 100, *options)
    return cost(measured, number(r"Queries completed:\s+(\d+)", measured[0]), number(r"Queries lost:\s+(\d+)", measured[0]))


def h2load(server, query, *options):
    measured = run(server, "h2load", "-d", query, "-H", "content-type: application/dns-message",
                   "-H", "accept: application/dns-message", *options, f"https://127.0.0.1:{server.ports.doh}/dns-query")
    failed = number(r"(\d+) failed", measured[0])
    return cost(measured, number(r"status codes: (\d+) 2xx", measured[0]), failed)


class Files:
    """The query files, and names that no server was asked for yet."""

    def __init__(self, folder):
        self.folder = folder
        self.hot = zone.hot_queries(os.path.join(folder, "hot"))
        self.post = os.path.join(folder, "post")
        labels = b"".join(bytes([len(label)]) + label.encode() for label in zone.v4_only(1).rstrip(".").split("."))
        with open(self.post, "wb") as file:
            file.write(struct.pack("!6H", 0, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 28, 1))
        self.few = zone.fresh_queries(os.path.join(folder, "few"), 0, 2000)
        self._asked = 2000

    def fresh(self, count, wildcard="fresh"):
        self._asked += count
        return zone.fresh_queries(os.path.join(self.folder, wildcard), self._asked, count, wildcard)


def warm(server, protocol, files):
    if protocol == "doh":
        h2load(server, files.post, "-n", 1000, "-c", 10)
    else:
        dnsperf(server, protocol, files.hot, "-n", 1)
        dnsperf(server, protocol, files.few, "-n", 1)


def hot(server, protocol, files, seconds):
    """Cached AAAA, as many queries as the machine can, 100 at a time."""
    if protocol == "doh":
        return h2load(server, files.post, "-D", seconds, "-c", 50, "-m", 2)
    return dnsperf(server, protocol, files.hot, "-l", seconds)


def new_connections(server, protocol, files):
    """A connection with a full TLS handshake for every one of 2000 queries."""
    if protocol == "doh":
        return h2load(server, files.post, "-n", 2000, "-c", 2000, "-r", 50, "--rate-period", "100ms")
    return dnsperf(server, protocol, files.few, "-n", 1, "-O", "num-queries-per-conn=1")


def idle_memory(server, protocol, files, count):
    """Octets of the server's memory for each of `count` connections that have asked once and wait."""
    hold(server, protocol, files, 50, lambda: None)
    time.sleep(1)
    before = server.rss_octets()
    grown = hold(server, protocol, files, count, lambda: time.sleep(3) or server.rss_octets() - before)
    return grown / count


def hold(server, protocol, files, count, measure):
    """What `measure` returns while `count` connections are open."""
    command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "hold.py"),
               protocol, getattr(server.ports, protocol), count, files.post]
    with subprocess.Popen(servers.pinned(servers.load_cpu, *command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as holder:
        line = holder.stdout.readline()
        if line.strip() != f"open {count}":
            raise LoadFailed(f"{server.name}: {line.strip() or 'connections failed'}")
        result = measure()
        holder.stdin.close()  # the end of its input lets it go
    return result


def name_memory(server, files, count):
    """Octets of the server's memory for each of `count` names asked once."""
    dnsperf(server, "udp", files.fresh(2000), "-n", 1)
    before = server.rss_octets()
    filled = dnsperf(server, "udp", files.fresh(count, "kept"), "-n", 1)
    return (server.rss_octets() - before) / filled.answered
