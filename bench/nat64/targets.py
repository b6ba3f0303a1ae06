# The translators that are compared, each in the gateway of a network of its own, so that all run at once and runs can
# alternate. A further one is a further class here. What has no daemon shows what the kernel does alone.
import os

import lab
import networks

daemon_cpu, load_cpu = 1, 0
flow_hosts, flow_ports, flow_network = 2000, 16, "2001:db8:c::"
sink_port = 7000


def pinned(cpu, *command):
    return ["taskset", "-c", str(cpu), *map(str, command)]


class Target:
    """`destination`: where the client finds the server. `session_limit`: flows that it can hold at once."""

    name, daemon_device = "", None
    carries_flows = True  # of many clients
    session_limit = 262144  # net.netfilter.nf_conntrack_max; a namespace cannot raise it
    flow_network = flow_network

    def __init__(self, folder, programs):
        self.folder, self.programs = os.path.join(folder, self.name.replace(" ", "-")), programs
        os.makedirs(self.folder)
        self.network = networks.Network()
        self.client, self.gateway, self.server = self.network.client, self.network.gateway, self.network.server
        self.destination = self.network.translated(self.network.server_address)
        self.daemon = None
        self.gateway.ip("route add", flow_network + "/64 via", self.network.client_address)
        self.router_ethernet = self.gateway.devices()["inside"]["address"]
        self.flows_begun = self.flows_kept = 0

    def start(self):
        """Sets it going; makes self.daemon if there is one."""

    def wait_until_ready(self):
        ping = ["ping", "-c", 1, "-W", 1, self.destination]
        lab.eventually(lambda: " 0% packet loss" in self.client.run(*ping, check=False), 15, f"a way through {self.name}")

    def run_daemon(self, *command, device):
        self.daemon = self.gateway.start(pinned(daemon_cpu, *command), self.folder, "daemon")
        lab.eventually(lambda: device in self.gateway.devices(), 10, f"{self.name} making its device")

    def stop(self):
        if self.daemon:
            self.daemon.stop()
        self.network.close()

    def cpu_s(self):
        """CPU time of all threads of the daemon, by the scheduler's own count."""
        return of_threads(self.daemon.pid) if self.daemon else 0.0

    def room_for_flows(self, count):
        """The number of the first of so many flows that it has never seen and has room for."""
        if self.flows_kept + count > self.session_limit:
            self.forget()
            self.flows_kept = 0
        self.flows_begun, self.flows_kept = self.flows_begun + count, self.flows_kept + count
        return self.flows_begun - count

    def forget(self):
        """Ends all sessions."""
        self.gateway.run("conntrack", "-F")

    def masquerade(self):
        rule = 'type nat hook postrouting priority srcnat; oifname "outside" masquerade;'
        self.gateway.run("nft", f"table ip nat {{ chain post {{ {rule} }}; }}")


def of_threads(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Dragoman(Target):
    """With full state and the binding log, as an operator runs it."""

    name, session_limit = "dragoman", 2000000

    def start(self):
        settings = {
            "workers": 1,
            "nat64": {
                "device": "nat64", "prefix": self.network.prefix, "routes": True, "max_sessions": self.session_limit,
                "pool4": [{"addresses": self.network.pool, "ports": "1024-65535"}],
                "binding_log": {"format": "json", "target": f"{self.folder}/bindings.jsonl"}},
            "logging": {"level": "warn"}}
        path = os.path.join(self.folder, "dragoman.yaml")
        with open(path, "w", encoding="ascii") as file:
            lab.json.dump(settings, file)
        self.run_daemon(self.programs.dragoman, "serve", "--config", path, device="nat64")

    def forget(self):
        self.daemon.stop()
        self.start()
        self.wait_until_ready()


class Floor(Target):
    """The least that a translator on a TUN device can do: bench/nat64/floor.cpp."""

    name, carries_flows = "floor", False
    address = "198.51.100.66"

    def start(self):
        self.run_daemon(self.programs.floor, "floor", self.network.client_address, self.address,
                        self.network.prefix.split("/")[0], device="floor")
        # The default of 500 loses packets whenever the program waits a few ms for its CPU.
        self.gateway.ip("link set floor up txqueuelen 10000")
        self.gateway.ip("route add", self.network.prefix, "dev floor")
        self.gateway.ip("route add", self.address, "dev floor")


class Tayga(Target):
    """Debian's: stateless, an IPv4 address for each client, and behind it the kernel's masquerade, as users run it."""

    name = "tayga"
    addresses = "192.168.240.0/20"

    def start(self):
        path = os.path.join(self.folder, "tayga.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"tun-device tayga\nipv4-addr 192.168.255.1\nipv6-addr 2001:db8:ffff::1\n"
                       f"prefix {self.network.prefix}\ndynamic-pool {self.addresses}\ndata-dir {self.folder}\n")
        self.gateway.run("tayga", "-c", path, "--mktun")
        self.gateway.ip("link set tayga up")
        for network in (self.network.prefix, self.addresses, "2001:db8:ffff::/64"):
            self.gateway.ip("route add", network, "dev tayga")
        self.masquerade()
        self.run_daemon("tayga", "-c", path, "--nodetach", device="tayga")


class KernelNat44(Target):
    """The kernel's masquerade between two IPv4 networks: the nearest that it has to a NAT64 of its own."""

    name, flow_network = "kernel NAT44", "10.66.0.0"

    def start(self):
        self.destination = self.network.server_address
        self.gateway.ip("address add 10.6.0.1/24 dev inside")
        self.client.ip("address add 10.6.0.2/24 dev eth0")
        self.client.ip("route add default via 10.6.0.1")
        self.gateway.ip("route add", self.flow_network + "/16 via 10.6.0.2")
        self.masquerade()


class KernelForwarding(Target):
    """IPv6 from end to end, forwarded by the kernel."""

    name, session_limit = "kernel IPv6", 1 << 62

    def start(self):
        self.destination = "2001:db8:4::2"
        self.gateway.ip("address add 2001:db8:4::1/64 dev outside")
        self.server.ip("address add 2001:db8:4::2/64 dev eth0")
        self.server.ip("-6 route add default via 2001:db8:4::1")


kinds = {kind.name.replace(" ", "-").lower(): kind for kind in (Dragoman, Floor, Tayga, KernelNat44, KernelForwarding)}
