// The outputs by the kinds of their places.
#include "binding_output.h"

#include "datagram_output.h"
#include "file_output.h"

namespace dragoman::gateway {
namespace {

// Without IP and UDP header. RFC 7011 10.3.3 for the paths that nobody knows.
std::size_t longest_datagram(const ip::Address& collector, std::uint16_t mtu) {
  const std::size_t headers = collector.is_v6() ? 48 : 28;
  const std::size_t packet = mtu != 0 ? mtu : collector.is_v6() ? 1280 : 512;
  return packet - headers;
}

}  // namespace

Result<std::unique_ptr<BindingOutput>> open_output(const BindingTarget& target, const BindingLogOptions& options) {
  const auto place = place_of(target);
  if (!place) return place.error();
  if (const auto* file = std::get_if<FilePlace>(&*place)) return FileOutput::open(file->path);
  if (const auto* socket = std::get_if<UnixPlace>(&*place)) {
    return std::unique_ptr<BindingOutput>(std::make_unique<DatagramOutput>(*socket, 0));
  }
  const ip::Endpoint& collector = std::get<ip::Endpoint>(*place);
  return std::unique_ptr<BindingOutput>(
      std::make_unique<DatagramOutput>(collector, longest_datagram(collector.address, options.ipfix_mtu)));
}

}  // namespace dragoman::gateway
