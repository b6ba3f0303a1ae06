// Listener URLs, and what is said about wrong ones.
#include "dragoman/serve/options.h"

#include <gtest/gtest.h>

namespace dragoman::serve {
namespace {

TEST(ListenOptions, understands_every_form_of_a_listener_url) {
  struct Row {
    const char* url;
    Scheme scheme;
    const char* endpoint;
    const char* path;
  };
  const Row rows[] = {
      {"dns://127.0.0.1", Scheme::dns, "127.0.0.1:53", ""},
      {"dns://127.0.0.1:5300", Scheme::dns, "127.0.0.1:5300", ""},
      {"dns://[::]:53", Scheme::dns, "[::]:53", ""},
      {"dns://[2001:db8::1]", Scheme::dns, "[2001:db8::1]:53", ""},
      {"tls://0.0.0.0", Scheme::tls, "0.0.0.0:853", ""},
      {"tls://[::1]:8853", Scheme::tls, "[::1]:8853", ""},
      {"https://192.0.2.1", Scheme::https, "192.0.2.1:443", "/dns-query"},
      {"https://192.0.2.1/", Scheme::https, "192.0.2.1:443", "/dns-query"},
      {"https://192.0.2.1:8443/dns-query", Scheme::https, "192.0.2.1:8443", "/dns-query"},
      {"https://[::1]/a/b", Scheme::https, "[::1]:443", "/a/b"},
      {"dns://127.0.0.1:0", Scheme::dns, "127.0.0.1:0", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.url);
    const auto options = ListenOptions::from_url(row.url);
    ASSERT_TRUE(options) << options.error().text();
    EXPECT_EQ(options->scheme, row.scheme);
    EXPECT_EQ(options->endpoint.to_text(), row.endpoint);
    EXPECT_EQ(options->path, row.path);
    EXPECT_EQ(options->url, row.url);
  }
}

TEST(ListenOptions, says_what_to_write_instead) {
  struct Row {
    const char* url;
    const char* words;
  };
  const Row rows[] = {
      {"", "is a URL"},
      {"127.0.0.1:53", "is a URL"},
      {"udp://127.0.0.1", "dns://"},
      {"dot://127.0.0.1", "tls://"},
      {"doh://127.0.0.1", "https://"},
      {"http://127.0.0.1", "https://"},
      {"quic://127.0.0.1", "dns://, tls:// or https://"},
      {"dns://", "needs an IP address"},
      {"dns://localhost", "names are not looked up"},
      {"dns://dns.example:53", "IP address"},
      {"dns://::1", "brackets"},
      {"dns://2001:db8::1:53", "brackets"},
      {"dns://[127.0.0.1]", "IP address"},
      {"dns://127.0.0.1:65536", "ADDRESS:PORT"},
      {"dns://127.0.0.1:x", "ADDRESS:PORT"},
      {"dns://127.0.0.1/dns-query", "only https:// listeners have a path"},
      {"tls://127.0.0.1/", "only https:// listeners have a path"},
      {"https://127.0.0.1/dns-query{?dns}", "{?dns}"},
      {"https://127.0.0.1/q?x=1", "no ?"},
      {"https://127.0.0.1/a b", "no spaces"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.url);
    const auto options = ListenOptions::from_url(row.url);
    ASSERT_FALSE(options);
    EXPECT_NE(options.error().text().find(row.words), std::string::npos) << options.error().text();
  }
}

TEST(ListenOptions, share_a_socket_when_paths_tell_them_apart) {
  const auto listen = [](const char* url) { return *ListenOptions::from_url(url); };
  const ListenOptions usual = listen("https://[::]:443/dns-query");
  EXPECT_TRUE(may_share_socket(usual, listen("https://[::]/kids")));
  EXPECT_FALSE(may_share_socket(usual, listen("https://[::]")));  // the same path
  EXPECT_FALSE(may_share_socket(usual, listen("https://[::]:8443/kids")));
  EXPECT_FALSE(may_share_socket(usual, listen("https://[::1]/kids")));
  EXPECT_FALSE(may_share_socket(usual, listen("tls://[::]:443")));
}

}  // namespace
}  // namespace dragoman::serve
