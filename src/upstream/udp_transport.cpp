// The UDP socket pool and what a socket does with the datagrams it gets; see udp_transport.h.
#include "udp_transport.h"

#include <algorithm>

namespace dragoman::upstream {
namespace {

// A socket serves this many questions, or until it is this old, plus as much again at random.
constexpr std::uint32_t fewest_uses = 128;
constexpr milliseconds shortest_life{5000};

}  // namespace

class UdpSocket final : public net::Watcher, public Carrier, public Mortal {
 public:
  UdpSocket(UdpTransport& transport, net::UniqueFd fd)
      : transport_(transport),
        fd_(std::move(fd)),
        uses_left_(fewest_uses + transport.context_.random.below(fewest_uses)),
        worn_out_at_(transport.context_.loop.now() + shortest_life +
                     milliseconds(transport.context_.random.below(static_cast<std::uint32_t>(shortest_life.count())))) {
    transport_.context_.loop.watch_input(fd_.get(), *this);
  }
  ~UdpSocket() override {
    fail_all(Ending::network);
    transport_.context_.loop.unwatch(fd_.get(), *this);
  }

  bool is_worn_out(TimePoint now) const { return uses_left_ == 0 || now >= worn_out_at_; }
  bool is_idle() const { return waiting_.size() == 0; }
  void mark_retired() { retired_ = true; }
  void send(Exchange& exchange, const QueryForm& form);

  void on_ready(net::Ready ready) override;
  void abandon(Exchange& exchange) override;

 private:
  void receive(Bytes message);
  void finish(Exchange& exchange, Ending ending);
  void fail_all(Ending ending);
  void leave_if_done();

  UdpTransport& transport_;
  net::UniqueFd fd_;
  WaitingExchanges waiting_;
  std::uint32_t uses_left_;
  TimePoint worn_out_at_;
  bool retired_ = false;
};

void UdpSocket::send(Exchange& exchange, const QueryForm& form) {
  if (uses_left_ > 0) --uses_left_;
  if (!waiting_.insert(exchange, transport_.context_.random)) {
    return transport_.context_.agenda.finish(exchange, Ending::overloaded);
  }
  exchange.carrier = this;
  QueryBuffer buffer;
  // Refused by the kernel: no route, or the ICMP answer to an earlier question. Both mean everybody here.
  if (!net::send_datagram(fd_.get(), write_query(exchange, form, buffer))) fail_all(Ending::network);
}

void UdpSocket::on_ready(net::Ready ready) {
  // Every datagram that leaves makes the socket writable: nothing to do then.
  if (!ready.readable && !ready.hung_up) return;
  net::DatagramReader& reader = transport_.context_.datagrams;
  auto state = net::DatagramReader::State::more;
  while (state == net::DatagramReader::State::more) {
    state = reader.receive(fd_.get());
    for (std::size_t i = 0; i < reader.count(); ++i) receive(reader.datagram(i));
  }
  if (state == net::DatagramReader::State::refused) fail_all(Ending::network);
  leave_if_done();
}

// Whatever does not fit is counted and forgotten, and the question goes on waiting: a forger must not be able to end
// it.
void UdpSocket::receive(Bytes message) {
  Exchange* exchange = message.size() < dns::header_length ? nullptr : waiting_.find(load_u16(message.data()));
  const Match fit = exchange == nullptr ? Match::no : match(message, *exchange);
  if (fit != Match::yes) transport_.metrics_.mismatches.add();
  if (fit == Match::no) return;
  if (fit == Match::case_changed) return finish(*exchange, Ending::case_changed);
  ServerHints hints;
  const Ending ending = read_answer(message, *exchange, hints);
  if (ending == Ending::forged || ending == Ending::cookie_missing) transport_.metrics_.mismatches.add();
  if (ending != Ending::forged) finish(*exchange, ending);
}

void UdpSocket::abandon(Exchange& exchange) {
  waiting_.remove(exchange);
  exchange.carrier = nullptr;
  leave_if_done();
}

void UdpSocket::finish(Exchange& exchange, Ending ending) {
  waiting_.remove(exchange);
  transport_.context_.agenda.finish(exchange, ending);
}

void UdpSocket::fail_all(Ending ending) {
  while (Exchange* exchange = waiting_.oldest()) finish(*exchange, ending);
}

void UdpSocket::leave_if_done() {
  if (retired_ && is_idle()) transport_.bury(*this);
}

UdpTransport::UdpTransport(Context& context, ServerMetrics& metrics)
    : context_(context), metrics_(metrics), cookies_(context.random) {}
UdpTransport::~UdpTransport() = default;

void UdpTransport::set_endpoint(const ip::Endpoint& endpoint) {
  if (endpoint == endpoint_) return;
  endpoint_ = endpoint;
  cookies_.renew();
  for (std::size_t slot = 0; slot < pool_size; ++slot) retire(slot);
}

void UdpTransport::send(Exchange& exchange, const QueryForm& form) {
  UdpSocket* socket = choose();
  if (socket == nullptr) return context_.agenda.finish(exchange, Ending::network);
  socket->send(exchange, form);
}

// A random one of the pool, opened when it is not there yet. Without a free descriptor one that is open has to do.
UdpSocket* UdpTransport::choose() {
  const std::size_t slot = context_.random.below(pool_size);
  if (sockets_[slot] && sockets_[slot]->is_worn_out(context_.loop.now())) retire(slot);
  if (sockets_[slot]) return sockets_[slot].get();
  if (Result<net::UniqueFd> fd = net::connect_udp(endpoint_)) {
    meet_as(net::local_endpoint(fd->get()).address);
    sockets_[slot] = std::make_unique<UdpSocket>(*this, std::move(*fd));
    return sockets_[slot].get();
  }
  const auto open =
      std::find_if(sockets_.begin(), sockets_.end(), [](const auto& socket) { return socket != nullptr; });
  return open == sockets_.end() ? nullptr : open->get();
}

// Our own address, as the server sees it but for translators on the way.
void UdpTransport::meet_as(const ip::Address& address) {
  if (address == own_address_) return;
  if (!own_address_.is_unspecified()) cookies_.renew();
  own_address_ = address;
}

void UdpTransport::retire(std::size_t slot) {
  if (!sockets_[slot]) return;
  std::unique_ptr<UdpSocket> socket = std::move(sockets_[slot]);
  if (socket->is_idle()) return;  // and is closed here: only ever called between questions
  socket->mark_retired();
  retired_.push_back(std::move(socket));
}

void UdpTransport::bury(UdpSocket& socket) {
  const auto at = std::find_if(retired_.begin(), retired_.end(), [&](const auto& one) { return one.get() == &socket; });
  if (at == retired_.end()) return;
  context_.agenda.bury(std::move(*at));
  retired_.erase(at);
}

}  // namespace dragoman::upstream
