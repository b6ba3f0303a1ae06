// A file that grows at its end: a log, or a named pipe that somebody reads. One thread. A regular file may hold its
// thread up for as long as the disk does; a pipe does not.
#pragma once

#include <cstddef>
#include <string>

#include "dragoman/base/bytes.h"
#include "dragoman/base/result.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

class AppendFile {
 public:
  // Made if it is not there, readable by its owner and group. A pipe must have a reader.
  static Result<AppendFile> open(const std::string& path);

  struct Written {
    std::size_t count = 0;
    int error = 0;  // errno: what kept the rest from being written; EAGAIN: a pipe is full
  };
  Written write(Bytes octets);

  // Whether the path still leads to this file: false once it was moved or removed (log rotation).
  bool is_in_place() const;
  // Whether something is there that does not end a line: what a crash in the middle of a write leaves.
  bool ends_within_line() const;

 private:
  AppendFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  UniqueFd fd_;
  std::string path_;
};

}  // namespace dragoman::net
