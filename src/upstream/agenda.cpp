// The end of a turn, as upstreams see it; see agenda.h.
#include "agenda.h"

#include "server.h"

namespace dragoman::upstream {

void Agenda::finish(Exchange& exchange, Ending ending) {
  exchange.carrier = nullptr;
  exchange.ending = ending;
  finished_.append(exchange);
  schedule();
}

void Agenda::flush(Flushable& writer) {
  if (writer.is_linked()) return;
  to_flush_.append(writer);
  schedule();
}

void Agenda::bury(std::unique_ptr<Mortal> dead) {
  dead_.push_back(std::move(dead));
  schedule();
}

void Agenda::schedule() {
  if (std::exchange(scheduled_, true)) return;
  loop_.at_end_of_turn([self = self_] {
    if (*self != nullptr) (*self)->run();
  });
}

void Agenda::run() {
  // Askers go first: what they ask next is then written together with what is waiting.
  while (finished_.is_linked() || to_flush_.is_linked()) {
    while (finished_.is_linked()) {
      auto& exchange = static_cast<Exchange&>(*finished_.next());
      exchange.unlink();
      exchange.server->finished(exchange);
    }
    while (to_flush_.is_linked()) {
      auto& writer = static_cast<Flushable&>(*to_flush_.next());
      writer.unlink();
      writer.flush();
    }
  }
  scheduled_ = false;
  std::vector<std::unique_ptr<Mortal>>(std::move(dead_)).clear();
}

}  // namespace dragoman::upstream
