#!/usr/bin/env python3
"""The dashboard as a table of rows and panels; prints dragoman.json. After a change:

    config/grafana/dashboard.py > config/grafana/dashboards/dragoman.json

tests/observability compares the two, and runs every query against a real Prometheus.
"""
import json
import sys

SELECTED = 'job=~"$job",instance=~"$instance"'


def rate(metric, by="", where=""):
    """The sum of the per-second rates of a counter."""
    matchers = SELECTED + ("," + where if where else "")
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{{{matchers}}}[$__rate_interval]))"


def total(metric, by=""):
    return f"sum{f' by ({by})' if by else ''} ({metric}{{{SELECTED}}})"


def share(part, whole):
    return f"{part} / {whole}"


def quantile(q, metric, by="", where=""):
    return f"histogram_quantile({q}, {rate(metric + '_bucket', ', '.join(filter(None, [by, 'le'])), where)})"


responses = "dragoman_dns_responses_total"
duration = "dragoman_dns_request_duration_seconds"
lookups = f'({rate("dragoman_cache_hits_total")} + {rate("dragoman_cache_misses_total")})'
not_after = f"dragoman_tls_certificate_not_after_timestamp_seconds{{{SELECTED}}}"

# Row: panels of (kind, title, unit, queries as {legend: expression}, what it tells).
# Kinds: stat (one number), lines, stack (parts of a whole), heatmap, table. Widths follow from the kind.
ROWS = {
    "Overview": [
        ("stat", "Queries", "reqps", {"": rate("dragoman_dns_requests_total")}, "All protocols together."),
        ("stat", "SERVFAIL", "percentunit",
         {"": share(rate(responses, where='rcode="SERVFAIL"'), rate(responses))},
         "Share of replies. Some are right: broken domains get SERVFAIL from everybody."),
        ("stat", "Median", "s", {"": quantile(0.5, duration)}, "Half of all queries are answered faster."),
        ("stat", "99th percentile", "s", {"": quantile(0.99, duration)}, "One in a hundred queries takes longer."),
        ("stat", "From the cache", "percentunit", {"": share(rate("dragoman_cache_hits_total"), lookups)},
         "Share of lookups that the cache answered."),
        ("stat", "Upstreams that answer", "short",
         {"": f"sum(max by (server) (dragoman_upstream_up{{{SELECTED}}}) > bool 0)"},
         "Servers of `upstream:` that answer at least one instance."),
        ("stat", "Certificate expires in", "s", {"": f"min({not_after}) - time()"}, "The first of all to expire."),
        ("stat", "Servers", "short", {"": f"count(dragoman_build_info{{{SELECTED}}})"}, "Instances that were scraped."),
        ("stack", "Queries by protocol", "reqps", {"{{proto}}": rate("dragoman_dns_requests_total", "proto")}, ""),
        ("stack", "Replies by code", "reqps", {"{{rcode}}": rate(responses, "rcode")}, "RCODEs of RFC 1035 and later."),
    ],
    "Clients by protocol": [
        ("stack", "Queries by type", "reqps", {"{{type}}": rate("dragoman_dns_requests_total", "type")},
         "Types outside the table are `other`."),
        ("stack", "Queries by address family", "reqps", {"IPv{{family}}": rate("dragoman_dns_requests_total", "family")},
         "Of the client's address."),
        ("lines", "Open connections", "short", {"{{proto}}": total("dragoman_connections", "proto")}, ""),
        ("lines", "New connections", "cps", {"{{proto}}": rate("dragoman_connections_accepted_total", "proto")}, ""),
        ("lines", "Ends of connections", "cps",
         {"{{proto}} {{reason}}": rate("dragoman_connections_closed_total", "proto, reason")},
         "idle and client are the usual ends."),
        ("lines", "Refused connections", "cps",
         {"{{proto}} {{reason}}": rate("dragoman_connections_refused_total", "proto, reason")},
         "A limit was reached. See limits in the configuration."),
        ("lines", "Refused queries", "reqps", {"{{reason}}": rate("dragoman_dns_refused_total", "reason")},
         "Answered with an error before any lookup."),
        ("lines", "Lost datagrams and dropped messages", "pps",
         {"socket {{reason}}": rate("dragoman_udp_dropped_total", "reason"),
          "{{reason}}": rate("dragoman_dns_dropped_total", "reason")},
         "receive_buffer: more came than the workers could read."),
        ("lines", "Frames by AF_XDP", "pps",
         {"{{result}}": rate("dragoman_xdp_frames_total", "result"),
          "{{interface}} {{reason}}": rate("dragoman_xdp_dropped_total", "interface, reason")},
         "rx_ring_full: more came than the workers could take. late: answered by an upstream, through the socket."),
        ("lines", "Interfaces by way of queries", "short", {"{{interface}} {{mode}}": total("dragoman_xdp_mode", "interface, mode")},
         "Those of `xdp` alone. none: the ordinary way."),
        ("lines", "Truncated replies and DO queries", "reqps",
         {"truncated": rate("dragoman_dns_truncated_total"), "DO": rate("dragoman_dns_do_requests_total")},
         "Truncated over UDP, so that the client asks again over TCP. DO: clients that want DNSSEC records."),
        ("lines", "Beyond the rate limits", "reqps",
         {"{{rule}} {{action}}": rate("dragoman_rate_limited_total", "rule, action")},
         "client: one asks too much. response: the same again and again. slip and badcookie let a real client come back."),
        ("lines", "Queries with a cookie", "reqps", {"{{state}}": rate("dragoman_dns_cookies_total", "state")},
         "client: has none of ours yet. valid: its address is surely its own. invalid: too old, forged, or not ours."),
    ],
    "Latency": [
        ("lines", "Median by protocol", "s", {"{{proto}}": quantile(0.5, duration, "proto")}, ""),
        ("lines", "99th percentile by protocol", "s", {"{{proto}}": quantile(0.99, duration, "proto")}, ""),
        ("lines", "99th percentile by source", "s", {"{{source}}": quantile(0.99, duration, "source")},
         "Where the answer came from: cache, upstream, or local data and refusals."),
        ("heatmap", "All queries", "s",
         {"{{le}}": f"sum by (le) (increase({duration}_bucket{{{SELECTED}}}[$__rate_interval]))"},
         "From the query's arrival to the reply."),
    ],
    "Upstreams": [
        ("lines", "Instances that get answers", "short", {"{{group}} {{server}}": total("dragoman_upstream_up", "group, server")},
         "From each server of each group. 0: it is down for everybody."),
        ("stack", "Questions", "reqps", {"{{server}}": rate("dragoman_upstream_requests_total", "server")},
         "Probes included."),
        ("lines", "Median time to answer", "s",
         {"{{server}}": quantile(0.5, "dragoman_upstream_request_duration_seconds", "server")}, ""),
        ("lines", "99th percentile of the time to answer", "s",
         {"{{server}}": quantile(0.99, "dragoman_upstream_request_duration_seconds", "server")}, ""),
        ("lines", "Failures", "reqps", {"{{server}} {{reason}}": rate("dragoman_upstream_failures_total", "server, reason")},
         "Attempts that got no answer; another server may have given it."),
        ("stack", "Answers by code", "reqps", {"{{rcode}}": rate("dragoman_upstream_responses_total", "rcode")}, ""),
        ("lines", "Questions in flight", "short", {"{{server}}": total("dragoman_upstream_inflight", "server")}, ""),
        ("lines", "Open connections to upstreams", "short", {"{{server}}": total("dragoman_upstream_connections", "server")},
         "TCP, DoT and DoH."),
        ("lines", "TLS handshakes with upstreams", "ops",
         {"{{server}} {{result}}": rate("dragoman_upstream_handshakes_total", "server, result")},
         "Many full ones mean that connections do not last."),
        ("lines", "Answers that fit no question", "pps", {"{{server}}": rate("dragoman_upstream_mismatches_total", "server")},
         "Late, or forged."),
        ("lines", "Answers that lost private addresses", "reqps", {"answers": rate("dragoman_rebinding_blocked_total")},
         "To rebinding_protection. Zones that are meant to have some belong into allow_names or get a route."),
        ("lines", "Special names kept from upstreams", "reqps", {"questions": rate("dragoman_dns_special_names_total")},
         "Private reverse zones, localhost, home.arpa and the like (RFC 6761, RFC 6303), answered here."),
    ],
    "Cache": [
        ("stack", "Lookups", "reqps",
         {"{{kind}}": rate("dragoman_cache_hits_total", "kind"), "miss": rate("dragoman_cache_misses_total")},
         "nxdomain_cut: below a name that does not exist. stale: past their lifetime, while upstreams fail."),
        ("lines", "Share of hits", "percentunit",
         {"hits": share(rate("dragoman_cache_hits_total"), lookups),
          "sent whole": share(rate("dragoman_cache_packets_repeated_total"), lookups)},
         "Sent whole: the same octets were asked within this second."),
        ("lines", "Memory of the cache", "bytes",
         {"used by {{instance}}": total("dragoman_cache_bytes", "instance"),
          "limit of {{instance}}": total("dragoman_cache_bytes_limit", "instance")}, ""),
        ("lines", "Answers in the cache", "short", {"{{instance}}": total("dragoman_cache_entries", "instance")}, ""),
        ("lines", "Insertions and evictions", "ops",
         {"insertions": rate("dragoman_cache_insertions_total"), "evictions": rate("dragoman_cache_evictions_total")},
         "Evicted: dropped for want of room before the TTL ended."),
        ("lines", "Waits for the cache's locks", "ops", {"waits": rate("dragoman_cache_lock_waits_total")},
         "Workers that met at one part of the cache. Beside the lookups these should be few."),
        ("lines", "Lookups under way", "short",
         {"in flight": total("dragoman_lookups_in_flight"), "joined per s": rate("dragoman_lookups_joined_total"),
          "chained per s": rate("dragoman_lookups_chained_total")},
         "Joined: a client asked what was being looked up already. Chained: a CNAME target had to be asked for."),
        ("lines", "Stale answers", "reqps", {"{{reason}}": rate("dragoman_cache_stale_answers_total", "reason")},
         "failure: nobody could answer. slow: nobody did in time. retry: one of the two was so a moment ago."),
        ("lines", "Prefetches", "ops", {"{{result}}": rate("dragoman_cache_prefetches_total", "result")},
         "Popular answers, asked for again before they expire. shed: too many of them were under way."),
    ],
    "DNSSEC": [
        ("stack", "Validated answers", "reqps", {"{{result}}": rate("dragoman_dnssec_validations_total", "result")},
         "insecure: a zone that is provably not signed. bogus: clients get SERVFAIL."),
        ("lines", "Why not secure", "reqps", {"{{reason}}": rate("dragoman_dnssec_reasons_total", "reason")},
         "no_ds is the ordinary case of an unsigned zone."),
        ("lines", "Signatures verified", "ops",
         {"signatures": rate("dragoman_dnssec_signatures_total"), "NSEC3 hashes": rate("dragoman_dnssec_nsec3_hashes_total")},
         "Work with public keys, in units of P-256; names hashed for denials."),
        ("lines", "Limits of work reached", "ops", {"{{limit}}": rate("dragoman_dnssec_limits_total", "limit")},
         "Of dnssec.limits: zones that are made to be expensive."),
        ("lines", "Denials that answer further questions", "short",
         {"records of {{instance}}": total("dragoman_dnssec_denials", "instance")}, "NSEC and NSEC3 (RFC 8198)."),
        ("lines", "Answers from denials", "reqps",
         {"answers": rate("dragoman_cache_hits_total", where='kind="proven"')}, "Of names that nobody had asked for."),
        ("lines", "Memory of denials", "bytes", {"{{instance}}": total("dragoman_dnssec_denial_bytes", "instance")}, ""),
        ("lines", "Bogus at first", "reqps", {"mended": rate("dragoman_dnssec_mended_total")},
         "Answers that validated when they were asked for again: some server of a zone is broken."),
        ("lines", "Keys of trust anchors", "short",
         {"{{zone}} {{state}}": total("dragoman_trust_anchor_keys", "zone, state")}, "By their state of RFC 5011 4.2."),
        ("lines", "Trusted keys", "short", {"{{zone}}": total("dragoman_trust_anchor_trusted", "zone")},
         "0: nothing below that zone validates."),
        ("lines", "Looks at the keys of anchors", "ops",
         {"{{result}}": rate("dragoman_trust_anchor_refreshes_total", "result")}, ""),
        ("lines", "Age of the last look", "s",
         {"{{zone}}": f"time() - dragoman_trust_anchor_last_refresh_timestamp_seconds{{{SELECTED}}}"}, ""),
        ("lines", "State that cannot be written", "short",
         {"unsaved on {{instance}}": total("dragoman_trust_anchor_state_unsaved", "instance"),
          "failures per s": rate("dragoman_trust_anchor_state_write_failures_total")}, "Of managed_anchors.state_file."),
        ("lines", "Trust anchors and negative ones", "short",
         {"{{source}}": total("dragoman_negative_trust_anchors", "source"),
          "anchors of {{instance}}": total("dragoman_trust_anchors", "instance")},
         "Names that are not validated (RFC 7646), and zones that validation begins at."),
    ],
    "DNS64": [
        ("stack", "AAAA queries of DNS64 clients", "reqps", {"{{result}}": rate("dragoman_dns64_responses_total", "result")},
         "synthesized from A; native AAAA; and why neither."),
        ("lines", "Share that is synthesized", "percentunit",
         {"synthesized": share(rate("dragoman_dns64_responses_total", where='result="synthesized"'),
                               rate("dragoman_dns64_responses_total"))},
         "What IPv4-only names are of all AAAA queries: the share of traffic that needs NAT64."),
        ("lines", "PTR queries under the prefix", "reqps", {"PTR": rate("dragoman_dns64_ptr_total")},
         "Mapped to in-addr.arpa (RFC 6147 5.3.1)."),
        ("lines", "Instances whose packets pass", "short", {"{{prefix}}": total("dragoman_dns64_prefix_up", "prefix")},
         "Through each prefix that is probed. 0: it is out of new answers, unless it is the last one."),
        ("lines", "Probes of prefixes", "ops", {"{{prefix}} {{result}}": rate("dragoman_dns64_probes_total", "prefix, result")},
         "What came of the packets that were sent through each prefix."),
        ("lines", "Instances that discovered it", "short",
         {"{{prefix}}": total("dragoman_dns64_prefix_discovered", "prefix")}, "Prefixes that the network's resolvers name."),
        ("lines", "Questions for prefixes", "ops", {"{{result}}": rate("dragoman_dns64_discoveries_total", "result")},
         "failed: nobody answered, and what was known stays."),
        ("lines", "Age of the discovered prefixes", "s",
         {"{{instance}}": f"time() - dragoman_dns64_discovery_last_success_timestamp_seconds{{{SELECTED}}}"},
         "Since a resolver last named them, or said that there are none."),
    ],
    "NAT64": [
        ("stat", "NAT64s that are up", "short", {"": total("dragoman_nat64_up")}, "Instances whose workers all have their device."),
        ("stat", "Ports taken", "percentunit",
         {"": share(total("dragoman_nat64_pool_ports_used"), total("dragoman_nat64_pool_ports"))},
         "Of the pool, in blocks that subscribers hold or that rest."),
        ("stat", "Sessions of those allowed", "percentunit",
         {"": share(total("dragoman_nat64_sessions"), total("dragoman_nat64_sessions_limit"))}, "nat64.max_sessions."),
        ("stat", "Subscribers", "short", {"": total("dragoman_nat64_subscribers")}, "That hold ports now."),
        ("stat", "Port blocks", "short", {"": total("dragoman_nat64_port_blocks_used")}, "That subscribers hold, or that rest."),
        ("stat", "From IPv6 to IPv4", "Bps", {"": rate("dragoman_nat64_bytes_total", where='direction="6to4"')}, ""),
        ("stat", "From IPv4 to IPv6", "Bps", {"": rate("dragoman_nat64_bytes_total", where='direction="4to6"')}, ""),
        ("stat", "Packets dropped", "pps", {"": rate("dragoman_nat64_drops_total")}, "For any reason: see below."),
        ("stack", "Octets", "Bps", {"{{direction}} {{protocol}}": rate("dragoman_nat64_bytes_total", "direction, protocol")},
         "As they left. hairpin: from one inside host to another."),
        ("stack", "Packets", "pps", {"{{direction}} {{protocol}}": rate("dragoman_nat64_packets_total", "direction, protocol")},
         "A super-packet is one."),
        ("lines", "State", "short", {"{{state}}": total("dragoman_nat64_state", "state")},
         "Instances in each state. full and draining: other prefixes take its place in new answers."),
        ("lines", "Share of ports by range", "percentunit",
         {"{{pool}}": share(total("dragoman_nat64_pool_ports_used", "pool"), total("dragoman_nat64_pool_ports", "pool"))}, ""),
        ("stack", "Sessions", "short", {"{{protocol}}": total("dragoman_nat64_sessions", "protocol")}, "RFC 6146 3.2."),
        ("lines", "New sessions", "ops", {"{{protocol}}": rate("dragoman_nat64_sessions_created_total", "protocol")}, ""),
        ("lines", "Bindings", "short", {"{{protocol}}": total("dragoman_nat64_bib_entries", "protocol")},
         "Ports that hosts have (RFC 6146 3.1)."),
        ("lines", "Drops by reason", "pps", {"{{reason}}": rate("dragoman_nat64_drops_total", "reason")},
         "docs/nat64.md says of each what to do."),
        ("lines", "Limits of subscribers that were hit", "ops",
         {"{{limit}}": rate("dragoman_nat64_subscriber_limit_hits_total", "limit")}, "ctl nat64 subscriber shows who is near them."),
        ("lines", "ICMP errors", "pps",
         {"made": rate("dragoman_nat64_icmp_errors_total"), "kept back": rate("dragoman_nat64_icmp_errors_suppressed_total")},
         "Made here. Kept back by nat64.icmp.errors_per_second."),
        ("lines", "Fragments", "pps", {"{{result}}": rate("dragoman_nat64_fragments_total", "result")},
         "held: until the first one is there."),
        ("lines", "Between workers", "pps", {"{{reason}}": rate("dragoman_nat64_handoff_total", "reason")},
         "steering: the device gave a packet to the wrong queue."),
        ("lines", "Reads from the device", "ops", {"{{kind}}": rate("dragoman_nat64_tun_reads_total", "kind")},
         "super: several segments at once."),
        ("lines", "Octets of a read", "bytes",
         {"octets": share(rate("dragoman_nat64_tun_read_bytes_total"), rate("dragoman_nat64_tun_reads_total"))},
         "Small ones cost most: offloads of the uplink make them large."),
        ("lines", "Packets of a wake-up", "short",
         {"packets": share(rate("dragoman_nat64_tun_reads_total"), rate("dragoman_nat64_tun_turns_total"))}, "64 at most."),
        ("lines", "Packets that were lost at the device", "pps",
         {"queue full": rate("dragoman_nat64_tun_queue_drops_total"),
          "write: {{reason}}": rate("dragoman_nat64_tun_write_failures_total", "reason"),
          "read: {{reason}}": rate("dragoman_nat64_tun_read_failures_total", "reason")},
         "Queue full: the workers did not keep up."),
        ("lines", "Super-packets that were cut here", "pps",
         {"refused": rate("dragoman_nat64_tun_offload_rejections_total"),
          "segments": rate("dragoman_nat64_tun_segments_total")},
         "The kernel refused them; after some the offloads are switched off."),
        ("lines", "Hosts with a second address", "ops", {"hosts": rate("dragoman_nat64_unpaired_hosts_total")},
         "Their first address had no port left: some applications mind."),
        ("lines", "Answers that were forgotten too soon", "ops", {"addresses": rate("dragoman_nat64_resolved_replaced_total")},
         "nat64.resolved_memory is too small: matters for only_resolved."),
        ("lines", "Binding log", "ops",
         {"{{target}} written": rate("dragoman_nat64_log_events_total", "target"),
          "{{target}} lost: {{reason}}": rate("dragoman_nat64_log_lost_total", "target, reason")}, "Events."),
        ("lines", "Octets of the binding log", "Bps", {"{{target}}": rate("dragoman_nat64_log_bytes_total", "target")}, ""),
        ("lines", "Targets of the binding log that take events", "short",
         {"{{target}}": total("dragoman_nat64_log_up", "target")}, "Instances whose target does."),
    ],
    "TLS and certificates": [
        ("stack", "Handshakes", "ops",
         {"{{proto}} TLS {{version}} {{result}}": rate("dragoman_tls_handshakes_total", "proto, version, result")}, ""),
        ("lines", "Share that is resumed", "percentunit",
         {"{{proto}}": share(rate("dragoman_tls_handshakes_total", "proto", 'result="resumed"'),
                             rate("dragoman_tls_handshakes_total", "proto"))},
         "Resumption saves the signature, by far the dearest part."),
        ("lines", "99th percentile of a handshake", "s",
         {"{{proto}}": quantile(0.99, "dragoman_tls_handshake_duration_seconds", "proto")}, "Network round trips included."),
        ("lines", "New connections left waiting", "ops", {"": rate("dragoman_tls_handshakes_held_back_total")},
         "More handshakes came at a time than limits.handshakes_in_progress lets in; looked for a hundred times a second."),
        ("table", "Certificates", "s", {"": f"{not_after} - time()"}, "Time to expiry."),
        ("lines", "Certificate reloads", "short",
         {"{{result}}": f"sum by (result) (increase(dragoman_tls_certificate_reloads_total{{{SELECTED}}}[$__rate_interval]))"},
         "On failure the old certificate stays."),
    ],
    "HTTP": [
        ("stack", "Requests", "reqps",
         {"HTTP/{{version}} {{method}}": rate("dragoman_http_requests_total", "version, method")}, "DNS over HTTPS."),
        ("stack", "Status", "reqps", {"{{status}}": rate("dragoman_http_requests_total", "status")},
         "SERVFAIL and NXDOMAIN are 200 (RFC 8484 4.2.1)."),
        ("lines", "Connections ended for abuse", "cps", {"{{kind}}": rate("dragoman_h2_abuse_total", "kind")},
         "Rapid reset, floods of control frames, replies that are never read."),
    ],
    "Process": [
        ("lines", "CPU", "percentunit", {"{{instance}}": rate("process_cpu_seconds_total", "instance")},
         "100 % is one CPU."),
        ("lines", "Memory", "bytes", {"{{instance}}": total("process_resident_memory_bytes", "instance")}, ""),
        ("lines", "File descriptors", "percentunit",
         {"{{instance}}": share(f"process_open_fds{{{SELECTED}}}", f"process_max_fds{{{SELECTED}}}")}, "Of those allowed."),
        ("lines", "Longest turn of a worker", "s",
         {"{{instance}} worker {{worker}}": f"dragoman_worker_loop_lag_seconds{{{SELECTED}}}"},
         "Since the last scrape: how long a query may have waited."),
        ("lines", "Uptime", "s", {"{{instance}}": f"time() - process_start_time_seconds{{{SELECTED}}}"}, ""),
        ("table", "Versions", "short", {"": f"dragoman_build_info{{{SELECTED}}}"}, ""),
        ("table", "Configurations", "short", {"": f"dragoman_config_info{{{SELECTED}}}"},
         "More than one hash in a cluster is drift."),
        ("lines", "Last reload was successful", "short",
         {"{{instance}}": f"dragoman_config_last_reload_successful{{{SELECTED}}}"}, "0: the new file was refused."),
        ("lines", "Age of the configuration", "s",
         {"{{instance}}": f"time() - dragoman_config_last_reload_timestamp_seconds{{{SELECTED}}}"}, ""),
    ],
}

WIDTH, SIZES = 24, {"stat": (3, 4), "lines": (8, 8), "stack": (12, 8), "heatmap": (24, 9), "table": (12, 7)}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def field_config(kind, unit):
    custom = {}
    if kind in ("lines", "stack"):
        custom = {"lineWidth": 1, "fillOpacity": 25 if kind == "stack" else 0, "showPoints": "never",
                  "stacking": {"mode": "normal" if kind == "stack" else "none", "group": "A"}}
    return {"defaults": {"unit": unit, "min": 0, "custom": custom}, "overrides": []}


def options(kind):
    if kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
    if kind == "heatmap":
        return {"calculate": False, "yAxis": {"unit": "s"}, "color": {"scheme": "Oranges", "mode": "scheme"},
                "cellGap": 1, "tooltip": {"show": True}}
    if kind == "table":
        return {"showHeader": True}
    return {"legend": {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull", "max"]},
            "tooltip": {"mode": "multi", "sort": "desc"}}


def target(index, kind, legend, expression):
    made = {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": expression, "legendFormat": legend}
    if kind == "table":
        made |= {"format": "table", "instant": True}
    if kind == "heatmap":
        made["format"] = "heatmap"
    return made


def panel(number, place, row):
    kind, title, unit, queries, text = row
    made = {"id": number, "type": {"lines": "timeseries", "stack": "timeseries"}.get(kind, kind), "title": title,
            "description": text, "datasource": SOURCE, "gridPos": place, "fieldConfig": field_config(kind, unit),
            "options": options(kind),
            "targets": [target(i, kind, *query) for i, query in enumerate(queries.items())]}
    if kind == "table":
        made["transformations"] = [{"id": "organize", "options": {"excludeByName": {"Time": True, "__name__": True}}}]
    return made


def panels():
    """Every row's header and panels, set from left to right."""
    made, x, y, height = [], 0, 0, 0
    for title, rows in ROWS.items():
        y, x, height = y + height, 0, 0
        made.append({"id": len(made) + 1, "type": "row", "title": title, "collapsed": False, "panels": [],
                     "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
        y += 1
        for row in rows:
            width, tall = SIZES[row[0]]
            if x + width > WIDTH:
                x, y, height = 0, y + height, 0
            made.append(panel(len(made) + 1, {"x": x, "y": y, "w": width, "h": tall}, row))
            x, height = x + width, max(height, tall)
    return made


def variable(name, metric_and_label):
    return {"name": name, "label": name, "type": "query", "datasource": SOURCE, "refresh": 2, "multi": True,
            "includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}, "sort": 1,
            "query": {"query": f"label_values({metric_and_label})", "refId": name}}


def dashboard():
    return {
        "uid": "dragoman", "title": "Dragoman", "tags": ["dns", "dns64"], "editable": True, "schemaVersion": 38,
        "version": 1, "refresh": "30s", "time": {"from": "now-3h", "to": "now"}, "timezone": "browser",
        "graphTooltip": 1, "annotations": {"list": []}, "links": [],
        "templating": {"list": [
            {"name": "datasource", "label": "data source", "type": "datasource", "query": "prometheus", "current": {}},
            variable("job", "dragoman_build_info, job"),
            variable("instance", 'dragoman_build_info{job=~"$job"}, instance'),
        ]},
        "panels": panels(),
    }


if __name__ == "__main__":
    json.dump(dashboard(), sys.stdout, indent=1)
    print()
