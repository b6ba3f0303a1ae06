// Questions as they are written, and which messages answer them.
#include "query_message.h"

#include <gtest/gtest.h>

#include "fakes/fake_server_message.h"

namespace dragoman::upstream {
namespace {

using fakes::Octets;
using fakes::reply_to;

class QueryMessage : public testing::Test {
 protected:
  QueryMessage() {
    lookup.name = *dns::Name::from_text("www.Example.com");
    lookup.type = dns::Type::aaaa;
    exchange.lookup = &lookup;
    exchange.id = 0x1234;
  }
  Octets write(const QueryForm& form) {
    const Bytes query = write_query(exchange, form, buffer);
    return {query.begin(), query.end()};
  }

  Lookup lookup;
  Exchange exchange;
  QueryBuffer buffer;
};

TEST_F(QueryMessage, holds_the_question_and_recursion_desired) {
  const Octets query = write({.edns = false});
  const dns::MessageView view = fakes::parsed(query);
  EXPECT_EQ(view.header().id, 0x1234);
  EXPECT_EQ(view.header().flags, dns::Header::rd | dns::Header::ad);
  EXPECT_FALSE(view.has_edns());
  EXPECT_EQ(view.question().name.to_text(), "www.Example.com.");
}

// RFC 8467 4.1, for every length that a name may have.
TEST_F(QueryMessage, is_padded_to_a_multiple_of_128_octets) {
  for (std::size_t labels = 1; labels <= 127; ++labels) {
    dns::Name name;
    for (std::size_t i = 0; i < labels; ++i) ASSERT_TRUE(name.prepend_label(Octets{'a'}));
    lookup.name = name;
    for (const bool keepalive : {false, true}) {
      const Octets query = write({.ask_keepalive = keepalive, .pad_to = 128});
      EXPECT_EQ(query.size() % 128, 0u);
      EXPECT_TRUE(fakes::parsed(query).edns()->find(dns::EdnsOptionCode::padding));
    }
  }
}

TEST_F(QueryMessage, mixes_letters_only) {
  Random random;
  lookup.name = *dns::Name::from_text("a1-_@[`{z.example");
  for (int i = 0; i < 50; ++i) {
    const Octets query = write({.letter_case = &random});
    EXPECT_TRUE(dns::equal(fakes::parsed(query).question().name, lookup.name));
  }
}

TEST_F(QueryMessage, is_answered_by_its_echo) {
  const Octets query = write({});
  EXPECT_EQ(match(reply_to(query), exchange), Match::yes);
  EXPECT_EQ(match(fakes::with_swapped_case(reply_to(query)), exchange), Match::case_changed);
}

TEST_F(QueryMessage, is_not_answered_by_anything_else) {
  const Octets query = write({});
  EXPECT_EQ(match(query, exchange), Match::no) << "a query";
  EXPECT_EQ(match(fakes::with_id(reply_to(query), 0x1235), exchange), Match::no) << "another id";
  EXPECT_EQ(match(fakes::with_other_name(reply_to(query)), exchange), Match::no) << "another name";
  EXPECT_EQ(match({}, exchange), Match::no) << "nothing";
  Octets reply = reply_to(query);
  reply[dns::header_length + exchange.question_length - 3] ^= 1;
  EXPECT_EQ(match(reply, exchange), Match::no) << "another type";
  reply = reply_to(query);
  reply[2] |= 0x28;
  EXPECT_EQ(match(reply, exchange), Match::no) << "another opcode";
  for (std::size_t length = 0; length < dns::header_length + exchange.question_length; ++length) {
    EXPECT_EQ(match(Bytes(reply_to(query)).first(length), exchange), Match::no) << length << " octets";
  }
}

TEST_F(QueryMessage, takes_the_servers_idle_timeout_from_its_answer) {
  const Octets query = write({});
  ServerHints hints;
  EXPECT_EQ(read_answer(reply_to(query, {.keepalive = 300}), exchange, hints), Ending::answered);
  EXPECT_TRUE(hints.has_keepalive);
  EXPECT_EQ(hints.keepalive, 300);
}

class QueryCookies : public QueryMessage {
 protected:
  QueryCookies() { exchange.cookies = &cookies; }
  Ending read(const fakes::Reply& reply) {
    ServerHints hints;
    const Octets message = reply_to(write({}), reply);
    return read_answer(message, exchange, hints);
  }
  Octets whole() { return fakes::whole_cookie(write({})); }

  Random random;
  Cookies cookies{random};
};

TEST_F(QueryCookies, are_sent_with_edns_alone_and_fit_the_longest_name) {
  cookies.learn(Octets(whole()));
  Octets longest = whole();
  longest.resize(40, 7);
  cookies.learn(longest);
  lookup.name = dns::Name();
  for (int i = 0; i < 127; ++i) ASSERT_TRUE(lookup.name.prepend_label(Octets{'a'}));
  EXPECT_EQ(fakes::cookie_of(write({})), longest);
  EXPECT_TRUE(fakes::cookie_of(write({.edns = false})).empty());
  EXPECT_FALSE(exchange.sent_cookie);
  exchange.without_cookie = true;
  EXPECT_TRUE(fakes::cookie_of(write({})).empty());
}

TEST_F(QueryCookies, of_a_response_are_judged_by_rfc_7873_5_3) {
  EXPECT_EQ(read({}), Ending::answered) << "it may know no cookies";
  EXPECT_EQ(read({.rcode = dns::Rcode::badcookie}), Ending::cookie_missing);
  EXPECT_EQ(read({.cookie = Octets(24)}), Ending::forged);
  EXPECT_FALSE(cookies.is_known());
  EXPECT_EQ(read({.rcode = dns::Rcode::badcookie, .cookie = whole()}), Ending::bad_cookie);
  EXPECT_TRUE(cookies.is_known()) << "learned from an error, too";
  EXPECT_EQ(read({.cookie = whole()}), Ending::answered);
  EXPECT_EQ(read({}), Ending::cookie_missing);
  EXPECT_EQ(read({.edns = false}), Ending::cookie_missing);
  EXPECT_EQ(read({.truncated = true, .edns = false}), Ending::truncated);
}

TEST_F(QueryCookies, of_a_known_server_are_missed_in_what_cannot_be_read) {
  cookies.learn(whole());
  ServerHints hints;
  Octets message = reply_to(write({}));
  message.resize(message.size() - 3);
  EXPECT_EQ(read_answer(message, exchange, hints), Ending::cookie_missing);
  message.resize(dns::header_length);
  message[3] = static_cast<std::uint8_t>(dns::Rcode::formerr);
  store_u16(message.data() + 4, 0);
  EXPECT_EQ(read_answer(message, exchange, hints), Ending::cookie_missing);
}

TEST_F(QueryCookies, are_given_up_when_a_stream_shows_that_the_server_did) {
  cookies.learn(whole());
  exchange.over_stream = true;
  EXPECT_EQ(read({.cookie = Octets(24)}), Ending::malformed);
  EXPECT_TRUE(cookies.is_known());
  EXPECT_EQ(read({}), Ending::answered);
  EXPECT_FALSE(cookies.is_known());
}

TEST_F(QueryMessage, keeps_a_copy_of_what_was_heard_for_who_wants_it) {
  const Octets reply = reply_to(write({}));
  Transcript transcript;
  exchange.transcript = &transcript;
  ServerHints hints;
  read_answer(reply, exchange, hints);
  EXPECT_EQ(transcript.message, reply);
}

}  // namespace
}  // namespace dragoman::upstream
