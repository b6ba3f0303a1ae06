// Any octets as a binding log: in pieces they say the same as at once, and what is said of a port hangs together.
#include <algorithm>
#include <string>

#include "dragoman/gateway/binding_history.h"
#include "fuzz/check.h"

namespace {

using namespace dragoman::gateway;
using dragoman::WallTime;
using dragoman::fuzz::check;

constexpr WallTime from{std::chrono::milliseconds(1795818660000)};
const BindingQuestion question{{198, 51, 100, 1}, 1030, {}, from, from + std::chrono::minutes(1)};

BindingAnswer read(std::string_view text, std::size_t piece) {
  BindingHistory history(question);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) history.read(text.substr(0, piece));
  history.end_file();
  return history.answer();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const BindingAnswer answer = read(text, size + 1);
  const BindingAnswer again = read(text, 7);
  check(answer.lines == again.lines && answer.holdings.size() == again.holdings.size() &&
            answer.doubts.size() == again.doubts.size(),
        "pieces change nothing");
  for (const Holding& holding : answer.holdings) {
    check(holding.from < question.to, "a holding begins before the time in question ends");
    check(holding.end == Holding::End::open || holding.until > question.from, "and ends after it begins");
    check(holding.first_port <= question.port && question.port <= holding.last_port, "and has the port");
  }
  check(!answer.before || answer.before->until <= question.from, "the one before is before");
  check(!answer.after || answer.after->from >= question.to, "the one after is after");
  check(answer.lines != 0 || answer.holdings.empty(), "nothing comes of nothing");
  return 0;
}
