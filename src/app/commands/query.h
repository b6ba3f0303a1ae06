// `dragoman query`: one question to one server over plain DNS, DoT or DoH, and what it answered, for people or as JSON.
// With --explain it is put to the running dragoman, which says why it answers so (explain.h).
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

  bool explain = false;  // ask the running server why, through its admin listener; server_url: by which listener
  std::string client{};  // as whom; empty: ::1
  std::string admin_url = "http://127.0.0.1:9153";
};

// The name to ask for: a given address stands for its reverse name.
std::string name_to_ask(const QueryArguments& arguments);
// The type to ask for: as given, PTR for an address, otherwise `usual`.
std::string type_to_ask(const QueryArguments& arguments, const char* usual);

// Exit code of cli.h: ok when there are records, failed when there are none and when nobody answers.
int run_query(const QueryArguments& arguments);

}  // namespace dragoman::app
