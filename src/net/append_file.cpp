// Opening, writing and recognising a file that only grows; see net/append_file.h.
#include "dragoman/net/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dragoman::net {
namespace {

constexpr mode_t owner_and_group = 0640;

Error open_error(int error, const std::string& path) {
  switch (error) {
    case ENOENT:
      return {ErrorCode::not_found, "the directory of this file is not there", path};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorCode::permission, "not allowed to write this file", path};
    case ENXIO:
      return {ErrorCode::unreachable, "nobody reads this pipe, or it is a socket", path};
    case EISDIR:
      return {ErrorCode::invalid_argument, "this is a directory, not a file", path};
    default:
      return {ErrorCode::internal, "the file cannot be opened", path + ": " + std::strerror(error)};
  }
}

}  // namespace

Result<AppendFile> AppendFile::open(const std::string& path) {
  // Without waiting for a pipe's reader, at the start or later.
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  UniqueFd fd(::open(path.c_str(), flags, owner_and_group));
  if (!fd) return open_error(errno, path);
  return AppendFile(std::move(fd), path);
}

AppendFile::Written AppendFile::write(Bytes octets) {
  Written written;
  while (written.count < octets.size()) {
    const ssize_t count = ::write(fd_.get(), octets.data() + written.count, octets.size() - written.count);
    if (count >= 0) {
      written.count += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      written.error = errno;
      break;
    }
  }
  return written;
}

bool AppendFile::is_in_place() const {
  struct stat ours {};
  struct stat there {};
  if (::fstat(fd_.get(), &ours) != 0 || ::stat(path_.c_str(), &there) != 0) return false;
  return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

bool AppendFile::ends_within_line() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) return false;
  const UniqueFd reader(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  char last = '\n';
  return reader && ::pread(reader.get(), &last, 1, status.st_size - 1) == 1 && last != '\n';
}

}  // namespace dragoman::net
