// See show_page.h.
#include "show_page.h"

#include <iostream>

#include "../cli.h"
#include "admin_client.h"

namespace dragoman::app {
namespace {

constexpr milliseconds patience{15'000};

}  // namespace

int show_page(const std::string& admin_url, const AdminRequest& page, bool as_json, PageToText to_text) {
  std::string body;
  const int code = admin_ask("ctl", admin_url, page, patience, body);
  if (code != exit_ok) return code;
  const std::optional<std::string> text = to_text(body);
  if (!text) {
    std::cerr << "dragoman ctl: what " << admin_url << " says cannot be read: another version?\n";
    return exit_failed;
  }
  std::cout << (as_json ? body : *text);
  return exit_ok;
}

}  // namespace dragoman::app
