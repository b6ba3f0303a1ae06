# What a second worker is worth, and what sixteen and sixty-four would be: `./dev bench scaling`.
#
# Measured: CPU time per query of one worker and of two, with a shared cache. The load is two generators, one on each CPU,
# in both cases, so that one worker has no quieter machine than two. Twice the one cost by the other is what two workers
# answer by what one does, per second of CPU. `cache.packets: 0` is measured too: then every query goes to the shared cache.
#
# Modelled (scaling_model.py): what workers share is the cache's locks, nothing else; how long one is held and how often it
# is taken is measured here, and the model is held to one and two workers before it speaks of more.
import argparse
import json
import os
import statistics
import subprocess

import network

import certificates
import load
import scaling_model
import servers
import tables

import lab

ways = {"packets sent again": {}, "every answer made anew": {"packets": 0}}
lock_waits = "dragoman_cache_lock_waits_total"


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench scaling", description="What a second worker is worth.")
    parser.add_argument("--binary", default=f"{network.root}/build/release/dragoman", metavar="PATH")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="of each run")
    parser.add_argument("--update", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args()


class Workers:
    """Dragoman with so many workers, each on a CPU of its own."""

    def __init__(self, count, folder, base, pair, chosen, cache):
        self.ports, self.name = servers.Ports(base), f"{count} workers"
        path = os.path.join(folder, f"{count}-{base}")
        os.makedirs(path)
        [[_, _, _, config]] = servers.dragoman(path, self.ports, pair, chosen.binary)
        with open(config, encoding="ascii") as file:
            settings = json.load(file)
        settings["workers"] = count
        settings["cache"].update(cache)
        servers.lab_file(path, "dragoman.yaml", json.dumps(settings))
        cpus = "0,1" if count > 1 else str(servers.server_cpu)
        self.process = lab.Process(["taskset", "-c", cpus, chosen.binary, "serve", "--config", config], path, "dragoman")
        servers.first_answer(self.ports.udp, "www.v4-00001.bench.example.")

    def cpu_ns(self):
        tasks = f"/proc/{self.process.pid}/task"
        total = 0
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    def loaded(self, tool, files, seconds):
        """(CPU us a query, lock waits a million queries) under two generators, one on each CPU."""
        def command(cpu):
            return ["taskset", "-c", str(cpu), tool, "--protocol", "udp", "--port", str(self.ports.udp), "--queries",
                    files.hot, "--skip", str(5000 * cpu), "--connections", "16", "--in-flight", "64", "--seconds",
                    str(seconds), "--warm-up", "0.2"]
        waits, before = servers.metric(self.ports.admin, lock_waits), self.cpu_ns()
        generators = [subprocess.Popen(command(cpu), stdout=subprocess.PIPE, text=True) for cpu in (0, 1)]
        found = [json.loads(generator.communicate(timeout=60)[0]) for generator in generators]
        spent, waited = self.cpu_ns() - before, servers.metric(self.ports.admin, lock_waits) - waits
        # The CPU time is of the whole run, of which the generators measured all but the warm-up.
        answered = sum(each["answered"] for each in found) * (seconds + 0.2) / seconds
        return spent / 1e3 / answered, waited * 1e6 / answered

    def stop(self):
        self.process.stop()


def measure(chosen, folder, pair, files):
    results, waits = tables.Results(), tables.Results()
    for number, (way, cache) in enumerate(ways.items()):
        running = {count: Workers(count, folder, 5400 + 200 * number + 100 * (count - 1), pair, chosen, cache)
                   for count in (1, 2)}
        try:
            tool = load.default_tool()
            for workers in running.values():
                workers.loaded(tool, files, 1)
            for _ in range(chosen.rounds):
                for count, workers in running.items():
                    cost, waited = workers.loaded(tool, files, chosen.seconds)
                    results.add(way, count, cost)
                    waits.add(way, count, waited)
        finally:
            for workers in running.values():
                workers.stop()
    return results, waits


def page(results, waits, chosen):
    lines = [f"\nMedian (minimum to maximum) of {chosen.rounds} rounds of {chosen.seconds:g} s, UDP.\n",
             "| | 1 worker, us a query | 2 workers | two by one: min, median, max | lock waits a million queries, 2 workers |",
             "|---|---|---|---|---|"]
    for way in ways:
        ratios = sorted(2 / ratio for ratio in results.ratios(way, 2, way, 1))
        lines.append(f"| {way} | {tables.spread(results.rows[way][1])} | {tables.spread(results.rows[way][2])} | "
                     f"{ratios[0]:.2f}, **{statistics.median(ratios):.2f}**, {ratios[-1]:.2f} | "
                     f"{tables.spread(waits.rows[way][2])} |")
    return lines


def model_lines(results, waits):
    """The model for both ways, beside what was measured of two workers."""
    lines = ["\n| model: answers by one worker's, per second of CPU | lock waits a million queries, 2 workers: model, measured | "
             "2 | 16 | 64 |", "|---|---|---|---|---|"]
    for way in ways:
        alone_us = statistics.median(results.rows[way][1])
        share = scaling_model.probing_share if way == next(iter(ways)) else 1.0
        as_loaded = scaling_model.Model(alone_us, share, skew=0.0).run(2, 100_000)
        as_in_life = scaling_model.Model(alone_us, share, skew=1.0)
        figures = [as_loaded] + [as_in_life.run(workers) for workers in (16, 64)]
        lines.append(f"| {way} | {as_loaded.waits_per_million:.0f}, {statistics.median(waits.rows[way][2]):.0f} | " +
                     " | ".join(f"{found.speed_up:.2f}" for found in figures) + " |")
    return lines


def main():
    chosen = arguments()
    network.enter()
    with network.folder() as folder:
        upstream = servers.start_upstream(folder)
        pair = certificates.Authority(folder).issue("bench", ["localhost", "127.0.0.1"])
        try:
            results, waits = measure(chosen, folder, pair, load.Files(folder))
        finally:
            upstream.stop()
    text = "\n".join(page(results, waits, chosen) + model_lines(results, waits)) + "\n"
    print(text)
    if chosen.update:
        tables.update(os.path.join(network.root, "docs", "performance.md"), "./dev bench scaling --update", text)


if __name__ == "__main__":
    main()
