# How long a client waits for an IPv4-only name that nobody asked before, in round trips to the upstream: one if AAAA and
# A are asked together, two if one follows the other (RFC 6147 5.1.8). And how long when AAAA questions are never
# answered (RFC 6147 5.1.3). `./dev bench wait` runs it; docs/performance.md has the figures.
import argparse
import os
import socket
import statistics
import struct
import sys
import time

import network

import certificates
import lab
import servers
import zone

patience = 8.0  # seconds that a client waits at most


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench wait", description="The wait for a name that is not cached.")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(servers.peers)}; all by default")
    parser.add_argument("--binary", default=f"{network.root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--delay", type=float, default=20, metavar="MS", help="of the upstream")
    parser.add_argument("--names", type=int, default=200, metavar="N", help="names asked of each server")
    chosen = parser.parse_args()
    chosen.peers = chosen.peers or list(servers.peers)
    if set(chosen.peers) - set(servers.peers):
        parser.error("no such peer")
    return chosen


def wait_ms(address, port, name, kind):
    """From a question to its answer; None when there is none."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    query = struct.pack("!6H", os.getpid() & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(patience)
        began = time.monotonic()
        client.sendto(query, (address, port))
        try:
            reply = client.recv(4096)
        except OSError:
            return None
        waited = (time.monotonic() - began) * 1000
        if reply[3] & 15 or reply[6:8] == b"\0\0":
            return None
        return waited


def start_upstream(folder, delay):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow_upstream.py")
    command = servers.pinned(servers.load_cpu, sys.executable, script, servers.upstream_address, servers.upstream_port, delay)
    upstream = lab.Process(command, folder, "upstream", env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    upstream.wait_for_log("open")
    return upstream


def measure(server, names, number):
    """(round trips to the upstream alone, waits at the server), in turns."""
    alone, waits = [], []
    for index in range(names):
        name = f"n{number}-{index}.fresh.{zone.origin}"
        alone.append(wait_ms(servers.upstream_address, servers.upstream_port, name, 1))
        waits.append(wait_ms("127.0.0.1", server.ports.udp, name, 28))
    if None in waits:
        raise AssertionError(f"{server.name}: {waits.count(None)} of {names} questions got no answer")
    return alone, waits


def line(server, chosen, number):
    alone, waits = measure(server, chosen.names, number)
    ratio = statistics.median(waits) / statistics.median(alone)
    dead = [wait_ms("127.0.0.1", server.ports.udp, f"n{number}-{index}.dead.{zone.origin}", 28) for index in range(3)]
    told = ", ".join("none" if wait is None else f"{wait / 1000:.2f} s" for wait in dead)
    print(f"| {server.name} | {statistics.median(alone):.2f} | {statistics.median(waits):.2f} | **{ratio:.2f}** | "
          f"{statistics.quantiles(waits, n=10)[8]:.2f} | {told} |", flush=True)


def main():
    chosen = arguments()
    network.enter()
    with network.folder() as folder:
        measure_all(chosen, folder)


def measure_all(chosen, folder):
    upstream = start_upstream(folder, chosen.delay)
    pair = certificates.Authority(folder).issue("bench", ["localhost", "127.0.0.1"])
    print("\n| server | round trip, ms | answer, ms: median | in round trips | 90 % | with AAAA dead: three names |\n"
          "|---|---|---|---|---|---|", flush=True)
    try:
        for number, name in enumerate(["dragoman"] + chosen.peers):
            server = servers.Server(name, folder, 5400 + 100 * number, pair, chosen.binary)
            try:
                line(server, chosen, number)
            finally:
                server.stop()
    finally:
        upstream.stop()


if __name__ == "__main__":
    main()
