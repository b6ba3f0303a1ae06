// A BIO over a non-blocking socket; see socket_bio.h and BIO_meth_new(3). Its data pointer is the state itself:
// descriptor and three bits, so that a connection needs no further allocation.
#include "socket_bio.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace dragoman::net {
namespace {

struct SocketState {
  int fd = -1;
  bool emptied = false;
  bool expects_end = false;
  bool holds_next_write = false;
};

SocketState state_of(BIO* bio) {
  const auto packed = reinterpret_cast<std::intptr_t>(BIO_get_data(bio));
  return {static_cast<int>(packed >> 3), (packed & 1) != 0, (packed & 2) != 0, (packed & 4) != 0};
}

void keep(BIO* bio, SocketState state) {
  const std::intptr_t packed = std::intptr_t{state.fd} * 8 + (state.emptied ? 1 : 0) + (state.expects_end ? 2 : 0) +
                               (state.holds_next_write ? 4 : 0);
  BIO_set_data(bio, reinterpret_cast<void*>(packed));
}

bool is_transient(int error) { return error == EAGAIN || error == EINTR; }

int read_socket(BIO* bio, char* into, std::size_t room, std::size_t* count) {
  SocketState state = state_of(bio);
  BIO_clear_retry_flags(bio);
  if (state.emptied) {
    BIO_set_retry_read(bio);
    return 0;
  }
  const ssize_t received = ::recv(state.fd, into, room, 0);
  state.emptied = received > 0 && received < static_cast<ssize_t>(room) && !state.expects_end;
  keep(bio, state);
  if (received > 0) {
    *count = static_cast<std::size_t>(received);
    return 1;
  }
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  if (received < 0 && is_transient(errno)) BIO_set_retry_read(bio);
  return 0;
}

int write_socket(BIO* bio, const char* from, std::size_t length, std::size_t* count) {
  SocketState state = state_of(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(state.fd, from, length, MSG_NOSIGNAL | (state.holds_next_write ? MSG_MORE : 0));
  state.holds_next_write = false;
  keep(bio, state);
  if (sent >= 0) {
    *count = static_cast<std::size_t>(sent);
    return 1;
  }
  if (is_transient(errno)) BIO_set_retry_write(bio);
  return 0;
}

long control_socket(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;  // nothing is kept back
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_read_ex(made, read_socket);
    BIO_meth_set_write_ex(made, write_socket);
    BIO_meth_set_ctrl(made, control_socket);
    return made;
  }();
  return method;
}

}  // namespace

BIO* new_socket_bio(int fd) {
  BIO* bio = BIO_new(socket_method());
  keep(bio, {.fd = fd});
  BIO_set_init(bio, 1);
  return bio;
}

bool take_emptied(BIO* bio) {
  SocketState state = state_of(bio);
  const bool was_emptied = std::exchange(state.emptied, false);
  keep(bio, state);
  return was_emptied;
}

void expect_end(BIO* bio) {
  SocketState state = state_of(bio);
  state.expects_end = true;
  state.emptied = false;
  keep(bio, state);
}

void hold_next_write(BIO* bio) {
  SocketState state = state_of(bio);
  state.holds_next_write = true;
  keep(bio, state);
}

void cut_off(BIO* bio) { keep(bio, {}); }

}  // namespace dragoman::net
