// What who-had prints, by the letter.
#include "commands/who_had_output.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace dragoman::app {
namespace {

using gateway::BindingAnswer;
using gateway::BindingDoubt;
using gateway::BindingQuestion;
using gateway::Holding;
using DoubtKind = BindingDoubt::Kind;

WallTime at(int second) { return WallTime(milliseconds(1795818660123)) + seconds(second); }

const BindingQuestion question{{198, 51, 100, 1}, 1030, {}, at(10), at(11)};

Holding block() {
  Holding holding;
  holding.holder = "2001:db8:1::/64";
  holding.first_port = 1024;
  holding.last_port = 1279;
  holding.from = at(0);
  holding.until = at(60);
  holding.end = Holding::End::released;
  return holding;
}

BindingAnswer answer(std::vector<Holding> holdings, std::vector<BindingDoubt> doubts = {}) {
  BindingAnswer made;
  made.holdings = std::move(holdings);
  made.doubts = std::move(doubts);
  made.lines = 3;
  made.log_begins = at(-100);
  made.log_ends = at(100);
  return made;
}

TEST(WhoHadOutput, says_who_from_when_till_when) {
  EXPECT_EQ(holdings_as_text(question, answer({block()})),
            "2001:db8:1::/64 had 198.51.100.1 ports 1024-1279\n"
            "  from 2026-11-27T22:31:00.123Z\n"
            "  until 2026-11-27T22:32:00.123Z\n");
}

TEST(WhoHadOutput, says_how_it_ended) {
  Holding holding = block();
  const auto end = [&](Holding::End how) {
    holding.end = how;
    holding.seen = at(30);
    const std::string text = holdings_as_text(question, answer({holding}));
    return text.substr(text.find("0.123Z\n") + 9);
  };
  EXPECT_EQ(end(Holding::End::open), "still when the log ends, 2026-11-27T22:32:00.123Z\n");
  EXPECT_EQ(end(Holding::End::replaced),
            "until 2026-11-27T22:32:00.123Z at the latest, when another one got it (its end is missing in the log)\n");
  EXPECT_EQ(end(Holding::End::restarted),
            "until the NAT64 went down, after 2026-11-27T22:31:30.123Z and before 2026-11-27T22:32:00.123Z\n");
  EXPECT_EQ(end(Holding::End::stopped), "until 2026-11-27T22:32:00.123Z, when the NAT64 stopped\n");
}

TEST(WhoHadOutput, names_hosts_protocols_and_remotes_of_sessions) {
  Holding session = block();
  session.kind = Holding::Kind::session;
  session.holder = "[2001:db8:1::5]:40000";
  session.protocol = nat64::Protocol::udp;
  session.remote = "192.0.2.80:443";
  session.first_port = session.last_port = 1030;
  session.has_begin = false;
  EXPECT_EQ(holdings_as_text(question, answer({session})),
            "[2001:db8:1::5]:40000 had 198.51.100.1 port 1030 of udp with 192.0.2.80:443\n"
            "  from after 2026-11-27T22:31:00.123Z (its begin is missing in the log)\n"
            "  until 2026-11-27T22:32:00.123Z\n");
  session.kind = Holding::Kind::static_binding;
  session.remote.clear();
  EXPECT_EQ(holdings_as_text(question, answer({session}))
                .find("[2001:db8:1::5]:40000 had 198.51.100.1 port 1030 of udp by a static binding\n"),
            0u);
}

TEST(WhoHadOutput, says_that_nobody_had_it_and_who_was_near) {
  BindingAnswer nobody = answer({});
  nobody.before = block();
  nobody.after = block();
  nobody.after->holder = "2001:db8:2::/64";
  nobody.is_in_pool = false;
  EXPECT_EQ(holdings_as_text(question, nobody),
            "Nobody had 198.51.100.1 port 1030 between 2026-11-27T22:31:10.123Z and 2026-11-27T22:31:11.123Z.\n"
            "  It is not in the pool, as the log last tells it.\n"
            "  Before: 2001:db8:1::/64, until 2026-11-27T22:32:00.123Z\n"
            "  After: 2001:db8:2::/64, from 2026-11-27T22:31:00.123Z\n");
  BindingQuestion moment = question;
  moment.to = moment.from + milliseconds(1);
  EXPECT_EQ(holdings_as_text(moment, answer({})), "Nobody had 198.51.100.1 port 1030 at 2026-11-27T22:31:10.123Z.\n");
}

TEST(WhoHadOutput, says_what_is_doubtful) {
  const std::string text = holdings_as_text(question, answer({}, {{DoubtKind::lost, at(0), at(1), 12, false},
                                                                  {DoubtKind::lost, at(0), at(1), 12, true},
                                                                  {DoubtKind::down, at(0), at(1), 0, false},
                                                                  {DoubtKind::begins_later, {}, at(1), 0, false},
                                                                  {DoubtKind::ends_before, at(0), {}, 0, false},
                                                                  {DoubtKind::damaged, {}, {}, 1, false},
                                                                  {DoubtKind::many_hosts, {}, {}, 0, false}}));
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            "Doubtful: 12 events between 2026-11-27T22:31:00.123Z and 2026-11-27T22:31:01.123Z are missing in the log: "
            "some may have been about this port.\n"
            "Doubtful end: 12 events between 2026-11-27T22:31:00.123Z and 2026-11-27T22:31:01.123Z are missing in the "
            "log: it may have ended there.\n"
            "Doubtful: the NAT64 went down without a word between 2026-11-27T22:31:00.123Z and "
            "2026-11-27T22:31:01.123Z.\n"
            "Doubtful: the log begins at 2026-11-27T22:31:01.123Z and does not say who had what before.\n"
            "Doubtful: the log ends at 2026-11-27T22:31:00.123Z, before the time in question.\n"
            "Doubtful: 1 line of the log cannot be read.\n"
            "Doubtful: the lines are of several NAT64s: ask the log of each alone.\n");
}

TEST(WhoHadOutput, is_json_for_scripts) {
  BindingAnswer found = answer({block()}, {{DoubtKind::lost, at(0), at(1), 12, true}});
  found.is_in_pool = true;
  EXPECT_EQ(
      boost::json::parse(holdings_as_json(question, found)),
      boost::json::parse(R"({"address":"198.51.100.1","port":1030,"from":"2026-11-27T22:31:10.123Z",)"
                         R"("to":"2026-11-27T22:31:11.123Z","certain":true,"holdings":[{"holder":"2001:db8:1::/64",)"
                         R"("kind":"block","ports":"1024-1279","from":"2026-11-27T22:31:00.123Z",)"
                         R"("until":"2026-11-27T22:32:00.123Z","end":"released"}],"doubts":[{"kind":"lost",)"
                         R"("since":"2026-11-27T22:31:00.123Z","until":"2026-11-27T22:31:01.123Z","count":12,)"
                         R"("about_end_only":true}],"in_pool":true,"log":{"begins":"2026-11-27T22:29:20.123Z",)"
                         R"("ends":"2026-11-27T22:32:40.123Z","lines":3}})"));
  BindingAnswer nobody = answer({}, {{DoubtKind::ends_before, at(0), {}, 0, false}});
  nobody.before = block();
  nobody.before->end = Holding::End::restarted;
  nobody.before->has_begin = false;
  const auto json = boost::json::parse(holdings_as_json(question, nobody)).as_object();
  EXPECT_FALSE(json.at("certain").as_bool());
  EXPECT_EQ(json.at("before").at("end"), "restarted");
  EXPECT_TRUE(json.at("before").as_object().contains("until_after"));
  EXPECT_TRUE(json.at("before").as_object().contains("from_after"));
}

}  // namespace
}  // namespace dragoman::app
