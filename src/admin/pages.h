// What each page of the admin server says; the transport is server.cpp's. Admin thread.
#pragma once

#include <string>
#include <string_view>

#include "dragoman/admin/server.h"

namespace dragoman::admin {

struct Request {
  bool is_get_or_head = false;
  std::string_view target;  // "/metrics?x=y"
  std::string_view accept;  // the header's value
};

struct Response {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body{};
};

Response respond(const Request& request, const Pages& pages);

}  // namespace dragoman::admin
