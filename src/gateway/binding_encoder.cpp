// The formats by their names.
#include "binding_encoder.h"

#include "binding_ipfix.h"
#include "binding_json.h"
#include "binding_syslog.h"

namespace dragoman::gateway {

std::unique_ptr<BindingEncoder> make_encoder(BindingFormat format, std::size_t longest_datagram, const Writer& writer) {
  switch (format) {
    case BindingFormat::syslog:
      return std::make_unique<SyslogEncoder>(writer);
    case BindingFormat::ipfix:
      return std::make_unique<IpfixEncoder>(writer, longest_datagram);
    case BindingFormat::json:
      break;
  }
  return std::make_unique<JsonEncoder>(writer);
}

}  // namespace dragoman::gateway
