// The pages of the admin API about trust anchors: which there are, what becomes of them, and the negative ones, which
// operators may add and remove.
#pragma once

#include <functional>
#include <vector>

#include "dragoman/admin/page.h"
#include "dragoman/trust/anchors.h"

namespace dragoman::app {

// Runs the work on the thread that the anchors belong to, soon. Any thread.
using AskAnchors = std::function<void(std::function<void(trust::Anchors&)> work)>;

std::vector<admin::ApiPage> dnssec_pages(const AskAnchors& ask);

}  // namespace dragoman::app
