// rate_limit: the rows of how much one client may ask, and how often the same response goes out.
#include "values.h"

namespace dragoman::config {
namespace {

constexpr std::uint32_t highest_rate = 1'000'000;

template <class T>
Value<T> prefix_length(std::uint8_t T::*member, std::uint8_t longest) {
  return integer(member, std::uint8_t{1}, longest);
}

}  // namespace

Keys<resolve::RateLimitOptions> rate_limit_keys() {
  using Options = resolve::RateLimitOptions;
  return {
      {"queries_per_second", integer(&Options::queries_per_second, 0u, highest_rate), Reload::live,
       "Queries of one client, whatever the transport; 0 is no limit. Over UDP excess is dropped or sent to TCP "
       "(slip), over TCP, DoT and DoH it is REFUSED. UDP without a good cookie counts apart from everything else, so "
       "that nobody can use up a client's share in its name."},
      {"burst", integer(&Options::burst, 0u, highest_rate), Reload::live,
       "Queries that a client may ask at once after a rest; 0 is twice queries_per_second."},
      {"ipv4_prefix", prefix_length(&Options::ipv4_prefix, 32), Reload::live,
       "How many bits of an IPv4 address make one client."},
      {"ipv6_prefix", prefix_length(&Options::ipv6_prefix, 128), Reload::live,
       "How many bits of an IPv6 address make one client."},
      {"responses_per_second", integer(&Options::responses_per_second, 0u, highest_rate), Reload::live,
       "The same response over UDP to one network, so that forged queries cannot flood it in our name; 0 is no limit. "
       "The same are: an answer of a name and type, NODATA of a name, NXDOMAIN of a zone, errors. Clients with a good "
       "cookie are not limited."},
      {"responses_ipv4_prefix", prefix_length(&Options::responses_ipv4_prefix, 32), Reload::live,
       "How many bits of an IPv4 address make one network for responses_per_second."},
      {"responses_ipv6_prefix", prefix_length(&Options::responses_ipv6_prefix, 128), Reload::live,
       "How many bits of an IPv6 address make one network for responses_per_second."},
      {"slip", integer(&Options::slip, 0u, 100u), Reload::live,
       "One in so many excess queries over UDP gets a reply with TC, by which a real client comes over TCP: 1 is all, "
       "0 none."},
      {"exempt", prefixes(&Options::exempt), Reload::live,
       "Clients that none of this limits: monitors, and the addresses that many clients share."},
  };
}

}  // namespace dragoman::config
