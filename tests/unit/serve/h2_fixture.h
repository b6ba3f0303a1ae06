// One HTTP/2 session and one client, in memory.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "h2_client.h"
#include "h2_session.h"
#include "session_driver.h"

namespace dragoman::serve {

inline const std::string get_target = "/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB";

class H2SessionTest : public testing::Test {
 protected:
  // Carries octets both ways until neither has more; answers nothing.
  std::vector<TakenRequest> exchange(H2Client& peer, Session& server) {
    SessionDriver fed(server);
    fed.now = now;
    std::vector<TakenRequest> taken;
    for (std::string octets = peer.output(); !octets.empty(); octets = peer.output()) {
      fed.give(octets, taken);
      EXPECT_TRUE(peer.give(fed.output()));
    }
    EXPECT_TRUE(peer.give(fed.output()));
    return taken;
  }
  std::vector<TakenRequest> exchange() { return exchange(client, session); }

  void reply_all(const std::vector<TakenRequest>& taken, const std::string& message = "reply") {
    for (const TakenRequest& request : taken) driver.reply(request, message, 60);
  }
  std::vector<std::uint64_t> cancelled() {
    std::vector<std::uint64_t> tickets;
    session.take_cancelled(tickets);
    return tickets;
  }
  // Raw frames in one read, for attacks.
  bool attack(const std::string& frames) {
    std::vector<TakenRequest> taken;
    return driver.give(preface + empty_settings + frames, taken);
  }
  void expect_calm(H2Abuse abuse) {
    EXPECT_EQ(metrics.h2_abuse(abuse).value(), 1u);
    EXPECT_TRUE(session.failed());
    client.output();
    EXPECT_TRUE(client.give(driver.output()));
    EXPECT_EQ(client.goaway_error(), static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
    EXPECT_TRUE(session.finished());
    EXPECT_FALSE(session.wants_input());
  }
  std::string status_of(const Fields& fields, const std::string& body = {}) {
    H2Client peer;
    H2Session fresh(shared, dns_query, limits);
    const std::int32_t id = peer.post(fields, body);
    SessionDriver fed(fresh);
    for (const TakenRequest& request : exchange(peer, fresh)) fed.reply(request, "reply");
    EXPECT_TRUE(peer.give(fed.output()));
    return peer.reply(id).status();
  }

  Metrics metrics;
  LimitOptions limits;
  H2Shared shared{metrics, 64};
  H2Session session{shared, dns_query, limits};
  SessionDriver driver{session};
  H2Client client;
  TimePoint now{std::chrono::hours(1)};
};

}  // namespace dragoman::serve
