// Names in wire form: walking, comparing (RFC 4343) and expanding compressed ones (RFC 1035 4.1.4).
// A length octet is at most 63 and so never looks like a letter: case is folded over whole names, eight octets at a
// time, without regard to where labels begin. Pure; any thread.
#include "dragoman/dns/name.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "dragoman/base/letter_case.h"

namespace dragoman::dns {
namespace {

constexpr std::uint8_t pointer_bits = 0xC0;       // RFC 1035 4.1.4
constexpr std::size_t first_pointer_target = 12;  // the header holds no name
// A name has at most 127 labels, so a compressor that is of any use needs no more pointers than that.
constexpr int max_pointers = 127;

// Offsets of the labels of a name, the root's left out.
struct Labels {
  std::array<std::uint8_t, 128> offsets;
  int count = 0;

  explicit Labels(Bytes wire) {
    for (std::size_t at = 0; wire[at] != 0; at += wire[at] + 1u) {
      offsets[static_cast<std::size_t>(count++)] = static_cast<std::uint8_t>(at);
    }
  }
};

std::strong_ordering compare_labels(const std::uint8_t* a, const std::uint8_t* b) {
  std::size_t common = std::min(*a, *b);
  for (std::size_t i = 1; i <= common; ++i) {
    if (auto order = to_lower(a[i]) <=> to_lower(b[i]); order != 0) return order;
  }
  return *a <=> *b;
}

// Follows the name at `offset` piece by piece; `on_label(at, size)` sees each label with its length octet, the root's
// last. The one place where compression is judged: a pointer leads to a piece that ends before the one it closes
// begins, so that pieces never overlap and no walk is longer than the message.
template <class OnLabel>
bool walk_name(Bytes message, std::size_t offset, std::size_t& next, std::size_t& length, OnLabel on_label) {
  std::size_t start = offset;  // of the piece
  std::size_t end = message.size();
  int pointers = 0;
  length = 0;
  for (std::size_t at = start; at < end;) {
    std::uint8_t octet = message[at];
    if (octet <= max_label_length) {
      std::size_t size = octet + 1u;
      if (length + size > max_name_length || at + size > end) return false;
      on_label(at, size);
      length += size;
      at += size;
      if (octet != 0) continue;
      if (pointers == 0) next = at;
      return true;
    }
    if (octet < pointer_bits || at + 1 >= end) return false;
    std::size_t target = load_u16(&message[at]) & 0x3FFFu;
    if (target >= start || target < first_pointer_target || ++pointers > max_pointers) return false;
    if (pointers == 1) next = at + 2;
    end = start;
    at = start = target;
  }
  return false;
}

}  // namespace

int NameView::label_count() const {
  int count = 0;
  for (std::size_t at = 0; wire_[at] != 0; at += wire_[at] + 1u) ++count;
  return count;
}

Bytes NameView::first_label() const { return wire_.subspan(1, wire_[0]); }

NameView NameView::parent() const { return is_root() ? *this : NameView(wire_.subspan(wire_[0] + 1u)); }

bool NameView::is_subdomain_of(NameView ancestor) const {
  NameView rest = *this;
  while (rest.length() > ancestor.length()) rest = rest.parent();
  return equal(rest, ancestor);
}

bool equal(NameView a, NameView b) {
  return a.length() == b.length() && equal_without_case(a.wire().data(), b.wire().data(), a.length());
}

bool equal_exactly(NameView a, NameView b) {
  return a.length() == b.length() && std::memcmp(a.wire().data(), b.wire().data(), a.length()) == 0;
}

// Label by label from the root; a name sorts before the names below it.
std::strong_ordering compare_canonical(NameView a, NameView b) {
  Labels in_a(a.wire()), in_b(b.wire());
  int common = std::min(in_a.count, in_b.count);
  for (int i = 1; i <= common; ++i) {
    const std::uint8_t* label_a = &a.wire()[in_a.offsets[static_cast<std::size_t>(in_a.count - i)]];
    const std::uint8_t* label_b = &b.wire()[in_b.offsets[static_cast<std::size_t>(in_b.count - i)]];
    if (auto order = compare_labels(label_a, label_b); order != 0) return order;
  }
  return in_a.count <=> in_b.count;
}

Name::Name(NameView view) : length_(static_cast<std::uint8_t>(view.length())) {
  assert(view.length() <= max_name_length);
  std::memcpy(wire_.data(), view.wire().data(), view.length());
}

void Name::lower_case() { to_lower(wire_.data(), length_, wire_.data()); }

bool Name::prepend_label(Bytes label) {
  std::size_t size = label.size() + 1;
  if (label.empty() || label.size() > max_label_length || length_ + size > max_name_length) return false;
  std::memmove(wire_.data() + size, wire_.data(), length_);
  wire_[0] = static_cast<std::uint8_t>(label.size());
  std::memcpy(wire_.data() + 1, label.data(), label.size());
  length_ = static_cast<std::uint8_t>(length_ + size);
  return true;
}

bool Name::append(NameView suffix) {
  std::size_t labels = length_ - 1u;  // the suffix brings its own root
  if (labels + suffix.length() > max_name_length) return false;
  std::memmove(wire_.data() + labels, suffix.wire().data(), suffix.length());
  length_ = static_cast<std::uint8_t>(labels + suffix.length());
  return true;
}

void copy_lower_case(NameView name, std::uint8_t* out) { to_lower(name.wire().data(), name.length(), out); }

bool expand_name(Bytes message, std::size_t offset, Name& out, std::size_t& next) {
  std::size_t length = 0;
  bool valid = walk_name(message, offset, next, length, [&](std::size_t at, std::size_t size) {
    std::memcpy(out.wire_.data() + length, &message[at], size);
  });
  if (!valid) {
    out = Name();
    return false;
  }
  out.length_ = static_cast<std::uint8_t>(length);
  return true;
}

bool skip_name(Bytes message, std::size_t offset, std::size_t& next, std::size_t& length) {
  return walk_name(message, offset, next, length, [](std::size_t, std::size_t) {});
}

bool read_plain_name(Bytes octets, NameView& out) {
  for (std::size_t at = 0; at < octets.size() && at < max_name_length && octets[at] <= max_label_length;) {
    std::size_t size = octets[at] + 1u;
    at += size;
    if (size != 1) continue;
    out = NameView(octets.first(at));
    return true;
  }
  return false;
}

}  // namespace dragoman::dns
