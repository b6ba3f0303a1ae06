// What /proc/sys and the ethtool ioctl say: see kernel_settings.h.
#include "dragoman/net/kernel_settings.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

#include "dragoman/net/socket.h"

namespace dragoman::net {
namespace {

// The numbers of a file below /proc/sys/net; empty when there is no such file.
std::vector<int> read_numbers(const std::string& path) {
  std::ifstream file("/proc/sys/net/" + path);
  std::vector<int> numbers;
  for (int number = 0; file >> number;) numbers.push_back(number);
  return numbers;
}

std::optional<int> read_number(const std::string& path) {
  const std::vector<int> numbers = read_numbers(path);
  return numbers.size() == 1 ? std::optional(numbers.front()) : std::nullopt;
}

std::optional<bool> read_switch(const std::string& path) {
  const std::optional<int> number = read_number(path);
  return number ? std::optional(*number != 0) : std::nullopt;
}

std::string ipv4_setting(const std::string& link, const char* name) { return "ipv4/conf/" + link + "/" + name; }

// Requests about one interface. Each is a structure that begins with its command, and what grows behind it.
class Ethtool {
 public:
  explicit Ethtool(const std::string& link)
      : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), link_(link.substr(0, IFNAMSIZ - 1)) {}

  // How many features the kernel knows; 0: none, or no such interface.
  std::uint32_t feature_count() const {
    ethtool_sset_info head{};
    head.cmd = ETHTOOL_GSSET_INFO;
    head.sset_mask = 1ULL << ETH_SS_FEATURES;
    const std::vector<std::uint32_t> counts = ask<std::uint32_t>(head, 1);
    return counts.empty() ? 0 : counts.front();
  }

  std::vector<std::string> feature_names(std::uint32_t count) const {
    ethtool_gstrings head{};
    head.cmd = ETHTOOL_GSTRINGS;
    head.string_set = ETH_SS_FEATURES;
    head.len = count;
    std::vector<std::string> names;
    for (const Name& name : ask<Name>(head, count))
      names.emplace_back(name.data(), ::strnlen(name.data(), name.size()));
    return names;
  }

  // Of 32 features each, which are switched on is in `active`.
  std::vector<ethtool_get_features_block> features(std::uint32_t count) const {
    ethtool_gfeatures head{};
    head.cmd = ETHTOOL_GFEATURES;
    head.size = (count + 31) / 32;
    return ask<ethtool_get_features_block>(head, head.size);
  }

 private:
  using Name = std::array<char, ETH_GSTRING_LEN>;

  // What the kernel wrote behind `head`; empty: it refused.
  template <class Item, class Head>
  std::vector<Item> ask(const Head& head, std::size_t count) const {
    std::vector<std::uint8_t> octets(sizeof head + count * sizeof(Item));
    std::memcpy(octets.data(), &head, sizeof head);
    ifreq request{};
    link_.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(octets.data());
    if (::ioctl(fd_.get(), SIOCETHTOOL, &request) != 0) return {};
    std::vector<Item> items(count);
    std::memcpy(items.data(), &octets[sizeof head], count * sizeof(Item));
    return items;
  }

  UniqueFd fd_;
  std::string link_;
};

}  // namespace

std::optional<bool> forwards_ipv4(const std::string& link) { return read_switch(ipv4_setting(link, "forwarding")); }

std::optional<bool> forwards_ipv6() { return read_switch("ipv6/conf/all/forwarding"); }

std::optional<ReversePathFilter> reverse_path_filter(const std::string& link) {
  const std::optional<int> of_all = read_number(ipv4_setting("all", "rp_filter"));
  const std::optional<int> of_link = read_number(ipv4_setting(link, "rp_filter"));
  if (!of_all || !of_link) return std::nullopt;
  return static_cast<ReversePathFilter>(std::clamp(std::max(*of_all, *of_link), 0, 2));
}

std::optional<PortRange> local_port_range() {
  const std::vector<int> numbers = read_numbers("ipv4/ip_local_port_range");
  if (numbers.size() != 2) return std::nullopt;
  return PortRange{static_cast<std::uint16_t>(numbers[0]), static_cast<std::uint16_t>(numbers[1])};
}

std::optional<ReceiveOffloads> receive_offloads(const std::string& link) {
  const Ethtool ethtool(link);
  const std::uint32_t count = ethtool.feature_count();
  const std::vector<std::string> names = ethtool.feature_names(count);
  const std::vector<ethtool_get_features_block> blocks = ethtool.features(count);
  if (names.empty() || blocks.empty()) return std::nullopt;
  const auto is_active = [&](std::string_view name) {
    const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    return at < names.size() && (blocks[at / 32].active >> at % 32 & 1) != 0;
  };
  return ReceiveOffloads{is_active("rx-gro"), is_active("rx-udp-gro-forwarding"), is_active("rx-gro-list")};
}

}  // namespace dragoman::net
