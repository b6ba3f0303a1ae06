// One rtnetlink socket, and talking to the kernel over it: a request, then its answer (rtnetlink(7), RFC 3549 2.3).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/base/bytes.h"
#include "dragoman/base/function_ref.h"
#include "dragoman/base/result.h"
#include "dragoman/net/socket.h"
#include "netlink_message.h"

namespace dragoman::net {

class NetlinkSocket {
 public:
  static Result<NetlinkSocket> open();

  // Sends a request that was made with NLM_F_ACK or NLM_F_DUMP, and gives the messages of its answer to `each`: their
  // type, and what is behind the header. `subject`: what errors are about. False: what was being listed has changed
  // meanwhile, so that something may be missing or there twice.
  using Each = FunctionRef<void(std::uint16_t type, Bytes payload)>;
  Result<bool> exchange(NetlinkRequest& request, const std::string& subject, Each each);

  // A request whose only answer is whether it worked.
  Result<void> change(NetlinkRequest& request, const std::string& subject);

  // Everything that `read` makes of the messages of a dump: it appends to the list that it is given.
  template <class Item>
  Result<std::vector<Item>> list(NetlinkRequest& request, const std::string& subject,
                                 void (*read)(std::vector<Item>&, Bytes payload)) {
    std::vector<Item> items;
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
      items.clear();
      const Result<bool> complete =
          exchange(request, subject, [&](std::uint16_t, Bytes payload) { read(items, payload); });
      if (!complete) return complete.error();
      if (*complete) break;
    }
    return items;  // after several changes in a row: as good as it gets
  }

 private:
  static constexpr int max_attempts = 4;

  explicit NetlinkSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  std::uint32_t sequence_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace dragoman::net
