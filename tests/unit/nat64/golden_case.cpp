// Reads golden cases and runs them.
#include "golden_case.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "dragoman/telemetry/metric.h"

namespace dragoman::nat64::test {
namespace {

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) ADD_FAILURE() << "not a number: " << text;
  return value;
}

// Of "mtu6=1280 tcp_mss=1200".
std::map<std::string, std::uint32_t> assignments(const std::vector<std::string>& words) {
  std::map<std::string, std::uint32_t> result;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    result[words[i].substr(0, equals)] = number(std::string_view(words[i]).substr(equals + 1));
  }
  return result;
}

void read_options(const std::vector<std::string>& line, Options& options) {
  for (const auto& [name, value] : assignments(line)) {
    const auto small = static_cast<std::uint16_t>(value);
    if (name == "mtu6") {
      options.mtu6 = small;
    } else if (name == "mtu4") {
      options.mtu4 = small;
    } else if (name == "tcp_mss") {
      options.tcp_mss = small;
    } else if (name == "copy_traffic_class") {
      options.copy_traffic_class = value != 0;
    } else {
      ADD_FAILURE() << "no such option: " << name;
    }
  }
}

Offload read_offload(const std::vector<std::string>& line) {
  Offload offload;
  for (const auto& [name, value] : assignments(line)) {
    const auto small = static_cast<std::uint16_t>(value);
    if (name == "flags") {
      offload.flags = static_cast<std::uint8_t>(value);
    } else if (name == "kind") {
      offload.kind = static_cast<std::uint8_t>(value);
    } else if (name == "header_size") {
      offload.header_size = small;
    } else if (name == "segment_size") {
      offload.segment_size = small;
    } else if (name == "checksum_start") {
      offload.checksum_start = small;
    } else if (name == "checksum_offset") {
      offload.checksum_offset = small;
    } else {
      ADD_FAILURE() << "no such field: " << name;
    }
  }
  return offload;
}

Refusal read_refusal(const std::vector<std::string>& line) {
  Refusal refusal;
  const auto& names = telemetry::LabelValues<DropReason>::values;
  const auto found = std::find(names.begin(), names.end(), line.at(1));
  if (found == names.end()) ADD_FAILURE() << "no such reason: " << line[1];
  refusal.reason = static_cast<DropReason>(found - names.begin());
  if (line.size() == 2) return refusal;
  const std::size_t slash = line.at(3).find('/');
  refusal.tell = {static_cast<std::uint8_t>(number(std::string_view(line[3]).substr(0, slash))),
                  static_cast<std::uint8_t>(number(std::string_view(line[3]).substr(slash + 1))),
                  line.size() > 4 ? number(line[4]) : 0};
  return refusal;
}

ip::Endpoint endpoint(const std::string& text) {
  Result<ip::Endpoint> result = ip::Endpoint::from_text(text);
  if (!result) ADD_FAILURE() << "not an endpoint: " << text;
  return result ? *result : ip::Endpoint{};
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::getline(file, case_.title);
    for (std::string line; std::getline(file, line);) {
      line = line.substr(0, line.find('#'));
      if (line.find_first_not_of(' ') == std::string::npos) continue;
      line[0] == ' ' ? read_octets(line) : read_word(words(line));
    }
  }
  const GoldenCase& result() const { return case_; }

 private:
  void read_octets(const std::string& line) {
    ASSERT_NE(image_, nullptr) << line;
    const Octets more = octets(line);
    image_->packet.insert(image_->packet.end(), more.begin(), more.end());
  }

  void read_word(const std::vector<std::string>& line) {
    if (line[0] == "in") {
      image_ = &case_.in;
    } else if (line[0] == "out") {
      image_ = &case_.out.emplace();
    } else if (line[0] == "offload") {
      ASSERT_NE(image_, nullptr);
      image_->offload = read_offload(line);
    } else if (line[0] == "drop") {
      case_.refusal = read_refusal(line);
    } else if (line[0] == "options") {
      read_options(line, case_.options);
    } else if (line[0] == "tuple") {
      case_.source = endpoint(line.at(1));
      case_.destination = endpoint(line.at(2));
    } else if (line[0] == "embedded") {
      case_.embedded_source = endpoint(line.at(1));
      case_.embedded_destination = endpoint(line.at(2));
    } else if (line[0] == "router") {
      case_.router = endpoint(line.at(1)).address.v6();
    } else {
      ADD_FAILURE() << "no such word: " << line[0];
    }
  }

  GoldenCase case_;
  Image* image_ = nullptr;
};

Tuple4 tuple4(const ip::Endpoint& source, const ip::Endpoint& destination) {
  return {source.address.v4(), destination.address.v4(), source.port, destination.port};
}
Tuple6 tuple6(const ip::Endpoint& source, const ip::Endpoint& destination) {
  return {source.address.v6(), destination.address.v6(), source.port, destination.port};
}

Step from_six(Packet& packet, const GoldenCase& test) {
  Identification identification(0x1000);
  Ipv6Headers headers, embedded;
  if (Step refusal = read_ipv6(packet, headers)) return refusal;
  const Tuple4 outgoing = tuple4(test.source, test.destination);
  if (headers.transport.kind != TransportKind::icmp_error) {
    return six_to_four(packet, headers, outgoing, identification, test.options);
  }
  if (Step refusal = read_embedded_ipv6(packet, headers, embedded)) return refusal;
  const ErrorTuple4 error{outgoing.source, outgoing.destination,
                          tuple4(test.embedded_source, test.embedded_destination),
                          test.router ? test.router->data() : nullptr, identification.take()};
  return error_six_to_four(packet, headers, embedded, error, test.options);
}

Step from_four(Packet& packet, const GoldenCase& test) {
  Ipv4Headers headers, embedded;
  if (Step refusal = read_ipv4(packet, headers)) return refusal;
  const Tuple6 outgoing = tuple6(test.source, test.destination);
  if (headers.transport.kind != TransportKind::icmp_error) {
    return four_to_six(packet, headers, outgoing, test.options);
  }
  if (Step refusal = read_embedded_ipv4(packet, headers, embedded)) return refusal;
  const ErrorTuple6 error{outgoing.source, outgoing.destination,
                          tuple6(test.embedded_source, test.embedded_destination)};
  return error_four_to_six(packet, headers, embedded, error, test.options);
}

}  // namespace

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> result;
  for (const auto& entry : std::filesystem::directory_iterator(DRAGOMAN_SOURCE_DIR "/tests/golden/nat64")) {
    if (entry.path().extension() == ".txt") result.push_back(entry.path());
  }
  std::sort(result.begin(), result.end());
  return result;
}

GoldenCase read_golden(const std::filesystem::path& path) { return Reader(path).result(); }

Step translate(Packet& packet, const GoldenCase& test) {
  if (packet.size == 0) return drop(DropReason::malformed);
  return packet.data[0] >> 4 == 6 ? from_six(packet, test) : from_four(packet, test);
}

}  // namespace dragoman::nat64::test
