// One function per rule.
#include "dnssec_checks.h"

#include <algorithm>

namespace dragoman::config {
namespace {

using dnssec::NegativeTrustAnchor;
using dnssec::TrustAnchor;

struct Seen {
  const DnssecOptions& options;
  const Node& root;
  Findings& findings;

  const Node& at(const std::string& key) const { return root.nearest("dnssec." + key); }
  bool has(const std::string& key) const { return at(key).path == "dnssec." + key; }
};

void warn_of_anchors(const Seen& seen) {
  if (seen.options.trust_anchor_file.empty()) return;
  const auto& anchors = seen.options.anchors;
  const Node& node = seen.at("trust_anchor_file");
  const bool has_root = std::any_of(anchors.begin(), anchors.end(),
                                    [](const TrustAnchor& anchor) { return anchor.zone.view().is_root(); });
  if (!has_root) {
    seen.findings.warning(node, "the root is not among the anchors: most names are not validated",
                          "add the records of config/root.key to the file");
  }
  for (const TrustAnchor& anchor : anchors) {
    if (dnssec::is_usable(anchor)) continue;
    seen.findings.warning(
        node, "the anchors of " + anchor.zone.to_text() + " are of unknown algorithms: the zone is not validated",
        "add a DS record with an algorithm of RFC 8624 and digest type 2");
  }
}

// RFC 7646 3: an anchor is not taken back by a negative one.
void check_negative_anchor(const Seen& seen, const NegativeTrustAnchor& negative, const Node& node) {
  const std::string name = negative.name.to_text();
  const auto is_above = [&](const TrustAnchor& anchor) { return negative.name.view().is_subdomain_of(anchor.zone); };
  const auto is_equal = [&](const TrustAnchor& anchor) { return dns::equal(anchor.zone, negative.name); };
  const auto& anchors = seen.options.anchors;
  if (std::any_of(anchors.begin(), anchors.end(), is_equal)) {
    const bool is_root = negative.name.view().is_root();
    seen.findings.error(
        node, name + " is a trust anchor",
        is_root ? "write `mode: off` to validate nothing" : "remove it here or from the trust_anchor_file");
  } else if (std::none_of(anchors.begin(), anchors.end(), is_above)) {
    seen.findings.warning(node, "no trust anchor is above " + name + ": it is not validated anyway", "remove it");
  } else if (negative.expires && *negative.expires <= wall_now()) {
    seen.findings.warning(node, "expired at " + to_text(*negative.expires), "remove it, or write another time");
  }
}

// Where the name of an entry is written; null for one that could not be read, which was reported.
const Node* place_of_name(const Seen& seen, std::size_t index) {
  const Node& list = seen.at("negative_trust_anchors");
  const Node& entry =
      list.kind == Node::Kind::scalar ? list : seen.at("negative_trust_anchors[" + std::to_string(index) + "]");
  const Node* name = entry.kind == Node::Kind::map ? entry.find("name") : &entry;
  return name != nullptr && name->kind == Node::Kind::scalar && dns::Name::from_text(name->text) ? name : nullptr;
}

void check_negative_anchors(const Seen& seen) {
  const auto& negative = seen.options.negative;
  for (std::size_t i = 0; i < negative.size(); ++i) {
    const Node* node = place_of_name(seen, i);
    if (node == nullptr) continue;
    const bool is_known = std::any_of(negative.begin(), negative.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const auto& earlier) { return dns::equal(earlier.name, negative[i].name); });
    if (is_known && !negative[i].name.view().is_root()) {
      seen.findings.error(*node, node->shown() + " is listed twice", "remove one of the two");
    }
    check_negative_anchor(seen, negative[i], *node);
  }
}

void warn_of_what_is_not_obeyed(const Seen& seen) {
  if (seen.options.mode == DnssecMode::validate) return;
  const std::pair<const char*, bool> table[] = {
      {"trust_anchor_file", !seen.options.trust_anchor_file.empty()},
      {"managed_anchors", !seen.options.managed.state_file.empty()},
      {"negative_trust_anchors", !seen.options.negative.empty()},
  };
  for (const auto& [key, is_meant] : table) {
    if (!is_meant || !seen.has(key)) continue;
    seen.findings.warning(seen.at(key), "says nothing while nothing is validated", "write `mode: validate`");
  }
}

void compare_times(const Seen& seen) {
  const dnssec::RolloverTimes& times = seen.options.managed.times;
  if (times.min_interval > times.max_interval) {
    seen.findings.error(seen.at("managed_anchors.min_interval"), "min_interval is above max_interval",
                        "make dnssec.managed_anchors.min_interval the smaller of the two");
  }
  if (times.add_hold_down < dnssec::RolloverTimes().add_hold_down) {
    seen.findings.warning(seen.at("managed_anchors.add_hold_down"),
                          "whoever gets hold of a zone's key has less than 30 days to be found out (RFC 5011 2.4.1)",
                          "remove it, unless this is a laboratory");
  }
  const dnssec::Limits& limits = seen.options.limits;
  if (limits.nsec3_iterations > limits.nsec3_refused_iterations) {
    seen.findings.error(seen.at("limits.nsec3_iterations"), "nsec3_iterations is above nsec3_refused_iterations",
                        "make dnssec.limits.nsec3_iterations the smaller of the two");
  }
}

}  // namespace

void check_dnssec(const Config& config, const Node& root, Findings& findings) {
  const Seen seen{config.dnssec, root, findings};
  warn_of_anchors(seen);
  check_negative_anchors(seen);
  warn_of_what_is_not_obeyed(seen);
  compare_times(seen);
}

}  // namespace dragoman::config
