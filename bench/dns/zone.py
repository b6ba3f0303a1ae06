# The names: a zone for the upstream and query files for the load. Names that have only IPv4 addresses, names that have
# both, names that do not exist, and two wildcards for as many fresh names as anybody wants. All of it lasts a day.
import os

origin = "bench.example."
hot_v4_only, hot_dual, hot_missing = 7000, 2500, 500
hot_count = hot_v4_only + hot_dual + hot_missing
day = 86400


def v4_only(number):
    return f"www.v4-{number:05}.{origin}"


def synthesized(number):
    """The address of v4_only(number) under 64:ff9b::/96, as it stands in an answer."""
    return bytes.fromhex("0064ff9b" + "00" * 8) + bytes(map(int, ipv4(number).split(".")))


def ipv4(number):
    return f"198.18.{number >> 8 & 255}.{number & 255}"


def write(folder):
    lines = [f"$ORIGIN {origin}", f"$TTL {day}", f"@ SOA ns hostmaster 1 3600 600 604800 {day}", "@ NS ns",
             "ns A 198.18.255.1", "*.fresh A 198.18.255.2", "*.kept A 198.18.255.3"]
    lines += [f"{v4_only(number)} A {ipv4(number)}" for number in range(hot_v4_only)]
    for number in range(hot_dual):
        lines += [f"www.dual-{number:05} A {ipv4(number)}", f"www.dual-{number:05} AAAA 2001:db8::{number:x}"]
    with open(os.path.join(folder, "zone"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def hot_queries(path):
    """Ten thousand AAAA questions, kinds mixed as they come in the zone's proportions."""
    names = [v4_only(number) for number in range(hot_v4_only)]
    names += [f"www.dual-{number:05}.{origin}" for number in range(hot_dual)]
    names += [f"www.gone-{number:05}.{origin}" for number in range(hot_missing)]
    # A stride that has no divisor in common with the count visits each name once.
    return write_queries(path, (names[index * 7919 % len(names)] for index in range(len(names))))


def fresh_queries(path, first, count, wildcard="fresh"):
    return write_queries(path, (f"n{number:07}.{wildcard}.{origin}" for number in range(first, first + count)))


def write_queries(path, names):
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"{name} AAAA\n" for name in names)
    return path
