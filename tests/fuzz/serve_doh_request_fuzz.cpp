// Any text as the target and media type of a DNS over HTTPS request.
#include "../../src/serve/doh_request.h"

#include <memory>

#include "fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman::serve;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A copy of its exact size, so that reading one octet too far is seen.
  const std::unique_ptr<char[]> copy(new char[size]);
  text.copy(copy.get(), size);
  const std::string_view target(copy.get(), size);
  (void)parse_content_length(target);
  static const Listeners listeners{*ListenOptions::from_url("https://127.0.0.1/dns-query"),
                                   *ListenOptions::from_url("https://127.0.0.1/kids")};
  for (const HttpMethod method : {HttpMethod::get, HttpMethod::post}) {
    const RequestHead head{method, target, is_dns_message(target), std::nullopt};
    std::size_t listener;
    if (check_head(head, listeners, listener) != HttpStatus::ok) continue;
    dragoman::fuzz::check(listener < listeners.size(), "somebody listens there");
    const auto decoded = std::make_unique<DecodedQuery>();
    dragoman::Bytes message;
    if (read_query(head, {data, size}, *decoded, message) != HttpStatus::ok) continue;
    dragoman::fuzz::check(message.size() >= dns_header_size, "a query has a header");
    dragoman::fuzz::check(method == HttpMethod::post || message.size() <= size * 3 / 4, "decoding makes shorter");
  }
  return 0;
}
