// Paths in a configuration file are relative to the folder of that file, not to where somebody starts the program.
#pragma once

#include <string>

namespace dragoman::config {

// Absolute paths and an empty one stay as they are.
std::string resolve_path(const std::string& path, const std::string& folder);

}  // namespace dragoman::config
