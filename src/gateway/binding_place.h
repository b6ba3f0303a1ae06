// Where a target of the binding log is, by the kind of its place.
#pragma once

#include <string>
#include <variant>

#include "dragoman/gateway/binding_log_options.h"
#include "dragoman/ip/address.h"

namespace dragoman::gateway {

struct FilePlace {
  std::string path;
};
struct UnixPlace {
  std::string path;
};
using BindingPlace = std::variant<FilePlace, UnixPlace, ip::Endpoint>;  // the last: UDP

// The errors of BindingTarget::make().
Result<BindingPlace> place_of(const BindingTarget& target);

}  // namespace dragoman::gateway
