// RFC 9113 and RFC 8484: requests and replies over one HTTP/2 connection, its end, and its memory.
#include "h2_session.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "h2_fixture.h"

namespace dragoman::serve {
namespace {

TEST_F(H2SessionTest, answers_a_get) {
  const std::int32_t id = client.get(get_target);
  const auto taken = exchange();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message.size(), 33u);
  EXPECT_EQ(session.in_flight(), 1u);
  driver.reply(taken[0], "the reply", 77);
  EXPECT_EQ(session.in_flight(), 0u);
  exchange();
  const H2Reply& reply = client.reply(id);
  EXPECT_EQ(reply.status(), "200");
  EXPECT_EQ(reply.field("content-type"), "application/dns-message");
  EXPECT_EQ(reply.field("content-length"), "9");
  EXPECT_EQ(reply.field("cache-control"), "max-age=77");
  EXPECT_EQ(reply.fields.size(), 4u);
  EXPECT_EQ(reply.body, "the reply");
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(metrics.http_requests(HttpVersion::http2, HttpMethod::get, HttpStatus::ok).value(), 1u);
}

TEST_F(H2SessionTest, answers_a_post) {
  const std::int32_t id = client.post(dns_message(0, 128));
  const auto taken = exchange();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].message, dns_message(0, 128));
  reply_all(taken);
  exchange();
  EXPECT_EQ(client.reply(id).body, "reply");
}

TEST_F(H2SessionTest, answers_a_head_without_the_body) {
  Fields fields = H2Client::get_fields(get_target);
  fields[0].second = "HEAD";
  const std::int32_t id = client.post(fields, "");
  reply_all(exchange(), "the reply");
  exchange();
  EXPECT_EQ(client.reply(id).field("content-length"), "9");
  EXPECT_EQ(client.reply(id).body, "");
  EXPECT_TRUE(client.reply(id).is_complete);
}

TEST_F(H2SessionTest, understands_requests_that_come_one_octet_at_a_time) {
  client.get(get_target);
  client.post(dns_message(0, 128));
  const auto taken = driver.give_slowly(client.output());
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[1].message, dns_message(0, 128));
}

TEST_F(H2SessionTest, understands_any_split_of_the_stream) {
  std::mt19937 random(3);
  for (int round = 0; round < 30; ++round) {
    H2Client peer;
    H2Session fresh(shared, dns_query, limits);
    SessionDriver fed(fresh);
    for (int i = 0; i < 20; ++i) peer.post(dns_message(0, 12 + random() % 500));
    const std::string stream = peer.output();
    std::vector<TakenRequest> taken;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 700, stream.size() - at);
      ASSERT_TRUE(fed.give(std::string_view(stream).substr(at, count), taken));
      at += count;
    }
    ASSERT_EQ(taken.size(), 20u);
    for (const TakenRequest& request : taken) fed.reply(request, request.message);
    ASSERT_TRUE(peer.give(fed.output()));
    for (std::int32_t id = 1; id <= 39; id += 2) ASSERT_EQ(peer.reply(id).status(), "200");
  }
}

TEST_F(H2SessionTest, sends_replies_in_the_order_in_which_they_come) {
  const std::int32_t first = client.post(dns_message(1)), second = client.post(dns_message(2));
  const auto taken = exchange();
  driver.reply(taken.at(1), "second");
  exchange();
  EXPECT_TRUE(client.reply(second).is_complete);
  EXPECT_FALSE(client.reply(first).is_complete);
  driver.reply(taken.at(0), "first");
  exchange();
  EXPECT_EQ(client.reply(first).body, "first");
}

TEST_F(H2SessionTest, answers_100_streams_in_one_burst) {
  for (int i = 0; i < 100; ++i) client.get(get_target);
  const auto taken = exchange();
  ASSERT_EQ(taken.size(), 100u);
  reply_all(taken);
  exchange();
  for (std::int32_t id = 1; id < 200; id += 2) ASSERT_EQ(client.reply(id).body, "reply");
  EXPECT_EQ(session.waiting(), 0u);
}

TEST_F(H2SessionTest, refuses_streams_beyond_the_number_in_flight) {
  exchange();  // SETTINGS
  std::string frames;
  for (std::uint32_t i = 0; i < 101; ++i) frames += frame(NGHTTP2_HEADERS, 5, 1 + 2 * i, get_section());
  H2Session fresh(shared, dns_query, limits);
  SessionDriver fed(fresh);
  EXPECT_EQ(fed.give(preface + empty_settings + frames).size(), 100u);
  // RFC 9113 8.7: the last one may be tried again.
  EXPECT_NE(fed.output().find(frame(NGHTTP2_RST_STREAM, 0, 201, std::string("\0\0\0\7", 4))), std::string::npos);
  EXPECT_FALSE(fresh.failed());
}

TEST_F(H2SessionTest, answers_the_same_query_on_two_streams) {
  const std::int32_t first = client.post(dns_message(0)), second = client.post(dns_message(0));
  const auto taken = exchange();
  ASSERT_EQ(taken.size(), 2u);
  client.reset(first);
  exchange();
  EXPECT_EQ(cancelled(), std::vector<std::uint64_t>{taken[0].ticket});
  driver.reply(taken[1], "reply");
  exchange();
  EXPECT_EQ(client.reply(second).body, "reply");
}

TEST_F(H2SessionTest, tells_which_requests_the_client_gave_up) {
  const std::int32_t id = client.get(get_target);
  const auto taken = exchange();
  client.reset(id);
  exchange();
  EXPECT_EQ(cancelled(), std::vector<std::uint64_t>{taken.at(0).ticket});
  EXPECT_TRUE(cancelled().empty());
  EXPECT_EQ(session.in_flight(), 0u);
}

TEST_F(H2SessionTest, ignores_a_reply_to_a_stream_that_was_reset) {
  const std::int32_t id = client.get(get_target);
  const auto taken = exchange();
  client.reset(id);
  exchange();
  driver.reply(taken.at(0), "late");
  session.no_reply(taken.at(0).ticket);
  EXPECT_EQ(session.in_flight(), 0u);
  EXPECT_EQ(session.waiting(), 0u);
  exchange();
  EXPECT_FALSE(session.finished());
}

TEST_F(H2SessionTest, drops_a_request_that_was_reset_before_it_was_taken) {
  const std::string octets = preface + empty_settings + frame(NGHTTP2_HEADERS, 5, 1, get_section()) +
                             frame(NGHTTP2_RST_STREAM, 0, 1, std::string("\0\0\0\x8", 4));
  EXPECT_TRUE(driver.give(octets).empty());
  EXPECT_TRUE(cancelled().empty());
}

TEST_F(H2SessionTest, forgets_a_reply_that_was_on_its_way_when_its_stream_was_reset) {
  const std::int32_t id = client.get(get_target);
  reply_all(exchange(), std::string(1000, 'r'));
  EXPECT_EQ(session.waiting(), 1000u);
  client.reset(id);
  driver.give(client.output());
  EXPECT_EQ(session.waiting(), 0u);
}

TEST_F(H2SessionTest, gives_the_status_that_names_the_mistake) {
  struct Row {
    const char* why;
    Fields fields;
    std::string body;
    const char* status;
  };
  const auto post = [](std::size_t length, const char* name, const char* value) {
    Fields fields = H2Client::post_fields(length);
    for (auto& field : fields) {
      if (field.first == name) field.second = value;
    }
    return fields;
  };
  const std::string message = dns_message(0);
  Fields no_length = H2Client::post_fields(0);
  std::erase_if(no_length, [](const auto& field) { return field.first == "content-length"; });
  Fields many_fields = H2Client::get_fields(get_target);
  for (int i = 0; i < 65; ++i) many_fields.emplace_back("a", "b");
  Fields large_field = H2Client::get_fields(get_target);
  large_field.emplace_back("cookie", std::string(9000, 'c'));
  const Row rows[] = {
      {"no content-length", no_length, message, "200"},
      {"no dns=", H2Client::get_fields("/dns-query"), "", "400"},
      {"another path", H2Client::get_fields("/"), "", "404"},
      {"another path, POST", post(33, ":path", "/resolve"), message, "404"},
      {"DELETE", post(33, ":method", "DELETE"), message, "405"},
      {"OPTIONS", post(0, ":method", "OPTIONS"), "", "405"},
      {"media type", post(33, "content-type", "application/dns-json"), message, "415"},
      {"empty body", H2Client::post_fields(0), "", "400"},
      {"body too large", H2Client::post_fields(70000), std::string(70000, 'x'), "413"},
      {"body too large without length", no_length, std::string(66000, 'x'), "413"},
      {"target too long", H2Client::get_fields("/dns-query?dns=" + std::string(5000, 'A')), "", "414"},
      {"too many fields", many_fields, "", "431"},
      {"header too large", large_field, "", "431"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(status_of(row.fields, row.body), row.status);
  }
}

TEST_F(H2SessionTest, keeps_the_connection_after_a_mistake) {
  const std::int32_t wrong = client.get("/nope");
  exchange();
  EXPECT_EQ(client.reply(wrong).status(), "404");
  EXPECT_EQ(client.reply(wrong).field("content-type"), "text/plain; charset=utf-8");
  EXPECT_FALSE(client.reply(wrong).body.empty());
  client.get(get_target);
  EXPECT_EQ(exchange().size(), 1u);
}

TEST_F(H2SessionTest, tells_which_methods_there_are) {
  Fields fields = H2Client::get_fields(get_target);
  fields[0].second = "PATCH";
  const std::int32_t id = client.post(fields, "");
  exchange();
  EXPECT_EQ(client.reply(id).field("allow"), "GET, HEAD, POST");
}

// RFC 9113 8.1: a server may answer before the request ends, and ask for no more of it.
TEST_F(H2SessionTest, refuses_a_large_body_before_it_came) {
  const std::string head = frame(NGHTTP2_HEADERS, 4, 1,
                                 std::string("\x83\x87\x04\x0a/dns-query\x01\x01"
                                             "a"
                                             "\x0f\x10\x17"
                                             "application/dns-message\x0f\x0d\x05"
                                             "70000"));
  EXPECT_TRUE(driver.give(preface + empty_settings + head).empty());
  const std::string output = driver.output();
  EXPECT_NE(output.find("65535 octets"), std::string::npos);
  EXPECT_NE(output.find(frame(NGHTTP2_RST_STREAM, 0, 1, std::string(4, '\0'))), std::string::npos);
  EXPECT_FALSE(session.mid_message());
}

// RFC 9113 8.1.1.
TEST_F(H2SessionTest, resets_a_stream_whose_body_disagrees_with_its_content_length) {
  for (const std::size_t length : {20u, 40u}) {
    H2Client peer;
    H2Session fresh(shared, dns_query, limits);
    const std::int32_t id = peer.post(H2Client::post_fields(length), dns_message(0, 33));
    EXPECT_TRUE(exchange(peer, fresh).empty());
    EXPECT_EQ(peer.reply(id).error, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
    EXPECT_FALSE(fresh.failed());
  }
}

TEST_F(H2SessionTest, answers_400_when_the_resolver_has_nothing_to_say) {
  const std::int32_t id = client.get(get_target);
  session.no_reply(exchange().at(0).ticket);
  exchange();
  EXPECT_EQ(client.reply(id).status(), "400");
}

TEST_F(H2SessionTest, bounds_the_bodies_of_a_connection) {
  // RFC 9113 5.2: each stream may fill its window; together they may not.
  std::string frames = preface + empty_settings;
  const std::string section(
      "\x83\x87\x04\x0a/dns-query\x01\x01"
      "a"
      "\x0f\x10\x17"
      "application/dns-message\x0f\x0d\x05"
      "60000");
  for (std::uint32_t i = 0; i < 100; ++i) frames += frame(NGHTTP2_HEADERS, 4, 1 + 2 * i, section);
  driver.give(frames);
  EXPECT_EQ(metrics.http_requests(HttpVersion::http2, HttpMethod::post, HttpStatus::unavailable).value(), 96u);
}

TEST_F(H2SessionTest, is_mid_message_until_the_body_is_complete) {
  EXPECT_TRUE(session.mid_message());  // the preface
  exchange();
  EXPECT_FALSE(session.mid_message());
  client.post(dns_message(0, 128));
  const std::string octets = client.output();
  driver.give(octets.substr(0, octets.size() - 1));
  EXPECT_TRUE(session.mid_message());
  driver.give(octets.substr(octets.size() - 1));
  EXPECT_FALSE(session.mid_message());
}

// -- Drain and memory --

TEST_F(H2SessionTest, drains_an_idle_connection_with_one_goaway) {
  exchange();
  session.drain();
  exchange();
  EXPECT_TRUE(client.has_goaway());
  EXPECT_EQ(client.goaway_error(), static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
  EXPECT_TRUE(session.finished());
  EXPECT_FALSE(session.failed());
}

TEST_F(H2SessionTest, drains_a_busy_connection_when_everything_is_answered) {
  const std::int32_t id = client.get(get_target);
  const auto taken = exchange();
  session.drain();
  exchange();
  EXPECT_TRUE(client.has_goaway());
  EXPECT_EQ(client.goaway_last_stream(), 0x7fffffff);  // RFC 9113 6.8: what is on its way still counts
  EXPECT_FALSE(session.finished());
  driver.reply(taken.at(0), "reply");
  exchange();
  EXPECT_EQ(client.reply(id).body, "reply");
  EXPECT_EQ(client.goaway_last_stream(), id);
  EXPECT_TRUE(session.finished());
}

TEST_F(H2SessionTest, can_be_destroyed_in_any_state) {
  // Streams that are receiving, in flight, replying and kept back by a window.
  H2Client peer({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 5}});
  auto doomed = std::make_unique<H2Session>(shared, dns_query, limits);
  SessionDriver fed(*doomed);
  for (int i = 0; i < 4; ++i) peer.post(dns_message(0, 128));
  std::string octets = peer.output();
  const auto taken = fed.give(octets.substr(0, octets.size() - 20));
  ASSERT_EQ(taken.size(), 3u);
  fed.reply(taken[0], "a long reply that no window lets through");
  fed.output();
  fed.reply(taken[1], "another");
  doomed.reset();
  EXPECT_EQ(shared.allocator.users(), 1u);
}

TEST_F(H2SessionTest, works_on_after_giving_back_its_memory) {
  client.get(get_target);
  reply_all(exchange());
  exchange();
  session.trim();
  const std::int32_t id = client.get(get_target);
  reply_all(exchange());
  exchange();
  EXPECT_EQ(client.reply(id).status(), "200");
}

TEST_F(H2SessionTest, sleeps_between_requests_and_keeps_the_clients_header_table) {
  for (int round = 0; round < 5; ++round) {
    const std::int32_t id = client.get(get_target);  // from the second on mostly references into HPACK's table
    reply_all(exchange());
    exchange();
    EXPECT_EQ(client.reply(id).status(), "200");
    session.trim();
    EXPECT_FALSE(session.finished());
  }
}

TEST_F(H2SessionTest, says_goodbye_from_its_sleep) {
  client.get(get_target);
  reply_all(exchange());
  exchange();
  session.trim();
  session.drain();
  exchange();
  EXPECT_TRUE(client.has_goaway());
  EXPECT_TRUE(session.finished());
}

TEST_F(H2SessionTest, respects_the_output_limit_within_one_frame) {
  for (int i = 0; i < 50; ++i) client.get(get_target);
  reply_all(exchange(), std::string(1000, 'r'));
  std::vector<std::uint8_t> out;
  EXPECT_TRUE(session.write_output(out, 4096));
  EXPECT_GE(out.size(), 4096u);
  EXPECT_LE(out.size(), 4096u + 16384u + 9u);
}

}  // namespace
}  // namespace dragoman::serve
