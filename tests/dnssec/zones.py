# A small Internet: a root, top-level domains and whatever zones a test names, signed, broken where a test wants that,
# and written as zone files. Parents get NS and DS records of their children by themselves.
import concurrent.futures
import dataclasses
import os
from typing import Callable, Optional

import dns.name

import forge
import signers
from signers import Nsec, Nsec3, Plan

# Every zone has one of these two servers. They have their addresses from the root zone.
servers = {"nsd": ("nsd.server.", "127.0.0.53"), "knot": ("knot.server.", "127.0.0.54")}


@dataclasses.dataclass(frozen=True)
class Zone:
    """A zone to be made. plan: how it is signed, None for not. edit(zone): what is done to the signed zone, a
    forge.Signed. ds: the digest types of the DS records, in the parent; or a function from the zone (forge.Signed,
    after editing) to RDATA texts. text: lines of the zone file, relative to its name."""

    name: str
    plan: Optional[Plan] = Plan()
    text: tuple = ()
    edit: Optional[Callable] = None
    ds: object = (2,)
    server: str = "nsd"

    @property
    def origin(self):
        return dns.name.from_text(self.name)


# What most leaf zones hold: every kind of name that an answer or a denial can be about.
standard = (
    "@ TXT apex",
    "www A 198.51.100.1",
    "www AAAA 2001:db8::1",
    "v4 A 198.51.100.2",
    "v4 A 198.51.100.3",
    "v6 AAAA 2001:db8::2",
    "text TXT words",
    "mapped A 198.51.100.4",
    "mapped AAAA ::ffff:9.9.9.9",
    "mixed A 198.51.100.5",
    "mixed AAAA ::ffff:9.9.9.9",
    "mixed AAAA 2001:db8::5",
    "host.ent A 198.51.100.6",  # ent: an empty non-terminal
    "*.wild A 198.51.100.7",
    "*.wild TXT wild",
    "*.aliases CNAME v4",
    "alias CNAME v4",
    "alias2 CNAME alias",
    "alias-www CNAME www",
    "nowhere CNAME missing",
)


def children_of(zone, all_zones):
    """The zones that `zone` delegates to: those below it with no other zone between."""
    below = [other for other in all_zones if other is not zone and other.origin.is_subdomain(zone.origin)]
    return [
        one
        for one in below
        if not any(other is not one and one.origin.is_subdomain(other.origin) for other in below)
    ]


class Internet:
    """Makes the zones in `folder`, children first. paths: {name: zone file}; signed: {name: forge.Signed}."""

    def __init__(self, folder, zones):
        self.folder = folder
        self.zones = {zone.name: zone for zone in zones}
        if len(self.zones) != len(zones):
            raise ValueError("a zone twice")
        self.paths, self.signed, self.ds = {}, {}, {}
        depth = sorted({len(zone.origin) for zone in zones}, reverse=True)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for one in depth:  # a parent has fewer labels than its children
                list(pool.map(self._make, [zone for zone in zones if len(zone.origin) == one]))

    def _text(self, zone):
        server = servers[zone.server][0]
        lines = [f"$ORIGIN {zone.name}", "$TTL 300", f"@ SOA {server} host.server. 1 3600 600 86400 300"]
        lines += [f"@ NS {server}", *zone.text]
        if zone.name == ".":
            lines += [f"{name} A {address}" for name, address in servers.values()]
        for child in children_of(zone, self.zones.values()):
            lines.append(f"{child.name} NS {servers[child.server][0]}")
            if zone.plan:
                lines += [f"{child.name} DS {rdata}" for rdata in self.ds[child.name]]
        return "\n".join(lines) + "\n"

    def _make(self, zone):
        text = self._text(zone)
        if zone.plan is None:
            path = os.path.join(self.folder, f"{zone.name}zone")
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            self.paths[zone.name], self.ds[zone.name] = path, []
            return
        path, made = signers.sign(zone.name, text, zone.plan, self.folder)
        signed = forge.Signed(zone.name, path, made)
        if zone.edit:
            zone.edit(signed)
            signed.write()
        self.paths[zone.name], self.signed[zone.name] = path, signed
        self.ds[zone.name] = zone.ds(signed) if callable(zone.ds) else signed.ds_texts(zone.ds)

    def anchors(self):
        """The trust anchor: the root's DS records, as a zone file has them."""
        return "".join(f". IN DS {rdata}\n" for rdata in self.ds["."])


root = Zone(".", Plan("bind", 8, Nsec(), "split"))
tlds = (
    Zone("nsec.", Plan("bind", 13, Nsec(), "split"), server="knot"),
    Zone("nsec3.", Plan("knot", 15, Nsec3(), "single")),
    Zone("optout.", Plan("ldns", 13, Nsec3(opt_out=True, salt="c0ffee"), "split")),
    Zone("plain.", None, ("www A 198.51.100.80", "v4 A 198.51.100.81", "home CNAME www.a13-bind.nsec.")),
)
