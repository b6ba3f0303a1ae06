// What `dragoman query` prints about a response.
#pragma once

#include <string>

#include "dragoman/dns/message_view.h"
#include "dragoman/upstream/client.h"

namespace dragoman::app {

// What was asked, and of whom.
struct Asked {
  std::string name;
  std::string type;
  std::string server;
};

std::string answer_as_text(const Asked& asked, const upstream::Heard& heard, const dns::MessageView& message);
std::string answer_as_json(const Asked& asked, const upstream::Heard& heard, const dns::MessageView& message);
std::string failure_as_text(const Asked& asked, const upstream::Heard& heard);
std::string failure_as_json(const Asked& asked, const upstream::Heard& heard);

}  // namespace dragoman::app
