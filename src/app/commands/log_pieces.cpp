// Files in large reads; a decompressor is a child whose output is read.
#include "log_pieces.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "dragoman/net/socket.h"

namespace dragoman::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_length = 1 << 20;

struct Compression {
  const char* suffix;
  const char* program;
};
constexpr Compression compressions[] = {{".gz", "gzip"}, {".xz", "xz"}, {".zst", "zstd"}, {".bz2", "bzip2"}};

const Compression* compression_of(std::string_view path) {
  for (const Compression& known : compressions) {
    if (path.ends_with(known.suffix)) return &known;
  }
  return nullptr;
}

Error read_error(const std::string& path, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::not_found : ErrorCode::permission;
  return {code, "the log cannot be read", path + ": " + std::strerror(error)};
}

Result<void> read_all(int fd, const std::string& path, FunctionRef<void(std::string_view)> use) {
  const auto buffer = std::make_unique<char[]>(piece_length);
  for (;;) {
    const ssize_t length = ::read(fd, buffer.get(), piece_length);
    if (length == 0) return {};
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return read_error(path, errno);
    use({buffer.get(), static_cast<std::size_t>(length)});
  }
}

// PROGRAM -dc, with the file as its input and `out` as its output. -1: it cannot be started.
pid_t start(const char* program, int in, int out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  char option[] = "-dc";
  std::string name = program;
  char* arguments[] = {name.data(), option, nullptr};
  pid_t child = -1;
  if (posix_spawnp(&child, program, &actions, nullptr, arguments, environ) != 0) child = -1;
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

Result<void> read_decompressed(const char* program, net::UniqueFd file, const std::string& path,
                               FunctionRef<void(std::string_view)> use) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return read_error(path, errno);
  net::UniqueFd reader(ends[0]);
  pid_t child = -1;
  {
    const net::UniqueFd writer(ends[1]);
    child = start(program, file.get(), writer.get());
  }
  if (child < 0) {
    return Error{ErrorCode::not_found,
                 "a program is missing to read this file: decompress it elsewhere and use --log -",
                 path + ": " + program};
  }
  auto result = read_all(reader.get(), path, use);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (result && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
    return Error{ErrorCode::malformed, "the file cannot be decompressed", path};
  }
  return result;
}

// "1", "20261127", "2.gz", "20261127-1795818660.gz"
bool is_rotation(std::string_view suffix) {
  if (const Compression* compression = compression_of(suffix)) suffix.remove_suffix(std::strlen(compression->suffix));
  return !suffix.empty() && suffix.find_first_not_of("0123456789-") == suffix.npos;
}

}  // namespace

Result<void> read_pieces(const std::string& path, FunctionRef<void(std::string_view)> use) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", use);
  net::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return read_error(path, errno);
  const Compression* compression = compression_of(path);
  if (compression == nullptr) return read_all(file.get(), path, use);
  return read_decompressed(compression->program, std::move(file), path, use);
}

std::vector<std::string> with_rotated(const std::string& path) {
  std::vector<std::string> all;
  const fs::path whole(path);
  const fs::path directory = whole.has_parent_path() ? whole.parent_path() : ".";
  const std::string name = whole.filename().string();
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const std::string other = entry.path().filename().string();
    const bool is_ours = other.size() > name.size() + 1 && other.starts_with(name) &&
                         (other[name.size()] == '.' || other[name.size()] == '-') &&
                         is_rotation(std::string_view(other).substr(name.size() + 1));
    if (is_ours) all.push_back(whole.has_parent_path() ? (directory / other).string() : other);
  }
  std::sort(all.begin(), all.end());
  all.push_back(path);
  return all;
}

}  // namespace dragoman::app
