// Labels say what the wire says.
#include "dragoman/resolve/metrics.h"

#include <gtest/gtest.h>

namespace dragoman::resolve {
namespace {

TEST(QueryType, has_the_mnemonic_of_its_type_as_label) {
  for (int code = 0; code < 70; ++code) {
    const auto type = static_cast<dns::Type>(code);
    const QueryType label = query_type(type);
    if (label == QueryType::other) continue;
    EXPECT_EQ(telemetry::LabelValues<QueryType>::values[static_cast<std::size_t>(label)], dns::to_text(type));
  }
  EXPECT_EQ(query_type(dns::Type::any), QueryType::any);
  EXPECT_EQ(query_type(static_cast<dns::Type>(65280)), QueryType::other);
}

TEST(ReplyCode, has_the_mnemonic_of_its_rcode_as_label) {
  for (int code = 0; code < 30; ++code) {
    const auto rcode = static_cast<dns::Rcode>(code);
    const ReplyCode label = reply_code(rcode);
    if (label == ReplyCode::other) continue;
    EXPECT_EQ(telemetry::LabelValues<ReplyCode>::values[static_cast<std::size_t>(label)], dns::to_text(rcode));
  }
  EXPECT_EQ(reply_code(dns::Rcode::badcookie), ReplyCode::badcookie);
  EXPECT_EQ(reply_code(dns::Rcode::notzone), ReplyCode::other);
}

}  // namespace
}  // namespace dragoman::resolve
