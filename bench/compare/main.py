# Dragoman beside other servers: CPU time per answered query, memory per connection and per cached name, and the start.
# `./dev bench compare` runs it; docs/performance.md explains the figures. Everything happens in a network namespace
# that has a loopback device and nothing else: servers on one CPU, load and upstream on another, in turns A B A B.
# CPU time is compared and not queries per second: it moves little with what else the machine does.
import argparse
import os
import resource
import shutil
import statistics
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(root, "tests", "integration"))

import certificates  # noqa: E402
import lab  # noqa: E402
import load  # noqa: E402
import servers  # noqa: E402

inside = "DRAGOMAN_BENCH_INSIDE"
names_kept = 100000
fresh_names = 20000


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench compare", description="Compares Dragoman with other servers.")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(servers.peers)}; all by default")
    parser.add_argument("--binary", default=f"{root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--protocols", default="udp,tcp,dot,doh", metavar="LIST")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=int, default=3, metavar="S", help="of each run on cached answers")
    parser.add_argument("--idle", type=int, default=2000, metavar="N", help="connections held; 0 leaves it out")
    parser.add_argument("--handshakes", action="store_true", help="also a connection for every query, DoT and DoH")
    chosen = parser.parse_args()
    chosen.peers = chosen.peers or list(servers.peers)
    chosen.protocols = chosen.protocols.split(",")
    if set(chosen.peers) - set(servers.peers) or set(chosen.protocols) - {"udp", "tcp", "dot", "doh"}:
        parser.error("no such peer or protocol")
    if not os.path.exists(chosen.binary):
        parser.error(f"{chosen.binary} is not there")
    if {servers.server_cpu, servers.load_cpu} - os.sched_getaffinity(0):
        parser.error("this needs two CPUs, 0 and 1")
    return chosen


def enter_namespace():
    unshare = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    os.environ[inside] = "yes"
    os.execvp("unshare", unshare + ["sh", "-c", 'ip link set lo up && exec "$@"', "bench", sys.executable] + sys.argv)


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


class Comparison:
    def __init__(self, chosen, folder):
        self.chosen, self.folder = chosen, folder
        self.names = ["dragoman"] + chosen.peers
        self.files = load.Files(folder)
        self.pair = certificates.Authority(folder).issue("bench", ["localhost", "127.0.0.1"])
        self.starts = {name: [] for name in self.names}

    def start(self, name):
        base = 5400 + 100 * self.names.index(name)
        server = servers.Server(name, self.folder, base, self.pair, self.chosen.binary)
        self.starts[name].append(server.start_ms)
        return server

    def cpu(self, title, run, prepare=lambda server: None):
        """Runs both of each pair in turns; prints a line for each peer."""
        running = {name: self.start(name) for name in self.names}
        try:
            for server in running.values():
                prepare(server)
            for peer in self.chosen.peers:
                rounds = [(run(running["dragoman"]), run(running[peer])) for _ in range(self.chosen.rounds)]
                self.cpu_line(title, peer, rounds)
        finally:
            for server in running.values():
                server.stop()

    @staticmethod
    def cpu_line(title, peer, rounds):
        ours, theirs = ([pair[side].us for pair in rounds] for side in (0, 1))
        ratios = sorted(pair[0].us / pair[1].us for pair in rounds)
        kernel = statistics.median(pair[0].kernel_share for pair in rounds)
        lost = "/".join(str(sum(pair[side].lost for pair in rounds)) for side in (0, 1))
        print(f"| {title} | {peer} | {statistics.median(ours):.2f} | {statistics.median(theirs):.2f} | {ratios[0]:.2f} | "
              f"**{statistics.median(ratios):.2f}** | {ratios[-1]:.2f} | {kernel * 100:.0f} % | {lost} |", flush=True)

    def cpu_table(self):
        chosen, files = self.chosen, self.files
        print("\n| queries | peer | Dragoman, us | peer, us | ratio: min | median | max | kernel | lost |\n"
              "|---|---|---|---|---|---|---|---|---|", flush=True)
        for protocol in chosen.protocols:
            self.cpu(f"cached, {protocol}", lambda server: load.hot(server, protocol, files, chosen.seconds),
                     lambda server: load.warm(server, protocol, files))
        self.cpu("never asked, udp", lambda server: load.dnsperf(server, "udp", files.fresh(fresh_names), "-n", 1))
        if chosen.handshakes:
            for protocol in ("dot", "doh"):
                self.cpu(f"new connection, {protocol}",
                         lambda server: load.new_connections(server, protocol, files),
                         lambda server: load.warm(server, protocol, files))

    def memory(self, measure):
        """`measure` of a fresh server of each name; None where it could not hold what was asked of it."""
        results = []
        for name in self.names:
            server = self.start(name)
            try:
                results.append(measure(server))
            except load.LoadFailed as error:
                say(error)
                results.append(None)
            finally:
                server.stop()
        return results

    def state_table(self):
        chosen, files = self.chosen, self.files
        print("\n| | " + " | ".join(self.names) + " |\n|---" + "|---" * len(self.names) + "|")

        def line(title, values, form):
            print(f"| {title} | " + " | ".join("failed" if value is None else form.format(value) for value in values) + " |",
                  flush=True)
        for protocol in ("dot", "doh") if chosen.idle else ():
            line(f"idle {protocol} connection, kB",
                 [value and value / 1000 for value in
                  self.memory(lambda server: load.idle_memory(server, protocol, files, chosen.idle))], "{:.1f}")
        line("cached name, octets", self.memory(lambda server: load.name_memory(server, files, names_kept)), "{:.0f}")
        line("exec to first answer, ms", [statistics.median(self.starts[name]) for name in self.names], "{:.0f}")


def main():
    chosen = arguments()
    if inside not in os.environ:
        enter_namespace()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as file:
        file.write("10000 65000")
    folder = tempfile.mkdtemp(prefix="dragoman-bench.")
    os.chmod(folder, 0o755)
    upstream = servers.start_upstream(folder)
    try:
        comparison = Comparison(chosen, folder)
        comparison.cpu_table()
        comparison.state_table()
    finally:
        upstream.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
