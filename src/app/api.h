// The pages of the admin API, under /api/v1: what an operator asks of the running server. To add one: a function and a
// row in api_pages(); what workers must be asked for is an alternative in worker_event.h and a Gathering.
#pragma once

#include <functional>
#include <vector>

#include "dnssec_pages.h"
#include "dragoman/admin/server.h"
#include "dragoman/base/time.h"
#include "nat64_questions.h"
#include "worker_event.h"

namespace dragoman::app {

// What the pages are made from. Used on the admin thread; must outlive the admin server.
struct ApiSources {
  std::size_t workers = 1;
  std::function<void(const WorkerEvent&)> tell_one;  // some worker
  std::function<void(const WorkerEvent&)> tell_all;  // every worker
  std::function<admin::Health()> health;
  TimePoint started{};
  Nat64Questions nat64{};
  AskAnchors anchors{};
};

std::vector<admin::ApiPage> api_pages(const ApiSources& sources);

}  // namespace dragoman::app
