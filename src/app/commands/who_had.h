// `dragoman nat64 who-had`: whose an address and a port were at a time, by the binding log.
#pragma once

#include <string>
#include <vector>

namespace dragoman::app {

struct WhoHadArguments {
  std::string address;
  std::string port;
  std::string time;
  std::vector<std::string> logs;  // files; "-" is standard input; empty: those of the configuration
  std::string protocol{};         // empty: any
  bool json = false;
  std::string config_file{};
};

// Exit code of cli.h: ok when somebody had it, failed when nobody had, usage when that cannot be told.
int run_who_had(const WhoHadArguments& arguments);

}  // namespace dragoman::app
