// The connections of one worker, each in one of three lists, so that the one to give up when there is no room is found
// at once: the oldest handshake, the connection that has been idle for longest. Owns them. Worker thread only.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>

#include "dragoman/base/time.h"

namespace dragoman::serve {

class Connection;

enum class Place : std::uint8_t { handshaking, busy, idle };

using ConnectionHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class ConnectionSet {
 public:
  ConnectionSet();
  ~ConnectionSet();
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;

  void add(std::unique_ptr<Connection> connection);
  // Puts it at the end of a list: the youngest there.
  void move(Connection& connection, Place to);
  void remove(Connection& connection);  // destroys it

  // False: there is none.
  bool shed_oldest_idle();
  bool shed_oldest_handshake(TimePoint begun_by);  // of those that began by then
  void drain();
  void clear();

  std::size_t size() const { return size_; }
  std::size_t handshakes() const { return handshakes_; }

 private:
  struct Lists;
  std::unique_ptr<Lists> lists_;

  std::size_t size_ = 0;
  std::size_t handshakes_ = 0;
};

}  // namespace dragoman::serve
