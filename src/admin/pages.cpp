// The pages, one function each. To add one: a function and a row in `table`.
#include "pages.h"

#include <array>

#include "dragoman/telemetry/accept.h"

namespace dragoman::admin {
namespace {

Response index(const Request&, const Pages&) {
  return {.body =
              "Dragoman\n\n"
              "/metrics   what is counted and measured, for Prometheus\n"
              "/healthz   200 while the program runs\n"
              "/readyz    200 while clients should be sent here, 503 with the reasons while not\n"};
}

Response metrics(const Request& request, const Pages& pages) {
  const telemetry::Format format = telemetry::negotiate(request.accept);
  return {.content_type = telemetry::content_type(format), .body = telemetry::write(pages.catalogue.Collect(), format)};
}

Response healthz(const Request&, const Pages&) { return {.body = "ok\n"}; }

Response readyz(const Request&, const Pages& pages) {
  const Health health = pages.health();
  if (health.ready) return {.body = "ready\n"};
  Response response{.status = 503, .body = "not ready\n"};
  for (const std::string& reason : health.reasons) response.body += reason + '\n';
  return response;
}

struct Page {
  std::string_view path;
  Response (*make)(const Request&, const Pages&);
};
constexpr std::array<Page, 4> table{{{"/", index}, {"/metrics", metrics}, {"/healthz", healthz}, {"/readyz", readyz}}};

}  // namespace

Response respond(const Request& request, const Pages& pages) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  for (const Page& page : table) {
    if (page.path != path) continue;
    if (!request.is_get_or_head) return {.status = 405, .body = "only GET and HEAD\n"};
    return page.make(request, pages);
  }
  return {.status = 404, .body = "there is no such page; / lists them\n"};
}

}  // namespace dragoman::admin
