// What each page of the admin server says; the transport is server.cpp's. Admin thread.
#pragma once

#include <string>
#include <string_view>

#include "dragoman/admin/page.h"
#include "dragoman/admin/server.h"

namespace dragoman::admin {

struct Request {
  bool is_get_or_head = false, is_post = false;
  std::string_view target;        // "/metrics?x=y"
  std::string_view accept{};      // the headers' values; empty when they are not there
  std::string_view host{};        // "127.0.0.1:9153"
  std::string_view fetch_site{};  // Sec-Fetch-Site: browsers alone send it
};

// Calls `reply` before it returns, or leaves it to a page of the API. The request is only valid during the call.
void respond(const Request& request, const Pages& pages, const Reply& reply);

}  // namespace dragoman::admin
