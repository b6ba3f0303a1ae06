# The servers that are compared, with equal settings: one thread, DNS64 under 64:ff9b::/96, no validation, room for a
# million answers, forwarding everything to the Knot DNS of this program. Each peer is a function that writes its
# configuration files and returns the commands to run; a further peer is a further function here.
import os
import re
import socket
import struct
import time
import urllib.request

import lab
import zone

server_cpu, load_cpu = 1, 0
upstream_address, upstream_port = "127.0.0.53", 5300
connections = 20000


def pinned(cpu, *command):
    return ["taskset", "-c", str(cpu), *map(str, command)]


class Ports:
    """The ports of one server: DNS (UDP and TCP), DoT, DoH, and one for a second process behind."""

    def __init__(self, base):
        self.udp = self.tcp = base + 1
        self.dot, self.doh, self.behind, self.admin = base + 2, base + 3, base + 4, base + 5


def dragoman(folder, ports, pair, binary):
    settings = {
        "workers": 1,
        "listen": [f"dns://127.0.0.1:{ports.udp}", f"tls://127.0.0.1:{ports.dot}",
                   f"https://127.0.0.1:{ports.doh}/dns-query"],
        "tls": pair.as_config(),
        "upstream": [f"dns://{upstream_address}:{upstream_port}"],
        "dns64": {"prefix": "64:ff9b::/96"},
        "dnssec": {"mode": "off"},
        "cache": {"size": "1GiB"},
        "http": {"listen": [f"127.0.0.1:{ports.admin}"]},
        "limits": {"connections": connections, "connections_per_client": 0, "idle_timeout": "120s"},
        "logging": {"level": "warn"}}
    return [[binary, "serve", "--config", lab_file(folder, "dragoman.yaml", lab.json.dumps(settings))]]


def unbound_settings(folder, *more):
    return "\n".join([
        "server:", f'directory: "{folder}"', 'username: ""', 'chroot: ""', 'pidfile: ""', "do-daemonize: no",
        "use-syslog: no", "num-threads: 1", "outgoing-range: 1500", "num-queries-per-thread: 1500",
        "msg-cache-size: 256m", "rrset-cache-size: 512m", 'module-config: "dns64 iterator"',
        "dns64-prefix: 64:ff9b::/96", "do-not-query-localhost: no", *more, "remote-control:", "control-enable: no",
        "forward-zone:", 'name: "."', f"forward-addr: {upstream_address}@{upstream_port}", ""])


def unbound(folder, ports, pair, _):
    # From half of incoming-num-tcp on it shortens the idle time-out a hundredfold, hence both large numbers.
    text = unbound_settings(
        folder, *(f"interface: 127.0.0.1@{port}" for port in (ports.udp, ports.dot, ports.doh)),
        f"tls-port: {ports.dot}", f"https-port: {ports.doh}", f'tls-service-key: "{pair.key}"',
        f'tls-service-pem: "{pair.cert}"', "incoming-num-tcp: 6000", "tcp-idle-timeout: 6000000", "so-rcvbuf: 4m")
    return [["unbound", "-d", "-p", "-c", lab_file(folder, "unbound.conf", text)]]


def dnsdist(folder, ports, pair, _):
    """Its own cache in front of an Unbound, which knows DNS64; both processes are charged."""
    behind = unbound_settings(folder, f"interface: 127.0.0.1@{ports.behind}", "incoming-num-tcp: 1000")
    tls = f'"{pair.cert}", "{pair.key}"'
    front = "\n".join([
        'setSecurityPollSuffix("")', 'setACL({"127.0.0.0/8"})', "setMaxTCPClientThreads(1)", "setTCPRecvTimeout(120)",
        "setMaxTCPQueuedConnections(20000)",
        f'newServer({{address="127.0.0.1:{ports.behind}", sockets=1, checkName="{zone.origin}", checkType="SOA"}})',
        'getPool(""):setCache(newPacketCache(1000000, {maxTTL=86400, numberOfShards=1}))',
        f'addLocal("127.0.0.1:{ports.udp}")',
        f'addTLSLocal("127.0.0.1:{ports.dot}", {tls}, {{provider="openssl", tcpListenQueueSize=4096, maxInFlight=200}})',
        f'addDOHLocal("127.0.0.1:{ports.doh}", {tls}, "/dns-query", {{tcpListenQueueSize=4096, idleTimeout=120}})', ""])
    return [["unbound", "-d", "-p", "-c", lab_file(folder, "behind.conf", behind)],
            ["dnsdist", "--supervised", "--disable-syslog", "-C", lab_file(folder, "dnsdist.conf", front)]]


def bind9(folder, ports, pair, _):
    text = f"""options {{
  directory "{folder}"; pid-file none; session-keyfile none; notify no;
  listen-on port {ports.udp} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  listen-on port {ports.dot} tls pair {{ 127.0.0.1; }};
  listen-on port {ports.doh} tls pair http doh {{ 127.0.0.1; }};
  recursion yes; allow-query {{ any; }}; dnssec-validation no;
  forward only; forwarders {{ {upstream_address} port {upstream_port}; }};
  dns64 64:ff9b::/96 {{ clients {{ any; }}; }};
  max-cache-size 1024m; recursive-clients 10000; tcp-clients {connections}; tcp-listen-queue 4096;
  tcp-idle-timeout 1200;
}};
tls pair {{ cert-file "{pair.cert}"; key-file "{pair.key}"; }};
http doh {{ endpoints {{ "/dns-query"; }}; listener-clients {connections}; streams-per-connection 500; }};
controls {{ }};
logging {{ category default {{ null; }}; }};
"""
    return [["named", "-f", "-n", "1", "-c", lab_file(folder, "named.conf", text)]]


def kresd(folder, ports, pair, _):
    """Forwarding, not stubbing: with a stub the A questions of its dns64 module go to the root servers."""
    text = f"""net.ipv6 = false
net.listen('127.0.0.1', {ports.udp}, {{ kind = 'dns' }})
net.listen('127.0.0.1', {ports.dot}, {{ kind = 'tls' }})
net.listen('127.0.0.1', {ports.doh}, {{ kind = 'doh2' }})
net.tls("{pair.cert}", "{pair.key}")
for _, name in ipairs({{'priming', 'ta_update', 'ta_signal_query', 'detect_time_skew', 'detect_time_jump'}}) do
  modules.unload(name)
end
trust_anchors.remove('.')
cache.open(1024 * MB, 'lmdb://{folder}/cache')
modules.load('policy')
modules = {{ dns64 = '64:ff9b::' }}
policy.add(policy.all(policy.FORWARD('{upstream_address}@{upstream_port}')))
log_level('err')
"""
    return [["kresd", "-n", "-c", lab_file(folder, "kresd.conf", text), folder]]


def pdns(folder, ports, _pair, _):
    settings = {
        "socket-dir": folder, "local-address": f"127.0.0.1:{ports.udp}", "allow-from": "127.0.0.0/8", "daemon": "no",
        "write-pid": "no", "disable-syslog": "yes", "quiet": "yes", "loglevel": "3", "threads": "1",
        "pdns-distributes-queries": "no", "dnssec": "off", "dont-query": "", "security-poll-suffix": "",
        "hint-file": "no", "forward-zones-recurse": f".={upstream_address}:{upstream_port}",
        "dns64-prefix": "64:ff9b::/96", "max-cache-entries": "2000000", "max-packetcache-entries": "1000000",
        "max-tcp-clients": str(connections), "max-tcp-per-client": "0", "max-mthreads": "4096", "log-common-errors": "no"}
    lab_file(folder, "recursor.conf", "".join(f"{key}={value}\n" for key, value in settings.items()))
    return [["pdns_recursor", f"--config-dir={folder}"]]


def floor(_folder, ports, pair, binary):
    """floor.cpp, a process for each protocol; one works at a time. `binary` is its path."""
    ways = {"udp-batched": ports.udp, "tcp": ports.tcp, "dot": ports.dot, "doh": ports.doh}
    return [[binary, "--protocol", way, "--port", port, "--cert", pair.cert, "--key", pair.key]
            for way, port in ways.items()]


peers = {"unbound": unbound, "dnsdist": dnsdist, "bind9": bind9, "kresd": kresd, "pdns": pdns}
# What everybody speaks but for these.
protocols = {"pdns": {"udp", "tcp"}}


def spoken(name):
    return protocols.get(name, {"udp", "tcp", "dot", "doh"})


def lab_file(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


class Server:
    """A server that answers, on the CPU of the servers. `start_ms` is the time from its start to its first answer."""

    def __init__(self, name, folder, base, pair, binary):
        self.name, self.ports = name, Ports(base)
        self.folder = os.path.join(folder, f"{name}-{base}")
        os.makedirs(self.folder, mode=0o777, exist_ok=True)
        commands = {**peers, "floor": floor}.get(name, dragoman)(self.folder, self.ports, pair, binary)
        began = time.monotonic()
        self.processes = [lab.Process(pinned(server_cpu, *command), self.folder, f"{name}.{number}")
                          for number, command in enumerate(commands)]
        try:
            answer = first_answer(self.ports.udp, zone.v4_only(0))
            self.start_ms = (time.monotonic() - began) * 1000
            if name != "floor" and zone.synthesized(0) not in answer:
                raise AssertionError(f"{name} does not synthesize: {answer.hex()}")
        except AssertionError as error:
            logs = "\n".join(process.log() for process in self.processes)
            self.stop()
            raise AssertionError(f"{name}: {error}\n{logs}") from None

    def speaks(self, protocol):
        return protocol in spoken(self.name)

    def pids(self):
        return ",".join(str(process.pid) for process in self.processes)

    def descriptors(self):
        return sum(process.descriptors() for process in self.processes)

    def rss_octets(self):
        return sum(process.rss_kib() for process in self.processes) * 1024

    def stop(self):
        for process in reversed(self.processes):
            process.stop()


def scrape(admin_port):
    """What Dragoman says of itself."""
    with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/metrics", timeout=5) as page:
        return page.read().decode()


def metric(admin_port, name):
    """The sum of the samples of this name."""
    return sum(float(line.split()[-1]) for line in scrape(admin_port).splitlines()
               if re.split("[ {]", line, maxsplit=1)[0] == name)


def start_upstream(folder):
    """Knot DNS with the zone, on the CPU of the load."""
    folder = os.path.join(folder, "knot")
    os.makedirs(folder)
    zone.write(folder)
    text = f"""server:
    rundir: {folder}
    listen: [ {upstream_address}@{upstream_port} ]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: {folder}
zone:
  - domain: {zone.origin}
    file: {folder}/zone
    zonefile-sync: -1
    journal-content: none
"""
    knot = lab.Process(pinned(load_cpu, "knotd", "-c", lab_file(folder, "knot.conf", text)), folder, "knot")
    first_answer(upstream_port, zone.v4_only(0), upstream_address, 1)
    return knot


def first_answer(port, name, address="127.0.0.1", kind=28, within=20.0):
    """The first answer with records, asking every few milliseconds."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    query = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)
    end = time.monotonic() + within
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.005)
        while time.monotonic() < end:
            try:
                client.sendto(query, (address, port))
                answer = client.recv(4096)
            except OSError:  # not there yet: refused, or silent
                time.sleep(0.001)
                continue
            if answer[3] & 15 == 0 and answer[6:8] != b"\0\0":
                return answer
            time.sleep(0.02)
    raise AssertionError(f"no answer from {address} port {port} within {within} s")
