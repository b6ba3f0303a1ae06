# How long a cached answer takes while names that nobody asked before are looked up and new connections shake hands:
# `./dev bench latency`. Cached queries come at a fixed rate, whatever the answers do, and their latency counts from when
# they were due; so a server that stalls shows it. The rate is the same for all: half of what the ablest peer carries of
# this mix. For Dragoman once more, with reloads and scrapes of its metrics in the middle. The load runs at real-time
# priority on the CPU that it shares with the upstream, for what is late itself measures nothing. A machine that is
# itself kept waiting, as a virtual one is, spoils some quarters of a second and leaves the others: what counts is the
# median of the p99 of all quarters. docs/performance.md has the figures.
import argparse
import contextlib
import itertools
import json
import os
import signal
import statistics
import subprocess
import threading
import time

import network

import certificates
import load
import report
import servers
import tables

protocols = ("udp", "tcp", "dot", "doh")
windows_a_second = 4
typical = "p99, us"
warm_up = 1
most_tries, most_late_us = 2, 1000  # a run in which the load could not keep its own time is done again


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench latency", description="Latency of cached answers beside other work.")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(servers.peers)}; all by default")
    parser.add_argument("--binary", default=f"{network.root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--protocols", default=",".join(protocols), metavar="LIST")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=float, default=5, metavar="S", help="of each run")
    parser.add_argument("--misses", type=float, default=0.05, metavar="SHARE", help="of queries for new names")
    parser.add_argument("--handshakes", type=float, default=100, metavar="N", help="new connections a second")
    parser.add_argument("--update", action="store_true", help="put the tables into docs/performance.md")
    chosen = parser.parse_args()
    chosen.peers = chosen.peers or list(servers.peers)
    chosen.protocols = chosen.protocols.split(",")
    if set(chosen.peers) - set(servers.peers) or set(chosen.protocols) - set(protocols):
        parser.error("no such peer or protocol")
    return chosen


def typical_p99(found):
    return statistics.median(found["windows_p99_us"])


class Latency:
    def __init__(self, chosen, running, files):
        self.chosen, self.running, self.files = chosen, running, files
        self.tool, self.results = load.Tool(load.default_tool()), tables.Results()
        self.rates = {}

    def mixed(self, server, protocol, rate, seconds, tries=most_tries):
        """Cached queries at this rate, beside the others."""
        for _ in range(tries):
            with self.handshakes(server, protocol, seconds + 1.7):
                found = self.tool.at_rate(server, protocol, self.files, rate, seconds, "--mode", "mix",
                                          *self.files.new_names(self.chosen.misses), before=load.real_time)
            if found["late_p99_us"] <= most_late_us:
                break
        else:
            network.say(f"the load itself was late by {found['late_p99_us']} us: this machine has other work")
        network.say(f"{protocol}, {server.name}: p50 {found['p50_us']} us, p99 {typical_p99(found)} ({found['p99_us']} of "
                    f"all), missed p99 {found['missed']['p99_us']}, lost {found['lost']}, busy {found['busy']:.2f}, the load "
                    f"{found['client_busy']:.2f}, late {found['late_p99_us']}")
        return found

    @contextlib.contextmanager
    def handshakes(self, server, protocol, seconds):
        """New connections, of a process that runs when the one that measures waits. By DoT where the protocol has no
        handshake; a server without TLS has none."""
        if not server.speaks("dot"):
            yield
            return
        by = protocol if protocol in ("dot", "doh") else "dot"
        command = self.tool.command(server, by, self.files.hot, "--mode", "mix", "--rate", 10, "--connections", 1, "--warm-up",
                                    0.1, "--seconds", seconds, "--handshakes", self.chosen.handshakes, charge=False)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as others:
            yield
            told = others.communicate(timeout=60)[0]
            made = json.loads(told)["connections"]["count"] if told else 0
            if made < 0.8 * seconds * self.chosen.handshakes:
                network.say(f"{server.name}, {protocol}: {made} handshakes in {seconds} s")

    def measure(self, protocol):
        asked = [server for server in self.running if server.speaks(protocol)]
        for server in asked:
            self.tool.warm(server, protocol, self.files)
        costs = {server.name: self.tool.hot(server, protocol, self.files, 1, *self.files.new_names(self.chosen.misses))["cpu_us"]
                 for server in asked}
        self.rates[protocol] = rate = int(1e6 / min(cost for name, cost in costs.items() if name in self.chosen.peers) / 2)
        network.say(f"{protocol}: {rate} a second, for CPU us a query: {costs}")
        for _ in range(self.chosen.rounds):
            for server in asked:
                found = self.mixed(server, protocol, rate, self.chosen.seconds)
                for name, value in (("p50, us", found["p50_us"]), (typical, typical_p99(found)),
                                    ("p99 of all, us", found["p99_us"]), ("lost", found["lost"])):
                    self.results.add(f"{protocol}, {name}", server.name, value)

    def disturbed(self, protocol, admin_port):
        """p99 of quarter seconds: of those in which Dragoman reloads, of those in which it is scraped, of the others."""
        server, found = self.running[0], {kind: [] for kind in ("reload", "scrape", "neither")}
        kinds = itertools.cycle(("reload", "scrape"))
        seconds = max(6, self.chosen.seconds)
        moments = [(1.6 + index / 2, next(kinds)) for index in range(int(2 * seconds) - 3)]

        def disturb(began):
            for moment, kind in moments:
                time.sleep(max(0.0, began + warm_up + moment - time.monotonic()))
                if kind == "scrape":
                    servers.scrape(admin_port)
                else:
                    server.processes[0].send(signal.SIGHUP)

        for _ in range(self.chosen.rounds):
            thread = threading.Thread(target=disturb, args=(time.monotonic(),))
            thread.start()
            windows = self.mixed(server, protocol, self.rates[protocol], seconds, tries=1)["windows_p99_us"]
            thread.join()
            kind_of = {int(moment * windows_a_second): kind for moment, kind in moments}
            for index, value in enumerate(windows):
                found[kind_of.get(index, "neither")].append(value)
        return found


def page(latency, chosen, peers):
    rates = ", ".join(f"{protocol} {rate:,}" for protocol, rate in latency.rates.items())
    lines = [f"\nCached queries a second: {rates}; beside them {chosen.misses:.0%} for new names and {chosen.handshakes:g} new "
             f"TLS connections a second. Median (minimum to maximum) of {chosen.rounds} rounds of {chosen.seconds:g} s; p99 is "
             "the median of those of the quarter seconds of a round."
             + "".join(f" {name} knows no TLS: no handshakes come beside its queries, so it is shown but not compared."
                       for name in peers if "dot" not in servers.spoken(name)) + "\n"]
    lines += tables.value_lines(latency.results, [server.name for server in latency.running]) + [""] + tables.ratio_head
    for protocol in chosen.protocols:
        row = f"{protocol}, {typical}"
        best = latency.results.best(row, [name for name in peers if "dot" in servers.spoken(name)])
        if best:
            lines += tables.goal_line(row, tables.Goal(row, f"{report.best}, {best}", "<=", 1.0),
                                      latency.results.ratios(row, "dragoman", row, best))
    return lines


def disturbed_lines(latency, chosen, admin_port):
    lines = ["\n| Dragoman, p99 of quarter seconds, us: median (minimum to maximum) | with a reload | with a scrape | with neither |",
             "|---|---|---|---|"]
    for protocol in chosen.protocols:
        found = latency.disturbed(protocol, admin_port)
        lines.append(f"| {protocol} | " + " | ".join(tables.spread(values) for values in found.values()) + " |")
    return lines


def main():
    chosen = arguments()
    network.enter()
    os.sched_setaffinity(0, {servers.load_cpu})  # this program does not interrupt the server either
    with network.folder() as folder:
        upstream, running = servers.start_upstream(folder), []
        pair = certificates.Authority(folder).issue("bench", ["localhost", "127.0.0.1"])
        try:
            for index, name in enumerate(["dragoman"] + chosen.peers):
                running.append(servers.Server(name, folder, 5400 + 100 * index, pair, chosen.binary))
            latency = Latency(chosen, running, load.Files(folder))
            for protocol in chosen.protocols:
                latency.measure(protocol)
            lines = page(latency, chosen, chosen.peers) + disturbed_lines(latency, chosen, running[0].ports.admin)
        finally:
            for server in running:
                server.stop()
            upstream.stop()
    text = "\n".join(lines) + "\n"
    print(text)
    if chosen.update:
        tables.update(os.path.join(network.root, "docs", "performance.md"), "./dev bench latency --update", text)


if __name__ == "__main__":
    main()
