// Any octets as an HTTP/2 connection, alone and beside another that shares its frame buffer.
#include "../../src/serve/h2_session.h"
#include "fuzz/serve_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto input = dragoman::Bytes(data, size).subspan(1);
  static dragoman::serve::Metrics metrics;
  dragoman::serve::H2Shared shared(metrics, 64);
  {
    dragoman::serve::H2Session bystander(shared, dragoman::fuzz::dns_query, {});
    for (const std::size_t piece : {std::size_t{data[0]} + 1, size}) {
      dragoman::serve::H2Session session(shared, dragoman::fuzz::dns_query, {});
      dragoman::fuzz::SessionRun(session).run(input, piece);
    }
    dragoman::fuzz::SessionRun(bystander).run(input, size);
  }
  dragoman::fuzz::check(shared.allocator.users() == 0, "the frame buffer is given back");
  return 0;
}
