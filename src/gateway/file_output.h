// Lines into a file that log rotation may move away, or into a pipe.
#pragma once

#include <string>

#include "binding_output.h"
#include "dragoman/net/append_file.h"

namespace dragoman::gateway {

class FileOutput final : public BindingOutput {
 public:
  static Result<std::unique_ptr<BindingOutput>> open(const std::string& path);

  Progress write(Backlog& backlog, BindingEncoder& encoder, Moment now) override;
  void reopen() override;

 private:
  FileOutput(std::string path, net::AppendFile file);
  void renew(net::AppendFile file);
  std::string look_after_file(TimePoint now);

  const std::string path_;
  net::AppendFile file_;
  std::size_t written_ = 0;     // octets of the oldest unit that are in the file
  bool owes_line_end_ = false;  // somebody died in the middle of a line
  TimePoint next_look_{};
  std::string reopening_failed_;
};

}  // namespace dragoman::gateway
