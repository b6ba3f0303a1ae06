// Domain names in wire form (RFC 1035 3.1): labels with length octets, closed by the root's zero, at most 255 octets.
// NameView borrows, Name owns; neither holds compression pointers, and the case is kept as it came.
// Comparison is by RFC 4343: ASCII letters without case. Pure; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "dragoman/base/bytes.h"
#include "dragoman/base/result.h"

namespace dragoman::dns {

inline constexpr std::size_t max_name_length = 255;
inline constexpr std::size_t max_label_length = 63;

// An uncompressed name somewhere in memory; valid as long as that memory. Never empty: the root is one zero octet.
class NameView {
 public:
  constexpr NameView() = default;  // the root
  // Trusts the caller: `wire` is one whole, valid, uncompressed name.
  explicit constexpr NameView(Bytes wire) : wire_(wire) {}

  Bytes wire() const { return wire_; }
  std::size_t length() const { return wire_.size(); }
  bool is_root() const { return wire_.size() == 1; }
  int label_count() const;                        // without the root
  Bytes first_label() const;                      // without its length octet; empty for the root
  NameView parent() const;                        // the root is its own parent
  bool is_subdomain_of(NameView ancestor) const;  // a name is a subdomain of itself
  std::string to_text() const;                    // presentation form with escapes and the final dot (RFC 1035 5.1)

 private:
  static constexpr std::uint8_t root_octet[1] = {0};
  Bytes wire_{root_octet};
};

bool equal(NameView a, NameView b);                              // without case
bool equal_exactly(NameView a, NameView b);                      // with case (0x20)
std::strong_ordering compare_canonical(NameView a, NameView b);  // RFC 4034 6.1

// Owns its octets in place (256 octets, no allocation).
class Name {
 public:
  Name() : length_(1) { wire_[0] = 0; }  // the root
  Name(NameView view);
  // "example.com", with or without the final dot, "\." and "\ddd" escapes. Errors: malformed, too_large.
  static Result<Name> from_text(std::string_view text);

  operator NameView() const { return NameView(Bytes(wire_.data(), length_)); }
  NameView view() const { return *this; }
  std::string to_text() const { return view().to_text(); }
  void lower_case();                // canonical form (RFC 4034 6.2)
  bool prepend_label(Bytes label);  // false, and unchanged, when the result would be too long
  bool append(NameView suffix);     // this name's labels, then the suffix; false when too long

 private:
  friend bool expand_name(Bytes message, std::size_t offset, Name& out, std::size_t& next);
  std::array<std::uint8_t, max_name_length> wire_;
  std::uint8_t length_;
};

// Writes the lower-case form of `name` to `out` (at least name.length() octets).
void copy_lower_case(NameView name, std::uint8_t* out);

// Expands the possibly compressed name at `offset` of `message` into `out`. Pointers must go strictly backwards, to
// octets before all that was read, not into the header, and number at most 127. `next` becomes the offset behind the
// name where it stands. False on any malformation; then `out` is the root.
bool expand_name(Bytes message, std::size_t offset, Name& out, std::size_t& next);
// The same checks without the copy; `length` becomes the expanded length.
bool skip_name(Bytes message, std::size_t offset, std::size_t& next, std::size_t& length);
// The name at the front of `octets`, where compression is not allowed; `out` points into them.
bool read_plain_name(Bytes octets, NameView& out);

}  // namespace dragoman::dns
