// A table: RDATA of every type that has a presentation form, in wire form and as text.
#pragma once

#include "dragoman/dns/types.h"

namespace dragoman::dns::test {

struct GoldenRdata {
  Type type;
  const char* rdata;
  const char* text;
};

inline constexpr GoldenRdata golden_rdata[] = {
    {Type::a, "C0000201", "192.0.2.1"},
    {Type::aaaa, "20010DB8 00000000 00000000 00000001", "2001:db8::1"},
    {Type::ns, "02 'ns' 07 'example' 00", "ns.example."},
    {Type::cname, "00", "."},
    {Type::ptr, "03 'a.b' 00", R"(a\.b.)"},
    {Type::dname, "01 'd' 00", "d."},
    {Type::soa, "01 'm' 00 01 'r' 00 00000001 00000002 00000003 00000004 FFFFFFFF", "m. r. 1 2 3 4 4294967295"},
    {Type::mx, "000A 02 'mx' 00", "10 mx."},
    {Type::hinfo, "03 'CPU' 02 'OS'", R"("CPU" "OS")"},
    {Type::txt, "05 'a b\"c' 00 01 00", R"("a b\"c" "" "\000")"},
    {Type::rp, "01 'm' 00 00", "m. ."},
    {Type::afsdb, "0001 01 'a' 00", "1 a."},
    {Type::srv, "0001 0002 01BB 01 's' 00", "1 2 443 s."},
    {Type::naptr, "0064 000A 01 'u' 03 'sip' 03 '!x!' 00", R"(100 10 "u" "sip" "!x!" .)"},
    {Type::kx, "0001 01 'k' 00", "1 k."},
    {Type::ds, "EC45 05 01 2BB183AF", "60485 5 1 2BB183AF"},
    {Type::sshfp, "01 02 ABCD", "1 2 ABCD"},
    {Type::rrsig, "0001 08 02 00000E10 3E7C9DD7 3E5510D7 0A52 01 'e' 00 00FF10",
     "A 8 2 3600 20030322173103 20030220173103 2642 e. AP8Q"},
    {Type::nsec, "01 'h' 00 00 06 40 01 00 00 00 03", "h. A MX RRSIG NSEC"},
    {Type::nsec, "00 00 01 00", "."},
    {Type::dnskey, "0101 03 05 00", "257 3 5 AA=="},
    {Type::nsec3, "01 01 000C 04 AABBCCDD 05 0102030405 00 01 40", "1 1 12 AABBCCDD 04106105 A"},
    {Type::nsec3, "01 00 0000 00 01 FF", "1 0 0 - VS"},
    {Type::nsec3param, "01 00 000C 00", "1 0 12 -"},
    {Type::tlsa, "03 01 01 AABB", "3 1 1 AABB"},
    {Type::csync, "00000042 0003 00 01 60", "66 3 A NS"},
    {Type::uri, "000A 0001 'ftp://x'", R"(10 1 "ftp://x")"},
    {Type::caa, "00 05 'issue' 'ca.example; x=1'", R"(0 issue "ca.example; x=1")"},
    {Type::https, "0000 03 'alt' 00", "0 alt."},
    {Type::https, "0001 00 0001 0006 02 'h2' 02 'h3' 0003 0002 01BB", R"(1 . alpn="h2,h3" port=443)"},
    {Type::svcb, "0010 01 's' 00 0000 0004 0001 0004 0001 0003 02 'h2' 0002 0000 0004 0008 C0000201 C0000202",
     R"(16 s. mandatory=alpn,ipv4hint alpn="h2" no-default-alpn ipv4hint=192.0.2.1,192.0.2.2)"},
    {Type::svcb, "0001 00 0005 0003 010203 0006 0010 20010DB8000000000000000000000001",
     "1 . ech=AQID ipv6hint=2001:db8::1"},
    {Type::svcb, "0001 00 0007 0009 '/q{?dns}!' 029A 0002 FF22 029B 0000",
     R"(1 . dohpath="/q{?dns}!" key666="\255\"" key667)"},
    // RFC 9460 appendix D.2, figure 8: a comma and a backslash inside one protocol name.
    {Type::svcb, "0010 03 'foo' 00 0001 000C 08 'f\\oo,bar' 02 'h2'", R"(16 foo. alpn="f\\\\oo\\,bar,h2")"},
    {static_cast<Type>(65280), "C0FFEE", R"(\# 3 C0FFEE)"},
    {static_cast<Type>(65280), "", R"(\# 0)"},
};

}  // namespace dragoman::dns::test
