// dnssec: the rows of validation: whether, from which anchors, and how much work it may be.
#include <fstream>

#include "values.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using dnssec::Limits;
using dnssec::NegativeTrustAnchor;
using dnssec::RolloverTimes;
using trust::ManagedOptions;

constexpr std::size_t largest_anchor_file = 1 << 20;

// -- trust_anchor_file --

Result<std::string> text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::not_found, "cannot read", path};
  std::string text(largest_anchor_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_anchor_file) return Error{ErrorCode::too_large, "more than 1 MiB in", path};
  return text;
}

void read_anchor_file(const Node& node, DnssecOptions& options, Reading& reading) {
  const auto path = read_path(node, reading);
  if (!path) return;
  options.trust_anchor_file = *path;
  const auto text = text_of_file(*path);
  if (!text) {
    return reading.findings.error(node, text.error().text(), "put the file there, or correct the path");
  }
  auto anchors = dnssec::parse_trust_anchors(*text);
  if (!anchors) {
    return reading.findings.error(node, *path + ":" + anchors.error().detail,
                                  "write DS and DNSKEY records as in a zone file: . IN DS 20326 8 2 E06D44...");
  }
  if (anchors->empty()) {
    return reading.findings.error(node, "there is no trust anchor in " + *path,
                                  "write DS or DNSKEY records into it, or remove the key for the root's anchors");
  }
  options.anchors = *std::move(anchors);
}

std::string show_anchor_file(const DnssecOptions& options) { return options.trust_anchor_file; }

// -- managed_anchors --

Keys<RolloverTimes> times_keys() {
  return {
      {"add_hold_down", duration(&RolloverTimes::add_hold_down, 1s, 24h * 365), Reload::live,
       "How long a new key must be there before it is trusted; less than 30d is for trying things out."},
      {"remove_hold_down", duration(&RolloverTimes::remove_hold_down, 1s, 24h * 365), Reload::live,
       "How long a revoked key must be gone before it counts as removed."},
      {"min_interval", duration(&RolloverTimes::min_interval, 1s, 24h), Reload::live,
       "Time between two looks at the keys of a zone at least; less than 1h is for trying things out."},
      {"max_interval", duration(&RolloverTimes::max_interval, 1s, 24h * 15), Reload::live,
       "The same at most; else it is half the TTL of the keys, or of what is left of their signatures."},
  };
}

Keys<ManagedOptions> managed_keys() {
  Keys<ManagedOptions> keys{
      {"state_file", path(&ManagedOptions::state_file), Reload::live,
       "Follows the roll-over of the anchors' keys (RFC 5011), and keeps here what it learns; the folder must be "
       "writable. `managed_anchors: FILE` is the short form. Empty: anchors stay as they are."}};
  for (Key<ManagedOptions>& key : lifted(&ManagedOptions::times, times_keys())) keys.push_back(std::move(key));
  return keys;
}

// -- negative_trust_anchors --

void read_name(const Node& node, NegativeTrustAnchor& anchor, Reading& reading) {
  const auto text = read_text(node, reading);
  if (!text) return;
  const auto name = dns::Name::from_text(*text);
  if (!name) return report_refused(node, name.error(), "write a domain name, as in example.net", reading);
  anchor.name = *name;
}

void read_expiry(const Node& node, NegativeTrustAnchor& anchor, Reading& reading) {
  const auto text = read_text(node, reading);
  if (!text) return;
  anchor.expires = wall_time_from_text(*text);
  if (anchor.expires) return;
  reading.findings.error(node, node.shown() + " is no time", "write a time as in 2026-12-01T00:00:00Z");
}

std::string show_name(const NegativeTrustAnchor& anchor) { return anchor.name.to_text(); }
std::string show_expiry(const NegativeTrustAnchor& anchor) {
  return anchor.expires ? to_text(*anchor.expires) : std::string();
}

Keys<NegativeTrustAnchor> negative_keys() {
  const Value<NegativeTrustAnchor> name{"domain name", &read_name, &show_name};
  const Value<NegativeTrustAnchor> expires{"time, as in 2026-12-01T00:00:00Z", &read_expiry, &show_expiry};
  return {
      {"name", name, Reload::live, "This name and all below it."},
      {"expires", expires, Reload::live, "When it ends; without, never."},
  };
}

void read_negative(const Node& node, DnssecOptions& options, Reading& reading) {
  options.negative.clear();
  if (node.kind == Node::Kind::null) return;
  for (const Node* entry : read_list(node, reading)) {
    NegativeTrustAnchor& anchor = options.negative.emplace_back();
    if (entry->kind != Node::Kind::map) {
      read_name(*entry, anchor, reading);
      continue;
    }
    read_section(*entry, negative_keys(), anchor, reading);
    if (entry->find("name") == nullptr) {
      reading.findings.error(*entry, "`name` is missing", "write {name: example.net, expires: 2026-12-01T00:00:00Z}");
    }
  }
}

Value<DnssecOptions> negative_anchors() {
  Value<DnssecOptions> out;
  out.type = "list of names and entries";
  out.read = &read_negative;
  out.rows = [type = out.type](const DnssecOptions& options, const std::string& path, std::vector<Row>& rows) {
    std::vector<std::string> texts;
    for (const NegativeTrustAnchor& anchor : options.negative) {
      const std::string name = anchor.name.to_text();
      texts.push_back(anchor.expires ? "{name: " + name + ", expires: " + to_text(*anchor.expires) + "}" : name);
    }
    rows.push_back({path,
                    type,
                    joined(texts),
                    Reload::live,
                    "Names that are not validated, with all below (RFC 7646): for zones whose operators broke them. An "
                    "anchor below holds again. `dragoman ctl dnssec nta add` makes one that ends by itself.",
                    {}});
    for (const Key<NegativeTrustAnchor>& key : negative_keys()) {
      rows.push_back({path + "[]." + key.name, key.value.type, "", key.reload, key.sentence, {}});
    }
  };
  return out;
}

// -- validation_time --

void read_validation_time(const Node& node, DnssecOptions& options, Reading& reading) {
  const auto text = read_text(node, reading);
  if (!text) return;
  options.validation_time = wall_time_from_text(*text);
  if (options.validation_time) return;
  reading.findings.error(node, node.shown() + " is no time", "write a time as in 2026-12-01T00:00:00Z");
}

std::string show_validation_time(const DnssecOptions& options) {
  return options.validation_time ? to_text(*options.validation_time) : std::string();
}

// -- limits --

Keys<Limits> work_keys() {
  constexpr std::uint16_t most = 10'000;
  const auto count = [](std::uint16_t Limits::*member) { return integer(member, std::uint16_t{1}, most); };
  return {
      {"rrsets_per_answer", count(&Limits::rrsets_per_answer), Reload::live,
       "RRsets of one answer; one with more is bogus."},
      {"signatures_per_rrset", count(&Limits::signatures_per_rrset), Reload::live,
       "Signatures of one RRset that are looked at."},
      {"keys_per_tag", count(&Limits::keys_per_tag), Reload::live,
       "Keys of one zone with the same algorithm and tag that are tried."},
      {"ds_per_zone", count(&Limits::ds_per_zone), Reload::live, "DS records of one zone that are compared with keys."},
      {"keys_per_zone", count(&Limits::keys_per_zone), Reload::live, "DNSKEY records of one zone that are read."},
      {"verifications", count(&Limits::verifications), Reload::live,
       "Signatures that are verified for one question, the whole chain included, as many as they cost beside P-256."},
      {"failures", count(&Limits::failures), Reload::live, "Those of them that may turn out wrong."},
      {"signed_octets", size(&Limits::signed_octets, 1 << 10, 1 << 30), Reload::live,
       "What is hashed for them; one that needs more is bogus."},
      {"nsec3_hashes", count(&Limits::nsec3_hashes), Reload::live, "Names that are hashed for one question."},
      {"nsec3_iterations", integer(&Limits::nsec3_iterations, std::uint16_t{0}, most), Reload::live,
       "A zone with more iterations is insecure (RFC 9276 3.2)."},
      {"nsec3_refused_iterations", integer(&Limits::nsec3_refused_iterations, std::uint16_t{0}, most), Reload::live,
       "A zone with more iterations is bogus."},
      {"chain_lookups", count(&Limits::chain_lookups), Reload::live,
       "DS and DNSKEY records that are asked for because of one question."},
  };
}

Keys<DnssecOptions> dnssec_keys() {
  using Options = DnssecOptions;
  const Value<Options> anchor_file{"path of a file", &read_anchor_file, &show_anchor_file};
  const Value<Options> time{"time, as in 2026-12-01T00:00:00Z", &read_validation_time, &show_validation_time};
  return {
      {"mode",
       choice<Options, DnssecMode>(
           &Options::mode,
           {{"off", DnssecMode::off}, {"trust_ad", DnssecMode::trust_ad}, {"validate", DnssecMode::validate}}),
       Reload::live,
       "validate checks every answer itself, and is recommended wherever the upstreams pass signatures on; trust_ad "
       "believes the AD bit of upstreams, all of which must be tls://, https:// or on this host; off clears it."},
      {"trust_anchor_file", anchor_file, Reload::live,
       "Where validation begins: DS and DNSKEY records as in a zone file. Without, the root's anchors, which are built "
       "in (KSK-2017 and KSK-2024). Read again at every reload."},
      {"managed_anchors", section_or("state_file", &Options::managed, managed_keys()), Reload::live, ""},
      {"negative_trust_anchors", negative_anchors(), Reload::live, ""},
      {"synthesize_on_error", boolean(&Options::synthesize_on_error), Reload::live,
       "true: an AAAA question that fails in a signed zone is as if there were no AAAA records (RFC 6147 5.1.2), which "
       "lets whoever drops packets take validation away."},
      {"aggressive", boolean(&Options::aggressive), Reload::live,
       "Denies names and types by validated NSEC and NSEC3 records in the cache without asking (RFC 8198)."},
      {"validation_time", time, Reload::live,
       "Takes this for the time at which signatures must hold: to replay what was recorded, never to serve."},
      {"limits", section(&Options::limits, work_keys()), Reload::live, ""},
  };
}

}  // namespace

Value<Config> dnssec_value() { return section(&Config::dnssec, dnssec_keys()); }

}  // namespace dragoman::config
