// The session tables (RFC 6146 3.2): a binding, whom it is with, and when that ends. Both directions find a session by
// its binding. One thread.
#pragma once

#include <cstdint>

#include "keyed_hash.h"
#include "linear_hash.h"
#include "records.h"

namespace dragoman::nat64 {

class Sessions {
 public:
  explicit Sessions(std::uint64_t secret) : hash_{secret}, by_remote_(sessions_, hash_), wheel_(sessions_) {}

  Index find(Index binding, std::uint32_t remote, std::uint16_t remote_port) const {
    return by_remote_.find(hash_(binding, remote, remote_port, false), [=](const Session& known) {
      return known.binding == binding && known.remote == remote && known.remote_port == remote_port &&
             !known.is_permission;
    });
  }
  // With its deadline; the rest is the caller's to fill in.
  Index add(Index binding, std::uint32_t remote, std::uint16_t remote_port, Second deadline) {
    const Index made = insert(binding, remote, remote_port, false);
    sessions_[made].deadline = deadline;
    wheel_.file(made);
    return made;
  }
  void remove(Index index) {
    if (sessions_[index].has_permission) withdraw(sessions_[index].binding, sessions_[index].remote);
    wheel_.remove(index);
    by_remote_.remove(hash_(sessions_[index]), index);
    sessions_.give_back(index);
  }
  void set_deadline(Index index, Second deadline) {
    Session& session = sessions_[index];
    const bool is_earlier = deadline < session.deadline;
    session.deadline = deadline;
    if (!is_earlier) return;  // the wheel looks again when the old one comes
    wheel_.remove(index);
    wheel_.file(index);
  }
  // Files a session whose deadline had come and has been set anew.
  void file_again(Index index) {
    wheel_.remove(index);
    wheel_.file(index);
  }
  // ExpiryWheel::tick().
  template <class End>
  bool tick(Second now, std::size_t most, End end) {
    return wheel_.tick(now, most, end);
  }

  // -- Whether the inside has written to Z through this binding (address-dependent filtering): a count of sessions --
  bool permits(Index binding, std::uint32_t remote) const { return permission(binding, remote) != none; }
  void permit(Index session) {
    if (sessions_[session].has_permission) return;
    const Index binding = sessions_[session].binding;
    const std::uint32_t remote = sessions_[session].remote;
    Index index = permission(binding, remote);
    if (index == none) index = insert(binding, remote, 0, true);
    ++sessions_[index].deadline;
    sessions_[session].has_permission = true;
  }

  Session& operator[](Index index) { return sessions_[index]; }
  const Session& operator[](Index index) const { return sessions_[index]; }
  Index last() const { return sessions_.last(); }
  std::size_t memory() const { return sessions_.memory() + by_remote_.memory() + sizeof wheel_; }

 private:
  struct Hash {
    std::uint64_t secret;
    std::uint32_t operator()(Index binding, std::uint32_t remote, std::uint16_t port, bool is_permission) const {
      const std::uint32_t key[3] = {binding, remote, std::uint32_t{port} << 1 | (is_permission ? 1U : 0U)};
      return keyed_hash(key, sizeof key, secret);
    }
    std::uint32_t operator()(const Session& known) const {
      return (*this)(known.binding, known.remote, known.remote_port, known.is_permission);
    }
  };

  Index insert(Index binding, std::uint32_t remote, std::uint16_t remote_port, bool is_permission) {
    const Index made = sessions_.take();
    Session& session = sessions_[made];
    session.binding = binding;
    session.remote = remote;
    session.remote_port = remote_port;
    session.is_permission = is_permission;
    by_remote_.insert(hash_(session), made);
    return made;
  }
  void withdraw(Index binding, std::uint32_t remote) {
    const Index index = permission(binding, remote);
    if (--sessions_[index].deadline != 0) return;
    by_remote_.remove(hash_(sessions_[index]), index);
    sessions_.give_back(index);
  }
  Index permission(Index binding, std::uint32_t remote) const {
    return by_remote_.find(hash_(binding, remote, 0, true), [=](const Session& known) {
      return known.binding == binding && known.remote == remote && known.is_permission;
    });
  }

  Hash hash_;
  Slab<Session> sessions_;
  LinearHash<Session, Hash> by_remote_;
  ExpiryWheel<Session> wheel_;
};

}  // namespace dragoman::nat64
