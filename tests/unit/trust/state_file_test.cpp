// What is kept on disk, and what of it still holds.
#include "state_file.h"

#include <gtest/gtest.h>

#include "fakes/signed_zone.h"
#include "fakes/temporary_directory.h"
#include "signed_keys.h"

namespace dragoman::trust {
namespace {

using dnssec::ManagedAnchor;
using dnssec::TrustAnchor;

const dns::Name zone = *dns::Name::from_text("example");

TrustAnchor anchor_of(const fakes::SigningKey& key) { return {zone, {{}, {key.dnskey()}}}; }

TEST(StateFile, comes_back_as_it_was_written) {
  const test::TemporaryDirectory folder;
  const std::vector<ManagedAnchor> anchors{ManagedAnchor(anchor_of(fakes::SigningKey())),
                                           ManagedAnchor(dnssec::root_trust_anchors().front())};
  ASSERT_TRUE(write_state(folder.path("state"), anchors));
  const auto read = read_state(folder.path("state"));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, anchors);
}

TEST(StateFile, is_empty_before_it_is_there) {
  const test::TemporaryDirectory folder;
  const auto read = read_state(folder.path("state"));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

TEST(StateFile, says_where_it_is_wrong) {
  const test::TemporaryDirectory folder;
  const std::string path = folder.write("state", "dragoman-trust-anchors 1\nnonsense\nend\n");
  EXPECT_EQ(read_state(path).error().detail, path + ":2: it says nothing that is known");
  EXPECT_FALSE(read_state(folder.path().string()));  // a directory
}

TEST(StateFile, goes_on_with_anchors_that_are_configured_as_before) {
  const fakes::SigningKey key, other;
  ManagedAnchor known(anchor_of(key));
  known.note_failure(fakes::signing_time, {});
  EXPECT_EQ(resumed({anchor_of(key)}, {known}), std::vector{known});
  EXPECT_EQ(resumed({anchor_of(other)}, {known}), std::vector{ManagedAnchor(anchor_of(other))});
  EXPECT_TRUE(resumed({}, {known}).empty());
}

}  // namespace
}  // namespace dragoman::trust
