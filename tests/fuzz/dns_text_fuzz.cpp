// Any text as a name and as the RDATA of any type: what can be read can be shown, and reads the same again.
// Input: two octets of type, then the text.
#include <string_view>
#include <vector>

#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "fuzz/check.h"

namespace dragoman::dns {
namespace {

using fuzz::check;
using Octets = std::vector<std::uint8_t>;

void name_round_trip(std::string_view text) {
  Result<Name> name = Name::from_text(text);
  if (!name) return;
  Result<Name> again = Name::from_text(name->to_text());
  check(static_cast<bool>(again), "a name that was shown can be read");
  check(equal_exactly(*name, *again), "a name reads as it was shown");
}

// The RDATA as text, by way of a message; empty when it is too long for one.
std::string shown(Type type, const Octets& rdata) {
  Octets memory(max_message_length);
  MessageWriter writer(memory);
  writer.question(Name(), type, Class::in);
  writer.record(Section::answer, Name(), type, 0, rdata);
  if (!writer.ok()) return {};
  MessageView message;
  check(MessageView::parse(writer.finish({}), message) == MessageView::Fault::none, "RDATA from text is well formed");
  return rdata_to_text(message, (*message.records().begin()).record);
}

void rdata_round_trip(Type type, std::string_view text) {
  Result<Octets> rdata = rdata_from_text(type, text);
  if (!rdata || type == Type::opt) return;
  std::string first = shown(type, *rdata);
  if (first.empty()) return;
  Result<Octets> again = rdata_from_text(type, first);
  check(static_cast<bool>(again), "RDATA that was shown can be read");
  check(shown(type, *again) == first, "RDATA reads as it was shown");
}

}  // namespace
}  // namespace dragoman::dns

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman::dns;
  if (size < 2) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  name_round_trip(text);
  rdata_round_trip(static_cast<Type>(dragoman::load_u16(data)), text);
  return 0;
}
