// xdp: the rows of the way past the kernel's stack.
#include "values.h"

namespace dragoman::config {
namespace {

Result<std::string> interface_from_text(std::string_view text) {
  constexpr std::size_t longest = 15;  // IFNAMSIZ
  if (text.empty() || text.size() > longest) return Error{ErrorCode::malformed, "an interface has 1 to 15 characters"};
  if (text.find_first_of("/: \t") != std::string_view::npos) {
    return Error{ErrorCode::malformed, "an interface has no slash, colon or space in its name"};
  }
  return std::string(text);
}

const ElementText<std::string> interface_element{"list of interfaces", &interface_from_text,
                                                 [](const std::string& name) { return name; },
                                                 "write names as `ip link` shows them, as in eth0"};

}  // namespace

Keys<net::XdpOptions> xdp_keys() {
  using net::XdpMode;
  using net::XdpOptions;
  return {
      {"interfaces", list(&XdpOptions::interfaces, interface_element), Reload::restart,
       "Interfaces whose UDP queries to dns:// listeners are answered by AF_XDP, past the kernel's stack and its "
       "packet "
       "filter (docs/af-xdp.md); empty: none."},
      {"mode",
       choice<XdpOptions, XdpMode>(
           &XdpOptions::mode,
           {{"auto", XdpMode::automatic}, {"native", XdpMode::native}, {"generic", XdpMode::generic}}),
       Reload::restart,
       "native: in the driver; generic: in the kernel's stack; auto: native, else generic, else the ordinary way with "
       "a "
       "warning. What is demanded and not to be had ends the start."},
  };
}

}  // namespace dragoman::config
