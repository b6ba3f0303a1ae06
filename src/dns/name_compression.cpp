// How MessageWriter compresses names (RFC 1035 4.1.4): each suffix written is remembered by a 16-bit hash of its
// lower-case form and by its offset; the longest suffix of a name that is known becomes a pointer. A hash that lies
// costs a comparison, a table that is full costs octets. Pure; one thread.
#include <algorithm>
#include <cstring>

#include "dragoman/base/letter_case.h"
#include "dragoman/dns/message_writer.h"

namespace dragoman::dns {
namespace {

constexpr std::size_t pointer_reach = 0x4000;  // offsets have 14 bits
constexpr std::size_t not_found = 0;           // no name stands at the start of the header

void store_pointer(std::uint8_t* at, std::size_t offset) {
  store_u16(at, static_cast<std::uint16_t>(0xC000u | offset));
}

// The suffixes of a name, longest first, the root left out: where each begins and its hash.
struct Suffixes {
  std::array<std::uint8_t, 128> offsets;
  std::array<std::uint16_t, 128> tags;
  std::size_t count = 0;

  explicit Suffixes(NameView name) {
    std::array<std::uint8_t, max_name_length> lower;
    copy_lower_case(name, lower.data());
    for (std::size_t at = 0; lower[at] != 0; at += lower[at] + 1u) offsets[count++] = static_cast<std::uint8_t>(at);
    std::uint32_t hash = 0;
    std::size_t end = name.length() - 1;
    for (std::size_t i = count; i-- > 0; end = offsets[i]) {
      for (std::size_t at = offsets[i]; at < end; ++at) hash = (hash ^ lower[at]) * 0x9E3779B1u;
      tags[i] = static_cast<std::uint16_t>(hash >> 16);
    }
  }
};

}  // namespace

void MessageWriter::name(NameView name, bool compress) {
  if (name.length() == question_name_.length() && compress && !name.is_root() && equal(name, question_name_)) {
    if (std::uint8_t* at = take(2)) store_pointer(at, header_length);
    return;
  }
  if (compress && !name.is_root()) return compressed_name(name);
  if (std::uint8_t* at = take(name.length())) std::memcpy(at, name.wire().data(), name.length());
}

void MessageWriter::compressed_name(NameView name) {
  if (known_names_ == 0) learn_question();
  Suffixes suffixes(name);
  std::size_t literal = 0;  // labels before the first known suffix
  std::size_t target = not_found;
  for (; literal < suffixes.count; ++literal) {
    target = find(suffixes.tags[literal], NameView(name.wire().subspan(suffixes.offsets[literal])));
    if (target != not_found) break;
  }
  std::size_t labels = literal == suffixes.count ? name.length() - 1 : suffixes.offsets[literal];
  std::size_t start = length_;
  std::uint8_t* at = take(labels + (target == not_found ? 1u : 2u));
  if (at == nullptr) return;
  std::memcpy(at, name.wire().data(), labels);
  if (target == not_found) {
    at[labels] = 0;
  } else {
    store_pointer(at + labels, target);
  }
  for (std::size_t i = 0; i < literal; ++i) learn(suffixes.tags[i], start + suffixes.offsets[i]);
}

// Left until a name needs it: most replies have no other name than the question's.
void MessageWriter::learn_question() {
  if (question_name_.length() <= 1) return;
  Suffixes suffixes(question_name_);
  for (std::size_t i = 0; i < suffixes.count; ++i) learn(suffixes.tags[i], header_length + suffixes.offsets[i]);
}

void MessageWriter::learn(std::uint16_t tag, std::size_t offset) {
  if (known_names_ == max_known_names || offset >= pointer_reach) return;
  tags_[known_names_] = tag;
  offsets_[known_names_] = static_cast<std::uint16_t>(offset);
  ++known_names_;
}

std::size_t MessageWriter::find(std::uint16_t tag, NameView suffix) const {
  for (std::size_t i = 0; i < known_names_; ++i) {
    if (tags_[i] == tag && stands_at(offsets_[i], suffix)) return offsets_[i];
  }
  return not_found;
}

// Whether the name written at `offset`, pointers followed, is `name`.
bool MessageWriter::stands_at(std::size_t offset, NameView name) const {
  Bytes rest = name.wire();
  for (;;) {
    std::uint8_t octet = out_[offset];
    if (octet >= 0xC0) {
      offset = load_u16(&out_[offset]) & 0x3FFFu;
      continue;
    }
    std::size_t size = octet + 1u;
    if (octet != rest[0] || !equal_without_case(&out_[offset], rest.data(), size)) return false;
    if (octet == 0) return true;
    offset += size;
    rest = rest.subspan(size);
  }
}

}  // namespace dragoman::dns
