// SvcParams in presentation form: the examples of RFC 9460 appendix D, and what has no such form.
#include "svcb_text.h"

#include <gtest/gtest.h>

#include "wire.h"

namespace dragoman::dns {
namespace {

using test::hex;
using test::wire;

std::optional<std::string> shown(std::string_view parameters) {
  std::string text;
  if (!append_parameters(text, wire(parameters))) return std::nullopt;
  return text;
}

std::optional<std::string> read_back(std::string_view text) {
  Words words(text);
  auto parameters = parameters_from_text(words);
  if (!parameters) return std::nullopt;
  return hex(*parameters);
}

struct Example {
  const char* parameters;
  const char* shown;
  const char* text;  // as the RFC writes it
};

// RFC 9460 D.2: figures 3 to 10.
constexpr Example examples[] = {
    {"", "", ""},
    {"0003 0002 0035", " port=53", "port=53"},
    {"029B 0005 'hello'", " key667=\"hello\"", "key667=hello"},
    {"029B 0009 'hello' D2 'qoo'", R"( key667="hello\210qoo")", R"(key667="hello\210qoo")"},
    {"0006 0020 20010DB8000000000000000000000001 20010DB8000000000000000000530001",
     " ipv6hint=2001:db8::1,2001:db8::53:1", R"(ipv6hint="2001:db8::1,2001:db8::53:1")"},
    {"0006 0010 20010DB8012203440000000000000052", " ipv6hint=2001:db8:122:344::52",
     R"(ipv6hint="2001:db8:122:344::0.0.0.82")"},
    {"0000 0004 0001 0004 0001 0009 02 'h2' 05 'h3-19' 0004 0004 C0000201",
     R"( mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1)",
     "alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1"},
    {"0001 000C 08 'f\\oo,bar' 02 'h2'", R"( alpn="f\\\\oo\\,bar,h2")", R"(alpn=f\\\092oo\092,bar,h2)"},
};

TEST(SvcbText, shows_the_examples_of_the_rfc) {
  for (const Example& example : examples) EXPECT_EQ(shown(example.parameters), example.shown);
}

TEST(SvcbText, reads_the_examples_of_the_rfc) {
  for (const Example& example : examples) {
    EXPECT_EQ(read_back(example.text), hex(wire(example.parameters))) << example.text;
    EXPECT_EQ(read_back(example.shown), hex(wire(example.parameters))) << example.shown;
  }
}

TEST(SvcbText, has_no_form_for_malformed_values) {
  for (const char* parameters : {
           "0000 0000",                         // mandatory without keys
           "0000 0002 0000",                    // mandatory that names itself
           "0000 0004 0004 0001",               // mandatory in the wrong order
           "0000 0001 00",                      // half a key
           "0001 0000",                         // alpn without a protocol
           "0001 0001 00",                      // an empty protocol
           "0001 0002 02 'h'",                  // a protocol cut off
           "0002 0001 00",                      // no-default-alpn with a value
           "0003 0001 35",                      // port of one octet
           "0004 0000",                         // no address
           "0004 0003 C00002",                  // a short one
           "0005 0000",                         // ech without a value
           "0006 0004 C0000201",                // an IPv4 address as ipv6hint
           "0003 0002 0035 0001 0003 02 'h2'",  // keys that do not ascend
       }) {
    EXPECT_EQ(shown(parameters), std::nullopt) << parameters;
  }
}

TEST(SvcbText, refuses_what_is_no_parameter) {
  for (const char* text : {"port", "port=a", "alpn", R"(alpn="a\\")", "ech=", "ech=*", "ipv4hint=1.2.3", "=", "key=1",
                           R"(alpn="a)", "port=1 port=1", "KEY1=a", "ohttp=x"}) {
    EXPECT_EQ(read_back(text), std::nullopt) << text;
  }
}

TEST(SvcbText, refuses_a_protocol_longer_than_255_octets) {
  EXPECT_TRUE(read_back("alpn=" + std::string(255, 'a')));
  EXPECT_FALSE(read_back("alpn=" + std::string(256, 'a')));
}

}  // namespace
}  // namespace dragoman::dns
