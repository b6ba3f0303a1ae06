#!/usr/bin/python3
"""Writes the seeds of the DNS fuzz targets: corpus/dns_message and corpus/dns_text. Needs Debian's python3-dnspython.

The seeds are kept in the tree; run this after adding one here."""
import pathlib
import struct

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

here = pathlib.Path(__file__).parent / "corpus"

RECORDS = [
    "A 192.0.2.1", "AAAA 2001:db8::1", "NS ns.www.example.com.", "CNAME alias.example.com.", "DNAME example.net.",
    "PTR host.example.com.", "SOA ns.example.com. mail.example.com. 1 7200 900 1209600 300", "MX 10 mx.example.com.",
    'TXT "a" "b c"', "RP mail.example.com. txt.example.com.", "AFSDB 1 afs.example.com.", "RT 1 rt.example.com.",
    "SRV 1 2 443 srv.example.com.", 'NAPTR 100 10 "u" "sip" "!^.*$!sip:x@example.com!" .', "KX 1 kx.example.com.",
    'HINFO "RFC8482" ""', "SSHFP 1 1 00112233445566778899aabbccddeeff00112233", "TLSA 3 1 1 aabbcc",
    "DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118", "DNSKEY 257 3 13 AAECAwQFBgcICQoLDA0ODw==",
    "RRSIG A 8 2 3600 20030322173103 20030220173103 2642 example.com. AAECAwQF",
    "NSEC host.example.com. A MX RRSIG NSEC TYPE1234", "NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
    "NSEC3PARAM 1 0 12 aabbccdd", 'CAA 0 issue "ca.example.net; policy=ev"', 'URI 10 1 "ftp://ftp.example.com/"',
    'HTTPS 1 . alpn="h2,h3" port="443" ipv4hint=192.0.2.1 ipv6hint=2001:db8::1 ech="AQID"',
    'SVCB 16 foo.example.org. mandatory=alpn,ipv4hint alpn="f\\\\\\\\oo\\\\,bar,h2" ipv4hint=192.0.2.1 key667="hello"',
    "TYPE65280 \\# 3 c0ffee",
]

TEXTS = [
    (1, "192.0.2.1"), (5, r"a\.b.\000\255.Example."), (16, r'"a \"quoted\" \\ \065" bare \# ""'), (65, '0 .'),
    (64, '1 . mandatory=alpn alpn="h2,h3" no-default-alpn port=443 ech=AQID dohpath="/dns-query{?dns}" ohttp key9="x"'),
    (6, "ns. mail. 1 2 3 4 5"), (35, '1 2 "u" "s" "!x!" .'), (47, "b. A NS TYPE65280"), (50, "1 0 0 - 04106105 A"),
    (46, "A 8 2 3600 1048354263 20030220173103 2642 e. AP8Q"), (48, "257 3 13 AAEC AwQF"), (257, r'0 issue "ca\;x"'),
    (65280, r"\# 3 C0FFEE"), (28, "::ffff:192.0.2.1"), (65, r"\# 7 00010000030002"), (51, "1 0 12 AABB"), (257, '0 "" ""'),
]


def query(name="www.example.com", **options):
    return dns.message.make_query(name, "AAAA", **options)


def messages():
    yield "query", query()
    yield "query_edns", query(use_edns=0, payload=1232, want_dnssec=True, options=[
        dns.edns.GenericOption(10, b"\x01" * 8), dns.edns.GenericOption(8, b"\x00\x01\x18\x00\xc0\x00\x02"),
        dns.edns.GenericOption(12, b"\x00" * 20)])
    for record in RECORDS:
        response = dns.message.make_response(query())
        response.answer.append(dns.rrset.from_text("www.example.com.", 300, "IN", *record.split(" ", 1)))
        yield "answer_" + record.split(" ")[0].lower(), response
    chain = dns.message.make_response(query(use_edns=0))
    chain.answer = [dns.rrset.from_text("www.example.com.", 60, "IN", "CNAME", "a.cdn.example.net."),
                    dns.rrset.from_text("a.cdn.example.net.", 30, "IN", "AAAA", "2001:db8::1", "2001:db8::2")]
    chain.authority = [dns.rrset.from_text("example.net.", 3600, "IN", "NS", "ns1.example.net.", "ns2.example.net.")]
    chain.additional = [dns.rrset.from_text("ns1.example.net.", 3600, "IN", "A", "192.0.2.53")]
    yield "chain", chain
    negative = dns.message.make_response(query(use_edns=0, want_dnssec=True))
    negative.set_rcode(dns.rcode.NXDOMAIN)
    negative.authority = [dns.rrset.from_text("example.com.", 900, "IN", *RECORDS[6].split(" ", 1)),
                          dns.rrset.from_text("example.com.", 900, "IN", *RECORDS[21].split(" ", 1))]
    yield "nxdomain", negative


def main():
    for folder in ("dns_message", "dns_text"):
        (here / folder).mkdir(parents=True, exist_ok=True)
    for name, message in messages():
        message.id = 0x1234
        (here / "dns_message" / name).write_bytes(message.to_wire())
    for number, (kind, text) in enumerate(TEXTS):
        (here / "dns_text" / f"{number:02}").write_bytes(struct.pack("!H", kind) + text.encode())


if __name__ == "__main__":
    main()
