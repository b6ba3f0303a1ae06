# Does anything grow? `./dev bench soak` fills the cache with a million names, holds 15,000 connections that wait, and then
# loads the server at half of what it can while others come and go, for as long as it is told. Memory must stay flat once
# everything is filled, and when the connections are gone no descriptor may be left. Exits with 1 if not so.
import argparse
import contextlib
import sys
import threading
import time

import network

import certificates
import load
import servers

settling_s = 5  # of the load, before memory is held to be flat
most_growth = 0.02  # of the memory after that, and at least:
least_growth = 2 << 20


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench soak", description="Memory and descriptors under a long load.")
    parser.add_argument("--binary", default=f"{network.root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--names", type=int, default=1000000, metavar="N", help="in the cache")
    parser.add_argument("--idle", type=int, default=15000, metavar="N", help="connections that wait, half DoT, half DoH")
    parser.add_argument("--seconds", type=int, default=60, metavar="S")
    return parser.parse_args()


class Watch(threading.Thread):
    """Octets of memory that the server has, and those of them that are its answer cache's, every second until stop()."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.samples, self._end = server, [], threading.Event()
        self.start()

    def run(self):
        while not self._end.wait(1):
            cache_octets = servers.metric(self.server.ports.admin, "dragoman_cache_bytes")
            self.samples.append((self.server.rss_octets(), cache_octets))

    def stop(self):
        self._end.set()
        self.join()
        return self.samples


def fill(tool, server, files, names):
    before = server.rss_octets()
    tool.run(server, "udp", files.fresh(names, "kept"), "--count", names, "--in-flight", 50)
    grown = server.rss_octets() - before
    print(f"{names:,} names: {grown / 2**20:.0f} MiB, {grown / names:.0f} octets each", flush=True)


def hold(tool, server, files, stack, count):
    for protocol in ("dot", "doh"):
        before, half = server.rss_octets(), count // 2
        stack.enter_context(tool.held(server, protocol, files, half))
        time.sleep(3)
        each = (server.rss_octets() - before) / half
        print(f"{half:,} idle {protocol} connections: {each / 1000:.1f} kB each, so 50,000 take {each * 50000 / 2**20:.0f} MiB",
              flush=True)


def load_for(tool, server, files, seconds):
    """Half of what the server can by DoT and by DoH in turns, 100 new connections a second, 5 % new names."""
    able = {protocol: tool.hot(server, protocol, files, 1)["qps"] for protocol in ("dot", "doh")}
    turn, end = max(2, min(10, seconds // 4)), time.monotonic() + seconds
    answered = lost = 0
    while time.monotonic() < end:
        for protocol, rate in able.items():
            found = tool.at_rate(server, protocol, files, int(rate / 2), turn, "--mode", "mix", *files.new_names(0.05),
                                 "--handshakes", 100)
            answered, lost = answered + found["answered"], lost + found["lost"]
    print(f"{answered:,} queries answered, {lost} lost", flush=True)


def is_flat(samples):
    """New names have a right to their room in the cache, until it is full; nothing else has."""
    later = [rss - cache for rss, cache in samples[settling_s:]] or [samples[-1][0] - samples[-1][1]]
    third = max(1, len(later) // 3)
    first, last = sum(later[:third]) / third, sum(later[-third:]) / third
    growth = last - first
    print(f"memory under load beside the cache's: {first / 2**20:.1f} MiB in the first third, {last / 2**20:.1f} MiB in the last",
          flush=True)
    print(f"all of it: {samples[0][0] / 2**20:.1f} MiB at first, {samples[-1][0] / 2**20:.1f} MiB at last", flush=True)
    return growth <= max(least_growth, first * most_growth)


def main():
    chosen = arguments()
    network.enter()
    with network.folder() as folder:
        upstream = servers.start_upstream(folder)
        pair = certificates.Authority(folder).issue("bench", ["localhost", "127.0.0.1"])
        server = servers.Server("dragoman", folder, 5400, pair, chosen.binary)
        try:
            tool, files = load.Tool(load.default_tool()), load.Files(folder)
            for protocol in ("udp", "dot", "doh"):
                tool.warm(server, protocol, files)
            before = server.descriptors()
            with contextlib.ExitStack() as held:
                fill(tool, server, files, chosen.names)
                hold(tool, server, files, held, chosen.idle)
                watch = Watch(server)
                load_for(tool, server, files, chosen.seconds)
                flat = is_flat(watch.stop())
            time.sleep(3)
            left = server.descriptors() - before
            print(f"descriptors that were not closed: {left}", flush=True)
        finally:
            server.stop()
            upstream.stop()
    return 0 if flat and left <= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
