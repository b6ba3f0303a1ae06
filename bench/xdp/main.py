# What a cached answer over UDP costs by the kernel's ordinary way, by AF_XDP in the kernel's stack (generic) and by
# AF_XDP in the driver (native). `./dev bench xdp` runs it; docs/performance.md explains the figures. Everything happens
# in network namespaces joined by veth pairs: servers on one CPU, load on the other, in turns A B C A B C.
import argparse
import contextlib
import os
import re
import shutil
import statistics
import sys
import tempfile

import ways

import lab  # noqa: E402  (ways knows where it is)
import servers  # noqa: E402
import zone  # noqa: E402

clients, under_way = 10, 100
# Queries a second, and how many of them come together: a network card hands over what gathers until its interrupt.
paces = {"inet6": [(120000, 64), (60000, 16), (30000, 1)], "inet": [(120000, 64)]}
titles = {"inet6": "IPv6", "inet": "IPv4"}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench xdp", description="The ordinary way beside AF_XDP.")
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"of {', '.join(ways.modes)}; all by default")
    parser.add_argument("--binary", default=f"{ways.root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--load", default=f"{ways.root}/build/release/bench/xdp_load", metavar="PATH")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=int, default=3, metavar="S", help="of each run")
    parser.add_argument("--profile", metavar="FOLDER", help="perf of the server's CPU instead, a record for each way")
    chosen = parser.parse_args()
    chosen.ways = chosen.ways or list(ways.modes)
    if set(chosen.ways) - set(ways.modes):
        parser.error("no such way")
    if os.geteuid() != 0:
        parser.error("this needs root, for its network namespaces and for XDP")
    if {servers.server_cpu, servers.load_cpu} - os.sched_getaffinity(0):
        parser.error("this needs two CPUs, 0 and 1")
    return chosen


def numbers(pattern, text):
    found = re.search(pattern, text, re.S)
    if not found:
        raise AssertionError(f"no figures in:\n{text}")
    return tuple(map(int, found.groups()))


class Comparison:
    def __init__(self, chosen, folder, stack):
        self.chosen = chosen
        self.hot = zone.hot_queries(os.path.join(folder, "hot"))
        self.ways = []
        for name in chosen.ways:
            way = ways.Way(name, folder, chosen.binary)
            stack.callback(way.stop)
            self.dnsperf(way, "inet6", "-n", 1)
            self.ways.append(way)

    def dnsperf(self, way, family, *options):
        """As many as come back, 100 at a time: (answered, lost)."""
        output = way.client.run(*ways.first_of(
            servers.load_cpu, "dnsperf", "-f", family, "-s", ways.addresses[family][0], "-d", self.hot,
            "-c", clients, "-q", under_way, *options), timeout=180)
        return numbers(r"Queries completed:\s+(\d+).*Queries lost:\s+(\d+)", output)

    def paced(self, way, family, rate, burst):
        output = way.client.run(*ways.first_of(
            servers.load_cpu, self.chosen.load, "--server", ways.addresses[family][0], "--queries", self.hot,
            "--rate", rate, "--burst", burst, "--seconds", self.chosen.seconds), timeout=180)
        sent, answered = numbers(r"sent (\d+) answered (\d+)", output)
        return answered, sent - answered

    def rounds(self, title, load):
        """A line for each way, of runs in turns."""
        costs = {way: [] for way in self.ways}
        for _ in range(self.chosen.rounds):
            for way in self.ways:
                before = way.cpu_us()
                answered, lost = load(way)
                program, kernel = (after - start for after, start in zip(way.cpu_us(), before))
                costs[way].append(((program + kernel) / answered, program / answered, lost / (answered + lost)))
        base = [each[0] for each in costs[self.ways[0]]]
        for way, each in costs.items():
            all_us = [cost[0] for cost in each]
            ratios = [mine / theirs for mine, theirs in zip(all_us, base)]
            program, lost = (statistics.median(cost[i] for cost in each) for i in (1, 2))
            print(f"| {title} | {way.name} | {min(all_us):.2f} | **{statistics.median(all_us):.2f}** | {max(all_us):.2f} | "
                  f"{program:.2f} | {min(ratios):.2f} | **{statistics.median(ratios):.2f}** | {max(ratios):.2f} | "
                  f"{lost * 100:.1f} % |", flush=True)

    def table(self):
        print("| load | way | us a query: min | median | max | of it the program | ratio: min | median | max | lost |\n"
              "|---|---|---|---|---|---|---|---|---|---|", flush=True)
        for family, title in titles.items():
            for rate, burst in paces[family]:
                together = f"{burst} at once" if burst > 1 else "one by one"
                self.rounds(f"{title}, {rate // 1000},000 a second, {together}",
                            lambda way: self.paced(way, family, rate, burst))
            self.rounds(f"{title}, {under_way} under way (dnsperf)",
                        lambda way: self.dnsperf(way, family, "-l", self.chosen.seconds))

    def profile(self, folder):
        os.makedirs(folder, exist_ok=True)
        for way in self.ways:
            perf = lab.Process(["perf", "record", "-g", "-C", servers.server_cpu, "-o", os.path.join(folder, way.name),
                                "--", "sleep", self.chosen.seconds], folder, f"{way.name}.perf")
            self.paced(way, "inet6", *paces["inet6"][0])
            perf.wait()

    def show_counts(self):
        for way in self.ways:
            if way.is_xdp():
                found = re.findall(r"^dragoman_xdp\S* [1-9]\d*$", way.metrics(), re.M)
                print(f"  {way.name}: {', '.join(found)}", file=sys.stderr)


def main():
    chosen = arguments()
    folder = tempfile.mkdtemp(prefix="dragoman-bench.")
    os.chmod(folder, 0o755)
    try:
        with contextlib.ExitStack() as stack:
            comparison = Comparison(chosen, folder, stack)
            if chosen.profile:
                comparison.profile(chosen.profile)
            else:
                comparison.table()
            comparison.show_counts()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
