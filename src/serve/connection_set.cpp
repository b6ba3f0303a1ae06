// Lists of connections by what they are doing; the front of each is the one that has been there longest.
#include "connection_set.h"

#include <array>

#include "connection.h"

namespace dragoman::serve {

struct ConnectionSet::Lists {
  using List = boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionHook>,
                                      boost::intrusive::constant_time_size<false>>;
  std::array<List, 3> of;

  List& at(Place place) { return of[static_cast<std::size_t>(place)]; }
};

ConnectionSet::ConnectionSet() : lists_(std::make_unique<Lists>()) {}

ConnectionSet::~ConnectionSet() { clear(); }

void ConnectionSet::add(std::unique_ptr<Connection> connection) {
  Connection& added = *connection.release();
  ++size_;
  if (added.place() == Place::handshaking) ++handshakes_;
  lists_->at(added.place()).push_back(added);
}

void ConnectionSet::move(Connection& connection, Place to) {
  if (connection.place() == Place::handshaking) --handshakes_;
  if (to == Place::handshaking) ++handshakes_;
  static_cast<ConnectionHook&>(connection).unlink();
  connection.set_place(to);
  lists_->at(to).push_back(connection);
}

void ConnectionSet::remove(Connection& connection) {
  if (connection.place() == Place::handshaking) --handshakes_;
  --size_;
  delete &connection;  // takes itself off its list
}

bool ConnectionSet::shed_oldest_idle() {
  auto& idle = lists_->at(Place::idle);
  if (idle.empty()) return false;
  idle.front().shed(CloseReason::shed);
  return true;
}

bool ConnectionSet::shed_oldest_handshake(TimePoint begun_by) {
  auto& handshaking = lists_->at(Place::handshaking);
  if (handshaking.empty() || handshaking.front().handshake_began() > begun_by) return false;
  handshaking.front().shed(CloseReason::handshake_timeout);
  return true;
}

void ConnectionSet::drain() {
  for (auto& list : lists_->of) {
    for (auto at = list.begin(); at != list.end();) {
      Connection& connection = *at++;  // it may end at once, or move
      connection.drain();
    }
  }
}

void ConnectionSet::clear() {
  for (auto& list : lists_->of) {
    while (!list.empty()) remove(list.front());
  }
}

}  // namespace dragoman::serve
