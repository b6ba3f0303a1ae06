// The pages of the admin API about the NAT64, under /api/v1/nat64.
#pragma once

#include <vector>

#include "dragoman/admin/page.h"
#include "nat64_questions.h"

namespace dragoman::app {

// Used on the admin thread; what `nat64` calls must outlive the admin server.
std::vector<admin::ApiPage> nat64_pages(const Nat64Questions& nat64);

}  // namespace dragoman::app
