// RFC 8484 4.1: what is a good request, and which status names the mistake of a bad one.
#include "doh_request.h"

#include <gtest/gtest.h>

#include <string>

#include "session_driver.h"

namespace dragoman::serve {
namespace {

// RFC 8484 4.1.1: the query for www.example.com A.
const char* const example = "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB";
const std::string example_message("\0\0\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1", 33);

struct Outcome {
  HttpStatus status;
  std::string message;
};

Outcome judge(const RequestHead& head, std::string_view body = {}) {
  static DecodedQuery decoded;
  std::size_t listener;
  const HttpStatus status = check_head(head, dns_query, listener);
  if (status != HttpStatus::ok) return {status, {}};
  Bytes message;
  const HttpStatus read = read_query(head, bytes_of(body), decoded, message);
  return {read, read == HttpStatus::ok ? text_of(message) : std::string()};
}

std::string get_target(const std::string& query) { return "/dns-query" + query; }

TEST(DohRequest, reads_the_query_out_of_a_target) {
  const std::string dns = std::string("dns=") + example;
  const std::string targets[] = {
      get_target("?" + dns),
      get_target("?ct&" + dns),  // old Firefox and dnscrypt-proxy
      get_target("?ct=application/dns-message&" + dns),
      get_target("?" + dns + "&random_padding=xxxx"),
      get_target("?dnss=x&" + dns),
      get_target("?&&" + dns + "&"),
      get_target("?" + dns + "#fragment"),
      "https://dns.example/dns-query?" + dns,  // RFC 9112 3.2.2
      "http://dns.example:8080/dns-query?" + dns,
  };
  for (const std::string& target : targets) {
    SCOPED_TRACE(target);
    for (const HttpMethod method : {HttpMethod::get, HttpMethod::head}) {
      const Outcome outcome = judge({method, target, false, std::nullopt});
      EXPECT_EQ(outcome.status, HttpStatus::ok);
      EXPECT_EQ(outcome.message, example_message);
    }
  }
}

TEST(DohRequest, gives_the_status_that_names_the_mistake) {
  struct Row {
    const char* why;
    HttpMethod method;
    std::string target;
    HttpStatus status;
  };
  const std::string good = std::string("/dns-query?dns=") + example;
  const Row rows[] = {
      {"no parameters", HttpMethod::get, "/dns-query", HttpStatus::bad_request},
      {"empty query", HttpMethod::get, "/dns-query?", HttpStatus::bad_request},
      {"empty dns", HttpMethod::get, "/dns-query?dns=", HttpStatus::bad_request},
      {"no dns", HttpMethod::get, "/dns-query?name=example.com", HttpStatus::bad_request},
      {"dns without value", HttpMethod::get, "/dns-query?dns", HttpStatus::bad_request},
      {"upper case name", HttpMethod::get, std::string("/dns-query?DNS=") + example, HttpStatus::bad_request},
      {"dns twice", HttpMethod::get, good + "&dns=AAAA", HttpStatus::bad_request},
      {"plain base64 +", HttpMethod::get, "/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdle+FtcGxlA2NvbQAAAQAB",
       HttpStatus::bad_request},
      {"plain base64 /", HttpMethod::get, "/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdle/FtcGxlA2NvbQAAAQAB",
       HttpStatus::bad_request},
      {"a space", HttpMethod::get, "/dns-query?dns=AAAB AAB", HttpStatus::bad_request},
      {"percent", HttpMethod::get, "/dns-query?dns=AAAB%41AAB", HttpStatus::bad_request},
      {"padding inside", HttpMethod::get, "/dns-query?dns=AAAB=AABAAAAAAAAA3d3", HttpStatus::bad_request},
      {"three = signs", HttpMethod::get, good + "===", HttpStatus::bad_request},
      {"length 1 modulo 4", HttpMethod::get, good + "A", HttpStatus::bad_request},
      {"11 octets", HttpMethod::get, "/dns-query?dns=AAABAAABAAAAAAA", HttpStatus::bad_request},
      {"another path", HttpMethod::get, std::string("/resolve?dns=") + example, HttpStatus::not_found},
      {"root", HttpMethod::get, std::string("/?dns=") + example, HttpStatus::not_found},
      {"longer path", HttpMethod::get, std::string("/dns-query/?dns=") + example, HttpStatus::not_found},
      {"prefix of the path", HttpMethod::get, std::string("/dns-quer?dns=") + example, HttpStatus::not_found},
      {"case of the path", HttpMethod::get, std::string("/DNS-query?dns=") + example, HttpStatus::not_found},
      {"dots", HttpMethod::get, std::string("/x/../dns-query?dns=") + example, HttpStatus::not_found},
      {"empty target", HttpMethod::get, "", HttpStatus::not_found},
      {"asterisk", HttpMethod::other, "*", HttpStatus::not_found},
      {"absolute without path", HttpMethod::get, "https://dns.example", HttpStatus::not_found},
      {"wrong path beats method", HttpMethod::other, "/nope", HttpStatus::not_found},
      {"OPTIONS", HttpMethod::other, good, HttpStatus::method_not_allowed},
      {"target too long", HttpMethod::get, "/dns-query?dns=" + std::string(max_target, 'A'), HttpStatus::uri_too_long},
      {"target too long for POST too", HttpMethod::post, "/dns-query?x=" + std::string(max_target, 'A'),
       HttpStatus::uri_too_long},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(judge({row.method, row.target, true, std::nullopt}, example_message).status, row.status);
  }
}

TEST(DohRequest, finds_the_listener_whose_path_was_asked) {
  const auto listen = [](const char* url) { return *ListenOptions::from_url(url); };
  const Listeners both{listen("https://[::]/dns-query"), listen("https://[::]/kids")};
  const auto chosen = [&](const std::string& target) {
    std::size_t listener = 9;
    const HttpStatus status = check_head({HttpMethod::get, target, false, std::nullopt}, both, listener);
    return std::pair(status, listener);
  };
  EXPECT_EQ(chosen("/dns-query?dns=AAAA"), std::pair(HttpStatus::ok, std::size_t{0}));
  EXPECT_EQ(chosen("/kids?dns=AAAA"), std::pair(HttpStatus::ok, std::size_t{1}));
  EXPECT_EQ(chosen("https://dns.example/kids"), std::pair(HttpStatus::ok, std::size_t{1}));
  EXPECT_EQ(chosen("/kids/").first, HttpStatus::not_found);
}

TEST(DohRequest, tolerates_padding_of_base64url) {
  // 13 octets: 18 digits and two =; 14 octets: 19 digits and one =. Clients should leave them out (RFC 8484 6).
  const std::string two = "AAABAAABAAAAAAAAAA==", one = "AAABAAABAAAAAAAAAAA=";
  for (const std::string& text : {two, one, two.substr(0, 18), one.substr(0, 19), two.substr(0, 19)}) {
    SCOPED_TRACE(text);
    const std::string target = "/dns-query?dns=" + text;
    EXPECT_EQ(judge({HttpMethod::get, target, false, std::nullopt}).status, HttpStatus::ok);
  }
}

TEST(DohRequest, decodes_every_digit_of_base64url) {
  std::string target = "/dns-query?dns=";
  for (char c = 'A'; c <= 'Z'; ++c) target += c;
  for (char c = 'a'; c <= 'z'; ++c) target += c;
  target += "0123456789-_";
  const Outcome outcome = judge({HttpMethod::get, target, false, std::nullopt});
  ASSERT_EQ(outcome.status, HttpStatus::ok);
  ASSERT_EQ(outcome.message.size(), 48u);
  // 000000 000001 000010 ... 111110 111111
  EXPECT_EQ(outcome.message.substr(0, 3), std::string("\x00\x10\x83", 3));
  EXPECT_EQ(outcome.message.substr(45), std::string("\xf3\xdf\xbf"));
}

TEST(DohRequest, takes_the_body_of_a_post) {
  struct Row {
    const char* why;
    bool has_type;
    std::optional<std::uint64_t> length;
    std::string body;
    HttpStatus status;
  };
  const Row rows[] = {
      {"without content-length", true, std::nullopt, example_message, HttpStatus::ok},
      {"with content-length", true, 33, example_message, HttpStatus::ok},
      {"just a header", true, 12, std::string(12, '\0'), HttpStatus::ok},
      {"largest", true, 65535, std::string(65535, 'x'), HttpStatus::ok},
      {"no media type", false, 33, example_message, HttpStatus::unsupported_media_type},
      {"65536 announced", true, 65536, example_message, HttpStatus::content_too_large},
      {"very much announced", true, ~std::uint64_t{0}, example_message, HttpStatus::content_too_large},
      {"empty", true, 0, "", HttpStatus::bad_request},
      {"11 octets", true, 11, std::string(11, 'x'), HttpStatus::bad_request},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const Outcome outcome = judge({HttpMethod::post, "/dns-query", row.has_type, row.length}, row.body);
    EXPECT_EQ(outcome.status, row.status);
    EXPECT_EQ(outcome.message, row.status == HttpStatus::ok ? row.body : std::string());
  }
}

TEST(DohRequest, ignores_the_parameters_of_a_post) {
  const std::string target = std::string("/dns-query?dns=") + example;
  EXPECT_EQ(judge({HttpMethod::post, target, true, std::nullopt}, std::string(20, 'b')).message, std::string(20, 'b'));
}

TEST(DohRequest, knows_the_media_type_in_any_case_and_with_parameters) {
  for (const char* type : {"application/dns-message", "Application/DNS-Message",
                           "application/dns-message;charset=utf-8", "application/dns-message ; q=1"}) {
    EXPECT_TRUE(is_dns_message(type)) << type;
  }
  for (const char* type : {"", "application/dns-json", "application/dns-messages", "application/dns-messag",
                           "text/plain", "application/x-www-form-urlencoded", ";application/dns-message"}) {
    EXPECT_FALSE(is_dns_message(type)) << type;
  }
}

TEST(DohRequest, knows_its_methods) {
  EXPECT_EQ(http_method("GET"), HttpMethod::get);
  EXPECT_EQ(http_method("HEAD"), HttpMethod::head);
  EXPECT_EQ(http_method("POST"), HttpMethod::post);
  for (const char* name : {"get", "PUT", "OPTIONS", "CONNECT", ""}) EXPECT_EQ(http_method(name), HttpMethod::other);
}

TEST(DohRequest, reads_only_whole_numbers_as_content_length) {
  EXPECT_EQ(parse_content_length("0"), 0u);
  EXPECT_EQ(parse_content_length("65535"), 65535u);
  for (const char* text : {"", "-1", "+1", "1x", " 1", "99999999999999999999999"}) {
    EXPECT_EQ(parse_content_length(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace dragoman::serve
