// The pages, one function each. To add one: a function and a row in `table`; pages of the API come from the program.
#include "pages.h"

#include <array>

#include "dragoman/telemetry/accept.h"

namespace dragoman::admin {
namespace {

Response index(const Request&, const Pages& pages) {
  Response response{.body =
                        "Dragoman\n\n"
                        "/metrics   what is counted and measured, for Prometheus\n"
                        "/healthz   200 while the program runs\n"
                        "/readyz    200 while clients should be sent here, 503 with the reasons while not\n"};
  for (const ApiPage& page : pages.api) response.body += page.path + "   " + page.sentence + "\n";
  return response;
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

constexpr std::string_view only_get = "only GET and HEAD\n", only_post = "only POST\n";

// Whether the Host header names the server by an address, or as localhost.
bool is_by_address(std::string_view host) {
  const std::string_view name = host.substr(0, host.rfind(':'));
  if (name == "localhost") return true;
  return static_cast<bool>(ip::Endpoint::from_text(host)) || static_cast<bool>(ip::Address::from_text(host)) ||
         (host.starts_with('[') && host.ends_with(']') && ip::Address::from_text(host.substr(1, host.size() - 2)));
}

// A page on the Web can make the browser of somebody who sits near this server send it requests, and read the answers
// if its own name leads here (DNS rebinding). The API makes the server do things, so it takes neither.
std::optional<Response> refuse_strangers(const Request& request) {
  if (!is_by_address(request.host)) {
    return Response{.status = 403,
                    .body =
                        "the API answers to requests for an address or localhost, not for a name: write "
                        "http://127.0.0.1:9153 or the like\n"};
  }
  const bool is_foreign =
      !request.fetch_site.empty() && request.fetch_site != "none" && request.fetch_site != "same-origin";
  if (is_foreign) return Response{.status = 403, .body = "the API does not answer to other sites' pages\n"};
  return {};
}

void make_api_page(const ApiPage& page, const Request& request, const Reply& reply) {
  if (const auto refusal = refuse_strangers(request)) return reply(*refusal);
  const auto parameters = Parameters::from_target(request.target);
  if (!parameters) return reply({.status = 400, .body = parameters.error().text() + "\n"});
  page.make(*parameters, reply);
}

}  // namespace

void respond(const Request& request, const Pages& pages, const Reply& reply) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  for (const Page& page : table) {
    if (page.path != path) continue;
    if (!request.is_get_or_head) return reply({.status = 405, .body = std::string(only_get), .allow = "GET, HEAD"});
    return reply(page.make(request, pages));
  }
  for (const ApiPage& page : pages.api) {
    if (page.path != path) continue;
    const bool is_post = page.method == Method::post;
    if (is_post ? !request.is_post : !request.is_get_or_head) {
      return reply({.status = 405,
                    .body = std::string(is_post ? only_post : only_get),
                    .allow = is_post ? "POST" : "GET, HEAD"});
    }
    return make_api_page(page, request, reply);
  }
  reply({.status = 404, .body = "there is no such page; / lists them\n"});
}

}  // namespace dragoman::admin
