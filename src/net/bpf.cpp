// BPF by system call (bpf(2)): see bpf.h.
#include "dragoman/net/bpf.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::net {
namespace {

static_assert(sizeof(std::atomic<std::uint64_t>) == 8 && std::atomic<std::uint64_t>::is_always_lock_free);

constexpr std::size_t log_size = 64 * 1024;  // of the verifier
constexpr std::size_t quoted_log = 400;      // octets of its end that an error has room for

long bpf(bpf_cmd command, bpf_attr& attributes) { return ::syscall(SYS_bpf, command, &attributes, sizeof attributes); }

std::uint64_t address_of(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory); }

bpf_attr no_attributes() {
  bpf_attr attributes;
  std::memset(&attributes, 0, sizeof attributes);  // the kernel refuses what is set and unknown, padding too
  return attributes;
}

template <std::size_t N>
void set_name(char (&field)[N], const char* name) {
  std::string_view(name).substr(0, N - 1).copy(field, N - 1);
}

Error failure(int error, const char* what, const std::string& subject) {
  switch (error) {
    case EPERM:
      return {ErrorCode::permission, "not allowed to use BPF",
              subject + " (give this program CAP_BPF; for a container: --cap-add BPF)"};
    case ENOSYS:
      return {ErrorCode::not_found, "this kernel has no BPF", subject};
    case ENOENT:
      return {ErrorCode::not_found, "there is no such entry in the BPF map", subject};
    case E2BIG:
      return {ErrorCode::too_large, what, subject + ": " + std::strerror(error)};
    default:
      return {ErrorCode::invalid_argument, what, subject + ": " + std::strerror(error)};
  }
}

struct MapType {
  bpf_map_type type;
  std::uint32_t flags;
};

Result<UniqueFd> make_map(const char* name, MapType type, const BpfMap::Shape& shape) {
  bpf_attr attributes = no_attributes();
  attributes.map_type = type.type;
  attributes.map_flags = type.flags;
  attributes.key_size = shape.key_size;
  attributes.value_size = shape.value_size;
  attributes.max_entries = shape.entries;
  set_name(attributes.map_name, name);
  UniqueFd fd(static_cast<int>(bpf(BPF_MAP_CREATE, attributes)));
  if (!fd) return failure(errno, "the kernel refuses a BPF map", name);
  return fd;
}

Result<void> on_element(bpf_cmd command, int map, const void* key, void* value) {
  bpf_attr attributes = no_attributes();
  attributes.map_fd = static_cast<std::uint32_t>(map);
  attributes.key = address_of(key);
  attributes.value = address_of(value);
  if (bpf(command, attributes) != 0) return failure(errno, "the kernel refuses a change of a BPF map", "an entry");
  return {};
}

std::size_t mapped_size(std::size_t words) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (words * sizeof(std::uint64_t) + page - 1) / page * page;
}

bpf_attr program_attributes(const char* name, Bytes instructions) {
  bpf_attr attributes = no_attributes();
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insns = address_of(instructions.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(instructions.size() / sizeof(bpf_insn));
  attributes.license = address_of("Apache-2.0");
  set_name(attributes.prog_name, name);
  return attributes;
}

// The end of the verifier's log says what it did not like.
std::string verifier_log(bpf_attr attributes) {
  std::vector<char> log(log_size);
  attributes.log_buf = address_of(log.data());
  attributes.log_size = log_size;
  attributes.log_level = 1;
  const UniqueFd unexpected(static_cast<int>(bpf(BPF_PROG_LOAD, attributes)));
  const std::string text(log.data(), ::strnlen(log.data(), log.size()));
  return text.substr(text.size() - std::min(text.size(), quoted_log));
}

}  // namespace

Result<BpfMap> BpfMap::make(const char* name, const Shape& shape) {
  const bpf_map_type type = shape.kind == Kind::hash ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_LRU_HASH;
  Result<UniqueFd> fd = make_map(name, {type, 0}, shape);
  if (!fd) return fd.error();
  return BpfMap(*std::move(fd), shape);
}

Result<void> BpfMap::update(Bytes key, Bytes value) const {
  if (key.size() != shape_.key_size || value.size() != shape_.value_size) return wrong_size();
  return on_element(BPF_MAP_UPDATE_ELEM, fd(), key.data(), const_cast<std::uint8_t*>(value.data()));
}

Result<void> BpfMap::remove(Bytes key) const {
  if (key.size() != shape_.key_size) return wrong_size();
  return on_element(BPF_MAP_DELETE_ELEM, fd(), key.data(), nullptr);
}

Result<void> BpfMap::find(Bytes key, MutableBytes value) const {
  if (key.size() != shape_.key_size || value.size() != shape_.value_size) return wrong_size();
  return on_element(BPF_MAP_LOOKUP_ELEM, fd(), key.data(), value.data());
}

Error BpfMap::wrong_size() { return {ErrorCode::internal, "a key or value of the wrong size for its BPF map"}; }

Result<BpfWords> BpfWords::make(const char* name, std::uint32_t count) {
  const BpfMap::Shape shape{{}, sizeof(std::uint32_t), sizeof(std::uint64_t), count};
  Result<UniqueFd> fd = make_map(name, {BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE}, shape);
  if (!fd) return fd.error();
  void* memory = ::mmap(nullptr, mapped_size(count), PROT_READ | PROT_WRITE, MAP_SHARED, fd->get(), 0);
  if (memory == MAP_FAILED) return failure(errno, "a BPF map cannot be mapped into memory", name);
  return BpfWords(*std::move(fd), Words(static_cast<std::atomic<std::uint64_t>*>(memory), count));
}

BpfWords::~BpfWords() {
  if (!words_.empty()) ::munmap(words_.data(), mapped_size(words_.size()));
}

Result<UniqueFd> load_socket_filter(const char* name, Bytes instructions) {
  bpf_attr attributes = program_attributes(name, instructions);
  UniqueFd fd(static_cast<int>(bpf(BPF_PROG_LOAD, attributes)));
  if (fd) return fd;
  const int error = errno;
  if (error == EPERM || error == ENOSYS) return failure(error, "", name);
  return Error{ErrorCode::invalid_argument, "the kernel refuses a BPF program",
               std::string(name) + ": " + std::strerror(error) + ": " + verifier_log(attributes)};
}

}  // namespace dragoman::net
