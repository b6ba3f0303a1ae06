// Server cookies: the examples of RFC 9018 appendix A, ages, addresses, secrets that change, and forgeries.
#include "dragoman/resolve/cookies.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dragoman::resolve {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets_of(std::string_view hex) {
  Octets out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

CookieSecret secret_of(std::string_view hex) {
  CookieSecret secret;
  const Octets octets = octets_of(hex);
  std::copy_n(octets.begin(), secret.size(), secret.begin());
  return secret;
}

CookieOptions with_secrets(std::vector<CookieSecret> secrets) {
  CookieOptions options;
  options.secrets = std::move(secrets);
  return options;
}

Octets octets_of(const WholeCookie& cookie) { return {cookie.begin(), cookie.end()}; }

const ip::Address client = *ip::Address::from_text("198.51.100.100");
const CookieSecret secret = secret_of("e5e973e5a6b2a43f48e7dc849e37bfcf");
constexpr std::int64_t now = 1559731985;
const Octets client_cookie = octets_of("2464c4abcf10c957");

struct Example {
  const char* name;
  const char* address;
  std::vector<const char*> secrets;
  const char* shown;
  std::int64_t at;
  CookieState state;
  const char* reply;
};

class Rfc9018 : public testing::TestWithParam<Example> {};

TEST_P(Rfc9018, example_is_reproduced) {
  const Example& example = GetParam();
  std::vector<CookieSecret> secrets;
  for (const char* hex : example.secrets) secrets.push_back(secret_of(hex));
  const ServerCookies cookies(with_secrets(secrets), example.at);
  WholeCookie reply;
  EXPECT_EQ(cookies.judge(octets_of(example.shown), *ip::Address::from_text(example.address), example.at, reply),
            example.state);
  EXPECT_EQ(octets_of(reply), octets_of(example.reply));
}

INSTANTIATE_TEST_SUITE_P(AppendixA, Rfc9018,
                         testing::Values(Example{"learning",
                                                 "198.51.100.100",
                                                 {"e5e973e5a6b2a43f48e7dc849e37bfcf"},
                                                 "2464c4abcf10c957",
                                                 1559731985,
                                                 CookieState::client,
                                                 "2464c4abcf10c957010000005cf79f111f8130c3eee29480"},
                                         Example{"renewal_after_40_minutes",
                                                 "198.51.100.100",
                                                 {"e5e973e5a6b2a43f48e7dc849e37bfcf"},
                                                 "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
                                                 1559734385,
                                                 CookieState::valid,
                                                 "2464c4abcf10c957010000005cf7a871d4a564a1442aca77"},
                                         // Its time is judged by the reply's, which is more than an hour later.
                                         Example{"reserved_octets_of_another_server",
                                                 "203.0.113.203",
                                                 {"e5e973e5a6b2a43f48e7dc849e37bfcf"},
                                                 "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
                                                 1559734700,
                                                 CookieState::invalid,
                                                 "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"},
                                         Example{
                                             "ipv6_with_the_secret_of_before",
                                             "2001:db8:220:1:59de:d0f4:8769:82b8",
                                             {"445536bcd2513298075a5d379663c962", "dd3bdf9344b678b185a6f5cb60fca715"},
                                             "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
                                             1559741961,
                                             CookieState::valid,
                                             "22681ab97d52c298010000005cf7c609a6bb79d16625507a"}),
                         [](const auto& param) { return std::string(param.param.name); });

class ServerCookiesTest : public testing::Test {
 protected:
  ServerCookies cookies{with_secrets({secret}), now};
  WholeCookie reply{};

  Octets learn(const ServerCookies& from, std::int64_t at, const ip::Address& address = client) {
    WholeCookie learned;
    EXPECT_EQ(from.judge(client_cookie, address, at, learned), CookieState::client);
    return octets_of(learned);
  }
};

TEST_F(ServerCookiesTest, covers_the_reserved_octets_as_they_came) {
  const Octets shown = octets_of("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5");
  const ip::Address other = *ip::Address::from_text("203.0.113.203");
  EXPECT_EQ(cookies.judge(shown, other, 0x5cf78f71 + 60, reply), CookieState::valid);
}

TEST_F(ServerCookiesTest, are_good_for_an_hour_and_for_clocks_five_minutes_ahead) {
  const Octets shown = learn(cookies, now);
  for (const auto& [at, expected] : {std::pair{now, CookieState::valid},
                                     {now + 3600, CookieState::valid},
                                     {now + 3601, CookieState::invalid},
                                     {now - 300, CookieState::valid},
                                     {now - 301, CookieState::invalid},
                                     {now + (1ll << 31), CookieState::invalid}}) {
    EXPECT_EQ(cookies.judge(shown, client, at, reply), expected) << at - now;
  }
}

TEST_F(ServerCookiesTest, survive_the_end_of_32_bits_of_time) {
  constexpr std::int64_t turn = (1ll << 32) - 10;
  const Octets shown = learn(cookies, turn);
  EXPECT_EQ(cookies.judge(shown, client, turn + 60, reply), CookieState::valid);
}

TEST_F(ServerCookiesTest, are_renewed_after_half_an_hour_only) {
  const Octets shown = learn(cookies, now);
  cookies.judge(shown, client, now + 1800, reply);
  EXPECT_EQ(octets_of(reply), shown);
  cookies.judge(shown, client, now + 1801, reply);
  EXPECT_NE(octets_of(reply), shown);
  EXPECT_EQ(cookies.judge(octets_of(reply), client, now + 1801, reply), CookieState::valid);
}

TEST_F(ServerCookiesTest, are_worth_nothing_from_another_address_or_with_one_bit_changed) {
  const Octets shown = learn(cookies, now);
  EXPECT_EQ(cookies.judge(shown, *ip::Address::from_text("198.51.100.101"), now, reply), CookieState::invalid);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    Octets forged = shown;
    forged[i] ^= 1;
    EXPECT_EQ(cookies.judge(forged, client, now, reply), CookieState::invalid) << i;
  }
}

TEST_F(ServerCookiesTest, of_other_lengths_and_versions_are_answered_with_one_of_ours) {
  Octets shown = learn(cookies, now);
  for (const std::size_t length : {16u, 23u, 25u, 40u}) {
    Octets other = shown;
    other.resize(length);
    EXPECT_EQ(cookies.judge(other, client, now, reply), CookieState::invalid) << length;
    EXPECT_EQ(cookies.judge(octets_of(reply), client, now, reply), CookieState::valid);
  }
  shown[8] = 2;
  EXPECT_EQ(cookies.judge(shown, client, now, reply), CookieState::invalid);
}

TEST(ServerCookies, has_legal_lengths_by_rfc_7873_5_2_2) {
  for (std::size_t length = 0; length <= 60; ++length) {
    const bool legal = length == 8 || (length >= 16 && length <= 40);
    EXPECT_EQ(ServerCookies::has_legal_length(Octets(length)), legal) << length;
  }
}

TEST_F(ServerCookiesTest, of_a_random_secret_outlive_its_rotation_by_their_hour) {
  CookieOptions options;
  options.rotate = seconds(7200);
  const ServerCookies random(options, now);
  const std::int64_t rotation = (now / 7200 + 1) * 7200;
  const Octets shown = learn(random, rotation - 1);
  EXPECT_EQ(random.judge(shown, client, rotation + 3599, reply), CookieState::valid);
  EXPECT_EQ(random.judge(shown, client, rotation + 3600, reply), CookieState::invalid);
  // Another period, another secret: the old hash does not fit the new time.
  Octets forged = shown;
  store_u32(forged.data() + 12, static_cast<std::uint32_t>(rotation));
  EXPECT_EQ(random.judge(forged, client, rotation, reply), CookieState::invalid);
}

TEST_F(ServerCookiesTest, of_two_processes_with_random_secrets_differ) {
  const ServerCookies one(CookieOptions(), now), two(CookieOptions(), now);
  EXPECT_EQ(two.judge(learn(one, now), client, now, reply), CookieState::invalid);
}

TEST_F(ServerCookiesTest, outlive_a_reload_and_the_secret_of_before_is_good_for_an_hour) {
  const auto random = std::make_shared<const ServerCookies>(CookieOptions(), now);
  const Octets first = learn(*random, now);
  const auto same = std::make_shared<const ServerCookies>(CookieOptions(), now, random);
  EXPECT_EQ(same->judge(first, client, now, reply), CookieState::valid);

  const auto configured = std::make_shared<const ServerCookies>(with_secrets({secret}), now + 10, same);
  EXPECT_EQ(configured->judge(first, client, now + 10, reply), CookieState::valid);
  EXPECT_EQ(cookies.judge(octets_of(reply), client, now + 10, reply), CookieState::valid)
      << "renewed under the new secret";
}

TEST_F(ServerCookiesTest, of_the_secret_before_the_last_are_forgotten) {
  const auto first = std::make_shared<const ServerCookies>(with_secrets({secret}), now);
  const auto second =
      std::make_shared<const ServerCookies>(with_secrets({secret_of("00112233445566778899aabbccddeeff")}), now, first);
  const auto third =
      std::make_shared<const ServerCookies>(with_secrets({secret_of("ffeeddccbbaa99887766554433221100")}), now, second);
  EXPECT_EQ(second->judge(learn(*first, now), client, now, reply), CookieState::valid);
  EXPECT_EQ(third->judge(learn(*second, now), client, now, reply), CookieState::valid);
  EXPECT_EQ(third->judge(learn(*first, now), client, now, reply), CookieState::invalid);
  const ServerCookies reloaded(with_secrets({secret_of("ffeeddccbbaa99887766554433221100")}), now + 60, third);
  EXPECT_EQ(reloaded.judge(learn(*second, now), client, now + 60, reply), CookieState::valid);
  EXPECT_EQ(reloaded.judge(learn(*second, now + 3599), client, now + 3600, reply), CookieState::invalid);
}

}  // namespace
}  // namespace dragoman::resolve
