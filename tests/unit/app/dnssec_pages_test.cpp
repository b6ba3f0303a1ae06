// The pages about trust anchors.
#include "dnssec_pages.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "dragoman/base/log.h"
#include "fakes/temporary_directory.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

class DnssecPages : public testing::Test {
 protected:
  DnssecPages() {
    log::configure({.level = LogLevel::error});
    options_.validates = true;
    options_.anchors = dnssec::root_trust_anchors();
    options_.routing.groups = {{"default", {}}};
    anchors_.apply(options_);
  }

  admin::Response ask(const std::string& target) {
    admin::Response out{.status = 0};
    for (const admin::ApiPage& page : dnssec_pages([this](auto work) { work(anchors_); })) {
      if (page.path != "/api/v1/dnssec/" + target.substr(0, target.find('?'))) continue;
      page.make(*admin::Parameters::from_target(target), [&](admin::Response response) { out = std::move(response); });
    }
    return out;
  }
  json::object object(const std::string& target) {
    const admin::Response response = ask(target);
    EXPECT_EQ(response.status, 200u) << response.body;
    return response.status == 200 ? json::parse(response.body).as_object() : json::object();
  }

  net::EventLoop loop_;
  WallTime now_ = *wall_time_from_text("2026-11-28T12:00:00Z");
  trust::Options options_;
  trust::Anchors anchors_{loop_, [] {}, [this] { return now_; }};
};

TEST_F(DnssecPages, anchors_are_shown_as_they_are_configured) {
  const json::object all = object("anchors");
  EXPECT_TRUE(all.at("validates").as_bool());
  const json::object zone = all.at("anchors").as_array().at(0).as_object();
  EXPECT_EQ(zone.at("zone").as_string(), ".");
  EXPECT_FALSE(zone.at("managed").as_bool());
  const json::object record = zone.at("records").as_array().at(1).as_object();
  EXPECT_EQ(record.at("key_tag").to_number<int>(), 38696);
  EXPECT_EQ(record.at("algorithm").to_number<int>(), 8);
  EXPECT_EQ(record.at("state").as_string(), "configured");
  EXPECT_EQ(record.at("rdata").as_string(),
            "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16");
}

TEST_F(DnssecPages, anchors_that_are_managed_are_shown_with_their_state) {
  const test::TemporaryDirectory folder;
  const std::string state =
      "dragoman-trust-anchors 1\n"
      ". configured DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
      ". configured DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n"
      ". awaited DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n"
      ". refreshed 2026-11-28T12:00:00.000Z 172800 1209600\n"
      ". next 2026-11-29T12:00:00.000Z\n"
      ". valid 2026-11-28T12:00:00.000Z 0 DNSKEY 257 3 8 AQID\n"
      ". add_pend 2026-11-28T12:00:00.000Z 2592000 DNSKEY 257 3 8 BAUG\n"
      ". witness DNSKEY 257 3 8 AQID\n"
      "end\n";
  options_.managed.state_file = folder.write("state", state);
  anchors_.apply(options_);
  const json::object zone = object("anchors").at("anchors").as_array().at(0).as_object();
  EXPECT_TRUE(zone.at("managed").as_bool());
  EXPECT_EQ(zone.at("refreshed").as_string(), "2026-11-28T12:00:00.000Z");
  EXPECT_EQ(zone.at("next_query").as_string(), "2026-11-29T12:00:00.000Z");
  const json::array records = zone.at("records").as_array();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].at("state").as_string(), "awaited");
  EXPECT_EQ(records[1].at("state").as_string(), "valid");
  EXPECT_TRUE(records[1].at("trusted_from").is_null());
  EXPECT_EQ(records[2].at("state").as_string(), "add_pend");
  EXPECT_EQ(records[2].at("trusted_from").as_string(), "2026-12-28T12:00:00.000Z");
}

TEST_F(DnssecPages, negative_anchors_are_added_and_removed) {
  options_.negative = {{*dns::Name::from_text("b.test"), {}}};
  anchors_.apply(options_);
  json::array rows = object("negative/add?name=a.test&seconds=60").at("negative").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("source").as_string(), "configuration");
  EXPECT_TRUE(rows[0].at("expires").is_null());
  EXPECT_EQ(rows[1].at("name").as_string(), "a.test.");
  EXPECT_EQ(rows[1].at("expires").as_string(), "2026-11-28T12:01:00.000Z");
  EXPECT_EQ(rows[1].at("source").as_string(), "operator");
  EXPECT_EQ(object("negative").at("negative").as_array().size(), 2u);
  EXPECT_EQ(object("negative/remove?name=A.test").at("negative").as_array().size(), 1u);
}

TEST_F(DnssecPages, negative_anchors_last_an_hour_if_nobody_says_otherwise) {
  const json::array rows = object("negative/add?name=a.test").at("negative").as_array();
  EXPECT_EQ(rows.at(0).at("expires").as_string(), "2026-11-28T13:00:00.000Z");
}

TEST_F(DnssecPages, what_makes_no_sense_is_refused) {
  options_.negative = {{*dns::Name::from_text("b.test"), {}}};
  anchors_.apply(options_);
  for (const char* target : {"anchors?x=1", "negative?name=a", "negative/add", "negative/add?name=a..b",
                             "negative/add?name=a.test&seconds=0", "negative/add?name=a.test&seconds=604801",
                             "negative/add?name=a.test&seconds=1h", "negative/add?name=a.test&for=1",
                             "negative/add?name=.", "negative/remove", "negative/remove?name=c.test&x=1"}) {
    EXPECT_EQ(ask(target).status, 400u) << target;
  }
  EXPECT_THAT(ask("negative/remove?name=b.test").body, HasSubstr("no operator has added b.test."));
}

TEST_F(DnssecPages, only_posts_change_something) {
  for (const admin::ApiPage& page : dnssec_pages([](auto) {})) {
    const bool changes = page.path.ends_with("/add") || page.path.ends_with("/remove");
    EXPECT_EQ(page.method == admin::Method::post, changes) << page.path;
  }
}

TEST_F(DnssecPages, say_when_nothing_is_validated) {
  options_.validates = false;
  anchors_.apply(options_);
  EXPECT_FALSE(object("anchors").at("validates").as_bool());
  EXPECT_TRUE(object("negative").at("negative").as_array().empty());
  EXPECT_EQ(ask("negative/add?name=a.test").status, 400u);
}

}  // namespace
}  // namespace dragoman::app
