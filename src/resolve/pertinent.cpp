// A first look without names settles nearly every answer; the others are read whole.
#include "pertinent.h"

#include <algorithm>
#include <vector>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dns/whole_message.h"

namespace dragoman::resolve {
namespace {

// An RRSIG counts as the type that it covers (RFC 4034 3.1.1).
dns::Type type_or_covered(dns::Type question, dns::Type type, Bytes rdata) {
  return question == dns::Type::rrsig ? type : dns::type_covered(type, rdata).value_or(type);
}

bool is_plain(const dns::Question& question, const dns::AnswerView& answer) {
  dns::AnswerRecord record;
  for (dns::AnswerRecords records(answer); records.next(record) && record.section == dns::Section::answer;) {
    const bool is_wanted = type_or_covered(question.type, record.type, record.rdata) == question.type;
    if (!record.owner_is_question || !is_wanted) return false;
  }
  return true;
}

// The names that the question is about, one after the other.
class Chain {
 public:
  Chain(const dns::MessageView& message, const dns::Question& question) : question_(question.type) {
    names_.emplace_back(question.name);
    // Each round finds the next link, wherever it stands in the section; a loop has no new name.
    while (names_.size() <= dns::max_chain_links && add_target(message)) continue;
  }

  bool holds(dns::NameView owner, dns::Type type) const {
    const auto is_below = [&](const dns::Name& name) { return name.view().is_subdomain_of(owner); };
    if (type == dns::Type::dname && question_ != type) return std::any_of(names_.begin(), names_.end(), is_below);
    if (type != question_ && type != dns::Type::cname) return false;
    return has(owner);
  }

 private:
  bool has(dns::NameView name) const {
    return std::any_of(names_.begin(), names_.end(), [&](const dns::Name& one) { return dns::equal(one, name); });
  }
  bool add_target(const dns::MessageView& message) {
    for (auto [section, record] : message.records()) {
      if (section != dns::Section::answer || record.type != dns::Type::cname) continue;
      if (!dns::equal(message.owner(record), names_.back())) continue;
      const auto target = dns::read_target(message, record);
      if (!target || has(*target)) continue;
      names_.push_back(*target);
      return true;
    }
    return false;
  }

  dns::Type question_;
  std::vector<dns::Name> names_;
};

}  // namespace

std::optional<dns::Answer> pertinent_part(const dns::Question& question, const dns::AnswerView& answer) {
  if (answer.head.answers == 0 || is_plain(question, answer)) return {};
  const dns::WholeMessage whole(question, answer);
  if (!whole.ok()) return {};
  const Chain chain(whole.view(), question);
  std::vector<std::uint8_t> octets(dns::max_message_length);
  dns::MessageWriter writer(octets);
  writer.question(question.name, question.type, question.klass);
  bool is_whole = true;
  for (auto [section, record] : whole.view().records()) {
    const bool belongs =
        section != dns::Section::answer ||
        chain.holds(whole.view().owner(record), type_or_covered(question.type, record.type, record.rdata));
    if (belongs) writer.copy(section, whole.view(), record, record.ttl);
    is_whole = is_whole && belongs;
  }
  if (is_whole || !writer.ok()) return {};
  dns::AnswerHead head = answer.head;
  head.authentic = false;  // what was vouched for was the whole
  return dns::to_answer(dns::written_answer(writer, head));
}

}  // namespace dragoman::resolve
