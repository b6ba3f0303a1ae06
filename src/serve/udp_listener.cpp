// Some batches a turn, then the others have theirs.
#include "udp_listener.h"

namespace dragoman::serve {

namespace {
constexpr int batches_per_turn = 4;
}

UdpListener::UdpListener(Context& context, const ListenOptions& listen, net::UniqueFd fd)
    : context_(context), listen_(listen), fd_(std::move(fd)) {
  context_.loop.watch_input(fd_.get(), *this);
}

UdpListener::~UdpListener() { context_.loop.unwatch(fd_.get(), *this); }

void UdpListener::on_ready(net::Ready) {
  for (int round = 0; round < batches_per_turn; ++round) {
    const std::size_t count = batch_.receive(fd_.get());
    if (count == 0) return;
    for (std::size_t i = 0; i < count; ++i) answer(i);
    const std::size_t refused = batch_.send(fd_.get());
    if (refused > 0) context_.metrics.udp_dropped(UdpDrop::send).add(refused);
    count_drops();
    if (count < net::UdpBatch::capacity) return;  // that was all; the next one is a new edge
  }
  context_.loop.again(*this);
}

void UdpListener::answer(std::size_t index) {
  const auto result =
      handle(batch_.query(index), batch_.client(index), batch_.reply_buffer(index), [&] { return batch_.path(index); });
  if (result.handled == resolve::Handled::answered) batch_.set_reply(index, result.length);
}

resolve::HandleResult UdpListener::handle(Bytes message, const ip::Address& client, MutableBytes reply,
                                          FunctionRef<Path()> path) {
  const resolve::Query query{message, {client, resolve::Protocol::udp}, 0, {listen_.url, {}, {}}};
  const std::uint64_t ticket = free_ticket();
  const auto result = context_.handler.handle(query, *this, ticket, reply);
  if (result.handled == resolve::Handled::pending) take_slot(ticket, path());
  return result;
}

UdpListener::Path UdpListener::path_of(const net::UdpBatch::Ends& ends) const {
  return net::UdpBatch::path_between(ends, listen_.endpoint.address.is_v6());
}

void UdpListener::send(const Path& path, Bytes reply) {
  if (!net::UdpBatch::send_later(fd_.get(), path, reply)) context_.metrics.udp_dropped(UdpDrop::send).add();
}

void UdpListener::deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts&) {
  const auto index = static_cast<std::uint32_t>(ticket);
  if (index >= slots_.size()) return;
  Slot& slot = slots_[index];
  if (!slot.is_taken || slot.generation != ticket >> 32) return;
  if (!message.empty()) send(slot.path, message);
  slot.is_taken = false;
  ++slot.generation;
  slot.next_free = first_free_;
  first_free_ = index;
}

// The kernel's counter has 32 bits.
void UdpListener::count_drops() {
  const std::uint64_t now = batch_.dropped();
  if (now == dropped_) return;
  context_.metrics.udp_dropped(UdpDrop::receive_buffer).add(static_cast<std::uint32_t>(now - dropped_));
  dropped_ = now;
}

// The ticket of the next free slot, which is only taken when the query has to wait.
std::uint64_t UdpListener::free_ticket() {
  if (first_free_ == slots_.size()) {
    slots_.emplace_back();
    slots_.back().next_free = static_cast<std::uint32_t>(slots_.size());
  }
  return std::uint64_t{slots_[first_free_].generation} << 32 | first_free_;
}

void UdpListener::take_slot(std::uint64_t ticket, const Path& path) {
  Slot& slot = slots_[static_cast<std::uint32_t>(ticket)];
  first_free_ = slot.next_free;
  slot.path = path;
  slot.is_taken = true;
}

}  // namespace dragoman::serve
