// What DS and DNSKEY answers say of a name.
#include "dragoman/dnssec/delegation.h"

#include <gtest/gtest.h>

#include "fakes/signed_world.h"
#include "test_message.h"

namespace dragoman::dnssec {
namespace {

using dns::Section;
using dns::Type;
using fakes::WireRecords;

struct Delegations : testing::Test {
  Delegations() {
    world.add_zone("example.");
    world.add_zone("sub.example.", "example.");
    Rrset dnskeys;
    dnskeys.owner = name("example.");
    dnskeys.type = Type::dnskey;
    dnskeys.add(world.key_of("example.").dnskey());
    parent = ZoneKeys::of(dnskeys, budget);
  }
  static TestMessage message_of(const std::string& owner, Type type, const WireRecords& records) {
    TestMessage message(owner, type);
    for (const auto& record : records) message.add(record.section, record.owner, record.type, record.ttl, record.rdata);
    return message;
  }
  Delegation read(const WireRecords& records, const std::string& owner = "sub.example.") {
    TestMessage message = message_of(owner, Type::ds, records);
    return read_delegation(message.view(), name(owner), parent, fakes::signing_time, budget);
  }
  WireRecords ds(std::vector<fakes::Octets> rdata) {
    return world.signed_rrset("example.", {"sub.example.", Type::ds}, rdata, Section::answer);
  }
  WireRecords nsec(const std::string& owner, std::vector<Type> types) {
    return world.denial("example.", owner, "z.example.", std::move(types));
  }

  fakes::FakeUpstream nobody;
  fakes::SignedWorld world{nobody};
  Limits limits;
  Budget budget{limits};
  ZoneKeys parent;
};

TEST_F(Delegations, with_ds_records_lead_to_a_signed_zone) {
  const fakes::Octets rdata = world.key_of("sub.example.").ds(name("sub.example."));
  const Delegation found = read(ds({rdata}));
  EXPECT_EQ(found.kind, DelegationKind::signed_there);
  ASSERT_EQ(found.endorsement.ds.size(), 1u);
  EXPECT_EQ(found.endorsement.ds[0], rdata);
  EXPECT_EQ(found.ttl, 300u);
}

TEST_F(Delegations, with_ds_records_of_unknown_kinds_alone_are_insecure) {
  fakes::Octets rdata = world.key_of("sub.example.").ds(name("sub.example."));
  rdata[2] = 12;
  const Delegation found = read(ds({rdata}));
  EXPECT_EQ(found.kind, DelegationKind::unsigned_there);
  EXPECT_EQ(found.reason, Reason::unsupported_algorithm);
}

TEST_F(Delegations, with_forged_ds_records_are_broken) {
  WireRecords forged = ds({world.key_of("sub.example.").ds(name("sub.example."))});
  forged[0].rdata[5] ^= 1;
  EXPECT_EQ(read(forged).kind, DelegationKind::broken);
  EXPECT_EQ(read(forged).reason, Reason::signature_wrong);
}

TEST_F(Delegations, are_unsigned_when_the_parent_proves_it) {
  const Delegation found = read(nsec("sub.example.", {Type::ns}));
  EXPECT_EQ(found.kind, DelegationKind::unsigned_there);
  EXPECT_EQ(found.reason, Reason::no_ds);
}

TEST_F(Delegations, are_not_there_when_the_name_has_no_ns) {
  EXPECT_EQ(read(nsec("sub.example.", {Type::a})).kind, DelegationKind::not_there);
  const WireRecords alias = world.signed_rrset("example.", {"sub.example.", Type::cname},
                                               {*dns::rdata_from_text(Type::cname, "x.example.")}, Section::answer);
  EXPECT_EQ(read(alias).kind, DelegationKind::not_there);
}

TEST_F(Delegations, end_where_the_name_does_not_exist) {
  EXPECT_EQ(read(world.denial("example.", "example.", "z.example.", {Type::soa})).kind, DelegationKind::nonexistent);
}

TEST_F(Delegations, are_broken_without_proof) {
  EXPECT_EQ(read({}).reason, Reason::denial_missing);
  WireRecords bare = nsec("sub.example.", {Type::ns});
  std::erase_if(bare, [](const auto& record) { return record.type == Type::rrsig; });
  EXPECT_EQ(read(bare).reason, Reason::signature_missing);
  EXPECT_EQ(read(nsec("t.example.", {Type::ns})).kind, DelegationKind::broken);
}

// A child says nothing of its own DS records (RFC 6840 4.1).
TEST_F(Delegations, are_proven_by_the_parent_alone) {
  EXPECT_EQ(read(world.denial("sub.example.", "sub.example.", "sub.example.", {Type::soa, Type::ns})).kind,
            DelegationKind::broken);
}

TEST_F(Delegations, enter_a_zone_by_the_key_that_is_endorsed) {
  const fakes::SigningKey& key = world.key_of("sub.example.");
  TestMessage message =
      message_of("sub.example.", Type::dnskey,
                 world.signed_rrset("sub.example.", {"sub.example.", Type::dnskey}, {key.dnskey()}, Section::answer));
  const auto enter = [&](const fakes::Octets& endorsement) {
    return read_keys(message.view(), name("sub.example."), {{endorsement}, {}}, fakes::signing_time, budget);
  };
  const Entrance found = enter(key.ds(name("sub.example.")));
  EXPECT_TRUE(found.standing.is_secure());
  ASSERT_NE(found.standing.keys, nullptr);
  EXPECT_EQ(found.standing.keys->keys.size(), 1u);
  EXPECT_EQ(found.ttl, 300u);
  EXPECT_EQ(enter(world.key_of("example.").ds(name("sub.example."))).standing.verdict, verdict_of(Reason::key_missing));
}

TEST_F(Delegations, have_no_keys_where_there_are_none) {
  TestMessage message = message_of("sub.example.", Type::dnskey, {});
  EXPECT_EQ(read_keys(message.view(), name("sub.example."), {}, fakes::signing_time, budget).standing.verdict,
            verdict_of(Reason::key_missing));
}

}  // namespace
}  // namespace dragoman::dnssec
