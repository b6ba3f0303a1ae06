// What a page of the admin API says, on standard output: for people or as it came.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin_client.h"

namespace dragoman::app {

// Nullopt: it cannot be read.
using PageToText = std::optional<std::string> (*)(std::string_view json);

// Asks the server behind `admin_url`; what goes wrong is told on standard error. Returns an exit code of cli.h.
int show_page(const std::string& admin_url, const AdminRequest& page, bool as_json, PageToText to_text);

}  // namespace dragoman::app
