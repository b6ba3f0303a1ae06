// nat64.binding_log: the rows of who is told about bindings, and in which form.
#include "nat64_keys.h"
#include "paths.h"

namespace dragoman::config {
namespace {

using namespace std::chrono_literals;
using gateway::BindingFormat;
using gateway::BindingLogOptions;
using gateway::BindingTarget;
using gateway::Nat64Options;

constexpr const char* target_fix = "write {format: json, target: /var/log/dragoman/bindings.jsonl}";
const std::vector<std::string> format_words{"json", "syslog", "ipfix"};

// What is read together, once the section as a whole is known.
template <class T>
Value<T> read_with_its_section(const char* type) {
  return {type, [](const Node&, T&, Reading&) {}, [](const T&) { return std::string(); }};
}

constexpr const char* format_sentence = "json: one object a line; syslog: RFC 5424; ipfix: NAT events of RFC 8158.";
constexpr const char* target_sentence =
    "json: a file or named pipe; syslog: udp://ADDRESS[:514] or unix:///dev/log; ipfix: udp://ADDRESS[:4739].";

Keys<BindingTarget> target_keys() {
  return {
      {"format", read_with_its_section<BindingTarget>("one of json, syslog, ipfix"), Reload::restart, format_sentence},
      {"target", read_with_its_section<BindingTarget>("path or URL"), Reload::restart, target_sentence},
  };
}

// `format` and `target` of an entry, or of the section itself.
void read_target(const Node& node, std::vector<BindingTarget>& targets, Reading& reading) {
  const Node* format = node.find("format");
  const Node* target = node.find("target");
  if (format == nullptr || target == nullptr) {
    const std::string missing = format == nullptr ? "format" : "target";
    return reading.findings.error(node, "`" + missing + "` is missing", target_fix);
  }
  const auto index = read_choice(*format, format_words, reading);
  auto text = read_text(*target, reading);
  if (!index || !text) return;
  const auto known = static_cast<BindingFormat>(*index);
  if (known == BindingFormat::json) text = resolve_path(*text, reading.folder);
  const auto made = BindingTarget::make(known, *text);
  if (!made) return report_refused(*target, made.error(), target_fix, reading);
  if (std::find(targets.begin(), targets.end(), *made) != targets.end()) {
    return reading.findings.error(*target, target->shown() + " is listed twice", "remove one of the two");
  }
  targets.push_back(*made);
}

void read_targets(const Node& node, BindingLogOptions& options, Reading& reading) {
  options.targets.clear();
  for (const Node* entry : read_list(node, reading)) {
    BindingTarget unused;
    read_section(*entry, target_keys(), unused, reading);
    if (entry->kind == Node::Kind::map) read_target(*entry, options.targets, reading);
  }
}

std::string targets_to_text(const BindingLogOptions& options) {
  std::vector<std::string> texts;
  for (const BindingTarget& target : options.targets) {
    texts.push_back("{format: " + format_words[static_cast<std::size_t>(target.format)] + ", target: " + target.target +
                    "}");
  }
  return joined(texts);
}

Value<BindingLogOptions> targets() {
  Value<BindingLogOptions> out;
  out.type = "list of {format, target}";
  out.read = &read_targets;
  out.rows = [type = out.type](const BindingLogOptions& options, const std::string& path, std::vector<Row>& rows) {
    rows.push_back({path,
                    type,
                    targets_to_text(options),
                    Reload::restart,
                    "Where the log goes, every event to each; empty: there is none. SIGHUP opens files again.",
                    {}});
    for (const Key<BindingTarget>& key : target_keys()) {
      rows.push_back({path + "[]." + key.name, key.value.type, "", key.reload, key.sentence, {}});
    }
  };
  return out;
}

Keys<BindingLogOptions> log_keys() {
  using L = BindingLogOptions;
  return {
      {"format", read_with_its_section<L>("one of json, syslog, ipfix"), Reload::restart,
       "Short form, with `target`, for one target."},
      {"target", read_with_its_section<L>("path or URL"), Reload::restart, "Short form for one target."},
      {"targets", targets(), Reload::restart, ""},
      {"queue_size", integer(&L::queue_size, 64u, 16'777'216u), Reload::restart,
       "Events of each worker that may wait for the log's thread; what does not fit is lost, counted and told."},
      {"host", text(&L::host, "name of a host"), Reload::restart, "What syslog calls this host; empty: its own name."},
      {"instance", integer(&L::instance, 0u, ~0u), Reload::restart, "Which of many NAT64s this is (natInstanceID)."},
      {"syslog_facility", integer(&L::syslog_facility, std::uint8_t{0}, std::uint8_t{23}), Reload::restart,
       "RFC 5424 6.2.1; 3 is daemon."},
      {"ipfix_domain", integer(&L::ipfix_domain, 0u, ~0u), Reload::restart,
       "Observation Domain ID of IPFIX (RFC 7011 3.1)."},
      {"ipfix_template_interval", duration(&L::ipfix_template_interval, 1s, 24h), Reload::restart,
       "How often the collector is told the form of the records again (RFC 7011 8.4)."},
      {"ipfix_mtu", integer(&L::ipfix_mtu, std::uint16_t{0}, std::uint16_t{65535}), Reload::restart,
       "The longest packet to a collector, 512 at least; 0: 1280 over IPv6, 512 over IPv4 (RFC 7011 10.3.3)."},
  };
}

Keys<nat64::Options> event_keys() {
  using O = nat64::Options;
  return {
      {"sessions", boolean(&O::log_sessions), Reload::live,
       "Every session, not the port blocks alone: some hundred times as many lines."},
      {"destinations", boolean(&O::log_destinations), Reload::live,
       "Also whom a session was with (RFC 6888 REQ-12 advises against)."},
  };
}

Keys<Nat64Options> section_keys() {
  Keys<Nat64Options> keys = lifted(&Nat64Options::binding_log, log_keys());
  for (Key<Nat64Options>& key : lifted(&Nat64Options::nat64, event_keys())) keys.push_back(std::move(key));
  return keys;
}

void read_binding_log(const Node& node, Nat64Options& options, Reading& reading) {
  read_section(node, section_keys(), options, reading);
  const Node* mtu = node.find("ipfix_mtu");
  if (mtu != nullptr && options.binding_log.ipfix_mtu != 0 && options.binding_log.ipfix_mtu < 512) {
    reading.findings.error(*mtu, "must be 0 or 512 to 65535, this is " + mtu->shown(), "write 0, or 512 or more");
  }
  const Node* format = node.find("format");
  const Node* short_form = format != nullptr ? format : node.find("target");
  if (short_form == nullptr) return;
  if (node.find("targets") != nullptr) {
    return reading.findings.error(*short_form, "stands beside `targets`", "name all of them in `targets`");
  }
  read_target(node, options.binding_log.targets, reading);
}

}  // namespace

Value<Nat64Options> binding_log_value() {
  Value<Nat64Options> out;
  out.type = "section";
  out.read = &read_binding_log;
  out.rows = [](const Nat64Options& options, const std::string& path, std::vector<Row>& rows) {
    append_rows(section_keys(), options, path, rows);
  };
  return out;
}

}  // namespace dragoman::config
