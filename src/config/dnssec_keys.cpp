// dnssec: the rows of what is believed of an upstream's validation. Validating ourselves is for a later version, whose
// keys are known already so that a file written for it is refused in plain words.
#include "values.h"

namespace dragoman::config {
namespace {

bool is_never_off(const Node&) { return false; }
bool is_empty_list(const Node& node) {
  return node.kind == Node::Kind::null || (node.kind == Node::Kind::list && node.children.empty());
}

Value<Config> mode() {
  Value<Config> out =
      choice<Config, DnssecMode>(&Config::dnssec, {{"off", DnssecMode::off}, {"trust_ad", DnssecMode::trust_ad}});
  out.read = [read = out.read](const Node& node, Config& config, Reading& reading) {
    if (node.text != "validate") return read(node, config, reading);
    reading.findings.error(node, "`validate` is not in this version yet",
                           "write `off`, or `trust_ad` with an upstream that validates");
  };
  return out;
}

Keys<Config> dnssec_keys() {
  return {
      {"mode", mode(), Reload::live,
       "trust_ad believes the AD bit of upstreams, all of which must be tls://, https:// or on this host; off clears "
       "it."},
      {"trust_anchor_file", later<Config>("path of a file", &is_never_off), Reload::live,
       "Where validation begins (DS and DNSKEY records): not in this version yet."},
      {"negative_trust_anchors", later<Config>("list of names, only []", &is_empty_list), Reload::live,
       "Zones that are not validated: not in this version yet."},
  };
}

}  // namespace

Value<Config> dnssec_value() {
  Value<Config> out;
  out.type = "section";
  out.read = [](const Node& node, Config& config, Reading& reading) {
    read_section(node, dnssec_keys(), config, reading);
  };
  out.rows = [](const Config& config, const std::string& path, std::vector<Row>& rows) {
    append_rows(dnssec_keys(), config, path, rows);
  };
  return out;
}

}  // namespace dragoman::config
