# Dragoman beside other servers: CPU time per answered query and per connection, memory, and the start. `./dev bench` runs
# it; docs/performance.md explains the figures. Servers are on one CPU, load and upstream on another, in turns A B A B. CPU
# time is compared and not queries per second: it moves little with what else the machine does.
import argparse
import os
import sys

import network

import certificates
import load
import report
import servers
import tables

fresh_names, names_kept, many_names = 20000, 100000, 1000000


# -- What is measured: each is told the comparison and a running server, or starts one of its own --
def cpu_hot(protocol, connections=None, in_flight=load.usual_in_flight):
    return lambda run, server: run.tool.hot(server, protocol, run.files, run.chosen.seconds, connections=connections,
                                            in_flight=in_flight)["cpu_us"]


def cpu_new(protocol, *options):
    return lambda run, server: run.tool.new_connections(server, protocol, run.files, run.chosen.seconds, *options)["cpu_us"]


def idle(protocol):
    return lambda run, server: run.tool.idle_memory(server, protocol, run.files, run.chosen.idle) / 1000


def make_rows():
    floor, best, itself = "floor", report.best, ""
    row = report.Row
    return {
        "udp": row("UDP, us", "udp", cpu_hot("udp"), [(floor, 1.2), (best, 0.7)]),
        "tcp": row("TCP, 50 connections, us", "tcp", cpu_hot("tcp"), [(floor, 1.2), (best, 0.5)]),
        "dot": row("DoT, 50 connections, us", "dot", cpu_hot("dot"), [(floor, 1.2), (best, 0.7)]),
        "dot500": row("DoT, 500 connections, us", "dot", cpu_hot("dot", 500, 500), [(floor, 1.2)]),
        "doh": row("DoH, 50 connections, us", "doh", cpu_hot("doh"), [(floor, 1.4), (best, 0.65)]),
        "doh500": row("DoH, 500 connections, us", "doh", cpu_hot("doh", 500, 500), [(floor, 1.4), (best, 0.6)]),
        # 440, 357 and 500 us where the floor took 466, 397 and 522: the ratio is what holds on another machine.
        "dot_new": row("DoT, full handshake and a query, us", "dot", cpu_new("dot"), [(floor, 440 / 466), (itself, 440)]),
        "dot_resumed": row("DoT, resumed, and a query, us", "dot", cpu_new("dot", "--resume"),
                           [(floor, 357 / 397), (itself, 357)]),
        "doh_new": row("DoH, full handshake and a query, us", "doh", cpu_new("doh"), [(floor, 500 / 522), (itself, 500)]),
        "miss": row("never asked before, us", "udp",
                    lambda run, server: run.tool.misses(server, run.files, fresh_names)["cpu_us"], [(itself, 35)]),
    }


def make_state_rows():
    """Of a server that was just started, once."""
    row = report.Row
    return {
        "idle_dot": row("idle DoT connection, kB", "dot", idle("dot"), [("", 14)]),
        "idle_doh": row("idle DoH connection, kB", "doh", idle("doh"), [("", 16)]),
        "name": row("cached name, octets", "udp",
                    lambda run, server: run.tool.name_memory(server, run.files, names_kept), [("", 240)]),
        "million": row("cached name of a million, octets", "udp",
                       lambda run, server: run.tool.name_memory(server, run.files, many_names), [("", 240)]),
    }


start_row = "start to first answer, ms"


class Comparison:
    def __init__(self, chosen, folder):
        self.chosen, self.folder = chosen, folder
        self.names = ["dragoman"] + ([chosen.against] if chosen.against else []) + chosen.targets
        self.files, self.tool = load.Files(folder), load.Tool(chosen.load)
        self.pair = certificates.Authority(folder).issue("bench", ["localhost", "127.0.0.1"])
        self.results = tables.Results()

    def start(self, name):
        binary = {"floor": self.chosen.floor, self.chosen.against: self.chosen.against}.get(name, self.chosen.binary)
        server = servers.Server(name, self.folder, 5400 + 100 * self.names.index(name), self.pair, binary)
        self.results.add(start_row, name, server.start_ms)
        return server

    def in_turns(self, rows):
        """All are up; each row goes round by round."""
        running = [self.start(name) for name in self.names]
        try:
            for row in rows:
                network.say(row.title)
                asked = [server for server in running if server.speaks(row.protocol)]
                for server in asked:
                    self.tool.warm(server, row.protocol, self.files)
                for _ in range(self.chosen.rounds):
                    for server in asked:
                        self.results.add(row.title, server.name, row.measure(self, server))
        finally:
            for server in running:
                server.stop()

    def one_by_one(self, row, names):
        for name in names:
            server = self.start(name)
            try:
                if server.speaks(row.protocol):
                    network.say(f"{row.title}: {name}")
                    self.results.add(row.title, name, row.measure(self, server))
            except load.LoadFailed as error:
                network.say(error)
            finally:
                server.stop()

    def public_tools(self):
        """The same load by dnsperf and h2load."""
        for protocol in ("udp", "tcp", "dot", "doh"):
            title = f"{protocol}, by {'h2load' if protocol == 'doh' else 'dnsperf'}, us"
            row = report.Row(title, protocol, lambda run, server, protocol=protocol: load.by_public_tool(
                server, protocol, run.files, run.chosen.seconds))
            self.in_turns([row])


def arguments(rows, state_rows):
    known = ["floor", *servers.peers]
    parser = argparse.ArgumentParser(prog="./dev bench", description="Compares Dragoman with other servers.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(known)}; all by default")
    parser.add_argument("--binary", default=f"{network.root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--against", default="", metavar="PATH", help="another build of Dragoman, which takes turns with it")
    parser.add_argument("--rows", default=",".join([*rows, *state_rows]), metavar="LIST", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="of each run")
    parser.add_argument("--idle", type=int, default=2500, metavar="N", help="connections held for their memory")
    parser.add_argument("--public-tools", action="store_true", help="the same by dnsperf and h2load as well")
    parser.add_argument("--update", action="store_true", help="put the tables into docs/performance.md")
    chosen = parser.parse_args()
    if not chosen.targets and not chosen.against:
        chosen.targets = known
    chosen.rows = [name for name in chosen.rows.split(",") if name]
    tools = os.path.dirname(load.default_tool())
    chosen.load, chosen.floor = (os.path.join(tools, f"dns_{name}") for name in ("load", "floor"))
    if set(chosen.targets) - set(known) or set(chosen.rows) - set(rows) - set(state_rows):
        parser.error("no such target or row")
    if {servers.server_cpu, servers.load_cpu} - os.sched_getaffinity(0):
        parser.error("this needs two CPUs, 0 and 1")
    return chosen


def main():
    rows, state_rows = make_rows(), make_state_rows()
    chosen = arguments(rows, state_rows)
    network.enter()
    with network.folder() as folder:
        upstream = servers.start_upstream(folder)
        try:
            comparison = Comparison(chosen, folder)
            in_turns = [rows[name] for name in chosen.rows if name in rows]
            if in_turns:
                comparison.in_turns(in_turns)
            for name in chosen.rows:
                if name in state_rows:
                    of = ["dragoman"] if name == "million" else [name for name in comparison.names if name != "floor"]
                    comparison.one_by_one(state_rows[name], of)
            if chosen.public_tools:
                comparison.public_tools()
        finally:
            upstream.stop()
    goals = {**rows, **state_rows, "start": report.Row(start_row, "udp", None, [("", 30), (report.best, 1.0)])}
    page = report.page(comparison.results, goals.values(), comparison.names, chosen)
    print(page)
    if chosen.update:
        tables.update(os.path.join(network.root, "docs", "performance.md"), "./dev bench --update", page)


if __name__ == "__main__":
    sys.exit(main())
