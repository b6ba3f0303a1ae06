// Configurations that listen at given places, for the tests of what the program answers about itself.
#pragma once

#include <initializer_list>

#include "dragoman/config/config.h"

namespace dragoman::app {

// Its certificate is for dns.example.net.
inline config::Config listening_on(std::initializer_list<const char*> urls) {
  config::Config config;
  config.tls.server_name = "dns.example.net";
  for (const char* url : urls) config.listen.push_back(*serve::ListenOptions::from_url(url));
  return config;
}

}  // namespace dragoman::app
