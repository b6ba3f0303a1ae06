// What the NAT64 says of itself, as the JSON of the admin API.
#pragma once

#include <boost/json.hpp>
#include <vector>

#include "dragoman/nat64/name_traffic.h"
#include "dragoman/nat64/translator.h"
#include "nat64_questions.h"

namespace dragoman::app {

boost::json::object as_json(const nat64::SessionInfo& session);
// `pool` says whose addresses the blocks are.
boost::json::object as_json(const nat64::SubscriberInfo& subscriber, const nat64::PortPool& pool);
boost::json::object as_json(const nat64::SubscriberLimits& limits);
// The addresses of the pool in the order of their index, at most so many.
boost::json::array addresses_as_json(const nat64::PortPool& pool, std::size_t most);
// All but the memory of the tables, which only their threads know: `memory` is the sum of what they said.
boost::json::object status_as_json(const Nat64Questions& nat64, std::size_t memory);

}  // namespace dragoman::app
