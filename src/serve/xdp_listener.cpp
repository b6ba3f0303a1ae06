// Some batches a turn, then the others have theirs.
#include "xdp_listener.h"

#include <algorithm>

namespace dragoman::serve {

namespace {

constexpr int batches_per_turn = 4;

// [::] takes IPv4, too.
bool leads_to(const ip::Endpoint& door, const ip::Endpoint& destination) {
  if (door.port != destination.port) return false;
  if (!door.address.is_unspecified()) return door.address == destination.address;
  return door.address.is_v6() || !destination.address.is_v6();
}

}  // namespace

XdpListener::XdpListener(Context& context, net::XdpSocket socket, Link link, std::vector<Door> doors)
    : context_(context), socket_(std::move(socket)), link_(link), doors_(std::move(doors)) {
  std::stable_partition(doors_.begin(), doors_.end(),
                        [](const Door& door) { return !door.endpoint.address.is_unspecified(); });
  context_.loop.watch_input(socket_.fd(), *this);
}

XdpListener::~XdpListener() { context_.loop.unwatch(socket_.fd(), *this); }

void XdpListener::on_ready(net::Ready) {
  for (int round = 0; round < batches_per_turn; ++round) {
    const std::size_t count = socket_.receive();
    if (count == 0 && !socket_.has_unsent()) return;
    for (std::size_t i = 0; i < count; ++i) context_.metrics.xdp_frames(answer(i)).add();
    const std::size_t refused = socket_.send();
    if (refused > 0) context_.metrics.udp_dropped(UdpDrop::send).add(refused);
    if (count < net::XdpSocket::batch && !socket_.has_unsent()) return;  // that was all; the next one is a new edge
  }
  context_.loop.again(*this);
}

XdpFrame XdpListener::answer(std::size_t index) {
  const Bytes frame = socket_.frame(index);
  const auto query = ip::read_udp_frame(frame);
  if (!query) return XdpFrame::invalid;
  UdpListener* listener = listener_at(query->destination);
  if (listener == nullptr) return XdpFrame::invalid;
  const Bytes message = frame.subspan(query->payload_offset, query->payload_size);
  const auto result = listener->handle(message, query->source.address, context_.reply,
                                       [&] { return listener->path_of(ends_of(*query)); });
  switch (result.handled) {
    case resolve::Handled::pending:
      return XdpFrame::late;
    case resolve::Handled::dropped:
      return XdpFrame::ignored;
    case resolve::Handled::answered:
      break;
  }
  const Bytes reply = Bytes(context_.reply).first(result.length);
  const std::size_t packet_size = ip::reply_frame_size(*query, reply.size()) - ip::UdpFrame::ethernet_header_size;
  if (packet_size > link_.mtu || packet_size > net::XdpSocket::max_frame - ip::UdpFrame::ethernet_header_size) {
    listener->send(ends_of(*query), reply);
    return XdpFrame::too_long;
  }
  std::copy(reply.begin(), reply.end(), socket_.room(index) + query->payload_offset);
  socket_.reply(index, ip::reply_in_place(socket_.room(index), *query, reply.size()));
  return XdpFrame::answered;
}

net::UdpBatch::Ends XdpListener::ends_of(const ip::UdpFrame& query) const {
  return {query.source, query.destination.address, link_.index};
}

UdpListener* XdpListener::listener_at(const ip::Endpoint& endpoint) const {
  for (const Door& door : doors_) {
    if (leads_to(door.endpoint, endpoint)) return door.listener;
  }
  return nullptr;
}

}  // namespace dragoman::serve
