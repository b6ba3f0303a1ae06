// What an answer from remembered denials allocates: nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "denial_samples.h"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace dragoman::dnssec {
namespace {

std::size_t allocations_of_find(const std::vector<Rrset>& records) {
  DenialCache cache({});
  teach(cache, "example", records);
  const dns::Name missing = name("x.y.missing.example");
  std::array<std::uint8_t, 4096> memory;
  std::size_t before = 0;
  for (int time = 0; time < 2; ++time) {  // what a thread allocates once does not count
    dns::MessageWriter writer(memory);
    writer.question(missing, dns::Type::a, dns::Class::in);
    before = allocations;
    EXPECT_EQ(cache.find({missing, dns::Type::a, dns::Class::in}, true, start, writer), dns::Rcode::nxdomain);
  }
  return allocations - before;
}

TEST(DenialCacheAllocations, an_answer_takes_none) {
  EXPECT_EQ(allocations_of_find({nsec("example. example. SOA NS RRSIG NSEC"), soa("example")}), 0u);
  const auto hash = *nsec3_hash(name("example"), {}, 10);
  const Nsec3Fields fields{1, 0, 10, {}, Octets(hash.begin(), hash.end()), {dns::Type::soa}};
  EXPECT_EQ(allocations_of_find({nsec3(name(base32hex(hash) + ".example."), fields), soa("example")}), 0u);
}

}  // namespace
}  // namespace dragoman::dnssec
