// BPF by system call (bpf(2)): see bpf.h.
#include "dragoman/net/bpf.h"

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
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

bpf_map_type type_of(BpfMap::Kind kind) {
  switch (kind) {
    case BpfMap::Kind::lru_hash:
      return BPF_MAP_TYPE_LRU_HASH;
    case BpfMap::Kind::xdp_sockets:
      return BPF_MAP_TYPE_XSKMAP;
    case BpfMap::Kind::hash:
      break;
  }
  return BPF_MAP_TYPE_HASH;
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

static_assert(sizeof(BpfInstruction) == sizeof(bpf_insn));

bpf_attr program_attributes(const char* name, bpf_prog_type type, BpfProgram program) {
  bpf_attr attributes = no_attributes();
  attributes.prog_type = type;
  attributes.insns = address_of(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
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

Result<UniqueFd> load(const char* name, bpf_prog_type type, BpfProgram program) {
  bpf_attr attributes = program_attributes(name, type, program);
  UniqueFd fd(static_cast<int>(bpf(BPF_PROG_LOAD, attributes)));
  if (fd) return fd;
  const int error = errno;
  if (error == EPERM || error == ENOSYS) return failure(error, "", name);
  return Error{ErrorCode::invalid_argument, "the kernel refuses a BPF program",
               std::string(name) + ": " + std::strerror(error) + ": " + verifier_log(attributes)};
}

Error attach_failure(int error, unsigned link_index) {
  char name[IF_NAMESIZE];
  const bool is_there = ::if_indextoname(link_index, name) != nullptr;
  const std::string subject = (is_there ? std::string(name) : std::to_string(link_index)) + ": " + std::strerror(error);
  switch (error) {
    case EPERM:
      return {ErrorCode::permission, "not allowed to attach an XDP program", subject + " (it takes CAP_NET_ADMIN)"};
    case EBUSY:
    case EEXIST:
      return {ErrorCode::in_use, "another XDP program is on the interface", subject + " (`ip link` shows it)"};
    case ENODEV:
      return {ErrorCode::not_found, "there is no such interface", subject};
    default:
      return {ErrorCode::invalid_argument, "the driver does not take an XDP program", subject};
  }
}

}  // namespace

Result<BpfMap> BpfMap::make(const char* name, const Shape& shape) {
  Result<UniqueFd> fd = make_map(name, {type_of(shape.kind), 0}, shape);
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

Result<UniqueFd> load_socket_filter(const char* name, BpfProgram program) {
  return load(name, BPF_PROG_TYPE_SOCKET_FILTER, program);
}

Result<UniqueFd> load_xdp(const char* name, BpfProgram program) { return load(name, BPF_PROG_TYPE_XDP, program); }

Result<UniqueFd> attach_xdp(int program, unsigned link_index, XdpHook hook) {
  bpf_attr attributes = no_attributes();
  attributes.link_create.prog_fd = static_cast<std::uint32_t>(program);
  attributes.link_create.target_ifindex = link_index;
  attributes.link_create.attach_type = BPF_XDP;
  attributes.link_create.flags = hook == XdpHook::native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
  UniqueFd fd(static_cast<int>(bpf(BPF_LINK_CREATE, attributes)));
  if (!fd) return attach_failure(errno, link_index);
  return fd;
}

bool is_attached(int attachment) {
  bpf_link_info info{};
  bpf_attr attributes = no_attributes();
  attributes.info.bpf_fd = static_cast<std::uint32_t>(attachment);
  attributes.info.info = address_of(&info);
  attributes.info.info_len = sizeof info;
  return bpf(BPF_OBJ_GET_INFO_BY_FD, attributes) == 0 && info.xdp.ifindex != 0;
}

}  // namespace dragoman::net
