// Takes uncompressed RDATA apart from the front. The first field that is not there makes ok() false; what is read from
// then on is 0 or empty, so that a reader asks once, at its end. Pure; any thread.
#pragma once

#include <cstdint>

#include "dragoman/base/bytes.h"
#include "dragoman/dns/name.h"

namespace dragoman::dns {

class RdataFields {
 public:
  explicit RdataFields(Bytes rest) : rest_(rest) {}

  bool ok() const { return ok_; }
  Bytes rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }

  Bytes octets(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::uint8_t u8() {
    Bytes taken = octets(1);
    return taken.empty() ? std::uint8_t{0} : taken[0];
  }
  std::uint16_t u16() {
    Bytes taken = octets(2);
    return taken.empty() ? std::uint16_t{0} : load_u16(taken.data());
  }
  std::uint32_t u32() {
    Bytes taken = octets(4);
    return taken.empty() ? std::uint32_t{0} : load_u32(taken.data());
  }
  Bytes counted() { return octets(u8()); }       // a length octet and as many octets
  Bytes counted_u16() { return octets(u16()); }  // the same with a length of two octets
  Bytes all() { return octets(rest_.size()); }
  NameView name() {
    NameView taken;
    if (!ok_ || !read_plain_name(rest_, taken)) {
      octets(rest_.size() + 1);  // fails
      return taken;
    }
    rest_ = rest_.subspan(taken.length());
    return taken;
  }

 private:
  Bytes rest_;
  bool ok_ = true;
};

}  // namespace dragoman::dns
