// Joins and tidies paths by text alone; nothing is looked up.
#include "paths.h"

#include <filesystem>

namespace dragoman::config {

std::string resolve_path(const std::string& path, const std::string& folder) {
  if (path.empty() || folder.empty() || path.front() == '/') return path;
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

}  // namespace dragoman::config
