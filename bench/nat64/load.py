# Load on one target, and what it cost: iperf3 for TCP, ping, and nat64_load for UDP. Both ends of it run on one CPU,
# the daemon on another.
import collections
import contextlib
import json
import re
import resource
import subprocess
import time

import targets

# Of TCP: Gbit/s, and CPU seconds for 10^9 octets, of the daemon and with both ends of the load.
Bulk = collections.namedtuple("Bulk", "gbit_s daemon_s_per_gb all_s_per_gb retransmissions")
# Of UDP: packets a second that were sent and that arrived, the share that did not, CPU seconds of the daemon for one.
Stream = collections.namedtuple("Stream", "sent_rate rate loss daemon_s_per_packet")

tolerated_loss = 0.001
burst_ms = 300  # of one step of a search


class Ends:
    """The server's programs, for as long as the benchmark runs, and the client's sink."""

    def __init__(self, target, programs):
        self.target, self.program, self.runs = target, programs.load, 0
        self.sink = self._sink(target.server, targets.sink_port, "--ports", targets.flow_ports)

    def _sink(self, namespace, *words):
        with namespace.inside():
            return Sink(targets.pinned(targets.load_cpu, self.program, "sink", *words))

    def wait_until_ready(self):
        self.sink.received()

    def stop(self):
        self.sink.stop()

    # -- TCP --
    def tcp(self, streams, down, seconds):
        """A server for this run alone: between two runs it refuses connections for a moment."""
        self.runs += 1
        command = targets.pinned(targets.load_cpu, "iperf3", "-s", "-1", "--forceflush")
        server = self.target.server.start(command, self.target.folder, f"iperf3.{self.runs}")
        try:
            server.wait_for_log("listening")
            return self._tcp(server, "-P", streams, "-t", seconds, *(["-R"] if down else []))
        finally:
            server.kill()

    def _tcp(self, server, *options):
        command = targets.pinned(targets.load_cpu, "iperf3", "-J", "-c", self.target.destination, *options)
        daemon, ends = self.target.cpu_s(), of_children()
        said = json.loads(self.target.client.run(*command))
        daemon = self.target.cpu_s() - daemon
        server.wait(5)
        ends = of_children() - ends
        received = said["end"]["sum_received"]
        gigabytes = received["bytes"] / 1e9
        return Bulk(received["bits_per_second"] / 1e9, daemon / gigabytes, (daemon + ends) / gigabytes,
                    said["end"]["sum_sent"].get("retransmits", 0))

    # -- UDP --
    def up(self, rate, milliseconds, size=64, segments=1):
        target = self.target
        return self._udp(target.client, self.sink, milliseconds, "send", target.destination, targets.sink_port,
                         "--size", size, "--segments", segments, "--rate", rate)

    def down(self, rate, milliseconds, size=64):
        """The client makes itself known first, so that there is a session."""
        port = targets.sink_port - 1
        sink = self._sink(self.target.client, port, "--greet", self.target.destination)
        try:
            return self._udp(self.target.server, sink, milliseconds, "answer", port, "--size", size, "--rate", rate)
        finally:
            sink.stop()

    def flows(self, rate, milliseconds, distinct=None):
        """Each packet of a flow of its own, or of so many `distinct` ones over and over."""
        target = self.target
        first = 0 if distinct else target.room_for_flows(rate * milliseconds // 1000 + 1000)
        return self._udp(
            target.client, self.sink, milliseconds, "flows", target.destination, targets.sink_port, "--device", "eth0",
            "--router", target.router_ethernet, "--sources", target.flow_network, "--hosts", targets.flow_hosts,
            "--ports", targets.flow_ports, "--first", first, "--rate", rate,
            *(["--distinct", distinct] if distinct else []))

    def _udp(self, namespace, sink, milliseconds, *words):
        before, cpu = sink.received(), self.target.cpu_s()
        said = json.loads(namespace.run(*targets.pinned(targets.load_cpu, self.program, *words, "--ms", milliseconds)))
        received = sink.settled() - before
        spent = self.target.cpu_s() - cpu
        sent, seconds = max(1, said["sent"]), said["seconds"]
        return Stream(sent / seconds, received / seconds, max(0.0, 1 - received / sent), spent / max(1, received))

    # -- Latency --
    def ping(self, count=1000):
        """(minimum, average) of the round trip in ms, packets lost."""
        said = self.target.client.run(*targets.pinned(targets.load_cpu, "ping", "-q", "-i", "0.001", "-c", count,
                                                      self.target.destination), check=False)
        minimum, average = re.search(r"min/avg/max/mdev = ([\d.]+)/([\d.]+)/", said).groups()
        return float(minimum), float(average), count - int(re.search(r"(\d+) received", said).group(1))


class Sink:
    """A program that counts what arrives, and says so when asked."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def received(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def settled(self):
        """The same, once nothing more comes."""
        before = -1
        while (now := self.received()) != before:
            before = now
            time.sleep(0.05)
        return now

    def stop(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait(5)
        self.process.stdout.close()


def of_children():
    """CPU seconds of programs that were started here and have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def loss_free(run, highest, steps=7):
    """The highest rate found that loses less than one packet in a thousand. `run(rate, milliseconds)`: a Stream."""
    low, high = 0, int(min(highest, run(highest, burst_ms).sent_rate))
    found = 0.0
    for _ in range(steps):
        middle = (low + high) // 2
        for _ in range(2):
            stream = run(middle, burst_ms)
            if stream.loss < tolerated_loss:
                break
        if stream.loss < tolerated_loss:
            low, found = middle, stream.rate
        else:
            high = middle
    return found
