// What `dragoman nat64 who-had` prints. All times are UTC.
#pragma once

#include <string>

#include "dragoman/gateway/binding_history.h"

namespace dragoman::app {

std::string holdings_as_text(const gateway::BindingQuestion& question, const gateway::BindingAnswer& answer);
std::string holdings_as_json(const gateway::BindingQuestion& question, const gateway::BindingAnswer& answer);

}  // namespace dragoman::app
