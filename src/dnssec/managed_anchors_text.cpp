// The state of managed anchors as text. Each line begins with the zone that it is about and a word for what it says:
//
//   dragoman-trust-anchors 1
//   . configured DS 20326 8 2 E06D44B8...
//   . awaited DS 20326 8 2 E06D44B8...
//   . refreshed 2026-11-28T12:00:00.000Z 172800 1209600     the TTL of the keys, and what was left of their signatures
//   . next 2026-11-29T12:00:00.000Z
//   . valid 2026-11-28T12:00:00.000Z 0 DNSKEY 257 3 8 AwEAAa...
//   . add_pend 2026-11-28T12:00:00.000Z 2592000 DNSKEY 257 3 8 AwEAAa...
//   . witness DNSKEY 257 3 8 AwEAAa...                      of the key before
//   end
#include <algorithm>
#include <array>
#include <charconv>

#include "dragoman/dns/rdata.h"
#include "dragoman/dnssec/managed_anchors.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;
using Octets = std::vector<std::uint8_t>;

constexpr std::string_view first_line = "dragoman-trust-anchors 1";
constexpr std::string_view last_line = "end";

std::string record(Type type, const Octets& rdata) {
  return dns::to_text(type) + " " + dns::rdata_to_text(type, rdata);
}

std::string stamp(WallTime at) { return dragoman::to_text(at); }
std::string number(seconds time) { return std::to_string(time.count()); }

// Cuts a word off the front; empty at the end.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

// Within the years that can be written.
bool take_time(std::string_view& line, WallTime& time) {
  constexpr WallTime latest = std::chrono::sys_days(std::chrono::year(9999) / 1 / 1);
  const auto read = wall_time_from_text(take_word(line));
  if (!read || *read < WallTime{} || *read > latest) return false;
  time = *read;
  return true;
}

bool take_seconds(std::string_view& line, seconds& time) {
  const std::string_view word = take_word(line);
  seconds::rep value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  time = seconds(value);
  constexpr seconds::rep most = 1LL << 32;  // TTLs and hold-down times are far below
  return error == std::errc() && end == word.data() + word.size() && value >= 0 && value <= most;
}

std::optional<Octets> take_record(std::string_view line, Type type) {
  if (take_word(line) != dns::to_text(type)) return {};
  auto rdata = dns::rdata_from_text(type, line);
  const bool is_whole =
      rdata && (type == Type::ds ? dns::Ds::read(*rdata).has_value() : dns::Dnskey::read(*rdata).has_value());
  return is_whole ? std::optional(*std::move(rdata)) : std::nullopt;
}

std::optional<KeyState> state_from_text(std::string_view word) {
  for (std::size_t i = 0; i < key_state_count; ++i) {
    if (to_text(static_cast<KeyState>(i)) == word) return static_cast<KeyState>(i);
  }
  return {};
}

}  // namespace

std::string to_text(std::span<const ManagedAnchor> anchors) {
  std::string out = std::string(first_line) + "\n";
  for (const ManagedAnchor& anchor : anchors) {
    const auto add = [&, zone = anchor.zone().to_text()](const std::string& fact) { out += zone + " " + fact + "\n"; };
    for (const Octets& ds : anchor.configured_.endorsed_by.ds) add("configured " + record(Type::ds, ds));
    for (const Octets& key : anchor.configured_.endorsed_by.dnskeys) add("configured " + record(Type::dnskey, key));
    for (const Octets& ds : anchor.awaited_) add("awaited " + record(Type::ds, ds));
    if (anchor.refreshed_) {
      add("refreshed " + stamp(*anchor.refreshed_) + " " + number(anchor.original_ttl_) + " " +
          number(anchor.signature_left_));
    }
    add("next " + stamp(anchor.next_query_));
    for (const ManagedKey& key : anchor.keys_) {
      add(std::string(to_text(key.state)) + " " + stamp(key.since) + " " + number(key.hold_down) + " " +
          record(Type::dnskey, key.rdata));
      for (const Octets& witness : key.witnesses) add("witness " + record(Type::dnskey, witness));
    }
  }
  return out + std::string(last_line) + "\n";
}

class AnchorStateReader {
 public:
  // False: the line says nothing that is known.
  bool read(std::string_view line) {
    const auto zone = dns::Name::from_text(take_word(line));
    if (!zone) return false;
    if (anchors_.empty() || !dns::equal(anchors_.back().zone(), *zone)) {
      const bool is_known = std::any_of(anchors_.begin(), anchors_.end(),
                                        [&](const ManagedAnchor& anchor) { return dns::equal(anchor.zone(), *zone); });
      if (is_known) return false;
      anchors_.emplace_back(TrustAnchor{*zone, {}});
    }
    ManagedAnchor& anchor = anchors_.back();
    const std::string_view word = take_word(line);
    if (word == "configured") return read_configured(anchor, line);
    if (word == "awaited") return add(anchor.awaited_, take_record(line, Type::ds));
    if (word == "witness")
      return !anchor.keys_.empty() && add(anchor.keys_.back().witnesses, take_record(line, Type::dnskey));
    if (word == "next") return take_time(line, anchor.next_query_);
    if (word == "refreshed") {
      WallTime& at = anchor.refreshed_.emplace();
      return take_time(line, at) && take_seconds(line, anchor.original_ttl_) &&
             take_seconds(line, anchor.signature_left_);
    }
    return read_key(anchor, word, line);
  }

  std::vector<ManagedAnchor> take() { return std::move(anchors_); }

 private:
  static bool add(std::vector<Octets>& list, std::optional<Octets> rdata) {
    if (!rdata) return false;
    list.push_back(*std::move(rdata));
    return true;
  }

  static bool read_configured(ManagedAnchor& anchor, std::string_view line) {
    Endorsement& by = anchor.configured_.endorsed_by;
    return line.starts_with("DS ") ? add(by.ds, take_record(line, Type::ds))
                                   : add(by.dnskeys, take_record(line, Type::dnskey));
  }

  static bool read_key(ManagedAnchor& anchor, std::string_view word, std::string_view line) {
    const auto state = state_from_text(word);
    ManagedKey key;
    if (!state || !take_time(line, key.since) || !take_seconds(line, key.hold_down)) return false;
    auto rdata = take_record(line, Type::dnskey);
    if (!rdata) return false;
    key.state = *state;
    key.rdata = *std::move(rdata);
    anchor.keys_.push_back(std::move(key));
    return true;
  }

  std::vector<ManagedAnchor> anchors_;
};

Result<std::vector<ManagedAnchor>> parse_managed_anchors(std::string_view text) {
  AnchorStateReader reader;
  const auto wrong = [](std::size_t line, const char* what) {
    return Error{ErrorCode::malformed, "not the state of trust anchors", std::to_string(line) + ": " + what};
  };
  for (std::size_t number = 1;; ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return wrong(number, "it is cut off");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number == 1 && line != first_line) return wrong(number, "it begins with another line");
    if (line == last_line) return reader.take();
    if (number > 1 && !reader.read(line)) return wrong(number, "it says nothing that is known");
  }
}

}  // namespace dragoman::dnssec
