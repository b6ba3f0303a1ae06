// special_names and rebinding_protection: the rows of what upstreams are not asked, and what they may not say.
#include "values.h"

namespace dragoman::config {
namespace {

using resolve::RebindingOptions;
using resolve::SpecialNamesOptions;

const ElementText<dns::Name> name_element{
    "list of names", [](std::string_view text) { return dns::Name::from_text(text); },
    [](const dns::Name& name) { return name.to_text(); }, "write a domain name, as in home.arpa"};

// A name that nothing in the table covers goes upstream anyway: whoever lists it expects something else.
Value<SpecialNamesOptions> forwarded_zones() {
  Value<SpecialNamesOptions> out = list(&SpecialNamesOptions::forward, name_element);
  out.read = [read = out.read](const Node& node, SpecialNamesOptions& options, Reading& reading) {
    read(node, options, reading);
    const std::vector<const Node*> entries = read_list(node, reading);
    for (std::size_t i = 0; i < entries.size() && i < options.forward.size(); ++i) {
      if (resolve::SpecialNames::concern(options.forward[i])) continue;
      reading.findings.warning(*entries[i], entries[i]->shown() + " is no special name: it goes upstream anyway",
                               "remove it, or write a zone such as home.arpa or 10.in-addr.arpa");
    }
  };
  return out;
}

}  // namespace

Keys<SpecialNamesOptions> special_names_keys() {
  return {
      {"enabled", boolean(&SpecialNamesOptions::enabled), Reload::live,
       "Answers localhost, invalid, onion, local, alt, home.arpa and the like (RFC 6761) and the reverse zones of "
       "private addresses (RFC 6303) without asking upstreams; local_data comes first."},
      {"forward", forwarded_zones(), Reload::live,
       "Zones that go upstream all the same, with all below. By default test, which many use for zones of their own, "
       "and the reverse zones of documentation addresses."},
  };
}

Keys<RebindingOptions> rebinding_keys() {
  return {
      {"enabled", boolean(&RebindingOptions::enabled), Reload::live,
       "Takes private addresses out of what upstreams answer, so that no outside name leads a browser to a host "
       "inside. Whoever is left with nothing gets no data, with EDE 15."},
      {"ranges", prefixes(&RebindingOptions::ranges), Reload::live,
       "The private addresses; IPv4 ones also where they are embedded in IPv6 (mapped, or under a NAT64 prefix)."},
      {"allow_names", list(&RebindingOptions::allow_names, name_element), Reload::live,
       "Names whose answers are left alone, with all below: those of zones that an upstream serves for the inside."},
  };
}

}  // namespace dragoman::config
