// Packed form: runs of {how many zero words to skip, how many words follow} and those words, up to a run of nothing.
#include "session_pages.h"

#include <cstring>

namespace dragoman::serve {
namespace {

constexpr std::size_t block_alignment = 16;  // also the room for a block's size in front of it

struct Run {
  std::uint32_t zeros = 0;
  std::uint32_t words = 0;

  std::uint64_t packed() const { return std::uint64_t{zeros} << 32 | words; }
  static Run unpacked(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
  }
};

// Calls `use(run, first word of it)` for every run of words that are not zero.
template <class Use>
void each_run(const std::uint64_t* words, std::size_t count, Use&& use) {
  for (std::size_t at = 0; at < count;) {
    Run run;
    for (; at < count && words[at] == 0; ++at) ++run.zeros;
    const std::size_t begin = at;
    for (; at < count && words[at] != 0; ++at) ++run.words;
    if (run.words > 0) use(run, words + begin);
  }
}

}  // namespace

SessionPages::~SessionPages() {
  if (!slot_.empty()) pool_.release(slot_);
}

void* SessionPages::place(std::size_t size) {
  const std::size_t needed = block_alignment + (size + block_alignment - 1) / block_alignment * block_alignment;
  if (needed > slot_.size() - used_) return nullptr;
  std::uint8_t* at = slot_.data() + used_;
  std::memcpy(at, &size, sizeof size);
  used_ += needed;
  return at + block_alignment;
}

std::size_t SessionPages::size_of(const void* block) {
  std::size_t size;
  std::memcpy(&size, static_cast<const std::uint8_t*>(block) - block_alignment, sizeof size);
  return size;
}

void SessionPages::sleep() {
  if (used_ == 0 || is_asleep()) return;
  const auto* words = reinterpret_cast<const std::uint64_t*>(slot_.data());
  const std::size_t count = used_ / sizeof(std::uint64_t);
  std::size_t length = 1;
  each_run(words, count, [&](Run run, const std::uint64_t*) { length += 1 + run.words; });
  packed_ = std::make_unique_for_overwrite<std::uint64_t[]>(length);
  std::uint64_t* out = packed_.get();
  each_run(words, count, [&](Run run, const std::uint64_t* first) {
    *out = run.packed();
    std::memcpy(out + 1, first, run.words * sizeof(std::uint64_t));
    out += 1 + run.words;
  });
  *out = 0;
  pool_.vacate(slot_);
}

void SessionPages::unpack() {
  auto* words = reinterpret_cast<std::uint64_t*>(slot_.data());
  const std::uint64_t* in = packed_.get();
  for (;;) {
    const Run run = Run::unpacked(*in);
    if (run.words == 0) break;
    words += run.zeros;
    std::memcpy(words, in + 1, run.words * sizeof(std::uint64_t));
    words += run.words;
    in += 1 + run.words;
  }
  packed_.reset();
}

}  // namespace dragoman::serve
