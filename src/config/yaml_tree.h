// A YAML file as a plain tree whose every node knows its place and its path, so that nothing else of the program
// meets yaml-cpp. Text stays text: what a value means is decided by the key that it is written for, therefore `off`
// or 64 are never turned into something else on the way.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::config {

class Findings;

struct Place {
  int line = 1, column = 1;
};

struct Node {
  enum class Kind : unsigned char { null, scalar, list, map, broken };  // broken: reported already, to be passed over

  Kind kind = Kind::null;
  Place place;
  std::string path;          // "dns64.prefixes[1]"
  std::string text;          // scalar: its value
  bool substituted = false;  // scalar: holds what ${env:...} or ${file:...} stood for, and must not be shown
  std::string key;           // in a map: the key this node is the value of
  Place key_place;
  std::vector<Node> children;  // of a list or a map, in the order of the file

  // The value of a key; null when it is not there.
  const Node* find(std::string_view name) const;
  // The node at a path below this one ("listen[2]"), or the last one on the way that exists.
  const Node& nearest(std::string_view wanted_path) const;
  // For messages: the scalar in quotes and shortened, "a list", "a section".
  std::string shown() const;
};

// Reads one document. Refused, each with its place: what is not YAML, tabs as indentation, a key that comes twice
// (yaml-cpp lets it pass), quotes that are never closed (likewise), aliases, a second document. Nullopt when there is
// no tree to go on with.
std::optional<Node> parse_yaml(const std::string& text, Findings& findings);

}  // namespace dragoman::config
