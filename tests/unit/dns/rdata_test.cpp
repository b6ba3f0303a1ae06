// Structured RDATA: what the readers give, and what they refuse that parse() lets pass.
#include "dragoman/dns/rdata.h"

#include <gtest/gtest.h>

#include "wire.h"

namespace dragoman::dns {
namespace {

using test::hex;
using test::name;
using test::Octets;
using test::Parsed;
using test::wire;

// A response to "q." with one record of this type, whose owner is the question.
Octets one_record(Type type, std::string_view rdata_text, Class klass = Class::in) {
  Octets octets = wire("0000 8000 0001 0001 0000 0000 01 'q' 00 0001 0001 C00C");
  Octets rdata = wire(rdata_text);
  std::uint8_t fixed[10] = {};
  store_u16(fixed, static_cast<std::uint16_t>(type));
  store_u16(fixed + 2, static_cast<std::uint16_t>(klass));
  store_u16(fixed + 8, static_cast<std::uint16_t>(rdata.size()));
  octets.insert(octets.end(), fixed, fixed + sizeof fixed);
  octets.insert(octets.end(), rdata.begin(), rdata.end());
  return octets;
}

RecordView first_record(const Parsed& message) { return (*message->records().begin()).record; }

TEST(Rdata, reads_addresses) {
  EXPECT_EQ(hex(A::read(wire("C0000201"))->address), "c0000201");  // copies, so the octets may go
  EXPECT_FALSE(A::read(wire("C00002")));
  EXPECT_EQ(hex(Aaaa::read(wire("20010DB8000000000000000000000001"))->address), "20010db8000000000000000000000001");
  EXPECT_FALSE(Aaaa::read(wire("C0000201")));
}

TEST(Rdata, reads_an_soa_with_compressed_names) {
  Parsed message(one_record(Type::soa, "02 'ns' C00C 04 'mail' C00C 00000001 00000002 00000003 00000004 FFFFFFFF"));
  std::optional<Soa> soa = Soa::read(*message, first_record(message));
  ASSERT_TRUE(soa);
  EXPECT_EQ(soa->mname.to_text(), "ns.q.");
  EXPECT_EQ(soa->rname.to_text(), "mail.q.");
  EXPECT_EQ(soa->serial, 1u);
  EXPECT_EQ(soa->refresh, 2u);
  EXPECT_EQ(soa->retry, 3u);
  EXPECT_EQ(soa->expire, 4u);
  EXPECT_EQ(soa->minimum, 0xFFFFFFFFu);
}

TEST(Rdata, takes_no_other_type_for_an_soa) {
  Parsed message(one_record(Type::cname, "C00C"));
  EXPECT_FALSE(Soa::read(*message, first_record(message)));
}

TEST(Rdata, reads_the_target_of_types_that_are_one_name) {
  for (Type type : {Type::cname, Type::ns, Type::ptr}) {
    Parsed message(one_record(type, "01 'a' C00C"));
    EXPECT_EQ(read_target(*message, first_record(message))->to_text(), "a.q.");
  }
  Parsed dname(one_record(Type::dname, "01 'a' 00"));
  EXPECT_EQ(read_target(*dname, first_record(dname))->to_text(), "a.");
}

TEST(Rdata, has_no_target_in_other_types_and_in_classes_without_shape) {
  Parsed mx(one_record(Type::mx, "000A C00C"));
  EXPECT_FALSE(read_target(*mx, first_record(mx)));
  Parsed deleted(one_record(Type::cname, "", Class::any));
  EXPECT_FALSE(read_target(*deleted, first_record(deleted)));
}

TEST(Rdata, tells_the_type_that_a_signature_covers) {
  EXPECT_EQ(type_covered(Type::rrsig, wire("001C 08")), Type::aaaa);
  EXPECT_EQ(type_covered(Type::rrsig, wire("00")), std::nullopt);
  EXPECT_EQ(type_covered(Type::txt, wire("001C 08")), std::nullopt);
}

TEST(Rdata, reads_https) {
  Parsed message(one_record(Type::https, "0001 01 'a' 00 0001 0003 02 'h2' 0003 0002 01BB"));
  std::optional<Svcb> https = Svcb::read(*message, first_record(message));
  ASSERT_TRUE(https);
  EXPECT_EQ(https->priority, 1);
  EXPECT_EQ(https->target.to_text(), "a.");
  EXPECT_EQ(hex(https->parameters), hex(wire("0001 0003 02 'h2' 0003 0002 01BB")));
}

TEST(Rdata, reads_services_where_they_stand) {
  EXPECT_TRUE(is_service(Type::https) && is_service(Type::svcb) && !is_service(Type::srv));
  const Octets rdata = wire("0102 01 'a' 00 0001 0003 02 'h2'");
  const std::optional<ServiceView> service = ServiceView::read(rdata);
  ASSERT_TRUE(service);
  EXPECT_EQ(service->priority, 0x0102);
  EXPECT_EQ(service->target.to_text(), "a.");
  EXPECT_EQ(service->target.wire().data(), rdata.data() + 2);
  EXPECT_EQ(hex(service->parameters), hex(wire("0001 0003 02 'h2'")));
}

TEST(Rdata, reads_no_service_without_a_whole_plain_target) {
  for (const char* rdata : {"", "0001", "0001 01 'a'", "0001 C00C"})
    EXPECT_FALSE(ServiceView::read(wire(rdata))) << rdata;
}

// RFC 9460 2.2.
TEST(Rdata, refuses_https_whose_parameters_are_malformed) {
  for (const char* parameters : {
           "0003 0002 01BB 0001 0003 02 'h2'",  // not ascending
           "0003 0002 01BB 0003 0002 01BB",     // twice
           "0003 0003 01BB",                    // longer than the RDATA
           "0003 00",                           // cut off
       }) {
    Parsed message(one_record(Type::https, std::string("0001 00") + parameters));
    EXPECT_FALSE(Svcb::read(*message, first_record(message))) << parameters;
  }
}

TEST(Rdata, reads_ds) {
  Octets octets = wire("1234 08 02 ABCD");
  std::optional<Ds> ds = Ds::read(octets);
  ASSERT_TRUE(ds);
  EXPECT_EQ(ds->key_tag, 0x1234);
  EXPECT_EQ(ds->algorithm, 8);
  EXPECT_EQ(ds->digest_type, 2);
  EXPECT_EQ(hex(ds->digest), "abcd");
  EXPECT_FALSE(Ds::read(wire("1234 08 02")));
  EXPECT_FALSE(Ds::read(wire("1234")));
}

TEST(Rdata, reads_dnskey) {
  Octets octets = wire("0101 03 0D CAFE");
  std::optional<Dnskey> key = Dnskey::read(octets);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->flags, 257);
  EXPECT_EQ(key->protocol, 3);
  EXPECT_EQ(key->algorithm, 13);
  EXPECT_EQ(hex(key->public_key), "cafe");
  EXPECT_FALSE(Dnskey::read(wire("0101 03 0D")));
}

// The example of RFC 4034 5.4: key tag 60485.
TEST(Rdata, computes_the_key_tag) {
  Result<Octets> key =
      rdata_from_text(Type::dnskey,
                      "256 3 5 AQOeiiR0GOMYkDshWoSKz9Xz fwJr1AYtsmx3TGkJaNXVbfi/"
                      "2pHm822aJ5iI9BMzNXxeYCmZ DRD99WYwYqUSdjMmmAphXdvx egXd/"
                      "M5+X7OrzKBaMbCVdFLU Uh6DhweJBjEVv5f2wwjM9Xzc nOf+EPbtG9DMBmADjFDc2w/rljwv Fw==");
  ASSERT_TRUE(key);
  EXPECT_EQ(Dnskey::key_tag(*key), 60485);
}

TEST(Rdata, reads_rrsig) {
  Octets octets = wire("001C 08 03 00000E10 00000002 00000001 1234 01 'q' 00 AABB");
  std::optional<Rrsig> signature = Rrsig::read(octets);
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->type_covered, Type::aaaa);
  EXPECT_EQ(signature->algorithm, 8);
  EXPECT_EQ(signature->labels, 3);
  EXPECT_EQ(signature->original_ttl, 3600u);
  EXPECT_EQ(signature->expiration, 2u);
  EXPECT_EQ(signature->inception, 1u);
  EXPECT_EQ(signature->key_tag, 0x1234);
  EXPECT_EQ(signature->signer.to_text(), "q.");
  EXPECT_EQ(hex(signature->signature), "aabb");
  std::size_t without_signature = octets.size() - 2;
  for (std::size_t length = 0; length <= without_signature; ++length) {
    EXPECT_FALSE(Rrsig::read(Bytes(octets).first(length))) << length;
  }
}

TEST(Rdata, finds_types_in_a_bitmap) {
  // A, MX, RRSIG, NSEC, TYPE1234: the example of RFC 4034 4.3.
  Octets bitmap = wire("00 06 40 01 00 00 00 03 04 1B" + std::string(52, '0') + "20");
  for (Type type : {Type::a, Type::mx, Type::rrsig, Type::nsec, static_cast<Type>(1234)}) {
    EXPECT_TRUE(bitmap_has(bitmap, type)) << to_text(type);
  }
  for (Type type : {Type::ns, Type::aaaa, Type::caa, static_cast<Type>(1235), static_cast<Type>(1242)}) {
    EXPECT_FALSE(bitmap_has(bitmap, type)) << to_text(type);
  }
}

TEST(Rdata, finds_nothing_in_a_broken_bitmap) {
  EXPECT_FALSE(bitmap_has({}, Type::a));
  EXPECT_FALSE(bitmap_has(wire("00"), Type::a));
  EXPECT_FALSE(bitmap_has(wire("00 02 40"), Type::a));
}

TEST(Rdata, reads_nsec) {
  Octets octets = wire("01 'b' 00 00 01 40");
  std::optional<Nsec> nsec = Nsec::read(octets);
  ASSERT_TRUE(nsec);
  EXPECT_EQ(nsec->next.to_text(), "b.");
  EXPECT_TRUE(bitmap_has(nsec->types, Type::a));
  EXPECT_FALSE(Nsec::read(wire("01 'b'")));
}

TEST(Rdata, reads_nsec3) {
  Octets octets = wire("01 01 000C 02 AABB 03 112233 00 01 40");
  std::optional<Nsec3> nsec3 = Nsec3::read(octets);
  ASSERT_TRUE(nsec3);
  EXPECT_EQ(nsec3->hash_algorithm, 1);
  EXPECT_EQ(nsec3->flags, 1);
  EXPECT_EQ(nsec3->iterations, 12);
  EXPECT_EQ(hex(nsec3->salt), "aabb");
  EXPECT_EQ(hex(nsec3->next_hashed_owner), "112233");
  EXPECT_TRUE(bitmap_has(nsec3->types, Type::a));
  EXPECT_FALSE(Nsec3::read(wire("01 01 000C 02 AABB")));
  EXPECT_FALSE(Nsec3::read(wire("01 01 000C 02 AABB 00")));
}

TEST(Rdata, expands_its_names) {
  Parsed message(one_record(Type::mx, "000A 01 'm' C00C"));
  EXPECT_EQ(hex(expanded_rdata(*message, first_record(message))), hex(wire("000A 01 'm' 01 'q' 00")));
}

}  // namespace
}  // namespace dragoman::dns
