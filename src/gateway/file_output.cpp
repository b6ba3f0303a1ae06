// One write for all that waits. A line that was half written when the file was moved away begins anew in the next one.
#include "file_output.h"

#include <cerrno>
#include <cstring>

#include "dragoman/base/time.h"

namespace dragoman::gateway {
namespace {

constexpr seconds between_looks{1};

std::string text_of(int error) { return error == EAGAIN ? "its reader does not keep up" : std::strerror(error); }

}  // namespace

Result<std::unique_ptr<BindingOutput>> FileOutput::open(const std::string& path) {
  auto file = net::AppendFile::open(path);
  if (!file) return file.error();
  return std::unique_ptr<BindingOutput>(new FileOutput(path, *std::move(file)));
}

FileOutput::FileOutput(std::string path, net::AppendFile file)
    : path_(std::move(path)), file_(std::move(file)), owes_line_end_(file_.ends_within_line()) {}

BindingOutput::Progress FileOutput::write(Backlog& backlog, BindingEncoder&, Moment now) {
  Progress progress;
  progress.trouble = look_after_file(now.steady);
  if (backlog.is_empty()) return progress;
  if (owes_line_end_) {
    const std::uint8_t line_end = '\n';
    owes_line_end_ = file_.write({&line_end, 1}).count == 0;
  }
  const net::AppendFile::Written written = file_.write(backlog.octets().subspan(written_));
  progress.bytes = written.count;
  written_ += written.count;
  while (!backlog.is_empty() && written_ >= backlog.units().front().length) {
    progress.events += backlog.units().front().events;
    written_ -= backlog.units().front().length;
    backlog.pop();
  }
  if (written.error != 0) progress.trouble = text_of(written.error);
  return progress;
}

// While the path cannot be opened again, lines go to where the file was moved: late beats lost. Returns what is wrong.
std::string FileOutput::look_after_file(TimePoint now) {
  if (now < next_look_) return reopening_failed_;
  next_look_ = now + between_looks;
  reopening_failed_.clear();
  if (file_.is_in_place()) return {};
  auto file = net::AppendFile::open(path_);
  if (file) {
    renew(*std::move(file));
  } else {
    reopening_failed_ = file.error().text();
  }
  return reopening_failed_;
}

void FileOutput::renew(net::AppendFile file) {
  file_ = std::move(file);
  written_ = 0;
  owes_line_end_ = file_.ends_within_line();
}

// A file that is still there stays open: it may not be ours to open any more, with less privileges than at the start.
void FileOutput::reopen() { next_look_ = {}; }

}  // namespace dragoman::gateway
