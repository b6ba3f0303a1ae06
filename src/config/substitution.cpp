// One scan per value; what was put in is not scanned again, so nothing can refer to itself.
#include "substitution.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "paths.h"

namespace dragoman::config {
namespace {

constexpr std::size_t largest_file = 64 * 1024;

Result<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return Error{ErrorCode::not_found, "the environment has no variable", name};
  return std::string(value);
}

Result<std::string> from_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return Error{ErrorCode::not_found, "there is no file", path};
  std::ifstream file(path, std::ios::binary);
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) return Error{ErrorCode::permission, "cannot read", path};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file) return Error{ErrorCode::too_large, "more than 64 KiB in", path};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

Result<std::string> value_of(const std::string& reference, const std::string& folder) {
  if (reference.starts_with("env:")) return from_environment(reference.substr(4));
  if (reference.starts_with("file:")) return from_file(resolve_path(reference.substr(5), folder));
  return Error{ErrorCode::malformed, "neither ${env:NAME} nor ${file:/path}", "${" + reference + "}"};
}

Result<std::string> expand(const std::string& text, const std::string& folder) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    std::size_t begin = text.find("${", at);
    out += text.substr(at, begin - at);
    if (begin == std::string::npos) return out;
    std::size_t end = text.find('}', begin);
    if (end == std::string::npos) return Error{ErrorCode::malformed, "a ${ without its }", {}};
    Result<std::string> value = value_of(text.substr(begin + 2, end - begin - 2), folder);
    if (!value) return value;
    out += *value;
    at = end + 1;
  }
}

}  // namespace

void substitute(Node& root, Reading& reading) {
  for (Node& child : root.children) substitute(child, reading);
  if (root.kind != Node::Kind::scalar || root.text.find("${") == std::string::npos) return;
  Result<std::string> expanded = expand(root.text, reading.folder);
  if (!expanded) {
    reading.findings.error(root, expanded.error().text(),
                           "write ${env:NAME} for a variable that is set, or ${file:/path}");
    root.kind = Node::Kind::broken;
    return;
  }
  root.text = *expanded;
  root.substituted = true;
}

}  // namespace dragoman::config
