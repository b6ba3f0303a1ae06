# Networks for packets: namespaces of this process, with devices between them. They have no names outside, need no more
# rights than the laboratory has, and are gone when the process and the programs in them are.
#
#   client6 ---- gateway ---- server4            IPv6 alone on the left, IPv4 alone on the right
#   2001:db8:6::2   ::1 .1   203.0.113.2
#
# All addresses are those of documentation. Network.add_client and Network.add_far_server make it larger.
import contextlib
import ctypes
import ipaddress
import json
import os
import socket

import lab

_libc = ctypes.CDLL(None, use_errno=True)
_new_network = 0x40000000  # CLONE_NEWNET
_own_namespace = "/proc/thread-self/ns/net"


def _call(function, *arguments):
    if function(*arguments):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@contextlib.contextmanager
def _coming_home():
    """The calling thread is in its network namespace again afterwards."""
    home = os.open(_own_namespace, os.O_RDONLY)
    try:
        yield
    finally:
        _call(_libc.setns, home, _new_network)
        os.close(home)


class Namespace:
    """A network namespace; it lives as long as this object, or a program or socket in it."""

    def __init__(self, name):
        self.name = name
        with _coming_home():
            _call(_libc.unshare, _new_network)
            self._descriptor = os.open(_own_namespace, os.O_RDONLY)
        self.ip("link set lo up")
        for scope in ("all", "default"):
            self.set(f"net.ipv6.conf.{scope}.accept_dad", 0)  # addresses are there at once

    def close(self):
        os.close(self._descriptor)

    @contextlib.contextmanager
    def inside(self):
        """The calling thread works in it: sockets that it opens, programs that it starts."""
        with _coming_home():
            _call(_libc.setns, self._descriptor, _new_network)
            yield self

    @property
    def path(self):
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def run(self, *command, **options):
        """lab.run() in here."""
        with self.inside():
            return lab.run(*command, **options)

    def start(self, command, folder, name, **options):
        """A lab.Process in here."""
        with self.inside():
            return lab.Process(command, folder, name, **options)

    def socket(self, family, kind=socket.SOCK_STREAM, protocol=0, timeout=5):
        with self.inside():
            made = socket.socket(family, kind, protocol)
            made.settimeout(timeout)
            return made

    def ip(self, *words):
        """ip("address add", address, "dev eth0"): spaces part words."""
        return self.run("ip", *" ".join(map(str, words)).split())

    def set(self, name, value):
        """A kernel parameter, as sysctl names it."""
        with self.inside(), open(f"/proc/sys/{name.replace('.', '/')}", "w", encoding="ascii") as file:
            file.write(str(value))

    def counters(self):
        """The kernel's counters of IPv4, TCP and UDP, by names like Tcp.RetransSegs (RFC 1213)."""
        with self.inside(), open("/proc/thread-self/net/snmp", encoding="ascii") as file:
            lines = [line.split() for line in file]
        return {f"{names[0][:-1]}.{name}": int(value)
                for names, values in zip(lines[::2], lines[1::2]) for name, value in zip(names[1:], values[1:])}

    def devices(self):
        """What `ip link` says, by device."""
        return {device["ifname"]: device for device in json.loads(self.run("ip", "-json", "-details", "link", "show"))}


def connect(one, one_device, other, other_device, mtu=1500):
    """A wire between two namespaces."""
    one.run("ip", "link", "add", one_device, "mtu", mtu, "type", "veth", "peer", "name", other_device, "mtu", mtu,
            "netns", other.path)
    one.ip("link set", one_device, "up")
    other.ip("link set", other_device, "up")


class Network:
    """An IPv6-only client, a gateway that forwards, and an IPv4-only server that knows the way to the pool."""

    prefix = "2001:db8:64::/96"
    pool = "198.51.100.0/24"
    client_address, gateway6, gateway4, server_address = "2001:db8:6::2", "2001:db8:6::1", "203.0.113.1", "203.0.113.2"

    def __init__(self):
        self.client, self.gateway, self.server = (Namespace(name) for name in ("client6", "gateway", "server4"))
        self.namespaces = [self.client, self.gateway, self.server]
        self._forward(self.gateway)
        connect(self.gateway, "inside", self.client, "eth0")
        connect(self.gateway, "outside", self.server, "eth0")
        self.gateway.ip("address add", self.gateway6 + "/64 dev inside")
        self.client.ip("address add", self.client_address + "/64 dev eth0")
        self.client.ip("-6 route add default via", self.gateway6)
        self.gateway.ip("address add", self.gateway4 + "/24 dev outside")
        self.server.ip("address add", self.server_address + "/24 dev eth0")
        self.server.ip("route add", self.pool, "via", self.gateway4)

    @staticmethod
    def _forward(router):
        router.set("net.ipv4.ip_forward", 1)
        router.set("net.ipv6.conf.all.forwarding", 1)
        for name in ("net.ipv4.icmp_ratelimit", "net.ipv6.icmp.ratelimit"):
            router.set(name, 0)  # every error is to be seen, however many there are

    def close(self):
        for namespace in self.namespaces:
            namespace.close()

    def add_client(self, number, mtu=None):
        """A further client, in a /64 of its own: (namespace, address). With an MTU it is behind a router, and the link
        from the gateway to that has this MTU."""
        client, first_hop, device = Namespace(f"client6-{number}"), self.gateway, f"inside{number}"
        self.namespaces.append(client)
        network, address = f"2001:db8:6:{number:x}::", f"2001:db8:6:{number:x}::2"
        if mtu:
            first_hop = self._add_router6(number, mtu, network)
            device = "clients"
        connect(first_hop, device, client, "eth0")
        first_hop.ip(f"address add {network}1/64 dev {device}")
        client.ip(f"address add {address}/64 dev eth0")
        client.ip(f"-6 route add default via {network}1")
        return client, address

    def _add_router6(self, number, mtu, network):
        router, device, link = Namespace(f"router6-{number}"), f"narrow{number}", f"2001:db8:5:{number:x}::"
        self.namespaces.append(router)
        connect(self.gateway, device, router, "uplink", mtu)
        self._forward(router)
        self.gateway.ip(f"address add {link}1/64 dev {device}")
        router.ip(f"address add {link}2/64 dev uplink")
        router.ip(f"-6 route add default via {link}1")
        self.gateway.ip(f"route add {network}/64 via {link}2")
        return router

    def add_far_server(self, mtu=1500):
        """A server behind two routers, with a link of this MTU between them: (namespace, address)."""
        near, far, server = (Namespace(name) for name in ("near4", "far4", "farserver4"))
        self.namespaces += [near, far, server]
        for left, device, right, other, net, width in ((self.gateway, "far", near, "uplink", "192.0.2.0", 1500),
                                                       (near, "far", far, "uplink", "192.0.2.4", mtu),
                                                       (far, "far", server, "eth0", "192.0.2.8", 1500)):
            connect(left, device, right, other, width)
            address = ipaddress.IPv4Address(net)
            left.ip(f"address add {address + 1}/30 dev {device}")
            right.ip(f"address add {address + 2}/30 dev {other}")
            right.ip(f"route add default via {address + 1}")
            self._forward(left)
        self.gateway.ip("route add 192.0.2.0/24 via 192.0.2.2")
        near.ip("route add 192.0.2.8/30 via 192.0.2.6")
        return server, "192.0.2.10"

    def translated(self, ipv4, prefix=None):
        """The IPv6 address of an IPv4 host (RFC 6052 2.2, prefixes of 96 bits)."""
        network = ipaddress.IPv6Network(prefix or self.prefix)
        return str(network.network_address + int(ipaddress.IPv4Address(ipv4)))
