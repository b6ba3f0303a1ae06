// The JSON of an explanation: the keys that programs rely on.
#include "explained_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "explaining_worker.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;

TEST_F(ExplainingWorker, has_stable_keys_as_json) {
  ExplainRequest asked = request("v4.test", "tls://127.0.0.1:853");
  asked.tls_name = "dns.test";
  asked.dnssec_ok = true;
  const json::value all = json::parse(explained_as_json(**explain(asked)));
  const json::object& query = all.at("query").as_object();
  EXPECT_EQ(query.at("name").as_string(), "v4.test.");
  EXPECT_EQ(query.at("type").as_string(), "AAAA");
  EXPECT_EQ(query.at("client").as_string(), "::1");
  EXPECT_EQ(query.at("listener").as_string(), "tls://127.0.0.1:853");
  EXPECT_EQ(query.at("protocol").as_string(), "dot");
  EXPECT_EQ(query.at("tls_name").as_string(), "dns.test");
  EXPECT_TRUE(query.at("dnssec_ok").as_bool());
  EXPECT_FALSE(query.at("checking_disabled").as_bool());

  const json::object& first = all.at("steps").as_array().at(0).as_object();
  EXPECT_EQ(first.at("step").as_string(), "admission");
  EXPECT_EQ(first.at("text").as_string(), "::1 may ask");
  EXPECT_TRUE(first.at("facts").at("allowed").as_bool());
  EXPECT_GE(first.at("at_ms").as_double(), 0);
  EXPECT_EQ(all.at("steps_left_out").to_number<int>(), 0);

  const json::object& reply = all.at("reply").as_object();
  EXPECT_EQ(reply.at("rcode").as_string(), "NOERROR");
  EXPECT_EQ(reply.at("ede").at(0).at("code").to_number<int>(), 29);
  EXPECT_EQ(reply.at("answer").at(0).at("rdata").as_string(), "64:ff9b::c633:6401");
  EXPECT_EQ(reply.at("answer").at(0).at("ttl").to_number<int>(), 60);
  EXPECT_TRUE(reply.at("authority").as_array().empty());
}

TEST(ExplainedJson, has_no_reply_when_there_is_none) {
  const json::value all = json::parse(explained_as_json(Explained{}));
  EXPECT_TRUE(all.at("reply").is_null());
}

}  // namespace
}  // namespace dragoman::app
