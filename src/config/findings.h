// What loading a file has found so far: every problem and warning with its place, so that all come out at once.
#pragma once

#include <string>
#include <vector>

#include "dragoman/config/config.h"
#include "yaml_tree.h"

namespace dragoman::config {

class Findings {
 public:
  explicit Findings(std::string file) : file_(std::move(file)) {}

  // `text` says what is wrong, `fix` what would do. Both are sentences without a final dot.
  void error(const Node& node, std::string text, std::string fix) { error_at(node.place, node.path, text, fix); }
  void error_at(Place place, std::string key, std::string text, std::string fix);
  void warning(const Node& node, std::string text, std::string fix);

  bool has_errors() const { return !errors_.empty(); }
  // In the order of the file.
  std::vector<Problem> take_errors() { return sorted(std::move(errors_)); }
  std::vector<Problem> take_warnings() { return sorted(std::move(warnings_)); }

 private:
  static constexpr std::size_t most_errors = 100;  // a file that is no configuration at all has enough of them then
  static std::vector<Problem> sorted(std::vector<Problem> problems);
  std::string file_;
  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
};

// What goes along while the tree of a file becomes options.
struct Reading {
  Findings& findings;
  std::string folder;  // of the file: relative paths begin here; empty: the working directory
};

}  // namespace dragoman::config
