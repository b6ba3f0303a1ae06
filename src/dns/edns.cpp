// Reading the options of an OPT (RFC 6891 6.1.2) that the parser found to add up. Pure; any thread.
#include "dragoman/dns/edns.h"

namespace dragoman::dns {

EdnsOption EdnsOptions::Iterator::operator*() const {
  return {static_cast<EdnsOptionCode>(load_u16(rest_.data())), rest_.subspan(4, load_u16(rest_.data() + 2))};
}

EdnsOptions::Iterator& EdnsOptions::Iterator::operator++() {
  rest_ = rest_.subspan(4u + load_u16(rest_.data() + 2));
  return *this;
}

std::optional<Bytes> Edns::find(EdnsOptionCode code) const {
  for (EdnsOption option : EdnsOptions(options)) {
    if (option.code == code) return option.data;
  }
  return std::nullopt;
}

}  // namespace dragoman::dns
