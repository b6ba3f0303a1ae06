// From a file to a Config, in five steps; the first that leaves nothing to go on with ends it.
#include <xxhash.h>

#include <filesystem>
#include <fstream>

#include "checks.h"
#include "keys.h"
#include "nat64_checks.h"
#include "substitution.h"

namespace dragoman::config {
namespace {

constexpr std::size_t largest_file = 4 << 20;

Loaded failed(const std::string& file, std::string text, std::string fix) {
  Loaded out;
  out.problems.push_back({file, 0, 0, "", std::move(text), std::move(fix)});
  return out;
}

Loaded not_keys(const std::string& file, const Node& root) {
  Loaded out = failed(file, "a configuration is keys and values, this is " + root.shown(), "begin with `listen:`");
  out.problems.front().line = root.place.line;
  out.problems.front().column = root.place.column;
  return out;
}

std::string hash_of(const std::string& text) {
  static constexpr char digits[] = "0123456789abcdef";
  XXH64_hash_t hash = XXH3_64bits(text.data(), text.size());
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[hash >> shift & 15];
  return out;
}

void add_places(const Node& node, Places& places) {
  if (!node.path.empty()) places.add(node.path, node.place.line, node.place.column);
  for (const Node& child : node.children) add_places(child, places);
}

Loaded load(const std::string& text, const std::string& name, const std::string& folder) {
  Findings findings(name);
  Reading reading{findings, folder};
  Loaded out;
  out.places = Places(name);
  auto config = std::make_shared<Config>();
  config->file = name;
  config->hash = hash_of(text);
  if (std::optional<Node> root = parse_yaml(text, findings)) {
    if (root->kind != Node::Kind::map) return not_keys(name, *root);
    add_places(*root, out.places);
    substitute(*root, reading);
    read_section(*root, root_keys(), *config, reading);
    join_dns64_and_nat64(*config, *root);
    check_together(*config, *root, findings);
  }
  if (!findings.has_errors()) out.config = std::move(config);
  out.problems = findings.take_errors();
  out.warnings = findings.take_warnings();
  return out;
}

}  // namespace

Loaded load_text(const std::string& text, const std::string& name) { return load(text, name, ""); }

Loaded load_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return failed(path, "there is no such file", "name another by --config");
  if (std::filesystem::is_directory(path, error)) return failed(path, "is a folder", "name the file in it");
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed(path, "cannot be read", "give the user of the service the right to read it");
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file) return failed(path, "is larger than 4 MiB", "this is no configuration");
  return load(text, path, std::filesystem::path(path).parent_path().string());
}

}  // namespace dragoman::config
