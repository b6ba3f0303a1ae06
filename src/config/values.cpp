// The reading of one value, whatever key it belongs to.
#include "values.h"

#include <algorithm>
#include <array>

#include "paths.h"
#include "suggestion.h"

namespace dragoman::config {
namespace {

constexpr std::array<std::string_view, 3> words_for_true{"true", "yes", "on"};
constexpr std::array<std::string_view, 3> words_for_false{"false", "no", "off"};

std::string prefix_to_text(const ip::Prefix& prefix) { return prefix.to_text(); }

}  // namespace

const ElementText<ip::Prefix> prefix_element{"list of prefixes", &ip::Prefix::from_text, &prefix_to_text,
                                             "write 192.0.2.0/24 or \"2001:db8::/32\""};

std::optional<std::string> read_text(const Node& node, Reading& reading) {
  if (node.kind == Node::Kind::broken) return std::nullopt;
  if (node.kind == Node::Kind::scalar && !node.text.empty()) return node.text;
  bool is_empty = node.kind == Node::Kind::null || node.kind == Node::Kind::scalar;
  reading.findings.error(node, is_empty ? "has no value" : "must be one value, this is " + node.shown(),
                         is_empty ? "write a value, or remove the key for the default" : "write one value");
  return std::nullopt;
}

std::optional<bool> read_boolean(const Node& node, Reading& reading) {
  std::optional<std::string> word = read_text(node, reading);
  if (!word) return std::nullopt;
  std::transform(word->begin(), word->end(), word->begin(),
                 [](char c) { return c < 'A' || c > 'Z' ? c : char(c + 32); });
  if (std::find(words_for_true.begin(), words_for_true.end(), *word) != words_for_true.end()) return true;
  if (std::find(words_for_false.begin(), words_for_false.end(), *word) != words_for_false.end()) return false;
  reading.findings.error(node, node.shown() + " is neither true nor false", "write true or false");
  return std::nullopt;
}

std::optional<std::int64_t> read_quantity(const Node& node, const Range& range, Reading& reading) {
  std::optional<std::string> text = read_text(node, reading);
  if (!text) return std::nullopt;
  Result<std::int64_t> value = quantity_from_text(*text, range.unit);
  if (!value) {
    reading.findings.error(node, node.shown() + " is " + value.error().text(), quantity_examples(range.unit));
    return std::nullopt;
  }
  if (range.contains(*value)) return *value;
  reading.findings.error(node, "must be " + range.to_text() + ", this is " + node.shown(),
                         "write a value in that range, or remove the key for the default");
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Node& node, const std::vector<std::string>& words, Reading& reading) {
  std::optional<std::string> text = read_text(node, reading);
  if (!text) return std::nullopt;
  auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string near = nearest_word(*text, words);
  std::string all;
  for (const std::string& word : words) all += all.empty() ? word : ", " + word;
  reading.findings.error(node, node.shown() + " is not known" + (near.empty() ? "" : "; did you mean `" + near + "`?"),
                         "write one of " + all);
  return std::nullopt;
}

std::optional<std::string> read_path(const Node& node, Reading& reading) {
  std::optional<std::string> text = read_text(node, reading);
  if (!text) return std::nullopt;
  return resolve_path(*text, reading.folder);
}

std::vector<const Node*> read_list(const Node& node, Reading& reading) {
  std::vector<const Node*> out;
  if (node.kind == Node::Kind::scalar) return {&node};
  if (node.kind == Node::Kind::list) {
    for (const Node& child : node.children) out.push_back(&child);
  } else if (node.kind != Node::Kind::broken) {
    std::string fix = "write [a, b], or one `- ` line per entry";
    reading.findings.error(node, "must be a list, this is " + node.shown(), fix);
  }
  return out;
}

Result<ip::Endpoint> endpoint_from_text(std::string_view text, std::uint16_t default_port) {
  std::string_view address = text;
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (Result<ip::Address> alone = ip::Address::from_text(address)) return ip::Endpoint{*alone, default_port};
  return ip::Endpoint::from_text(text);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += out.size() == 1 ? text : ", " + text;
  return out + "]";
}

void report_refused(const Node& node, const Error& error, const std::string& fix, Reading& reading) {
  std::string text = node.shown() + ": " + error.what;
  // Most details repeat the value; none of them may show what was put in for ${...}.
  std::string_view detail = error.detail;
  if (detail.starts_with(node.text)) detail.remove_prefix(node.text.size());
  if (!node.substituted && !detail.empty()) text.append(detail.front() == ' ' ? "" : ": ").append(detail);
  reading.findings.error(node, std::move(text), fix);
}

}  // namespace dragoman::config
