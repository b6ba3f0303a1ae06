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
    if (section == dns::Section::answer) asked.answers.push_back(dns::rdata_to_text(view, record));
    if (section == dns::Section::authority && record.type == Type::soa) ++asked.denials;
  }
  return asked;
}

LocalRecord record(const std::string& name, Type type, const std::string& rdata) {
  return {*dns::Name::from_text(name), type, *dns::rdata_from_text(type, rdata), seconds(60)};
}

TEST(LocalData, knows_nothing_about_other_names) {
  LocalData data;
  EXPECT_TRUE(data.empty());
  data.add(record("box.test", Type::a, "192.0.2.1"));
  EXPECT_FALSE(ask(data, "other.test", Type::a).is_local);
  EXPECT_FALSE(ask(data, "sub.box.test", Type::a).is_local);
  EXPECT_FALSE(data.empty());
}

TEST(LocalData, gives_every_record_of_the_type_whatever_the_case) {
  LocalData data;
  data.add(record("Box.test", Type::a, "192.0.2.1"));
  data.add(record("box.TEST", Type::a, "192.0.2.2"));
  EXPECT_THAT(ask(data, "bOX.test", Type::a).answers, testing::ElementsAre("192.0.2.1", "192.0.2.2"));
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

TEST(LocalData, denies_a_subtree_but_not_its_apex_or_names_added_in_it) {
  LocalData data;
  data.add_nxdomain_below(*dns::Name::from_text("resolver.arpa"));
  data.add(record("_dns.resolver.arpa", Type::txt, "\"here\""));
  EXPECT_EQ(ask(data, "x.resolver.arpa", Type::a).rcode, dns::Rcode::nxdomain);
  EXPECT_EQ(ask(data, "resolver.arpa", Type::a).rcode, dns::Rcode::noerror);
  EXPECT_THAT(ask(data, "_dns.resolver.arpa", Type::txt).answers, testing::ElementsAre("\"here\""));
}

}  // namespace
}  // namespace dragoman::resolve
