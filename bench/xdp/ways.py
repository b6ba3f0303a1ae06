# The ways that a query can take to Dragoman, each with a server of its own in a network of its own, so that all run at
# once and runs can alternate:
#
#   client ---- veth, one queue each ---- server     IPv4 and IPv6
#
# What is received is handled by a kernel thread of each end ("threaded NAPI"), the client's on the CPU of the load and
# the server's on the CPU of the server: so the scheduler counts it, and nobody does the other's work in passing, as the
# two ends of a veth pair otherwise do.
import os
import sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path += [os.path.join(root, "tests", "integration"), os.path.join(root, "bench", "dns")]

import lab  # noqa: E402
import networks  # noqa: E402
import servers  # noqa: E402

addresses = {"inet": ("192.0.2.1", "192.0.2.2"), "inet6": ("2001:db8::1", "2001:db8::2")}
priority = "10"
modes = {"ordinary": None, "generic": "generic", "native": "native"}


def first_of(cpu, *command):
    """The command on this CPU and before everybody else's: what else the machine does must not make datagrams wait until
    they are lost. Kernel threads and programs have one priority, so none interrupts the other, in any way."""
    return ["chrt", "--fifo", priority, *servers.pinned(cpu, *command)]


class Way:
    def __init__(self, name, folder, binary):
        self.name, self.folder = name, os.path.join(folder, name)
        os.makedirs(self.folder)
        self.server, self.client = networks.Namespace(f"{name}-server"), networks.Namespace(f"{name}-client")
        self.devices = {self.server: f"{name[:4]}s", self.client: f"{name[:4]}c"}
        networks.connect(self.server, self.devices[self.server], self.client, self.devices[self.client])
        for side, namespace in enumerate((self.server, self.client)):
            for pair in addresses.values():
                length = 64 if ":" in pair[side] else 24
                namespace.ip(f"address add {pair[side]}/{length} dev {self.devices[namespace]}")
        self.processes = []
        with self.server.inside():
            self.processes.append(servers.start_upstream(self.folder))
            self.dragoman = lab.Process(
                first_of(servers.server_cpu, binary, "serve", "--config", self._configuration()), self.folder, "dragoman")
        self.processes.append(self.dragoman)
        self.dragoman.wait_for_log(r"\bready\b")
        self.receivers = {namespace: self._receive_in_thread(namespace, cpu) for namespace, cpu in (
            (self.server, servers.server_cpu), (self.client, servers.load_cpu))}

    def _configuration(self):
        settings = {
            "workers": 1, "listen": ["dns://[::]:53"],
            "upstream": [f"dns://{servers.upstream_address}:{servers.upstream_port}"],
            "dns64": {"prefix": "64:ff9b::/96"}, "dnssec": {"mode": "off"}, "cache": {"size": "256MiB"},
            "acl": {"allow": ["192.0.2.0/24", "2001:db8::/64"]}, "http": {"listen": ["127.0.0.1:9153"]},
            "logging": {"level": "warn"}}
        if self.is_xdp():
            settings["xdp"] = {"interfaces": [self.devices[self.server]], "mode": modes[self.name]}
        return servers.lab_file(self.folder, "dragoman.yaml", lab.json.dumps(settings))

    def _receive_in_thread(self, namespace, cpu):
        """The kernel thread that receives at this end, from now on and on this CPU."""
        device = self.devices[namespace]
        # With TSO at the other end it is not asked to receive in a thread (drivers/net/veth.c).
        namespace.run("ethtool", "-K", device, "gro", "on", "tso", "off")
        # The files of devices are those of the namespace that /sys was mounted in.
        namespace.run("unshare", "--mount", "sh", "-c",
                      f"mount -t sysfs sysfs /sys && echo 1 > /sys/class/net/{device}/threaded")
        thread = lab.eventually(lambda: thread_named(f"napi/{device}-"), what=f"a receiving thread of {device}")
        lab.run("taskset", "-p", "-c", cpu, thread)
        lab.run("chrt", "--fifo", "-p", priority, thread)
        return thread

    def cpu_us(self):
        """(of the program's threads, of the kernel's thread that receives for it) by the scheduler's own count."""
        tasks = f"/proc/{self.dragoman.pid}/task"
        program = sum(run_time_us(f"{tasks}/{task}") for task in os.listdir(tasks))
        return program, run_time_us(f"/proc/{self.receivers[self.server]}")

    def is_xdp(self):
        return modes[self.name] is not None

    def metrics(self):
        return self.server.run("curl", "-s", "http://127.0.0.1:9153/metrics")

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
        self.server.close()
        self.client.close()


def thread_named(beginning):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as file:
                if file.read().startswith(beginning):
                    return pid
        except OSError:  # it has ended
            continue
    return None


def run_time_us(task):
    with open(f"{task}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1000
