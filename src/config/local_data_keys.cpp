// local_data: records that are answered without any upstream. Each entry names a domain and, by type, what it holds.
#include <algorithm>

#include "dragoman/dns/rdata.h"
#include "values.h"

namespace dragoman::config {
namespace {

constexpr Range ttl_range{Unit::milliseconds, 0, 7LL * 86'400'000};
constexpr const char* entry_fix = "write {name: host.example.net, a: 192.0.2.1}";

// The mnemonic of a key that is a type, else nothing.
std::optional<dns::Type> type_of(const Node& node) {
  if (node.key == "name" || node.key == "ttl") return std::nullopt;
  return dns::type_from_text(node.key);
}

std::string fix_of(dns::Type type) {
  static const std::vector<std::pair<dns::Type, const char*>> examples{
      {dns::Type::a, "192.0.2.1"},
      {dns::Type::aaaa, "\"2001:db8::1\""},
      {dns::Type::cname, "host.example.net."},
      {dns::Type::mx, "10 mail.example.net."},
      {dns::Type::txt, "'\"some text\"'"},
      {dns::Type::srv, "0 0 853 dns.example.net."},
      {dns::Type::https, "1 . alpn=h2"},
  };
  for (const auto& [known, example] : examples) {
    if (known == type) return std::string("write it as in ") + example;
  }
  return "write the data of " + dns::to_text(type) + " records as in a zone file";
}

void read_records(const Node& node, dns::Type type, const resolve::LocalRecord& common, Config& config,
                  Reading& reading) {
  for (const Node* value : read_list(node, reading)) {
    std::optional<std::string> text = read_text(*value, reading);
    if (!text) continue;
    Result<std::vector<std::uint8_t>> rdata = dns::rdata_from_text(type, *text);
    if (!rdata) {
      report_refused(*value, rdata.error(), fix_of(type), reading);
      continue;
    }
    resolve::LocalRecord record = common;
    record.type = type;
    record.rdata = *std::move(rdata);
    config.local_data.push_back(std::move(record));
  }
}

bool read_name(const Node& entry, dns::Name& name, Reading& reading) {
  const Node* node = entry.find("name");
  if (node == nullptr) {
    reading.findings.error(entry, "`name` is missing", entry_fix);
    return false;
  }
  std::optional<std::string> text = read_text(*node, reading);
  if (!text) return false;
  Result<dns::Name> parsed = dns::Name::from_text(*text);
  if (!parsed) {
    report_refused(*node, parsed.error(), "write a domain name, as in host.example.net", reading);
    return false;
  }
  name = *parsed;
  return true;
}

void read_ttl(const Node& entry, seconds& ttl, Reading& reading) {
  const Node* node = entry.find("ttl");
  if (node == nullptr) return;
  if (auto value = read_quantity(*node, ttl_range, reading)) {
    ttl = std::chrono::duration_cast<seconds>(milliseconds(*value));
    if (ttl != milliseconds(*value)) reading.findings.error(*node, "not a whole second", "write 30s, 5m or 1h");
  }
}

void read_entry(const Node& entry, Config& config, Reading& reading) {
  if (entry.kind != Node::Kind::map) {
    if (entry.kind != Node::Kind::broken) {
      reading.findings.error(entry, "must be a section, this is " + entry.shown(), entry_fix);
    }
    return;
  }
  resolve::LocalRecord common;
  bool has_name = read_name(entry, common.name, reading);
  read_ttl(entry, common.ttl, reading);
  std::size_t types = 0;
  bool has_cname = false;
  for (const Node& child : entry.children) {
    std::optional<dns::Type> type = type_of(child);
    if (type) {
      ++types;
      has_cname |= *type == dns::Type::cname;
      if (has_name) read_records(child, *type, common, config, reading);
    } else if (child.key != "name" && child.key != "ttl") {
      static const std::vector<std::string> usual{"name", "ttl", "a",   "aaaa", "cname", "dname", "ns",
                                                  "ptr",  "mx",  "txt", "srv",  "caa",   "https", "svcb"};
      report_unknown(child, usual, reading);
    }
  }
  if (types == 0) reading.findings.error(entry, "has no records", entry_fix);
  if (has_cname && types > 1) {
    reading.findings.error(entry, "a name with a CNAME has no other records (RFC 1034 3.6.2)", "keep one of the two");
  }
}

std::string record_to_text(const resolve::LocalRecord& record) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = record.name.to_text() + " " + std::to_string(record.ttl.count()) + " " + dns::to_text(record.type);
  out += " \\# " + std::to_string(record.rdata.size()) + " ";  // RFC 3597 5
  for (std::uint8_t octet : record.rdata) out.append({digits[octet >> 4], digits[octet & 15]});
  return out;
}

}  // namespace

Value<Config> local_data_value() {
  Value<Config> out;
  out.type = "list of {name, TYPE}";
  out.read = [](const Node& node, Config& config, Reading& reading) {
    if (node.kind == Node::Kind::null) return;
    config.local_data.clear();
    for (const Node* entry : read_list(node, reading)) read_entry(*entry, config, reading);
  };
  out.rows = [](const Config& config, const std::string& path, std::vector<Row>& rows) {
    std::vector<std::string> texts;
    for (const resolve::LocalRecord& record : config.local_data) texts.push_back(record_to_text(record));
    rows.push_back({path,
                    "list of entries",
                    texts.empty() ? "" : joined(texts),
                    Reload::live,
                    "Names that are answered without any upstream, and synthesized like the rest.",
                    {}});
    rows.push_back({path + "[].name", "domain name", "", Reload::live, "The owner of the records.", {}});
    rows.push_back({path + "[].ttl",
                    "duration, " + ttl_range.to_text(),
                    quantity_to_text(milliseconds(resolve::LocalRecord().ttl).count(), Unit::milliseconds),
                    Reload::live,
                    "Their TTL.",
                    {}});
    rows.push_back({path + "[].TYPE",
                    "one value or a list",
                    "",
                    Reload::live,
                    "The data of a, aaaa, cname, dname, ns, ptr, mx, txt, srv, caa, https or svcb records, written as "
                    "in a zone file; any other type as `\\# LENGTH HEX` (RFC 3597 5).",
                    {}});
  };
  return out;
}

}  // namespace dragoman::config
