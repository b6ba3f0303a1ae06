// The formats by their names.
#include "binding_encoder.h"

#include <gtest/gtest.h>

#include "binding_samples.h"

namespace dragoman::gateway {
namespace {

TEST(BindingEncoder, writes_the_format_that_was_asked_for) {
  const Writer writer = samples::writer();
  const auto first_octet = [&](BindingFormat format) {
    Backlog backlog(1 << 20);
    const auto encoder = make_encoder(format, 484, writer);
    encoder->event(samples::block(), backlog);
    encoder->end_turn(TimePoint(), backlog);
    return samples::units(backlog).at(0)[0];
  };
  EXPECT_EQ(first_octet(BindingFormat::json), '{');
  EXPECT_EQ(first_octet(BindingFormat::syslog), '<');
  EXPECT_EQ(first_octet(BindingFormat::ipfix), 0);  // of version 10
}

TEST(BindingEncoder, has_words_for_the_labels_and_the_configuration) {
  EXPECT_STREQ(to_text(BindingFormat::json), "json");
  EXPECT_STREQ(to_text(BindingFormat::syslog), "syslog");
  EXPECT_STREQ(to_text(BindingFormat::ipfix), "ipfix");
}

}  // namespace
}  // namespace dragoman::gateway
