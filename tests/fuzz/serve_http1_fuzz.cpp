// Any octets as an HTTP/1.1 connection: nothing reads out of bounds, and a session keeps its promises however the
// octets are cut.
#include "../../src/serve/h1_session.h"
#include "fuzz/serve_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto input = dragoman::Bytes(data, size).subspan(1);
  static dragoman::serve::Metrics metrics;
  for (const std::size_t piece : {std::size_t{data[0]} + 1, size}) {
    dragoman::serve::H1Session session(dragoman::fuzz::dns_query, metrics);
    dragoman::fuzz::SessionRun(session).run(input, piece);
  }
  return 0;
}
