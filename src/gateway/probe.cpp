// One attempt after the other; see probe.h. Over TCP both an acceptance and a reset of the other end pass; an ICMP
// message does not, whoever sent it: it shows that packets come to an end, not that they arrive.
#include "probe.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "dragoman/base/log.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/net/random.h"

namespace dragoman::gateway {
namespace {

std::string reason_of(int error) { return std::strerror(error); }

// Every server has an answer to this, short enough for any path.
std::array<std::uint8_t, 17> question_for_root(std::uint16_t id) {
  std::array<std::uint8_t, 17> message{};
  dns::MessageWriter writer(message);
  writer.question(dns::Name().view(), dns::Type::soa, dns::Class::in);
  dns::Header header;
  header.id = id;
  header.flags = dns::Header::rd;
  writer.finish(header);
  return message;
}

}  // namespace

Probe::Probe(net::EventLoop& loop, const ProbedPrefix& probed, const ProbingOptions& options, Metrics& metrics,
             std::function<void(const Probe&)> on_change)
    : loop_(loop),
      probed_(probed),
      options_(options),
      endpoint_{ip::Address(probed.prefix.embed(probed.target.address)), probed.target.port},
      metrics_(metrics.row(probed.prefix.to_text())),
      on_change_(std::move(on_change)),
      state_(options.rise, options.fall),
      begin_timer_([](void* self) { static_cast<Probe*>(self)->begin(); }, this),
      end_timer_([](void* self) { static_cast<Probe*>(self)->on_timeout(); }, this) {
  metrics_.up.set(true);
  metrics_.is_probed.set(true);
}

Probe::~Probe() {
  close();
  metrics_.is_probed.set(false);
}

void Probe::begin() {
  if (fd_) on_timeout();  // both timers at once, with a timeout as long as the interval
  loop_.set_after(begin_timer_, options_.interval);
  loop_.set_after(end_timer_, options_.timeout);
  if (probed_.target.kind == ProbeTarget::Kind::tcp) {
    begin_tcp();
  } else {
    begin_dns();
  }
}

void Probe::begin_tcp() {
  net::Connecting connecting = net::connect_tcp_noting_icmp(endpoint_);
  if (!connecting.fd) return end(ProbeResult::system, reason_of(connecting.error));
  if (connecting.error == ECONNREFUSED) return end(ProbeResult::passed, {});
  if (connecting.error != 0) return end(ProbeResult::unreachable, reason_of(connecting.error));
  fd_ = std::move(connecting.fd);
  loop_.watch(fd_.get(), *this);
}

void Probe::begin_dns() {
  auto fd = net::connect_udp(endpoint_);
  if (!fd) {
    const bool no_socket = fd.error().code == ErrorCode::too_large;
    return end(no_socket ? ProbeResult::system : ProbeResult::unreachable, fd.error().what);
  }
  fd_ = std::move(*fd);
  loop_.watch_input(fd_.get(), *this);
  std::array<std::uint8_t, sizeof id_> id;
  net::fill_random(id);
  id_ = load_u16(id.data());
  if (!net::send_datagram(fd_.get(), question_for_root(id_))) end(ProbeResult::unreachable, "the system cannot send");
}

void Probe::on_ready(net::Ready ready) {
  if (probed_.target.kind == ProbeTarget::Kind::dns) {
    read_dns();
  } else {
    read_tcp(ready.writable);
  }
}

// An ICMP message without an error is a hint that the kernel does not act on: it goes on trying.
void Probe::read_tcp(bool is_writable) {
  const int error = net::connect_error(fd_.get());
  const bool is_icmp = net::had_icmp_error(fd_.get());
  if (error == 0 && !is_writable) return;
  if (error == 0 || (error == ECONNREFUSED && !is_icmp)) return end(ProbeResult::passed, {});
  end(ProbeResult::unreachable, is_icmp ? reason_of(error) + ", by ICMP" : reason_of(error));
}

void Probe::read_dns() {
  net::DatagramReader reader;
  auto state = net::DatagramReader::State::more;
  while (state == net::DatagramReader::State::more) {
    state = reader.receive(fd_.get());
    for (std::size_t i = 0; i < reader.count(); ++i) {
      if (is_answer(reader.datagram(i))) return end(ProbeResult::passed, {});
    }
  }
  if (state == net::DatagramReader::State::refused) end(ProbeResult::unreachable, "port unreachable, by ICMP");
}

// Any RCODE will do. The id is what somebody off the path would have to guess.
bool Probe::is_answer(Bytes message) const {
  if (message.size() < dns::header_length) return false;
  const dns::Header header = dns::Header::read(message.data());
  return header.id == id_ && header.is_response();
}

void Probe::on_timeout() { end(ProbeResult::timeout, "no answer in time"); }

void Probe::end(ProbeResult result, const std::string& reason) {
  close();
  metrics_.probes(result).add();
  if (result == ProbeResult::system) return;
  if (!state_.add(result == ProbeResult::passed)) return;
  metrics_.up.set(is_up());
  const std::string prefix = probed_.prefix.to_text();
  if (is_up()) {
    log::info("prefix_up", "packets pass through the prefix again: answers use it",
              {{"prefix", prefix}, {"probe", probed_.target.url}});
  } else {
    log::warn("prefix_down",
              "no packets pass through the prefix: answers leave it out. See the translator and the route to it",
              {{"prefix", prefix}, {"probe", probed_.target.url}, {"to", endpoint_.to_text()}, {"reason", reason}});
  }
  on_change_(*this);
}

void Probe::close() {
  end_timer_.cancel();
  if (!fd_) return;
  loop_.unwatch(fd_.get(), *this);
  fd_ = {};
}

}  // namespace dragoman::gateway
