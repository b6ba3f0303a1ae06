// Where the binding log of the NAT64 goes, as configured. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/base/time.h"

namespace dragoman::gateway {

enum class BindingFormat : std::uint8_t {
  json,    // one object a line, to a file
  syslog,  // RFC 5424 with structured data
  ipfix,   // RFC 7011 with the NAT events of RFC 8158
};

// One place that the log is written to.
//   json    /var/log/dragoman/bindings.jsonl             also a named pipe; made if it is not there
//   syslog  udp://192.0.2.10[:514], unix:///dev/log      UDP: RFC 5426
//   ipfix   udp://[2001:db8::10][:4739]
struct BindingTarget {
  BindingFormat format = BindingFormat::json;
  std::string target;

  // Errors say what is wrong and show a target that would do. The place itself is not looked at.
  static Result<BindingTarget> make(BindingFormat format, std::string_view target);
  friend bool operator==(const BindingTarget&, const BindingTarget&) = default;
};

// Nothing is synced to the disk: after a power cut the last seconds of a file may be missing (the kernel writes back
// within 30 s). A crash of the program loses at most what one turn of the writer had not written yet.
struct BindingLogOptions {
  std::vector<BindingTarget> targets;  // each gets every event; empty: no log
  std::uint32_t queue_size = 65536;    // events that wait for the writer, of each worker; rounded up to a power of two
  std::string host;                    // HOSTNAME of syslog, and in what tells of the start; empty: this machine's name
  std::uint32_t instance = 0;          // natInstanceID of IPFIX, and in what tells of the start: which of many NAT64s
  std::uint8_t syslog_facility = 3;    // RFC 5424 6.2.1, 0 to 23; 3: daemon
  std::uint32_t ipfix_domain = 0;      // RFC 7011 3.1, Observation Domain ID
  seconds ipfix_template_interval{600};  // RFC 7011 8.4: over UDP templates are sent again
  // The longest packet to an IPFIX collector, IP header included, 512 to 65535. 0: 1280 over IPv6, which passes
  // everywhere, and 512 over IPv4, what RFC 7011 10.3.3 asks for as long as nobody knows the path.
  std::uint16_t ipfix_mtu = 0;
  friend bool operator==(const BindingLogOptions&, const BindingLogOptions&) = default;
};

}  // namespace dragoman::gateway
