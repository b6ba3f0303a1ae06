// A validator's whole judgement, over answers of a signed zone that somebody has tampered with on the way: octets are
// changed, records left out, doubled, or taken from other answers of the same zone. Whatever is called secure must be
// what the zone has signed, and must say of the question what the zone says.
// Input: a series of choices. They say which answer, and what is done to it.
#include <algorithm>
#include <optional>

#include "dragoman/dnssec/answer_check.h"
#include "fakes/signed_world.h"
#include "fuzz/check.h"
#include "fuzz/choices.h"

namespace dragoman::dnssec {
namespace {

using dns::Rcode;
using dns::Section;
using dns::Type;
using fakes::WireRecord;
using fakes::WireRecords;
using fuzz::check;
using fuzz::Choices;

dns::Name name(const char* text) { return *dns::Name::from_text(text); }

// What the zone example. has, and what its servers say.
struct World {
  World() {
    served.add_zone("example.");
    const auto rrset = [&](const char* owner, Type type, const char* rdata) {
      return served.signed_rrset("example.", {owner, type}, {*dns::rdata_from_text(type, rdata)}, Section::answer);
    };
    const WireRecords www = rrset("www.example.", Type::a, "192.0.2.1");
    const WireRecords both = rrset("both.example.", Type::aaaa, "2001:db8::1");
    const WireRecords alias = rrset("alias.example.", Type::cname, "www.example.");
    const WireRecords dname = rrset("d.example.", Type::dname, "example.");
    WireRecords wild = rrset("*.example.", Type::a, "192.0.2.2");
    for (WireRecord& record : wild) record.owner = name("new.example.");
    const WireRecords behind_d = served.denial("example.", "d.example.", "www.example.", {Type::dname});
    spare = all_of({served.denial("example.", "example.", "*.example.", {Type::soa, Type::ns}),
                    served.denial("example.", "*.example.", "alias.example.", {Type::a})});
    const WireRecord from_dname{Section::answer, name("www.d.example."), Type::cname,
                                *dns::rdata_from_text(Type::cname, "www.example.")};
    answers = {www,
               both,
               all_of({alias, www}),
               all_of({dname, {from_dname}, www}),
               all_of({wild, behind_d}),
               served.denial("example.", "www.example.", "example.", {Type::a}),
               served.denial("example.", "both.example.", "d.example.", {Type::aaaa})};
    for (const WireRecords& answer : answers) spare.insert(spare.end(), answer.begin(), answer.end());
    Rrset dnskeys;
    dnskeys.owner = name("example.");
    dnskeys.type = Type::dnskey;
    dnskeys.add(served.key_of("example.").dnskey());
    Limits limits;
    Budget budget(limits);
    keys = std::make_shared<const ZoneKeys>(ZoneKeys::of(dnskeys, budget));
  }
  static WireRecords all_of(std::initializer_list<WireRecords> parts) {
    WireRecords all;
    for (const WireRecords& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }
  // Whether the zone has data of this type for the name: itself, or by its wildcard.
  static bool has(const dns::Name& owner, Type type) {
    if (dns::equal(owner, name("www.example."))) return type == Type::a;
    if (dns::equal(owner, name("both.example."))) return type == Type::aaaa;
    if (dns::equal(owner, name("alias.example."))) return type == Type::cname;
    if (dns::equal(owner, name("d.example."))) return type == Type::dname;
    if (dns::equal(owner, name("example."))) return type == Type::soa || type == Type::nsec || type == Type::dnskey;
    return type == Type::a && !dns::equal(owner, name("no.www.example."));  // whose closest encloser is no wildcard's
  }

  fakes::FakeUpstream nobody;
  fakes::SignedWorld served{nobody};
  std::vector<WireRecords> answers;
  WireRecords spare;  // every record that was ever signed, and its signature
  std::shared_ptr<const ZoneKeys> keys;
};

bool is_the_zones(const World& world, const dns::Name& owner, Type type, Bytes rdata) {
  return std::ranges::any_of(world.spare, [&](const WireRecord& record) {
    const bool is_expanded = dns::equal(record.owner, name("new.example."));  // any name is, of that wildcard
    return record.type == type && std::ranges::equal(record.rdata, rdata) &&
           (is_expanded || dns::equal(record.owner, owner));
  });
}

void tamper(WireRecords& records, const World& world, Choices& choices) {
  for (std::size_t changes = choices.below(4); changes > 0 && !records.empty(); --changes) {
    WireRecord& record = records[choices.below(records.size())];
    switch (choices.below(5)) {
      case 0:
        if (!record.rdata.empty()) {
          record.rdata[choices.below(record.rdata.size())] ^= static_cast<std::uint8_t>(1u << choices.below(8));
        }
        break;
      case 1:
        records.erase(records.begin() + (&record - records.data()));
        break;
      case 2:
        records.push_back(world.spare[choices.below(world.spare.size())]);
        break;
      case 3:
        record.section = record.section == Section::answer ? Section::authority : Section::answer;
        break;
      default:
        record.ttl = choices.below(2) == 0 ? 86400 : 0;
        break;
    }
  }
}

void judge_a_lie(Choices& choices) {
  static const World world;
  static const char* const names[] = {"www.example.", "both.example.", "alias.example.", "www.d.example.",
                                      "new.example.", "example.",      "d.example.",     "no.www.example."};
  static constexpr Type types[] = {Type::a, Type::aaaa, Type::cname, Type::dname, Type::soa, Type::nsec, Type::txt};
  WireRecords records = world.answers[choices.below(world.answers.size())];
  const dns::Name asked = name(names[choices.below(std::size(names))]);
  const Type type = types[choices.below(std::size(types))];
  const Rcode rcode = choices.below(4) == 0 ? Rcode::nxdomain : Rcode::noerror;
  tamper(records, world, choices);
  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(asked, type, dns::Class::in);
  for (const Section section : {Section::answer, Section::authority}) {
    for (const WireRecord& record : records) {
      if (record.section == section) writer.record(section, record.owner, record.type, record.ttl, record.rdata);
    }
  }
  dns::Header header;
  header.flags = static_cast<std::uint16_t>(dns::Header::qr | static_cast<unsigned>(rcode));
  dns::MessageView view;
  if (dns::MessageView::parse(writer.finish(header), view) != dns::MessageView::Fault::none) return;

  const Limits limits;
  Budget budget(limits);
  AnswerCheck answer(view, limits);
  std::vector<Standing> standings(answer.subjects().size(), Standing{secure, world.keys});
  const Verdict verdict = answer.judge(standings, fakes::signing_time, budget);
  check(budget.verifications() <= limits.verifications, "the budget holds");
  if (verdict.security != Security::secure) return;
  dns::Name end = asked;
  bool has_data = false;
  for (int link = 0; link < 4; ++link) {
    for (auto [section, record] : view.records()) {
      if (section != Section::answer || !dns::equal(view.owner(record), end)) continue;
      if (record.type == type) has_data = true;
      if (record.type == Type::cname && type != Type::cname) end = *dns::read_target(view, record);
    }
  }
  for (auto [section, record] : view.records()) {
    if (record.type == Type::rrsig || !answer.ttl_of(section, view.owner(record), record.type)) continue;
    const bool follows_from_dname =
        record.type == Type::cname && view.owner(record).view().is_subdomain_of(name("d.example."));
    check(follows_from_dname || is_the_zones(world, view.owner(record), record.type, dns::expanded_rdata(view, record)),
          "what is secure was signed");
    check(*answer.ttl_of(section, view.owner(record), record.type) <= 300, "no TTL is above what was signed");
  }
  if (rcode == Rcode::noerror && !has_data) check(!World::has(end, type), "NODATA is so");
  check(rcode != Rcode::nxdomain || has_data || dns::equal(end, name("no.www.example.")), "NXDOMAIN is so");
}

}  // namespace
}  // namespace dragoman::dnssec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dragoman::fuzz::Choices choices({data, size});
  dragoman::dnssec::judge_a_lie(choices);
  return 0;
}
