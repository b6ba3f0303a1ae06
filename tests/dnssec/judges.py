# The judges: other validators that are asked the same questions, behind the same upstream, with the same trust anchor.
import asyncio
import collections
import concurrent.futures
import os
import re
import socket
import struct
import subprocess

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

import serving

import clients
import lab


def unbound(world):
    """Unbound as a validating forwarder."""
    upstream = world.tampering
    lines = ['  module-config: "validator iterator"', f"  trust-anchor-file: {world.anchor_file}", "  ede: yes"]
    lines += ["  aggressive-nsec: no", "  val-bogus-ttl: 1", "  val-max-restart: 1"]
    lines += [f"forward-zone:\n  name: .\n  forward-addr: {upstream.address}@{upstream.port}"]
    return serving.Unbound(world.folder, "unbound-judge", lines)


class Bind(lab.Process):
    """BIND as a validating forwarder."""

    def __init__(self, world):
        folder = os.path.join(world.folder, "bind")
        os.makedirs(folder)
        self.address, self.port = "127.0.0.1", lab.free_port()
        upstream = world.tampering
        path = os.path.join(folder, "named.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(
                f'options {{ directory "{folder}"; pid-file none; session-keyfile none; recursion yes;'
                f" listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; allow-query {{ any; }};"
                f" forward only; forwarders {{ {upstream.address} port {upstream.port}; }}; dnssec-validation yes;"
                " empty-zones-enable no; minimal-responses no; synth-from-dnssec no; max-cache-size 32M;"
                " servfail-ttl 0; lame-ttl 0; recursive-clients 2000; };\n"
                f"controls {{ }};\n{bind_anchors(world)}"
            )
        super().__init__(["named", "-g", "-n", "1", "-c", path], folder, "named")
        self.wait_for_log("running")


def bind_anchors(world):
    """The trust anchor as BIND and delv write it."""
    lines = []
    for text in world.internet.ds["."]:
        tag, algorithm, kind, digest = text.split()
        lines.append(f'"." static-ds {tag} {algorithm} {kind} "{digest}";')
    return f"trust-anchors {{ {' '.join(lines)} }};\n"


class Delv:
    """BIND's delv: a validator that says what it thinks of an answer, instead of giving it."""

    words = {
        "fully validated": "secure",
        "negative response, fully validated": "secure",
        "unsigned answer": "insecure",
        "negative response, unsigned answer": "insecure",
        "answer not validated": "insecure",
    }

    def __init__(self, world):
        self.upstream = world.tampering
        self.anchors = os.path.join(world.folder, "delv.anchors")
        with open(self.anchors, "w", encoding="ascii") as file:
            file.write(bind_anchors(world))

    def verdict(self, name, kind):
        """"secure", "insecure" or "bogus", and what delv printed."""
        command = ["delv", f"@{self.upstream.address}", "-p", str(self.upstream.port), "-a", self.anchors]
        done = subprocess.run(command + ["+root=.", name, kind], capture_output=True, text=True, timeout=60)
        said = done.stdout + done.stderr
        verdicts = re.findall(r"^; (.*)$", done.stdout, re.M)
        found = {self.words[line] for line in verdicts if line in self.words}
        # "ncache" is a denial, which was validated.
        if not found or re.search("resolution failed: (?!ncache)", said):
            return "bogus", said
        return ("insecure" if "insecure" in found else "secure"), said

    def verdicts(self, questions):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda question: self.verdict(question.name, question.kind), questions))


# -- Asking --
Flags = collections.namedtuple("Flags", "do cd ad")
all_flags = [Flags(do, cd, ad) for do in (0, 1) for cd in (0, 1) for ad in (0, 1)]


def query(name, kind, flags):
    words = "RD" + (" CD" if flags.cd else "") + (" AD" if flags.ad else "")
    return clients.query(name, kind, payload=4096, flags=words, dnssec_ok=bool(flags.do))


class _Exchange(asyncio.DatagramProtocol):
    def __init__(self):
        self.waiting = {}

    def datagram_received(self, octets, _):
        waiter = self.waiting.get(octets[:2])
        if waiter and not waiter.done():
            waiter.set_result(octets)


def _with_id(message, number):
    """The octets of a message, or these octets, under an identifier of their own."""
    octets = message if isinstance(message, bytes) else message.to_wire()
    return struct.pack("!H", number + 1) + octets[2:]


async def _ask_all(address, port, messages, at_once, timeout):
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_Exchange, remote_addr=(address, port))
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    room = asyncio.Semaphore(at_once)

    async def one(number, message):
        async with room:
            octets = _with_id(message, number)
            protocol.waiting[octets[:2]] = waiter = loop.create_future()
            for _ in range(2):
                transport.sendto(octets)
                try:
                    return await asyncio.wait_for(asyncio.shield(waiter), timeout)
                except asyncio.TimeoutError:
                    continue
            return None

    try:
        return await asyncio.gather(*(one(number, message) for number, message in enumerate(messages)))
    finally:
        transport.close()


def ask_all(server, messages, at_once=32, timeout=10):
    """The replies to many questions, messages or their octets, over UDP, in their order; None for none. TCP where one is
    truncated."""
    found = asyncio.run(_ask_all(server.address, server.port, messages, at_once, timeout))
    replies = [octets and dns.message.from_wire(octets) for octets in found]
    for number, reply in enumerate(replies):
        if reply is not None and reply.flags & dns.flags.TC:
            with clients.DnsStream(socket.create_connection((server.address, server.port), 8)) as stream:
                replies[number] = stream.ask(messages[number])
    return replies


def has_type(section, *kinds):
    wanted = {dns.rdatatype.from_text(kind) for kind in kinds}
    return any(rrset.rdtype in wanted for rrset in section)
