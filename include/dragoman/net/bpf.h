// BPF maps and programs (bpf(2)), as far as steering and XDP take them: no library, no file, no compiler. What is made
// takes CAP_BPF, or CAP_SYS_ADMIN before Linux 5.8, and with XDP also CAP_NET_ADMIN; what is made already is used
// without. Errors: permission, with what to do, and invalid_argument.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <utility>

#include "dragoman/base/bpf_assembler.h"
#include "dragoman/base/bytes.h"
#include "dragoman/base/result.h"
#include "dragoman/net/socket.h"

namespace dragoman::net {

// A table that programs and this process share. Any thread. Keys and values are plain values of the sizes that the
// map was made with.
class BpfMap {
 public:
  enum class Kind : std::uint8_t {
    hash,         // full: an error
    lru_hash,     // full: the entry used least goes
    xdp_sockets,  // an array: queue -> descriptor of an AF_XDP socket (both u32)
  };
  struct Shape {
    Kind kind = Kind::hash;
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
    std::uint32_t entries = 0;  // at most
  };
  static Result<BpfMap> make(const char* name, const Shape& shape);

  int fd() const { return fd_.get(); }
  Result<void> update(Bytes key, Bytes value) const;       // adds or replaces
  Result<void> remove(Bytes key) const;                    // not_found
  Result<void> find(Bytes key, MutableBytes value) const;  // not_found

 private:
  BpfMap(UniqueFd fd, const Shape& shape) : fd_(std::move(fd)), shape_(shape) {}
  static Error wrong_size();
  UniqueFd fd_;
  Shape shape_;
};

// An array of 64-bit words in the memory of this process, which programs read: a store is seen by the next packet. All
// zero at first. Moving it leaves the words where they are.
class BpfWords {
 public:
  using Words = std::span<std::atomic<std::uint64_t>>;
  static Result<BpfWords> make(const char* name, std::uint32_t count);
  BpfWords(BpfWords&& other) noexcept : fd_(std::move(other.fd_)), words_(std::exchange(other.words_, {})) {}
  BpfWords& operator=(BpfWords&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(words_, other.words_);
    return *this;
  }
  ~BpfWords();

  int fd() const { return fd_.get(); }
  Words words() const { return words_; }

 private:
  BpfWords(UniqueFd fd, Words words) : fd_(std::move(fd)), words_(words) {}
  UniqueFd fd_;
  Words words_;
};

// Load a program; the error quotes the last lines of the verifier. A socket filter: TunDevice::set_steering() puts it
// to work; the device then holds it.
Result<UniqueFd> load_socket_filter(const char* name, BpfProgram program);
Result<UniqueFd> load_xdp(const char* name, BpfProgram program);

// Where an XDP program meets frames: in the driver, before the kernel has made anything of them, or (generic) in the
// kernel's stack, which every interface has.
enum class XdpHook : std::uint8_t { native, generic };

// Puts an XDP program in front of an interface (BPF_LINK_CREATE, Linux 5.9). It is there as long as the descriptor that
// is returned, and so never longer than this process. Errors also: in_use (another program is there), not_found, and
// invalid_argument when the driver has no such hook, or not with this MTU.
Result<UniqueFd> attach_xdp(int program, unsigned link_index, XdpHook hook);
// False once the interface is gone.
bool is_attached(int attachment);

}  // namespace dragoman::net
