// The TUN device of Linux (Documentation/networking/tuntap.rst): see tun_device.h.
#include "dragoman/net/tun_device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "dragoman/net/netlink.h"

namespace dragoman::net {
namespace {

constexpr const char* clone_device = "/dev/net/tun";

// linux/if_tun.h of Debian 12 predates USO. The kernel takes both bits or none.
constexpr unsigned uso_bits = 0x20 | 0x40;  // TUN_F_USO4, TUN_F_USO6
constexpr unsigned tso_bits = TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

TunResult result_of(int error) {
  switch (error) {
    case EAGAIN:
      return TunResult::again;
    case EINVAL:
      return TunResult::rejected;
    case EIO:
    case ENETDOWN:
      return TunResult::down;
    case EBADFD:
      return TunResult::gone;
    default:
      return TunResult::failed;
  }
}

std::string current_user() {
  const uid_t user = geteuid();
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> strings{};
  getpwuid_r(user, &entry, strings.data(), strings.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(user);
}

// What prepares a device that this program may use without any capability.
std::string preparation(const std::string& name) {
  return "ip tuntap add dev " + name + " mode tun user " + current_user() + " multi_queue vnet_hdr";
}
std::string preparation_anew(const std::string& name) {
  return "as root: ip tuntap del dev " + name + " mode tun && " + preparation(name);
}

Error clone_device_error(int error) {
  switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return {ErrorCode::not_found, "this system offers no TUN devices",
              std::string(clone_device) + ": " + std::strerror(error) +
                  " (as root: modprobe tun; for a container: --device " + clone_device + ")"};
    case EACCES:
      return {ErrorCode::permission, "not allowed to use TUN devices",
              std::string(clone_device) + " is not readable and writable for user " + current_user() +
                  " (as root: chmod 0666 " + clone_device + ", as most systems have it)"};
    case EPERM:
      return {ErrorCode::permission, "not allowed to use TUN devices",
              "the container's device policy forbids it (start it with --device " + std::string(clone_device) + ")"};
    default:
      return {ErrorCode::internal, "the TUN device cannot be opened",
              std::string(clone_device) + ": " + std::strerror(error)};
  }
}

// TUNSETIFF failed.
Error attach_error(int error, const std::string& name, bool exists) {
  switch (error) {
    case EPERM:
      if (exists) {
        return {
            ErrorCode::permission, "not allowed to use this TUN device",
            name + " was made for another user (" + preparation_anew(name) + "; or give this program CAP_NET_ADMIN)"};
      }
      return {ErrorCode::permission, "not allowed to make a TUN device",
              name + " (give this program CAP_NET_ADMIN, or prepare the device, as root: " + preparation(name) + ")"};
    case EBUSY:
      return {ErrorCode::in_use, "another program uses this TUN device", name};
    case E2BIG:
      return {ErrorCode::invalid_argument, "the kernel gives no more queues of this TUN device",
              name + " (fewer workers)"};
    case EINVAL:
      return {ErrorCode::invalid_argument, "the kernel refuses this TUN device",
              name + " (it has the name of something else, or other settings: " + preparation_anew(name) + ")"};
    default:
      return {ErrorCode::internal, "the TUN device cannot be opened", name + ": " + std::strerror(error)};
  }
}

// Why an interface that is there already cannot serve.
std::optional<Error> unsuitable(const Link& link, const TunOptions& options) {
  if (!link.tun || link.tun->is_tap) {
    return Error{ErrorCode::invalid_argument, "an interface of this name exists and is not a TUN device",
                 options.name +
                     (link.tun            ? " is a TAP device"
                      : link.kind.empty() ? ""
                                          : " is of kind " + link.kind) +
                     " (choose another name)"};
  }
  if (link.tun->queues > 0) return attach_error(EBUSY, options.name, true);
  if (options.queues > 1 && !link.tun->is_multi_queue) {
    return Error{ErrorCode::invalid_argument, "this TUN device has one queue, and every worker needs its own",
                 options.name + " (" + preparation_anew(options.name) + "; or workers: 1)"};
  }
  return std::nullopt;
}

std::optional<Error> impossible(const TunOptions& options) {
  if (options.name.empty() || options.name.size() >= IF_NAMESIZE ||
      options.name.find_first_of("/:% \t\n") != std::string::npos) {
    return Error{ErrorCode::invalid_argument, "not a name for an interface",
                 "\"" + options.name + "\" (1 to 15 characters, no space, slash, colon or percent sign)"};
  }
  if (options.queues == 0 || options.queues > TunDevice::max_queues) {
    return Error{ErrorCode::invalid_argument, "a TUN device has 1 to 256 queues", std::to_string(options.queues)};
  }
  return std::nullopt;
}

struct Attachment {
  std::string name;
  short flags;
  bool exists;
};

Result<UniqueFd> open_queue(const Attachment& attachment) {
  UniqueFd fd(::open(clone_device, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return clone_device_error(errno);
  ifreq request{};
  attachment.name.copy(request.ifr_name, IF_NAMESIZE - 1);
  request.ifr_flags = attachment.flags;
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) return attach_error(errno, attachment.name, attachment.exists);
  const int header_size = TunQueue::header_size;
  if (::ioctl(fd.get(), TUNSETVNETHDRSZ, &header_size) != 0) {
    return Error{ErrorCode::internal, "the kernel refuses the offload header", attachment.name};
  }
  return fd;
}

Result<std::vector<TunQueue>> open_queues(const Attachment& attachment, unsigned count) {
  std::vector<TunQueue> queues;
  for (unsigned i = 0; i < count; ++i) {
    Result<UniqueFd> fd = open_queue(attachment);
    if (!fd) return fd.error();
    queues.emplace_back(*std::move(fd));
  }
  return queues;
}

unsigned offload_bits(TunOffloads offloads) {
  // A partial checksum costs a translation nothing, so it is always welcome.
  return TUN_F_CSUM | (offloads.tso ? tso_bits : 0) | (offloads.uso ? uso_bits : 0);
}

bool takes(int fd, TunOffloads offloads) { return ::ioctl(fd, TUNSETOFFLOAD, offload_bits(offloads)) == 0; }

Result<bool> choose(OffloadSwitch wanted, bool is_possible, const char* refusal) {
  if (wanted == OffloadSwitch::on && !is_possible) {
    return Error{ErrorCode::invalid_argument, refusal, "switched on in the configuration (auto takes what there is)"};
  }
  return wanted != OffloadSwitch::off && is_possible;
}

// An unknown bit is refused, so trying tells what there is.
Result<TunOffloads> choose_offloads(int fd, const TunOptions& options) {
  const Result<bool> tso = choose(options.tso, takes(fd, {.tso = true}), "this kernel has no TSO for TUN devices");
  if (!tso) return tso.error();
  const Result<bool> uso = choose(options.uso, takes(fd, {.uso = true}),
                                  "this kernel has no USO for TUN devices (Linux 6.2 and later have)");
  if (!uso) return uso.error();
  return TunOffloads{*tso, *uso};
}

}  // namespace

TunQueue::Read TunQueue::read_packet(void* header, MutableBytes room) const {
  std::uint8_t* start = room.data() - header_size;
  const ssize_t size = ::read(fd_.get(), start, header_size + room.size());
  if (size < 0) return {result_of(errno), 0};
  if (size < static_cast<ssize_t>(header_size)) return {TunResult::failed, 0};
  std::memcpy(header, start, header_size);
  const std::size_t packet = static_cast<std::size_t>(size) - header_size;
  return {packet < room.size() ? TunResult::ok : TunResult::too_long, packet};
}

TunResult TunQueue::write_packet(const void* header, MutableBytes packet) const {
  std::uint8_t* start = packet.data() - header_size;
  std::memcpy(start, header, header_size);
  return ::write(fd_.get(), start, header_size + packet.size()) >= 0 ? TunResult::ok : result_of(errno);
}

void TunQueue::set_blocking(bool blocking) const {
  const int flags = ::fcntl(fd_.get(), F_GETFL);
  ::fcntl(fd_.get(), F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

Result<void> TunQueue::detach() const {
  ifreq request{};
  request.ifr_flags = IFF_DETACH_QUEUE;
  if (::ioctl(fd_.get(), TUNSETQUEUE, &request) == 0) return {};
  return Error{ErrorCode::invalid_argument, "the queue cannot be detached", std::strerror(errno)};
}

Result<TunDevice> TunDevice::open(const TunOptions& options) {
  if (const std::optional<Error> error = impossible(options)) return *error;
  Result<Netlink> netlink = Netlink::open();
  if (!netlink) return netlink.error();
  const Result<Link> before = netlink->link(options.name);
  if (!before && before.error().code != ErrorCode::not_found) return before.error();
  if (before) {
    if (const std::optional<Error> error = unsuitable(*before, options)) return *error;
  }
  // Multi-queue with one queue, too: the kernel lets such a device be attached and steered alike.
  const bool is_multi_queue = !before || before->tun->is_multi_queue;
  const short flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | (is_multi_queue ? IFF_MULTI_QUEUE : 0);
  Result<std::vector<TunQueue>> queues = open_queues({options.name, flags, bool{before}}, options.queues);
  if (!queues) return queues.error();
  const Result<Link> link = netlink->link(options.name);
  if (!link) return link.error();

  TunDevice device;
  device.name_ = options.name;
  device.index_ = link->index;
  device.was_made_ = !before;
  device.queues_ = *std::move(queues);
  const Result<TunOffloads> offloads = choose_offloads(device.queues_.front().fd(), options);
  if (!offloads) return offloads.error();
  if (const Result<void> set = device.set_offloads(*offloads); !set) return set.error();
  // A device that stays keeps the program of whoever had it before, and that one's idea of workers. A kernel that has
  // no steering refuses, and has none to reset.
  if (!device.was_made_) static_cast<void>(device.reset_steering());
  return device;
}

Result<void> TunDevice::set_offloads(TunOffloads offloads) {
  if (!takes(queues_.front().fd(), offloads)) {
    return Error{ErrorCode::invalid_argument, "the kernel refuses these offloads", name_ + ": " + std::strerror(errno)};
  }
  offloads_ = offloads;
  return {};
}

Result<void> TunDevice::set_steering(int program) {
  if (::ioctl(queues_.front().fd(), TUNSETSTEERINGEBPF, &program) == 0) return {};
  return Error{ErrorCode::invalid_argument, "the kernel refuses the steering program",
               name_ + ": " + std::strerror(errno)};
}

Result<void> TunDevice::reset_steering() { return set_steering(-1); }

Result<std::uint64_t> TunDevice::dropped() const {
  Result<Netlink> netlink = Netlink::open();
  if (!netlink) return netlink.error();
  const Result<Link> link = netlink->link(name_);
  if (!link) return link.error();
  return link->dropped;
}

}  // namespace dragoman::net
