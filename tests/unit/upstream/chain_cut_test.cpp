// What is left of an answer whose chain leaves for another group.
#include "chain_cut.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"

namespace dragoman::upstream {
namespace {

using dns::Name;
using dns::Section;
using dns::Type;
using Texts = std::vector<std::string>;

struct Line {
  Section section;
  const char* owner;
  Type type;
  const char* rdata;
};

Name name(const std::string& text) { return *Name::from_text(text); }

Lookup lookup_of(const char* question, Type type) {
  Lookup lookup;
  lookup.name = name(question);
  lookup.type = type;
  return lookup;
}

dns::Answer answer_of(const Lookup& lookup, const std::vector<Line>& lines, dns::Rcode rcode = dns::Rcode::noerror) {
  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(lookup.name, lookup.type, dns::Class::in);
  for (const Line& line : lines) {
    writer.record(line.section, name(line.owner), line.type, 300, *dns::rdata_from_text(line.type, line.rdata));
  }
  dns::Header header;
  header.flags = static_cast<std::uint16_t>(dns::Header::qr | static_cast<std::uint16_t>(rcode));
  dns::MessageView view;
  EXPECT_EQ(dns::MessageView::parse(writer.finish(header), view), dns::MessageView::Fault::none);
  return dns::from_message(view);
}

// "owner TYPE" of every record.
Texts records_of(const Lookup& lookup, const dns::Answer& answer) {
  Texts texts;
  const dns::AnswerView view = answer.view();
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(view); records.next(record);) {
    texts.push_back(dns::owner_of(view, lookup.name, record).to_text() + " " + dns::to_text(record.type));
  }
  return texts;
}

bool is_of_corp(dns::NameView wanted) { return wanted.is_subdomain_of(name("corp.test")); }

const std::vector<Line> chain{
    {Section::answer, "www.test", Type::cname, "alias.test."},
    {Section::answer, "alias.test", Type::cname, "Host.Corp.Test."},
    {Section::answer, "host.corp.test", Type::cname, "deep.corp.test."},
    {Section::answer, "deep.corp.test", Type::a, "192.0.2.1"},
    {Section::authority, "corp.test", Type::ns, "ns.corp.test."},
    {Section::additional, "ns.corp.test", Type::a, "192.0.2.2"},
};

TEST(ChainCut, ends_the_answer_at_the_first_name_of_another_group) {
  const Lookup lookup = lookup_of("www.test", Type::a);
  const auto cut = cut_chain(lookup, answer_of(lookup, chain), is_of_corp);
  ASSERT_TRUE(cut);
  EXPECT_EQ(records_of(lookup, *cut), (Texts{"www.test. CNAME", "alias.test. CNAME"}));
  EXPECT_EQ(cut->head.answers, 2);
  EXPECT_EQ(cut->head.authorities + cut->head.additionals, 0);
}

TEST(ChainCut, leaves_an_answer_alone_that_stays) {
  const Lookup lookup = lookup_of("www.test", Type::a);
  EXPECT_FALSE(cut_chain(lookup, answer_of(lookup, chain), [](dns::NameView) { return false; }));
  EXPECT_FALSE(cut_chain(lookup, answer_of(lookup, {}), is_of_corp));
  const Lookup address = lookup_of("host.corp.test", Type::a);
  EXPECT_FALSE(cut_chain(address, answer_of(address, {{Section::answer, "host.corp.test", Type::a, "192.0.2.1"}}),
                         [](dns::NameView) { return true; }));
}

// RFC 6604 2: the RCODE is that of the last name, which is not this server's business.
TEST(ChainCut, forgets_an_nxdomain_that_was_said_of_the_other_groups_name) {
  const Lookup lookup = lookup_of("www.test", Type::aaaa);
  const auto whole = answer_of(lookup,
                               {{Section::answer, "www.test", Type::cname, "gone.corp.test."},
                                {Section::authority, "test", Type::soa, "ns.test. host.test. 1 2 3 4 5"}},
                               dns::Rcode::nxdomain);
  const auto cut = cut_chain(lookup, whole, is_of_corp);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->head.rcode, dns::Rcode::noerror);
  EXPECT_EQ(records_of(lookup, *cut), Texts{"www.test. CNAME"});
}

// RFC 6672 3.1.
TEST(ChainCut, keeps_the_dname_that_a_cname_was_made_of) {
  const Lookup lookup = lookup_of("www.old.test", Type::a);
  const auto whole = answer_of(lookup, {{Section::answer, "old.test", Type::dname, "corp.test."},
                                        {Section::answer, "www.old.test", Type::cname, "www.corp.test."},
                                        {Section::answer, "www.corp.test", Type::a, "192.0.2.1"}});
  const auto cut = cut_chain(lookup, whole, is_of_corp);
  ASSERT_TRUE(cut);
  EXPECT_EQ(records_of(lookup, *cut), (Texts{"old.test. DNAME", "www.old.test. CNAME"}));
}

TEST(ChainCut, does_not_follow_what_was_asked_as_a_cname) {
  const Lookup lookup = lookup_of("www.test", Type::cname);
  const auto whole = answer_of(lookup, {{Section::answer, "www.test", Type::cname, "host.corp.test."}});
  EXPECT_FALSE(cut_chain(lookup, whole, is_of_corp));
}

TEST(ChainCut, ends_in_a_loop) {
  const Lookup lookup = lookup_of("a.test", Type::a);
  const auto whole = answer_of(lookup, {{Section::answer, "a.test", Type::cname, "b.test."},
                                        {Section::answer, "b.test", Type::cname, "a.test."}});
  EXPECT_FALSE(cut_chain(lookup, whole, is_of_corp));
}

}  // namespace
}  // namespace dragoman::upstream
