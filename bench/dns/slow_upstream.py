# An upstream that takes its time: every answer leaves a fixed time after its question. Any name has one A record and no
# AAAA record; below `dead.` of the zone AAAA questions are never answered. Run as a program, for latency.py.
#     slow_upstream.py ADDRESS PORT DELAY_MS
import asyncio
import struct
import sys

import zone

soa = b"\xc0\x0c" + struct.pack("!2HIH", 6, 1, zone.day, 22) + b"\0\0" + struct.pack("!5I", 1, 3600, 600, 86400, zone.day)
aaaa = 28


def answer(query):
    """The reply to a query of one question, without EDNS; None for silence."""
    end = 12
    while query[end]:
        end += 1 + query[end]
    question = query[12 : end + 5]
    kind = struct.unpack("!H", question[-4:-2])[0]
    if kind == aaaa:
        if b"\4dead" in question.lower():
            return None
        return query[:2] + struct.pack("!5H", 0x8580, 1, 0, 1, 0) + question + soa
    record = b"\xc0\x0c" + struct.pack("!2HIH", 1, 1, zone.day, 4) + bytes([198, 18, 0, 0])
    return query[:2] + struct.pack("!5H", 0x8580, 1, 1, 0, 0) + question + record


class Upstream(asyncio.DatagramProtocol):
    def __init__(self, delay):
        self.delay = delay

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        reply = answer(data)
        if reply:
            asyncio.get_running_loop().call_later(self.delay, self.transport.sendto, reply, address)


async def main():
    address, port, delay_ms = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Upstream(delay_ms / 1000), local_addr=(address, port))
    print("open", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
