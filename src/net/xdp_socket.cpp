// The rings of an AF_XDP socket, through libxdp: see xdp_socket.h. There are as many places in the fill ring as there
// are frames, so giving one back never fails.
#include "dragoman/net/xdp_socket.h"

#include <linux/if_xdp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace dragoman::net {
namespace {

constexpr std::uint32_t chunk_size = 2048;  // of memory for a frame; the kernel keeps the first 256 octets
constexpr std::uint32_t frames = 4096;
constexpr std::uint32_t ring_size = 2048;
constexpr std::size_t memory_size = std::size_t{frames} * chunk_size;
static_assert(XdpSocket::max_frame <= chunk_size - 256);

Error open_failure(int error, const std::string& subject) {
  switch (error) {
    case EPERM:
    case EACCES:
      return {ErrorCode::permission, "not allowed to use AF_XDP",
              subject + " (give this program CAP_NET_RAW; for a container: --cap-add NET_RAW)"};
    case EBUSY:
      return {ErrorCode::in_use, "another program has the queue by AF_XDP", subject};
    case ENOBUFS:
    case ENOMEM:
      return {
          ErrorCode::too_large, "no memory may be locked for AF_XDP",
          subject + " (8 MiB for each queue: LimitMEMLOCK=infinity in the unit, --ulimit memlock=-1 of a container)"};
    case EAFNOSUPPORT:
      return {ErrorCode::not_found, "this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)", subject};
    default:
      return {ErrorCode::not_found, "no AF_XDP socket for the queue", subject + ": " + std::strerror(error)};
  }
}

struct Unmap {
  void operator()(void* memory) const { ::munmap(memory, memory_size); }
};

}  // namespace

struct XdpSocket::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (socket != nullptr) xsk_socket__delete(socket);
    if (umem != nullptr) xsk_umem__delete(umem);
  }

  int open(const std::string& interface, unsigned queue, XdpHook hook);
  void offer(std::uint64_t address);
  void take_back_sent();
  std::uint32_t hand_over_replies();
  void kick();

  std::unique_ptr<void, Unmap> memory;
  xsk_umem* umem = nullptr;
  xsk_socket* socket = nullptr;
  xsk_ring_prod fill{}, tx{};
  xsk_ring_cons completion{}, rx{};
  bool zero_copy = false;
  bool unsent = false;

  struct Slot {
    std::uint64_t address;
    std::uint32_t size;
    std::uint32_t reply_size;  // 0: no reply
  };
  std::array<Slot, batch> slots;
  std::size_t received = 0;
  std::uint32_t offered = 0;  // frames that were put into the fill ring and not told of
};

// The errno, or 0.
int XdpSocket::State::open(const std::string& interface, unsigned queue, XdpHook hook) {
  void* mapped = ::mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return errno;
  memory.reset(mapped);
  const xsk_umem_config umem_config{
      .fill_size = frames, .comp_size = ring_size, .frame_size = chunk_size, .frame_headroom = 0, .flags = 0};
  if (const int error = xsk_umem__create(&umem, mapped, memory_size, &fill, &completion, &umem_config)) return -error;
  for (std::uint64_t frame = 0; frame < frames; ++frame) offer(frame * chunk_size);
  xsk_ring_prod__submit(&fill, std::exchange(offered, 0));

  xsk_socket_config config{};
  config.rx_size = ring_size;
  config.tx_size = ring_size;
  config.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD;
  config.bind_flags = XDP_USE_NEED_WAKEUP | (hook == XdpHook::generic ? XDP_COPY : 0);
  if (const int error = xsk_socket__create(&socket, interface.c_str(), queue, umem, &rx, &tx, &config)) return -error;
  xdp_options options{};
  socklen_t length = sizeof options;
  const int fd = xsk_socket__fd(socket);
  if (::getsockopt(fd, SOL_XDP, XDP_OPTIONS, &options, &length) == 0) {
    zero_copy = (options.flags & XDP_OPTIONS_ZEROCOPY) != 0;
  }
  return 0;
}

void XdpSocket::State::offer(std::uint64_t address) {
  std::uint32_t place;
  xsk_ring_prod__reserve(&fill, 1, &place);
  *xsk_ring_prod__fill_addr(&fill, place) = address - address % chunk_size;
  ++offered;
}

void XdpSocket::State::take_back_sent() {
  std::uint32_t place;
  const std::uint32_t count = xsk_ring_cons__peek(&completion, ring_size, &place);
  for (std::uint32_t i = 0; i < count; ++i) offer(*xsk_ring_cons__comp_addr(&completion, place + i));
  if (count > 0) xsk_ring_cons__release(&completion, count);
}

// Those that are answered go to the way out, the others back to where they came from. Returns how many had no place.
std::uint32_t XdpSocket::State::hand_over_replies() {
  std::uint32_t room = xsk_prod_nb_free(&tx, batch), sent = 0, refused = 0;
  for (std::size_t i = 0; i < received; ++i) {
    const Slot& slot = slots[i];
    std::uint32_t place;
    if (slot.reply_size == 0 || room == 0) {
      refused += slot.reply_size == 0 ? 0 : 1;
      offer(slot.address);
      continue;
    }
    xsk_ring_prod__reserve(&tx, 1, &place);
    *xsk_ring_prod__tx_desc(&tx, place) = {.addr = slot.address, .len = slot.reply_size, .options = 0};
    ++sent, --room;
  }
  if (sent > 0) xsk_ring_prod__submit(&tx, sent);
  received = 0;
  return refused;
}

// Where the driver does not look by itself, a call sends what waits; in copy mode some 32 frames of it (EAGAIN: there
// is more). Without progress the device is full.
void XdpSocket::State::kick() {
  const auto waiting = [&] { return ring_size - xsk_prod_nb_free(&tx, ring_size); };
  unsent = false;
  for (std::uint32_t before = waiting(); before > 0 && xsk_ring_prod__needs_wakeup(&tx) != 0;) {
    if (::sendto(xsk_socket__fd(socket), nullptr, 0, MSG_DONTWAIT, nullptr, 0) >= 0) return;
    if (errno != EAGAIN && errno != EBUSY && errno != ENOBUFS && errno != EINTR) return;  // the interface is down
    const std::uint32_t after = waiting();
    if (after == before) {
      unsent = true;
      return;
    }
    before = after;
  }
}

Result<XdpSocket> XdpSocket::open(const std::string& interface, unsigned queue, XdpHook hook) {
  auto state = std::make_unique<State>();
  const int error = state->open(interface, queue, hook);
  if (error != 0) return open_failure(error, interface + ", queue " + std::to_string(queue));
  return XdpSocket(std::move(state));
}

XdpSocket::XdpSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
XdpSocket::XdpSocket(XdpSocket&&) noexcept = default;
XdpSocket& XdpSocket::operator=(XdpSocket&&) noexcept = default;
XdpSocket::~XdpSocket() = default;

int XdpSocket::fd() const { return xsk_socket__fd(state_->socket); }
bool XdpSocket::is_zero_copy() const { return state_->zero_copy; }
bool XdpSocket::has_unsent() const { return state_->unsent; }

std::size_t XdpSocket::receive() {
  State& state = *state_;
  std::uint32_t place;
  const std::uint32_t count = xsk_ring_cons__peek(&state.rx, batch, &place);
  for (std::uint32_t i = 0; i < count; ++i) {
    const xdp_desc* descriptor = xsk_ring_cons__rx_desc(&state.rx, place + i);
    state.slots[i] = {descriptor->addr, descriptor->len, 0};
  }
  if (count > 0) xsk_ring_cons__release(&state.rx, count);
  state.received = count;
  return count;
}

Bytes XdpSocket::frame(std::size_t index) const { return {room(index), state_->slots[index].size}; }

std::uint8_t* XdpSocket::room(std::size_t index) const {
  return static_cast<std::uint8_t*>(xsk_umem__get_data(state_->memory.get(), state_->slots[index].address));
}

void XdpSocket::reply(std::size_t index, std::size_t size) {
  state_->slots[index].reply_size = static_cast<std::uint32_t>(size);
}

std::size_t XdpSocket::send() {
  State& state = *state_;
  const std::uint32_t refused = state.hand_over_replies();
  state.kick();
  state.take_back_sent();
  if (state.offered > 0) xsk_ring_prod__submit(&state.fill, std::exchange(state.offered, 0));
  if (xsk_ring_prod__needs_wakeup(&state.fill) != 0) {
    ::recvfrom(fd(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);  // the driver ran out of frames and waits for a call
  }
  return refused;
}

XdpSocket::Statistics& XdpSocket::Statistics::operator+=(const Statistics& other) {
  rx_ring_full += other.rx_ring_full;
  rx_dropped += other.rx_dropped;
  rx_invalid_descs += other.rx_invalid_descs;
  tx_invalid_descs += other.tx_invalid_descs;
  return *this;
}

XdpSocket::Statistics XdpSocket::statistics(int fd) {
  xdp_statistics counted{};
  socklen_t length = sizeof counted;
  if (::getsockopt(fd, SOL_XDP, XDP_STATISTICS, &counted, &length) != 0) return {};
  return {counted.rx_ring_full, counted.rx_dropped, counted.rx_invalid_descs, counted.tx_invalid_descs};
}

}  // namespace dragoman::net
