// IPFIX as a collector sees it (R57): templates, the NAT events of RFC 8158, sequence numbers, and what was lost.
#include "binding_ipfix.h"

#include <gtest/gtest.h>

#include "binding_samples.h"
#include "ipfix_reader.h"

namespace dragoman::gateway {
namespace {

using samples::IpfixReader;
using samples::Kind;
using Record = IpfixReader::Record;

constexpr std::size_t longest = 484;
const std::string time_hex = "000001a21f22211b";  // 1795818660123

class Ipfix : public testing::Test {
 protected:
  // What leaves the encoder at the end of a turn, as the kernel gets it.
  std::vector<std::string> turn(TimePoint now = TimePoint()) {
    encoder.end_turn(now, backlog);
    std::vector<std::string> sent;
    while (!backlog.is_empty()) {
      const Backlog::Unit unit = backlog.units().front();
      const MutableBytes octets = backlog.octets().first(unit.length);
      encoder.stamp(octets, 0, samples::time + seconds(1));
      encoder.advance(unit.records);
      sent.emplace_back(octets.begin(), octets.end());
      backlog.pop();
    }
    return sent;
  }
  // The records of a turn.
  std::vector<std::pair<unsigned, Record>> records(TimePoint now = TimePoint()) {
    std::vector<std::pair<unsigned, Record>> all;
    for (const std::string& message : turn(now)) {
      for (auto& record : collector.read(message).records) all.push_back(std::move(record));
    }
    return all;
  }
  void start() { encoder.occasion(Occasion::started, samples::time, samples::pool(), backlog); }
  // With the templates at the collector.
  void begin() {
    start();
    records();
  }

  Writer writer = samples::writer();
  IpfixEncoder encoder{writer, longest};
  Backlog backlog{1 << 20};
  IpfixReader collector;
};

TEST_F(Ipfix, begins_with_templates_and_since_when_it_exports) {
  start();
  const auto sent = turn();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_LE(sent[0].size(), IpfixEncoder::shortest);
  const auto message = collector.read(sent[0]);
  EXPECT_EQ(message.sequence, 0u);
  EXPECT_EQ(message.domain, 99u);
  EXPECT_EQ(message.export_time, 1795818661u);
  ASSERT_EQ(message.records.size(), 1u);
  EXPECT_EQ(message.records[0].second, (Record{{144, "00000047"}, {160, time_hex}, {463, "00000007"}}));
  EXPECT_EQ(collector.scope_fields(message.records[0].first), 1u);
}

// RFC 8158 5: port block allocation and de-allocation, natEvent 16 and 17.
TEST_F(Ipfix, tells_of_blocks) {
  begin();
  encoder.event(samples::block(), backlog);
  encoder.event(samples::block(Kind::block_released), backlog);
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  Record expected{{323, time_hex}, {230, "10"},       {463, "00000007"}, {27, "20010db8000100000000000000000000"},
                  {29, "40"},      {225, "c6336401"}, {361, "0400"},     {362, "04ff"}};
  EXPECT_EQ(all[0].second, expected);
  expected[230] = "11";
  EXPECT_EQ(all[1].second, expected);
}

// NAT64 session create and delete, natEvent 6 and 7.
TEST_F(Ipfix, tells_of_sessions_with_the_remote_if_it_is_known) {
  begin();
  encoder.event(samples::session(), backlog);
  encoder.event(samples::session_with_remote(Kind::session_deleted), backlog);
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  Record expected{
      {323, time_hex}, {230, "06"},       {463, "00000007"}, {4, "11"}, {27, "20010db8000100000000000000000005"},
      {7, "9c40"},     {225, "c6336401"}, {227, "0406"}};
  EXPECT_EQ(all[0].second, expected);
  expected[230] = "07";
  expected[226] = "c0000250";
  expected[228] = "01bb";
  EXPECT_EQ(all[1].second, expected);
}

// Addresses exhausted (3) when no address has ports, ports exhausted (12) of one address, quota exceeded (13).
TEST_F(Ipfix, tells_of_want) {
  begin();
  encoder.event(samples::of_kind(Kind::pool_exhausted), backlog);
  encoder.event(samples::block(Kind::pool_exhausted), backlog);
  encoder.event(samples::quota(), backlog);
  const auto all = records();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].second, (Record{{323, time_hex}, {230, "03"}, {463, "00000007"}, {283, "00000000"}}));
  EXPECT_EQ(all[1].second, (Record{{323, time_hex}, {230, "0c"}, {463, "00000007"}, {4, "06"}, {225, "c6336401"}}));
  EXPECT_EQ(all[2].second, (Record{{323, time_hex},
                                   {230, "0d"},
                                   {463, "00000007"},
                                   {466, "00000003"},
                                   {473, "00000400"},
                                   {27, "20010db8000100000000000000000000"},
                                   {29, "40"}}));
}

// RFC 7011 3.1: records sent before, of all sets but templates.
TEST_F(Ipfix, numbers_messages_by_the_records_before_them) {
  start();
  std::uint64_t records = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) encoder.event(i % 3 == 0 ? samples::session() : samples::block(), backlog);
    const auto sent = turn();
    EXPECT_GT(sent.size(), 2u);
    for (const std::string& octets : sent) {
      EXPECT_LE(octets.size(), longest);
      const auto message = collector.read(octets);
      EXPECT_EQ(message.sequence, records);
      records += message.records.size();
    }
  }
  EXPECT_EQ(records, 1 + 3 * 40u);
}

TEST_F(Ipfix, shows_records_that_were_lost_here_as_a_jump) {
  begin();
  encoder.advance(5);
  encoder.event(samples::block(), backlog);
  EXPECT_EQ(collector.read(turn().at(0)).sequence, 0u + 1 + 5) << "the template message came before";
}

// RFC 7011 4.3, Exporting Process Reliability Statistics.
TEST_F(Ipfix, says_how_many_events_it_could_not_send) {
  begin();
  encoder.gap({5, samples::time - milliseconds(1), samples::time, BindingLoss::queue_full}, backlog);
  auto all = records();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].second,
            (Record{{144, "00000047"}, {166, "0000000000000005"}, {152, "000001a21f22211a"}, {153, time_hex}}));
  EXPECT_EQ(collector.scope_fields(all[0].first), 1u);
  encoder.gap({2, samples::time, samples::time, BindingLoss::queue_full}, backlog);
  EXPECT_EQ(records().at(0).second[166], "0000000000000007");
}

// RFC 7011 8.4: over UDP templates must be sent again and again.
TEST_F(Ipfix, sends_templates_again_soon_and_then_at_the_interval) {
  start();
  TimePoint now{};
  std::vector<std::int64_t> sent_at;
  for (; now < TimePoint(seconds(4000)); now += seconds(1)) {
    if (!turn(now).empty()) sent_at.push_back(now.time_since_epoch() / seconds(1));
  }
  EXPECT_EQ(sent_at, (std::vector<std::int64_t>{0, 5, 15, 35, 75, 155, 315, 635, 1235, 1835, 2435, 3035, 3635}));
}

TEST_F(Ipfix, has_templates_for_a_collector_that_may_be_new) {
  begin();
  encoder.event(samples::block(), backlog);
  encoder.end_turn(TimePoint(), backlog);
  const Bytes opening = encoder.preamble(samples::time);
  IpfixReader other;
  const auto message = other.read({opening.begin(), opening.end()});
  EXPECT_EQ(message.sequence, 1u);
  EXPECT_TRUE(other.knows(256));
  const auto next = other.read(turn().at(0));
  EXPECT_EQ(next.sequence, 2u);
  EXPECT_EQ(next.records.size(), 1u);
}

// The octets themselves, so that a change of the format is seen: one block, in the second message.
TEST_F(Ipfix, is_the_same_octet_for_octet) {
  begin();
  encoder.event(samples::block(), backlog);
  const std::string message = turn().at(0);
  const std::string expected(
      "\x00\x0a\x00\x3a\x6b\x0a\x04\xa5\x00\x00\x00\x01\x00\x00\x00\x63"
      "\x01\x00\x00\x2a"
      "\x00\x00\x01\xa2\x1f\x22\x21\x1b\x10\x00\x00\x00\x07"
      "\x20\x01\x0d\xb8\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x40"
      "\xc6\x33\x64\x01\x04\x00\x04\xff",
      58);
  EXPECT_EQ(message, expected);
}

}  // namespace
}  // namespace dragoman::gateway
