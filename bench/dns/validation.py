#!/usr/bin/python3
"""What validation costs: CPU time of the program for each query, with dnssec.mode off and validate, for names that nobody
asked before (under a warm chain) and for names in the cache. Knot DNS signs the zones and serves them, dnsperf asks.

./dev bench validation [--names N] [--rounds N]
"""
import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

root = pathlib.Path(__file__).resolve().parents[2]
algorithms = {"RSA-2048": ("rsasha256", 2048), "P-256": ("ecdsap256sha256", 256), "Ed25519": ("ed25519", 256),
              "P-384": ("ecdsap384sha384", 384)}
ticks = os.sysconf("SC_CLK_TCK")


def zone_of(algorithm):
    return algorithm.lower().replace("-", "") + ".bench."


class Knot:
    """All zones, one for each algorithm, with `names` names that have an A record alone."""

    def __init__(self, folder, names):
        self.folder, self.port = folder, free_port()
        keys, zones = [], []
        for algorithm, (kind, size) in algorithms.items():
            zone = zone_of(algorithm)
            path = os.path.join(folder, zone + "zone")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"$ORIGIN {zone}\n$TTL 3600\n@ SOA ns host 1 3600 600 604800 3600\n@ NS ns\nns A 192.0.2.1\n")
                file.writelines(f"n{number} A 198.18.{number >> 8 & 255}.{number & 255}\n" for number in range(names))
            ksk = f"\n    ksk-size: {size}\n    zsk-size: {size}" if kind.startswith("rsa") else ""
            keys.append(f"  - id: {kind}\n    algorithm: {kind}\n    single-type-signing: on{ksk}")
            zones.append(f"  - domain: {zone}\n    file: {path}\n    dnssec-signing: on\n    dnssec-policy: {kind}")
        self.config = write(folder, "knot.conf", "\n".join([
            "server:", f"    listen: 127.0.0.1@{self.port}", f"    rundir: {folder}", "database:",
            f"    storage: {folder}", "policy:", *keys, "zone:", *zones, ""]))
        self.process = subprocess.Popen(["knotd", "-c", self.config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for algorithm in algorithms:
            wait_for(lambda: "RRSIG" in dig(self.port, "n0." + zone_of(algorithm), "A", "+dnssec"), 120)

    def anchors(self):
        out = ""
        for algorithm in algorithms:
            found = subprocess.run(["keymgr", "-c", self.config, zone_of(algorithm), "ds"], capture_output=True,
                                   text=True, check=True)
            lines = [line for line in found.stdout.splitlines() if " DS " in line]
            out += "".join(line + "\n" for line in lines)
        return write(self.folder, "anchors", out)


class Program:
    def __init__(self, binary, folder, upstream, mode, anchors):
        self.port = free_port()
        config = write(folder, mode + ".yaml", json.dumps({
            "workers": 1, "listen": [f"dns://127.0.0.1:{self.port}"], "upstream": [f"dns://127.0.0.1:{upstream}"],
            "dns64": {"prefix": "64:ff9b::/96"}, "cache": {"size": "256MiB"}, "logging": {"level": "warn"},
            "special_names": {"enabled": False},
            "dnssec": {"mode": mode, "trust_anchor_file": anchors, "aggressive": False}}))
        self.process = subprocess.Popen([binary, "serve", "--config", config], stdout=subprocess.PIPE, text=True)
        while "ready" not in self.process.stdout.readline():
            pass

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    def cost_us(self, queries, *options):
        """Microseconds for each query that was answered."""
        before = self.cpu()
        told = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(self.port), "-d", queries, "-c", "8", "-q", "64",
                               *options], capture_output=True, text=True, check=True).stdout
        done = next(int(line.split()[2]) for line in told.splitlines() if "Queries completed" in line)
        codes = next(line for line in told.splitlines() if "Response codes" in line)
        if "NOERROR" not in codes or "SERVFAIL" in codes:
            raise AssertionError(told)
        return (self.cpu() - before) * 1e6 / done

    def stop(self):
        self.process.terminate()
        self.process.wait()


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def dig(port, *question):
    return subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+tries=1", "+time=1", *question], capture_output=True,
                          text=True, check=False).stdout


def wait_for(holds, seconds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("the zones did not come up")
        time.sleep(0.2)


def measure(binary, folder, knot, anchors, names):
    """{(algorithm, case, mode): microseconds}"""
    found = {}
    for mode in ("off", "validate"):
        program = Program(binary, folder, knot.port, mode, anchors)
        try:
            for algorithm in algorithms:
                zone = zone_of(algorithm)
                dig(program.port, zone, "SOA")  # the chain is warm from here on
                half = names // 2
                files = {
                    "new name, A": (range(0, half), "A", ["-n", "1"]),
                    "new name, AAAA synthesized": (range(half, names), "AAAA", ["-n", "1"]),
                    "cached, A": (range(0, 100), "A", ["-l", "3"]),
                    "cached, AAAA synthesized": (range(half, half + 100), "AAAA", ["-l", "3"])}
                for case, (numbers, kind, options) in files.items():
                    path = write(folder, "queries", "".join(f"n{number}.{zone} {kind}\n" for number in numbers))
                    found[algorithm, case, mode] = program.cost_us(path, *options)
        finally:
            program.stop()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(root / "build" / "release" / "dragoman"))
    parser.add_argument("--names", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        knot = Knot(folder, chosen.names)
        try:
            anchors = knot.anchors()
            for _ in range(chosen.rounds):
                rounds.append(measure(chosen.binary, folder, knot, anchors, chosen.names))
        finally:
            knot.process.terminate()
            knot.process.wait()
    print("| zone signed by | case | off, us | validate, us | ratio: min, median, max |")
    print("|---|---|---|---|---|")
    for algorithm, case, mode in rounds[0]:
        if mode == "off":
            off = [each[algorithm, case, "off"] for each in rounds]
            on = [each[algorithm, case, "validate"] for each in rounds]
            ratios = sorted(b / a for a, b in zip(off, on))
            print(f"| {algorithm} | {case} | {statistics.median(off):.1f} | {statistics.median(on):.1f} | "
                  f"{ratios[0]:.2f}, {statistics.median(ratios):.2f}, {ratios[-1]:.2f} |")


if __name__ == "__main__":
    main()
