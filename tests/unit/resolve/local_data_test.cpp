// Names that are answered without any upstream.
#include "dragoman/resolve/local_data.h"

#include <gmock/gmock.h>

#include "dragoman/dns/rdata.h"

namespace dragoman::resolve {
namespace {

using dns::Type;

struct Asked {
  bool is_local = false;
  dns::Rcode rcode{};
  std::vector<std::string> answers;
  std::vector<std::string> owners;
  std::vector<std::string> additionals;
  int denials = 0;
};

Asked ask(const LocalData& data, const std::string& name, Type type) {
  std::vector<std::uint8_t> room(4096);
  dns::MessageWriter writer(room);
  const auto owner = *dns::Name::from_text(name);
  writer.question(owner, type, dns::Class::in);
  Asked asked;
  asked.is_local = data.answer({owner, type, dns::Class::in}, writer, asked.rcode);
  dns::Header header;
  header.flags = dns::Header::qr;
  dns::MessageView view;
  EXPECT_EQ(dns::MessageView::parse(writer.finish(header), view), dns::MessageView::Fault::none);
  for (auto [section, record] : view.records()) {
    if (section == dns::Section::answer) {
      asked.answers.push_back(dns::rdata_to_text(view, record));
      asked.owners.push_back(view.owner(record).to_text());
    }
    if (section == dns::Section::additional) {
      asked.additionals.push_back(view.owner(record).to_text() + " " + dns::rdata_to_text(view, record));
    }
    if (section == dns::Section::authority && record.type == Type::soa) ++asked.denials;
  }
  return asked;
}

LocalRecord record(const std::string& name, Type type, const std::string& rdata) {
  return {*dns::Name::from_text(name), type, *dns::rdata_from_text(type, rdata), seconds(60)};
}

TEST(LocalData, knows_nothing_about_other_names) {
  LocalData data;
  EXPECT_FALSE(data.may_hold(*dns::Name::from_text("box.test")));
  data.add(record("box.test", Type::a, "192.0.2.1"));
  EXPECT_FALSE(ask(data, "other.test", Type::a).is_local);
  EXPECT_FALSE(ask(data, "sub.box.test", Type::a).is_local);
  EXPECT_TRUE(data.may_hold(*dns::Name::from_text("box.test")));
  EXPECT_FALSE(data.may_hold(*dns::Name::from_text("www.example.com")));
}

TEST(LocalData, gives_every_record_of_the_type_whatever_the_case) {
  LocalData data;
  data.add(record("Box.test", Type::a, "192.0.2.1"));
  data.add(record("box.TEST", Type::a, "192.0.2.2"));
  EXPECT_THAT(ask(data, "bOX.test", Type::a).answers, testing::ElementsAre("192.0.2.1", "192.0.2.2"));
}

TEST(LocalData, holds_names_that_have_records_and_no_others) {
  LocalData data;
  EXPECT_FALSE(data.has(*dns::Name::from_text("box.test")));
  data.add(record("Box.test", Type::a, "192.0.2.1"));
  data.add_empty_below(*dns::Name::from_text("empty.test"));
  EXPECT_TRUE(data.has(*dns::Name::from_text("bOX.test")));
  EXPECT_FALSE(data.has(*dns::Name::from_text("sub.box.test")));
  EXPECT_FALSE(data.has(*dns::Name::from_text("empty.test")));
}

TEST(LocalData, denies_other_types_of_a_known_name) {
  LocalData data;
  data.add(record("box.test", Type::a, "192.0.2.1"));
  const Asked asked = ask(data, "box.test", Type::mx);
  EXPECT_TRUE(asked.is_local);
  EXPECT_EQ(asked.rcode, dns::Rcode::noerror);
  EXPECT_EQ(asked.denials, 1);
}

TEST(LocalData, gives_a_cname_for_any_type) {
  LocalData data;
  data.add(record("www.test", Type::cname, "box.test."));
  EXPECT_THAT(ask(data, "www.test", Type::aaaa).answers, testing::ElementsAre("box.test."));
}

TEST(LocalData, keeps_a_subtree_empty) {
  LocalData data;
  data.add_empty_below(*dns::Name::from_text("probe.test"));
  EXPECT_EQ(ask(data, "x.probe.test", Type::aaaa).denials, 1);
  EXPECT_EQ(ask(data, "x.probe.test", Type::aaaa).rcode, dns::Rcode::noerror);
}

// An overlay: what lies above a local name is not ours to deny.
TEST(LocalData, leaves_names_above_its_own_alone_but_knows_that_they_exist) {
  LocalData data;
  data.add(record("www.dept.example.net", Type::a, "192.0.2.1"));
  for (const char* above : {"dept.example.net", "example.net", "net"}) {
    EXPECT_FALSE(ask(data, above, Type::a).is_local) << above;
    EXPECT_TRUE(data.has_below(*dns::Name::from_text(above))) << above;
    EXPECT_FALSE(data.has(*dns::Name::from_text(above))) << above;
  }
  EXPECT_TRUE(data.has(*dns::Name::from_text("WWW.dept.example.net")));
  EXPECT_FALSE(data.has_below(*dns::Name::from_text("www.dept.example.net")));
}

// -- RFC 4592 --
TEST(LocalData, gives_a_wildcards_records_to_every_name_below) {
  LocalData data;
  data.add(record("*.apps.test", Type::a, "192.0.2.7"));
  for (const char* below : {"one.apps.test", "a.b.apps.test", "ONE.Apps.test", "*.apps.test"}) {
    const Asked asked = ask(data, below, Type::a);
    EXPECT_THAT(asked.answers, testing::ElementsAre("192.0.2.7")) << below;
    EXPECT_THAT(asked.owners, testing::ElementsAre(dns::Name::from_text(below)->to_text())) << below;
    EXPECT_EQ(ask(data, below, Type::mx).denials, 1) << below;
  }
  EXPECT_FALSE(ask(data, "apps.test", Type::a).is_local);
  EXPECT_FALSE(ask(data, "other.test", Type::a).is_local);
}

TEST(LocalData, takes_the_closest_name_that_exists_for_a_wildcard) {
  LocalData data;
  data.add(record("*.apps.test", Type::a, "192.0.2.7"));
  data.add(record("db.apps.test", Type::a, "192.0.2.8"));
  data.add(record("x.empty.apps.test", Type::a, "192.0.2.9"));
  EXPECT_THAT(ask(data, "db.apps.test", Type::a).answers, testing::ElementsAre("192.0.2.8"));
  EXPECT_EQ(ask(data, "db.apps.test", Type::aaaa).denials, 1);
  EXPECT_FALSE(ask(data, "sub.db.apps.test", Type::a).is_local) << "db exists, so the wildcard ends there";
  EXPECT_FALSE(ask(data, "empty.apps.test", Type::a).is_local) << "an empty non-terminal is not the wildcard's";
}

TEST(LocalData, gives_a_wildcards_cname_for_any_type) {
  LocalData data;
  data.add(record("*.www.test", Type::cname, "box.test."));
  EXPECT_THAT(ask(data, "a.www.test", Type::aaaa).answers, testing::ElementsAre("box.test."));
}

// -- RFC 6672 --
TEST(LocalData, makes_the_cname_that_a_dname_stands_for) {
  LocalData data;
  data.add(record("old.test", Type::dname, "new.example.net."));
  data.add(record("old.test", Type::a, "192.0.2.1"));
  const Asked asked = ask(data, "www.Sub.old.test", Type::aaaa);
  EXPECT_THAT(asked.answers, testing::ElementsAre("new.example.net.", "www.Sub.new.example.net."));
  EXPECT_THAT(asked.owners, testing::ElementsAre("old.test.", "www.Sub.old.test."));
  EXPECT_THAT(ask(data, "old.test", Type::a).answers, testing::ElementsAre("192.0.2.1"));
  EXPECT_THAT(ask(data, "old.test", Type::dname).answers, testing::ElementsAre("new.example.net."));
}

TEST(LocalData, says_so_when_a_dname_makes_a_name_too_long) {
  LocalData data;
  const std::string label(63, 'a');
  data.add(record("o.test", Type::dname, label + "." + label + "." + label + ".test."));
  const Asked asked = ask(data, label + ".o.test", Type::a);
  EXPECT_EQ(asked.rcode, dns::Rcode::yxdomain);
  EXPECT_EQ(asked.answers.size(), 1u);
}

// -- RFC 9460 4.1 --
TEST(LocalData, adds_the_addresses_of_service_targets_once) {
  LocalData data;
  data.add(record("_dns.test", Type::svcb, "1 dns.test. alpn=h2"));
  data.add(record("_dns.test", Type::svcb, "2 dns.test. alpn=dot"));
  data.add(record("_dns.test", Type::svcb, "3 elsewhere.example. alpn=dot"));
  data.add(record("dns.test", Type::a, "192.0.2.1"));
  data.add(record("dns.test", Type::aaaa, "2001:db8::1"));
  data.add(record("dns.test", Type::txt, "x"));
  data.add(record("own.test", Type::https, "1 . alpn=h2"));
  data.add(record("own.test", Type::a, "192.0.2.2"));
  const Asked asked = ask(data, "_dns.test", Type::svcb);
  EXPECT_EQ(asked.answers.size(), 3u);
  EXPECT_THAT(asked.additionals, testing::ElementsAre("dns.test. 192.0.2.1", "dns.test. 2001:db8::1"));
  EXPECT_THAT(ask(data, "own.test", Type::https).additionals, testing::ElementsAre("own.test. 192.0.2.2"));
  EXPECT_THAT(ask(data, "dns.test", Type::txt).additionals, testing::IsEmpty());
}

}  // namespace
}  // namespace dragoman::resolve
