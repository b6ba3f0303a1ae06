// Write, sync, rename, and sync the directory, so that the rename is on disk, too.
#include "dragoman/net/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "dragoman/net/socket.h"

namespace dragoman::net {
namespace {

constexpr mode_t readable_by_all = 0644;

Error error_of(int error, const std::string& path) {
  switch (error) {
    case ENOENT:
      return {ErrorCode::not_found, "the directory of this file is not there", path};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorCode::permission, "not allowed to write beside this file", path};
    default:
      return {ErrorCode::internal, "the file cannot be written", path + ": " + std::strerror(error)};
  }
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Some file systems cannot sync a directory, which leaves the rename to them.
void sync_folder(const std::string& path) {
  const UniqueFd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // what a crash left
  UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, readable_by_all));
  if (!fd) return error_of(errno, path);
  const bool is_there = write_all(fd.get(), content) && ::fsync(fd.get()) == 0;
  if (!is_there || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(fresh.c_str());
    return error_of(error, path);
  }
  sync_folder(path);
  return {};
}

}  // namespace dragoman::net
