// Trust anchors as text (RFC 1035 5.1): lines become records of words, words become owner, type and RDATA.
#include <algorithm>
#include <charconv>

#include "dragoman/base/letter_case.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/dnssec/trust_anchors.h"

namespace dragoman::dnssec {
namespace {

constexpr std::string_view blanks = " \t\r";

Error at_line(std::size_t line, const char* what, std::string_view detail = {}) {
  std::string text = std::to_string(line) + ": " + what;
  if (!detail.empty()) text.append(": ").append(detail);
  return {ErrorCode::malformed, "not trust anchors", std::move(text)};
}

// An entry of the file: one line, or what parentheses make one.
struct Entry {
  std::size_t line = 0;
  bool has_owner = false;  // false: it begins with a blank, and the owner is that of the entry before
  std::vector<std::string_view> words;
  std::string_view comment;  // that of its last line
};

// Cuts a text into entries.
class Entries {
 public:
  explicit Entries(std::string_view text) : rest_(text) {}

  // False at the end; an Error for parentheses that do not match.
  Result<bool> next(Entry& entry) {
    while (!rest_.empty()) {
      entry = {line_, blanks.find(rest_.front()) == std::string_view::npos, {}, {}};
      if (auto read = read_entry(entry); !read) return read.error();
      if (!entry.words.empty()) return true;
    }
    return false;
  }

 private:
  Result<void> read_entry(Entry& entry) {
    bool is_open = false;
    do {
      if (rest_.empty()) return at_line(entry.line, "a parenthesis is not closed");
      if (auto read = read_line(entry, is_open); !read) return read.error();
    } while (is_open);
    return {};
  }

  Result<void> read_line(Entry& entry, bool& is_open) {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    const std::size_t number = line_++;
    const std::size_t comment = line.find(';');
    entry.comment = comment == std::string_view::npos ? std::string_view() : line.substr(comment);
    line = line.substr(0, comment);
    for (;;) {
      line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
      if (line.empty()) return {};
      if (line.front() == '(' || line.front() == ')') {
        if (is_open == (line.front() == '(')) return at_line(number, "a parenthesis has no other half");
        is_open = !is_open;
        line.remove_prefix(1);
        continue;
      }
      const std::size_t length = std::min(line.find_first_of(" \t\r()"), line.size());
      entry.words.push_back(line.substr(0, length));
      line.remove_prefix(length);
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

// Seconds, or as BIND writes them: 1d12h.
bool is_ttl(std::string_view word) {
  return !word.empty() && word.front() >= '0' && word.front() <= '9' &&
         word.find_first_not_of("0123456789smhdwSMHDW") == std::string_view::npos;
}

// Unbound writes ";;state=2 [  VALID  ]" behind the keys that it manages (RFC 5011 4.2): 2 is valid, 3 missing, and no
// other is to be trusted.
bool is_trusted_by(std::string_view comment) {
  constexpr std::string_view sign = ";;state=";
  const std::size_t at = comment.find(sign);
  if (at == std::string_view::npos || at + sign.size() == comment.size()) return true;
  const char state = comment[at + sign.size()];
  return state == '2' || state == '3';
}

std::size_t digest_length(std::uint8_t type) {
  constexpr std::size_t lengths[] = {0, 20, 32, 32, 48};  // RFC 4034, RFC 4509, RFC 5933, RFC 6605
  return type < std::size(lengths) ? lengths[type] : 0;
}

// Nullopt: nothing is wrong with it.
const char* fault_of(dns::Type type, Bytes rdata) {
  if (type == dns::Type::ds) {
    const auto ds = dns::Ds::read(rdata);
    if (!ds) return "no DS record";
    const std::size_t length = digest_length(ds->digest_type);
    return length != 0 && ds->digest.size() != length ? "the digest is not as long as its type says" : nullptr;
  }
  const auto key = dns::Dnskey::read(rdata);
  if (!key) return "no DNSKEY record";
  if (key->protocol != ZoneKey::protocol) return "the protocol of a DNSKEY record is 3";
  return (key->flags & ZoneKey::zone_key) == 0 ? "a key without the flag of zone keys verifies nothing" : nullptr;
}

class Parser {
 public:
  Result<void> read(const Entry& entry) {
    const std::string_view first = entry.words.front();
    if (first.starts_with('$')) return directive(entry);
    std::size_t at = 0;
    if (entry.has_owner) {
      const auto owner = name(first);
      if (!owner) return at_line(entry.line, "the owner is no domain name", first);
      owner_ = *owner;
      ++at;
    }
    if (!owner_) return at_line(entry.line, "the first record has no owner");
    bool has_ttl = false, has_class = false;
    for (; at < entry.words.size(); ++at) {
      const std::string_view word = entry.words[at];
      if (!has_ttl && is_ttl(word)) {
        has_ttl = true;
      } else if (const auto klass = dns::class_from_text(word); !has_class && klass) {
        if (*klass != dns::Class::in) return at_line(entry.line, "only class IN has trust anchors", word);
        has_class = true;
      } else {
        return record(entry, at);
      }
    }
    return at_line(entry.line, "the record has no type");
  }

  std::vector<TrustAnchor> take() { return std::move(anchors_); }

 private:
  Result<void> directive(const Entry& entry) {
    const std::string word = lower_case(std::string(entry.words.front()));
    if (entry.words.size() != 2) return at_line(entry.line, "a directive has one value", entry.words.front());
    if (word == "$ttl") return {};
    if (word != "$origin") return at_line(entry.line, "only $ORIGIN and $TTL are understood", entry.words.front());
    const auto origin = name(entry.words[1]);
    if (!origin) return at_line(entry.line, "the origin is no domain name", entry.words[1]);
    origin_ = *origin;
    return {};
  }

  // Relative to the origin unless it ends in a dot; the origin is the root at first.
  std::optional<dns::Name> name(std::string_view text) const {
    if (text == "@") return origin_;
    const auto parsed = dns::Name::from_text(text);
    if (!parsed) return {};
    dns::Name whole = *parsed;
    if (!text.ends_with('.') && !whole.append(origin_)) return {};
    return whole;
  }

  Result<void> record(const Entry& entry, std::size_t at) {
    const std::string_view word = entry.words[at];
    const auto type = dns::type_from_text(word);
    if (type != dns::Type::ds && type != dns::Type::dnskey) {
      return at_line(entry.line, "neither a DS nor a DNSKEY record", word);
    }
    std::string text;
    for (++at; at < entry.words.size(); ++at) text.append(entry.words[at]).append(" ");
    auto rdata = dns::rdata_from_text(*type, text);
    if (!rdata) return at_line(entry.line, rdata.error().what, rdata.error().detail);
    if (const char* fault = fault_of(*type, *rdata)) return at_line(entry.line, fault);
    const bool is_revoked =
        type == dns::Type::dnskey && (load_u16(rdata->data()) & ZoneKey::revoke) != 0;  // RFC 5011 2.1
    if (!is_revoked && is_trusted_by(entry.comment)) add_trust_anchor(anchors_, *owner_, *type, *std::move(rdata));
    return {};
  }

  dns::Name origin_;
  std::optional<dns::Name> owner_;
  std::vector<TrustAnchor> anchors_;
};

}  // namespace

Result<std::vector<TrustAnchor>> parse_trust_anchors(std::string_view text) {
  Entries entries(text);
  Parser parser;
  Entry entry;
  for (;;) {
    const Result<bool> is_there = entries.next(entry);
    if (!is_there) return is_there.error();
    if (!*is_there) return parser.take();
    if (auto read = parser.read(entry); !read) return read.error();
  }
}

std::vector<std::string> to_text(const TrustAnchor& anchor) {
  std::vector<std::string> lines;
  for (const auto& ds : anchor.endorsed_by.ds) lines.push_back("DS " + dns::rdata_to_text(dns::Type::ds, ds));
  for (const auto& key : anchor.endorsed_by.dnskeys) {
    lines.push_back("DNSKEY " + dns::rdata_to_text(dns::Type::dnskey, key));
  }
  return lines;
}

}  // namespace dragoman::dnssec
