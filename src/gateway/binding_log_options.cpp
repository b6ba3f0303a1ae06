// Targets of the binding log as the configuration writes them. Pure; any thread.
#include "dragoman/gateway/binding_log_options.h"

#include "binding_place.h"

namespace dragoman::gateway {

Result<BindingTarget> BindingTarget::make(BindingFormat format, std::string_view target) {
  BindingTarget made{format, std::string(target)};
  if (const auto place = place_of(made); !place) return place.error();
  return made;
}

}  // namespace dragoman::gateway
