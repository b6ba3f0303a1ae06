// SvcParams of SVCB and HTTPS in presentation form (RFC 9460 2.1, appendix A). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/bytes.h"
#include "text_escapes.h"

namespace dragoman::dns {

// Appends " key=value" for each; false when they are malformed.
bool append_parameters(std::string& text, Bytes parameters);
// Reads all words that are left; nullopt when one is malformed or a key comes twice.
std::optional<std::vector<std::uint8_t>> parameters_from_text(Words& words);

}  // namespace dragoman::dns
