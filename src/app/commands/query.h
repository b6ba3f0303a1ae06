// `dragoman query`: one question to one server over plain DNS, DoT or DoH, and what it answered, for people or as JSON.
#pragma once

#include <string>

namespace dragoman::app {

struct QueryArguments {
  std::string name;          // an address asks for its reverse name (PTR)
  std::string type{};        // empty: A, or PTR for an address
  std::string server_url{};  // empty: this host's port 53; without a scheme: plain DNS
  std::string ca_file{};     // empty: the system's certificate store
  bool json = false;
  bool dnssec_ok = false;
  bool checking_disabled = false;
  double timeout_s = 5;
};

// Exit code of cli.h: ok when there are records, failed when there are none and when nobody answers.
int run_query(const QueryArguments& arguments);

}  // namespace dragoman::app
