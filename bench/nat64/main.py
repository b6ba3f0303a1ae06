# Dragoman's NAT64 beside others, in one run: the floor of its design (floor.cpp), Debian's tayga with the kernel's
# masquerade, and what the kernel does alone. `./dev bench nat64` runs it; docs/performance.md explains the figures.
# Everything happens in network namespaces: daemons on one CPU, load on another, in turns A B A B. Throughput moves with
# whatever else the machine does, CPU time much less, and ratios of neighbouring runs least.
import argparse
import contextlib
import os
import shutil
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[1:1] = [os.path.join(root, "bench"), os.path.join(root, "tests", "integration")]

import load  # noqa: E402
import report  # noqa: E402
import tables  # noqa: E402
import targets  # noqa: E402

most_packets, most_datagrams = 400000, 2000000  # a second, that a search begins with


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench nat64", description="Compares NAT64s.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(targets.kinds)}; all by default")
    parser.add_argument("--measures", default=",".join(Comparison.measures), metavar="LIST",
                        help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=int, default=3, metavar="S", help="of each run at a fixed load")
    parser.add_argument("--wire", action="store_true",
                        help="wire-sized packets from the ends, joined by the gateway, as with network cards")
    parser.add_argument("--dragoman", default=f"{root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--tools", default=f"{root}/build/release/bench", metavar="FOLDER", help="of floor and load")
    parser.add_argument("--update", action="store_true", help="put the tables into docs/performance.md")
    chosen = parser.parse_args()
    chosen.targets = chosen.targets or list(targets.kinds)
    chosen.measures = chosen.measures.split(",")
    if set(chosen.targets) - set(targets.kinds) or set(chosen.measures) - set(Comparison.measures):
        parser.error("no such target or measure")
    if {targets.daemon_cpu, targets.load_cpu} - os.sched_getaffinity(0):
        parser.error("this needs two CPUs, 0 and 1")
    if os.geteuid() != 0:
        parser.error("this needs root, for its network namespaces")
    chosen.load, chosen.floor = (os.path.join(chosen.tools, f"nat64_{name}") for name in ("load", "floor"))
    return chosen


class Comparison:
    """Rounds of each measure over all targets; tables.Results keeps what they found."""

    measures = {}  # name -> what it runs, filled below

    def __init__(self, chosen, folder, stack):
        """What is started here is stopped with the stack."""
        self.chosen, self.milliseconds = chosen, chosen.seconds * 1000
        self.results = tables.Results()
        self.targets = [targets.kinds[name](folder, chosen) for name in chosen.targets]
        self.ends = {}
        for target in self.targets:
            stack.callback(target.stop)
            set_offloads(target.network, chosen.wire)
            target.start()
            target.wait_until_ready()
            self.ends[target] = load.Ends(target, chosen)
            stack.callback(self.ends[target].stop)
            self.ends[target].wait_until_ready()

    def run(self):
        for name in self.chosen.measures:
            for number in range(self.chosen.rounds):
                print(f"  {name}, round {number + 1} of {self.chosen.rounds}", file=sys.stderr, flush=True)
                self.measures[name](self)

    def put(self, row, target, value):
        self.results.add(row, target.name, value)
        print(f"    {target.name}: {row}: {value:.6g}", file=sys.stderr, flush=True)

    # -- The measures --
    def tcp(self):
        for streams, down in ((1, False), (1, True), (4, False), (4, True)):
            name = f"TCP, {streams} stream{'s' * (streams > 1)} {'down' if down else 'up'}"
            for target in self.targets:
                bulk = self.ends[target].tcp(streams, down, self.chosen.seconds)
                self.put(f"{name}, Gbit/s", target, bulk.gbit_s)
                self.put(f"{name}, all CPU s/GB", target, bulk.all_s_per_gb)
                if target.daemon:
                    self.put(f"{name}, daemon CPU s/GB", target, bulk.daemon_s_per_gb)

    def super_packets(self):
        """40 datagrams of 1200 octets in one write, as QUIC servers send."""
        def run(target, rate, milliseconds):
            return self.ends[target].up(rate, milliseconds, size=1200, segments=40)
        rates = self.search("UDP_SEGMENT, loss-free Gbit/s", run, most_datagrams, 1200 * 8 / 1e9)
        for target in self.targets:
            lost = run(target, int(rates[target]) // 2, self.milliseconds).loss
            self.put("UDP_SEGMENT, % lost at half of that", target, lost * 100)
        for target, rate in self.at_common_rate(rates):
            stream = run(target, rate, self.milliseconds)
            if target.daemon:
                self.put("UDP_SEGMENT, daemon CPU s/GB", target, stream.daemon_s_per_packet / 1200 * 1e9)

    def small_packets(self):
        """64 octets of payload."""
        rates = self.search("UDP, 64 octets, loss-free packets/s",
                            lambda target, *pace: self.ends[target].up(*pace), most_packets)
        for target in self.targets:
            lost = self.ends[target].up(int(rates[target]) // 2, self.milliseconds).loss
            self.put("UDP, 64 octets, % lost at half of that", target, lost * 100)
        for target, rate in self.at_common_rate(rates):
            for direction in ("up", "down"):
                stream = getattr(self.ends[target], direction)(rate, self.milliseconds)
                if target.daemon:
                    row = f"UDP, 64 octets {direction}, daemon CPU us/packet"
                    self.put(row, target, stream.daemon_s_per_packet * 1e6)

    def new_flows(self):
        """Frames of 2000 known flows, and then each of a new one."""
        carriers = [target for target in self.targets if target.carries_flows]
        known = self.search("UDP, known flows, loss-free packets/s",
                            lambda target, *pace: self.ends[target].flows(*pace, distinct=targets.flow_hosts),
                            most_packets, of=carriers)
        new = self.search("UDP, new flows, loss-free flows/s", lambda target, *pace: self.ends[target].flows(*pace),
                          most_packets, of=carriers)
        for target in carriers:
            self.put("UDP, new flows by known flows", target, new[target] / max(1, known[target]))
        for target, rate in self.at_common_rate(new):
            if target.daemon:
                cost = self.ends[target].flows(rate, self.milliseconds).daemon_s_per_packet * 1e6
                self.put("UDP, new flows, daemon CPU us/flow", target, cost)

    def round_trip(self):
        for target in self.targets:
            minimum, average, lost = self.ends[target].ping()
            self.put("round trip, min, ms", target, minimum)
            self.put("round trip, average, ms", target, average)
            self.put("round trip, pings lost of 1000", target, lost)

    measures.update({"tcp": tcp, "super_packets": super_packets, "small_packets": small_packets, "new_flows": new_flows,
                     "round_trip": round_trip})

    def search(self, row, run, highest, unit=1.0, of=None):
        """Puts the loss-free rate of each target, times `unit`; returns the rates in packets a second."""
        rates = {}
        for target in of or self.targets:
            rates[target] = load.loss_free(lambda *pace: run(target, *pace), highest)
            self.put(row, target, rates[target] * unit)
        return rates

    @staticmethod
    def at_common_rate(rates):
        """(target, rate): half of what Dragoman and the floor both carry, since a packet costs less the closer the next
        one follows; half of its own for who carries less."""
        pair = [rate for target, rate in rates.items() if target.name in ("dragoman", "floor")]
        common = min(pair or rates.values())
        return [(target, int(min(rate, common) / 2)) for target, rate in rates.items()]


def set_offloads(network, as_with_network_cards):
    """Of the wires: whole super-packets from end to end, or wire-sized packets that the gateway joins."""
    ends = gateway = "tx on tso on gso on gro off tx-udp-segmentation on"
    if as_with_network_cards:
        ends = "tx on tso off gso off gro on tx-udp-segmentation off"
        gateway = "tx on tso on gso on gro on tx-udp-segmentation on rx-udp-gro-forwarding on"
    for namespace, device, words in ((network.client, "eth0", ends), (network.server, "eth0", ends),
                                     (network.gateway, "inside", gateway), (network.gateway, "outside", gateway)):
        namespace.run("ethtool", "-K", device, *words.split())


def main():
    chosen = arguments()
    folder = tempfile.mkdtemp(prefix="dragoman-bench.")
    os.chmod(folder, 0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        comparison = Comparison(chosen, folder, stack)
        comparison.run()
    page = report.page(comparison.results, [target.name for target in comparison.targets], chosen)
    print(page)
    if chosen.update:
        tables.update(os.path.join(root, "docs", "performance.md"), "./dev bench nat64 --update", page)


if __name__ == "__main__":
    main()
