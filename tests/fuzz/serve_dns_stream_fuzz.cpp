// Any octets as a TCP or DoT stream: the queries are the same however the stream is cut, and those that a plain reading
// of the lengths gives.
#include "../../src/serve/dns_stream_session.h"

#include "fuzz/serve_session.h"

namespace {

using dragoman::Bytes;

std::vector<std::string> plain_reading(Bytes input) {
  std::vector<std::string> messages;
  while (input.size() >= 2) {
    const std::size_t length = dragoman::load_u16(input.data());
    if (length < 12 || input.size() - 2 < length) break;
    messages.emplace_back(input.begin() + 2, input.begin() + 2 + static_cast<std::ptrdiff_t>(length));
    input = input.subspan(2 + length);
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input = Bytes(data, size).subspan(1);
  const auto expected = plain_reading(input);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{data[0]} + 1, size}) {
    dragoman::serve::DnsStreamSession session(~0u);
    dragoman::fuzz::check(dragoman::fuzz::SessionRun(session).run(input, piece) == expected, "every query comes out");
  }
  return 0;
}
