// Reading, writing, and what of it still holds.
#include "state_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dragoman/net/replace_file.h"

namespace dragoman::trust {

using dnssec::ManagedAnchor;
using dnssec::TrustAnchor;

Result<std::vector<ManagedAnchor>> read_state(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::vector<ManagedAnchor>{};
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return Error{ErrorCode::permission, "cannot be read", path};
  auto anchors = dnssec::parse_managed_anchors(text.str());
  if (!anchors) return Error{anchors.error().code, anchors.error().what, path + ":" + anchors.error().detail};
  return anchors;
}

Result<void> write_state(const std::string& path, std::span<const ManagedAnchor> anchors) {
  return net::replace_file(path, dnssec::to_text(anchors));
}

std::vector<ManagedAnchor> resumed(const std::vector<TrustAnchor>& configured, std::vector<ManagedAnchor> state) {
  std::vector<ManagedAnchor> out;
  for (const TrustAnchor& anchor : configured) {
    const auto known = std::find_if(state.begin(), state.end(),
                                    [&](const ManagedAnchor& former) { return former.configured() == anchor; });
    if (known == state.end()) {
      out.emplace_back(anchor);
    } else {
      out.push_back(std::move(*known));
    }
  }
  return out;
}

}  // namespace dragoman::trust
