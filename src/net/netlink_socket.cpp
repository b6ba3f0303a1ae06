// Talking to the kernel over rtnetlink: see netlink_socket.h.
#include "netlink_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>

namespace dragoman::net {
namespace {

// The kernel makes messages of a dump up to 32 KiB large for a reader with that much room.
constexpr std::size_t buffer_size = 64 * 1024;
constexpr timeval longest_wait{5, 0};  // the kernel answers at once; this is against waiting for ever

struct Failure {
  int error;
  ErrorCode code;
  const char* what;
};
constexpr Failure failures[] = {
    {EPERM, ErrorCode::permission, "not allowed to change interfaces and routes (it needs CAP_NET_ADMIN)"},
    {EACCES, ErrorCode::permission, "not allowed to change interfaces and routes (it needs CAP_NET_ADMIN)"},
    {EEXIST, ErrorCode::in_use, "it is there already"},
    {ENODEV, ErrorCode::not_found, "there is no such interface"},
    {ESRCH, ErrorCode::not_found, "there is no such route"},
    {EADDRNOTAVAIL, ErrorCode::not_found, "there is no such address"},
    {ENETDOWN, ErrorCode::unreachable, "the interface is down"},
    {ENETUNREACH, ErrorCode::unreachable, "no route to this address"},
    {EHOSTUNREACH, ErrorCode::unreachable, "no route to this address"},
    {EINVAL, ErrorCode::invalid_argument, "the kernel refuses it"},
    {ERANGE, ErrorCode::invalid_argument, "the kernel refuses it"},
    {EAFNOSUPPORT, ErrorCode::not_found, "this machine has no such address family (IPv6 is switched off?)"},
    {EOPNOTSUPP, ErrorCode::not_found, "this kernel cannot do that"},
    {EAGAIN, ErrorCode::timeout, "the kernel does not answer"},
    {ENOBUFS, ErrorCode::too_large, "the kernel's answer did not fit the socket"},
};

// `explanation`: the kernel's own, may be empty.
Error failure(int error, const std::string& subject, std::string_view explanation = {}) {
  const std::string reason(explanation.empty() ? std::string_view(std::strerror(error)) : explanation);
  for (const Failure& known : failures) {
    if (known.error == error) return {known.code, known.what, subject + " (" + reason + ")"};
  }
  return {ErrorCode::internal, "the kernel refuses it", subject + " (" + reason + ")"};
}

// NLMSG_ERROR: nullopt when it says that all is well. With NETLINK_CAP_ACK the request is not repeated in it.
std::optional<Error> error_of(const nlmsghdr& header, Bytes payload, const std::string& subject) {
  std::int32_t error = 0;
  if (payload.size() < sizeof(nlmsgerr)) return Error{ErrorCode::malformed, "a netlink message is too short", subject};
  std::memcpy(&error, payload.data(), sizeof error);
  if (error == 0) return std::nullopt;
  const bool is_explained = (header.nlmsg_flags & NLM_F_ACK_TLVS) != 0;
  const NetlinkAttributes attributes(is_explained ? payload.subspan(sizeof(nlmsgerr)) : Bytes{});
  return failure(-error, subject, attributes.text(NLMSGERR_ATTR_MSG));
}

void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

// What one datagram of an answer came to.
struct Progress {
  bool is_done = false;
  bool is_interrupted = false;
  std::optional<Error> error{};
};

Progress read_messages(Bytes datagram, std::uint32_t sequence, const std::string& subject, NetlinkSocket::Each each) {
  Progress progress;
  nlmsghdr header;
  while (datagram.size() >= sizeof header) {
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) break;
    const Bytes payload = datagram.subspan(sizeof header, header.nlmsg_len - sizeof header);
    datagram = datagram.subspan(std::min<std::size_t>(datagram.size(), NLMSG_ALIGN(header.nlmsg_len)));
    if (header.nlmsg_seq != sequence) continue;  // of an answer that we gave up waiting for
    if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) progress.is_interrupted = true;
    if (header.nlmsg_type == NLMSG_ERROR) return {true, progress.is_interrupted, error_of(header, payload, subject)};
    if (header.nlmsg_type == NLMSG_DONE) return {true, progress.is_interrupted, std::nullopt};
    each(header.nlmsg_type, payload);
  }
  return progress;
}

}  // namespace

Result<NetlinkSocket> NetlinkSocket::open() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd) return failure(errno, "rtnetlink socket");
  // Best effort, for kernels before 4.20: explanations of errors, and filters of dumps that the kernel applies.
  set_option(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, 1);
  set_option(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, 1);
  set_option(fd.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &longest_wait, sizeof longest_wait);
  NetlinkSocket socket(std::move(fd));
  socket.buffer_.resize(buffer_size);
  return socket;
}

Result<bool> NetlinkSocket::exchange(NetlinkRequest& request, const std::string& subject, Each each) {
  const std::uint32_t sequence = ++sequence_;
  const Bytes octets = request.finish(sequence);
  if (::send(fd_.get(), octets.data(), octets.size(), 0) < 0) return failure(errno, subject);
  bool is_complete = true;
  for (;;) {
    const ssize_t size = ::recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failure(errno, subject);
    Progress progress = read_messages({buffer_.data(), static_cast<std::size_t>(size)}, sequence, subject, each);
    if (progress.is_interrupted) is_complete = false;
    if (progress.error) return *std::move(progress.error);
    if (progress.is_done) return is_complete;
  }
}

Result<void> NetlinkSocket::change(NetlinkRequest& request, const std::string& subject) {
  const Result<bool> done = exchange(request, subject, [](std::uint16_t, Bytes) {});
  if (!done) return done.error();
  return {};
}

}  // namespace dragoman::net
