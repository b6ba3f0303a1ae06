// Log files for a command that reads them: plain, compressed or standard input, with their rotated predecessors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/function_ref.h"
#include "dragoman/base/result.h"

namespace dragoman::app {

// Calls `use` with one piece after the other. "-" is standard input; .gz, .xz, .zst and .bz2 go through gzip and the
// like, which run beside. Errors: a file that cannot be read, a decompressor that is not there or failed.
Result<void> read_pieces(const std::string& path, FunctionRef<void(std::string_view)> use);

// The file and what log rotation made of it before: FILE.1, FILE.2.gz, FILE-20261127.gz.
std::vector<std::string> with_rotated(const std::string& path);

}  // namespace dragoman::app
