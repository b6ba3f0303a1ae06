// Maps and programs of the real kernel; skipped where BPF is not permitted.
#include "dragoman/net/bpf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "dragoman/net/privileges.h"

namespace dragoman::net {
namespace {

using testing::HasSubstr;

template <class Value>
Bytes octets_of(const Value& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

class Bpf : public testing::Test {
 protected:
  void SetUp() override {
    const Result<BpfWords> words = BpfWords::make("probe", 1);
    if (!words && words.error().code == ErrorCode::permission) GTEST_SKIP() << words.error().text();
  }
  static Result<BpfMap> make(BpfMap::Kind kind, std::uint32_t entries) {
    return BpfMap::make("test", {kind, sizeof(std::uint32_t), sizeof(std::uint64_t), entries});
  }
  static bool has(const BpfMap& map, std::uint32_t key) {
    std::uint64_t value = 0;
    return bool{map.find(octets_of(key), {reinterpret_cast<std::uint8_t*>(&value), sizeof value})};
  }
};

TEST_F(Bpf, keeps_what_a_map_is_given) {
  const Result<BpfMap> map = make(BpfMap::Kind::hash, 10);
  ASSERT_TRUE(map);
  const std::uint32_t key = 7;
  ASSERT_TRUE(map->update(octets_of(key), octets_of(std::uint64_t{70})));
  ASSERT_TRUE(map->update(octets_of(key), octets_of(std::uint64_t{71})));
  std::uint64_t value = 0;
  ASSERT_TRUE(map->find(octets_of(key), {reinterpret_cast<std::uint8_t*>(&value), sizeof value}));
  EXPECT_EQ(value, 71u);

  ASSERT_TRUE(map->remove(octets_of(key)));
  EXPECT_EQ(map->remove(octets_of(key)).error().code, ErrorCode::not_found);
  EXPECT_FALSE(has(*map, key));
}

TEST_F(Bpf, says_when_a_hash_is_full) {
  const Result<BpfMap> map = make(BpfMap::Kind::hash, 2);
  ASSERT_TRUE(map);
  for (std::uint32_t key = 0; key < 2; ++key) ASSERT_TRUE(map->update(octets_of(key), octets_of(std::uint64_t{1})));
  const Result<void> third = map->update(octets_of(std::uint32_t{2}), octets_of(std::uint64_t{1}));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::too_large);
}

TEST_F(Bpf, lets_a_hash_forget_what_was_used_least) {
  const Result<BpfMap> map = make(BpfMap::Kind::lru_hash, 256);
  ASSERT_TRUE(map);
  for (std::uint32_t key = 0; key < 2000; ++key) ASSERT_TRUE(map->update(octets_of(key), octets_of(std::uint64_t{1})));
  EXPECT_TRUE(has(*map, 1999));
  EXPECT_FALSE(has(*map, 0));
}

TEST_F(Bpf, refuses_keys_and_values_of_another_size) {
  const Result<BpfMap> map = make(BpfMap::Kind::hash, 2);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->update(octets_of(std::uint16_t{1}), octets_of(std::uint64_t{1})).error().code, ErrorCode::internal);
  EXPECT_EQ(map->update(octets_of(std::uint32_t{1}), octets_of(std::uint32_t{1})).error().code, ErrorCode::internal);
  EXPECT_EQ(map->remove(octets_of(std::uint64_t{1})).error().code, ErrorCode::internal);
}

TEST_F(Bpf, refuses_a_map_of_an_impossible_shape) {
  const Result<BpfMap> map = make(BpfMap::Kind::hash, 0);
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(map.error().text(), HasSubstr("test"));
}

TEST_F(Bpf, shares_words_with_the_kernel) {
  const Result<BpfWords> made = BpfWords::make("words", 1000);
  ASSERT_TRUE(made);
  const BpfWords::Words words = made->words();
  ASSERT_EQ(words.size(), 1000u);
  for (const auto& word : words) EXPECT_EQ(word.load(), 0u);
  words[999] = 42;
  // The kernel sees it, and it is the word of that number.
  BpfWords moved = std::move(const_cast<BpfWords&>(*made));
  EXPECT_EQ(moved.words().data(), words.data()) << "moving leaves the words where they are";
  EXPECT_EQ(moved.words()[999].load(), 42u);
}

std::vector<BpfInstruction> returns(std::int32_t value) {
  BpfAssembler bpf;
  bpf.apply(BpfOperation::move, BpfRegister::r0, value);
  bpf.end();
  return bpf.take();
}

std::vector<BpfInstruction> returns_nothing() {
  BpfAssembler bpf;
  bpf.end();
  return bpf.take();
}

TEST_F(Bpf, loads_a_program) {
  const Result<UniqueFd> program = load_socket_filter("five", returns(5));
  ASSERT_TRUE(program) << program.error().text();
  // A filter of a socket keeps as many octets of a datagram as it says.
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd sender(pair[0]);
  const UniqueFd receiver(pair[1]);
  const int fd = program->get();
  ASSERT_EQ(::setsockopt(receiver.get(), SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof fd), 0);
  ASSERT_EQ(::send(sender.get(), "0123456789", 10, 0), 10);
  char received[16];
  EXPECT_EQ(::recv(receiver.get(), received, sizeof received, MSG_DONTWAIT), 5);
}

TEST_F(Bpf, quotes_the_verifier) {
  const Result<UniqueFd> program = load_socket_filter("nothing", returns_nothing());
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(program.error().text(), HasSubstr("nothing"));
  EXPECT_THAT(program.error().text(), HasSubstr("R0 !read_ok"));
}

TEST_F(Bpf, says_which_capability_it_takes) {
  std::thread([] {
    ASSERT_TRUE(reduce_privileges({}));
    const Result<BpfMap> map = make(BpfMap::Kind::lru_hash, 10);
    ASSERT_FALSE(map);
    EXPECT_EQ(map.error().code, ErrorCode::permission);
    EXPECT_THAT(map.error().text(), HasSubstr("CAP_BPF"));
  }).join();
}

// Reloads happen long after the start.
TEST_F(Bpf, changes_maps_without_the_capability) {
  const Result<BpfMap> map = make(BpfMap::Kind::hash, 10);
  ASSERT_TRUE(map);
  std::thread([&] {
    ASSERT_TRUE(reduce_privileges({}));
    EXPECT_TRUE(map->update(octets_of(std::uint32_t{1}), octets_of(std::uint64_t{1})));
    EXPECT_TRUE(map->remove(octets_of(std::uint32_t{1})));
  }).join();
}

}  // namespace
}  // namespace dragoman::net
