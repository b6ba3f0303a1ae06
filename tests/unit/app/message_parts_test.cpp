// Messages as texts.
#include "message_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/dns/message_writer.h"

namespace dragoman::app {
namespace {

using testing::ElementsAre;

TEST(MessageParts, are_flags_errors_and_records_by_section) {
  const dns::Name name = *dns::Name::from_text("www.example.com");
  std::vector<std::uint8_t> room(512);
  dns::MessageWriter writer(room);
  writer.question(name, dns::Type::a, dns::Class::in);
  writer.record(dns::Section::answer, name, dns::Type::a, 300, std::vector<std::uint8_t>{192, 0, 2, 1});
  writer.record(dns::Section::additional, name, dns::Type::a, 5, std::vector<std::uint8_t>{192, 0, 2, 2});
  dns::Header header;
  header.flags = dns::Header::qr | dns::Header::ra | dns::Header::cd;
  dns::EdnsReply edns;
  edns.ede = dns::Ede::filtered;
  edns.ede_text = "why";
  dns::MessageView view;
  ASSERT_EQ(dns::MessageView::parse(writer.finish(header, &edns), view), dns::MessageView::Fault::none);

  EXPECT_THAT(flags_of(view.header()), ElementsAre("qr", "ra", "cd"));
  ASSERT_EQ(errors_of(view).size(), 1u);
  EXPECT_EQ(errors_of(view)[0].code, 17u);
  EXPECT_EQ(errors_of(view)[0].text, "why");
  const std::vector<RecordLine> lines = lines_of(view);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].name + " " + lines[0].ttl + " " + lines[0].klass + " " + lines[0].type + " " + lines[0].rdata,
            "www.example.com. 300 IN A 192.0.2.1");
  EXPECT_STREQ(to_text(lines[1].section), "additional");
}

}  // namespace
}  // namespace dragoman::app
