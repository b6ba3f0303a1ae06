# Writes the seeds of udp_frame_fuzz: frames with a query in IPv4 and IPv6. Some have no checksum that a fuzzer would
# have to guess: zero in IPv4, the sum of the pseudo-header alone in IPv6.
import ipaddress
import os
import struct

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "udp_frame")
query = bytes.fromhex("123401000001000000000000") + b"\3www\7example\0" + struct.pack("!2H", 28, 1)


def fold(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def frame(source, destination, payload=query, checksum=None, padding=b""):
    source, destination = ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed
    udp = struct.pack("!4H", 40000, 53, 8 + len(payload), 0) + payload
    pseudo = source + destination + struct.pack("!2H", len(udp), 17)
    if checksum is None:
        even = udp + b"\0" * (len(udp) % 2)
        checksum = 0xFFFF - fold(pseudo + even) or 0xFFFF
    elif checksum == "partial":
        checksum = fold(pseudo)
    udp = udp[:6] + struct.pack("!H", checksum) + udp[8:]
    if len(source) == 16:
        header, kind = struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + source + destination, 0x86DD
    else:
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0x4000, 64, 17, 0) + source + destination
        header, kind = header[:10] + struct.pack("!H", 0xFFFF - fold(header)) + header[12:], 0x0800
    return b"\2\0\0\0\0\1" + b"\2\0\0\0\0\2" + struct.pack("!H", kind) + header + udp + padding


seeds = {
    "ipv4": frame("192.0.2.7", "198.51.100.1"),
    "ipv4_no_checksum": frame("192.0.2.7", "198.51.100.1", checksum=0),
    "ipv4_padded": frame("192.0.2.7", "198.51.100.1", b"short", padding=b"\0" * 13),
    "ipv4_partial": frame("192.0.2.7", "198.51.100.1", checksum="partial"),
    "ipv6": frame("2001:db8::7", "2001:db8::53"),
    "ipv6_partial": frame("2001:db8::7", "2001:db8::53", checksum="partial"),
    "ipv6_empty": frame("2001:db8::7", "ff02::1", b"", checksum="partial"),
}

if __name__ == "__main__":
    os.makedirs(folder, exist_ok=True)
    for name, octets in seeds.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(octets)
