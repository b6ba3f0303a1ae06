// Subscribers and hosts coming and going; see subscribers.h. One thread: what packets only look up is in the header.
// RFC 6888 REQ-4 and REQ-5 count by subscriber.
#include "subscribers.h"

namespace dragoman::nat64 {

ip::Ipv6Octets Subscribers::prefix_of(const std::uint8_t* address) const {
  ip::Ipv6Octets prefix{};
  const std::size_t whole = prefix_length_ / 8, bits = prefix_length_ % 8;
  std::memcpy(prefix.data(), address, whole);
  if (bits != 0) prefix[whole] = static_cast<std::uint8_t>(address[whole] & (0xff00U >> bits));
  return prefix;
}

Index Subscribers::find_or_add_subscriber(const std::uint8_t* address) {
  const Index known = find_subscriber(address);
  if (known != none) return known;
  const Index made = subscribers_.take();
  subscribers_[made].prefix = prefix_of(address);
  subscribers_by_prefix_.insert(hash_(subscribers_[made].prefix.data()), made);
  return made;
}

Index Subscribers::add_host(const std::uint8_t* address, Index subscriber) {
  const Index made = hosts_.take();
  Host& host = hosts_[made];
  std::memcpy(host.address.data(), address, host.address.size());
  host.subscriber = subscriber;
  ++subscribers_[subscriber].hosts;
  hosts_by_address_.insert(hash_(address), made);
  return made;
}

void Subscribers::remove_host(Index index) {
  const Host& host = hosts_[index];
  hosts_by_address_.remove(hash_(host.address.data()), index);
  --subscribers_[host.subscriber].hosts;
  hosts_.give_back(index);
}

void Subscribers::remove_subscriber_if_idle(Index index) {
  const Subscriber& subscriber = subscribers_[index];
  if (subscriber.hosts != 0 || subscriber.pairings != none) return;
  subscribers_by_prefix_.remove(hash_(subscriber.prefix.data()), index);
  subscribers_.give_back(index);
}

}  // namespace dragoman::nat64
