// Answers from denials of other questions (RFC 8198).
#include "dragoman/dnssec/denial_cache.h"

#include <gtest/gtest.h>

#include "denial_samples.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;

// example: the apex, b (A), d (a delegation), x.f (f is an empty non-terminal), *.w (A), z (A).
std::vector<Rrset> chain() {
  std::vector<Rrset> all = nsecs({"example. b.example. NS SOA RRSIG NSEC DNSKEY", "b.example. d.example. A RRSIG NSEC",
                                  "d.example. x.f.example. NS RRSIG NSEC", "x.f.example. *.w.example. A RRSIG NSEC",
                                  "*.w.example. z.example. A RRSIG NSEC", "z.example. example. A RRSIG NSEC"});
  all.push_back(soa("example"));
  return all;
}

struct Known {
  explicit Known(const DenialCache::Options& options = {}) : cache(options) {}
  DenialCache cache;
};

TEST(DenialCache, an_empty_one_says_nothing) {
  Known known;
  EXPECT_EQ(rcode(known.cache, "a.example", Type::a), "nothing");
}

TEST(DenialCache, a_name_in_a_span_does_not_exist) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "C.Example", Type::aaaa), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "x.y.b.example", Type::a), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "zz.example", Type::a), "NXDOMAIN");
  EXPECT_EQ(known.cache.stats().nxdomain, 4u);
}

TEST(DenialCache, a_type_that_is_not_in_the_bitmap_does_not_exist) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(rcode(known.cache, "b.example", Type::aaaa), "NOERROR");
  EXPECT_EQ(rcode(known.cache, "f.example", Type::a), "NOERROR");
  EXPECT_EQ(rcode(known.cache, "q.w.example", Type::aaaa), "NOERROR");
  EXPECT_EQ(rcode(known.cache, "example", Type::aaaa), "NOERROR");
  EXPECT_EQ(known.cache.stats().nodata, 4u);
}

TEST(DenialCache, what_exists_is_asked_for) {
  Known known;
  teach(known.cache, "example", chain());
  for (const char* there : {"b.example", "q.w.example", "x.f.example"}) {
    EXPECT_EQ(ask(known.cache, there, Type::a).rcode, "nothing");
    EXPECT_EQ(ask(known.cache, there, Type::a).authority, "");
  }
  EXPECT_EQ(rcode(known.cache, "c.test", Type::a), "nothing");
}

TEST(DenialCache, a_zone_below_answers_for_itself) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(rcode(known.cache, "d.example", Type::a), "nothing");
  EXPECT_EQ(rcode(known.cache, "x.d.example", Type::a), "nothing");
  EXPECT_EQ(rcode(known.cache, "d.example", Type::ds), "NOERROR");
  std::vector<Rrset> below = nsecs({"d.example. d.example. NS SOA RRSIG NSEC"});
  below.push_back(soa("d.example"));
  teach(known.cache, "d.example", below);
  EXPECT_EQ(rcode(known.cache, "x.d.example", Type::a), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "d.example", Type::a), "NOERROR");
  // Its DS records are the parent's all the same.
  EXPECT_EQ(ask(known.cache, "d.example", Type::ds).authority, "example. 300 SOA\n");
  EXPECT_EQ(ask(known.cache, "x.d.example", Type::ds).authority, "d.example. 300 SOA\n");
}

TEST(DenialCache, the_apex_of_a_zone_whose_parent_is_unknown_does_not_deny_its_ds) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(rcode(known.cache, "example", Type::ds), "nothing");
}

TEST(DenialCache, the_answer_is_the_soa) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(ask(known.cache, "c.example", Type::a).authority, "example. 300 SOA\n");
}

TEST(DenialCache, with_do_the_answer_is_the_proof) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(ask(known.cache, "c.example", Type::a, {.dnssec_ok = true}).authority,
            "example. 300 SOA\nexample. 300 RRSIG(SOA)\n"
            "b.example. 300 NSEC\nb.example. 300 RRSIG(NSEC)\n"
            "example. 300 NSEC\nexample. 300 RRSIG(NSEC)\n");
  // One record may be all of it.
  EXPECT_EQ(ask(known.cache, "x.b.example", Type::a, {.dnssec_ok = true}).authority,
            "example. 300 SOA\nexample. 300 RRSIG(SOA)\nb.example. 300 NSEC\nb.example. 300 RRSIG(NSEC)\n");
  EXPECT_EQ(ask(known.cache, "q.w.example", Type::aaaa, {.dnssec_ok = true}).authority,
            "example. 300 SOA\nexample. 300 RRSIG(SOA)\n*.w.example. 300 NSEC\n*.w.example. 300 RRSIG(NSEC)\n");
}

TEST(DenialCache, signatures_come_back_as_they_were) {
  Known known;
  std::vector<Rrset> records = chain();
  Rrset foreign = signed_by("test", signed_by("example", records[1]));  // another signer's is none of ours
  records[1] = foreign;
  teach(known.cache, "example", records);
  Octets memory(4096);
  dns::MessageWriter writer(memory);
  const dns::Name asked = name("b.example");
  writer.question(asked, Type::aaaa, dns::Class::in);
  ASSERT_TRUE(known.cache.find({asked, Type::aaaa, dns::Class::in}, true, start, writer));
  dns::MessageView message;
  ASSERT_EQ(dns::MessageView::parse(writer.finish({}), message), dns::MessageView::Fault::none);
  int signatures = 0;
  for (const auto& [section, record] : message.records()) {
    if (record.type != Type::rrsig) continue;
    const auto rrsig = dns::Rrsig::read(record.rdata);
    ASSERT_TRUE(rrsig);
    EXPECT_EQ(rrsig->labels, message.owner(record).view().label_count());
    EXPECT_EQ(rrsig->algorithm, 13);
    EXPECT_EQ(rrsig->original_ttl, 300u);
    EXPECT_EQ(rrsig->expiration, 2000000000u);
    EXPECT_EQ(rrsig->inception, 1000000000u);
    EXPECT_EQ(rrsig->key_tag, 12345);
    EXPECT_TRUE(equal(rrsig->signer, name("example")));
    EXPECT_EQ(Octets(rrsig->signature.begin(), rrsig->signature.end()), signature_octets);
    ++signatures;
  }
  EXPECT_EQ(signatures, 2);
}

TEST(DenialCache, ttls_are_what_is_left) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(ask(known.cache, "x.b.example", Type::a, {.dnssec_ok = true, .now = start + seconds(100)}).authority,
            "example. 200 SOA\nexample. 200 RRSIG(SOA)\nb.example. 200 NSEC\nb.example. 200 RRSIG(NSEC)\n");
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a, {.now = start + seconds(299)}), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a, {.now = start + milliseconds(299001)}), "nothing");
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a, {.now = start + seconds(300)}), "nothing");
}

// RFC 2308 5, RFC 8198 5.4, RFC 9077 4: the SOA's MINIMUM and TTL bound all of it.
TEST(DenialCache, nothing_lives_longer_than_the_soa_allows) {
  Known known;
  std::vector<Rrset> records = nsecs({"example. example. NS SOA RRSIG NSEC"});
  records.push_back(soa("example", 60));
  teach(known.cache, "example", records, start, 3600);
  EXPECT_EQ(ask(known.cache, "c.example", Type::a, {.dnssec_ok = true}).authority,
            "example. 60 SOA\nexample. 60 RRSIG(SOA)\nexample. 60 NSEC\nexample. 60 RRSIG(NSEC)\n");
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a, {.now = start + seconds(60)}), "nothing");
  Known patient;
  records.back() = soa("example", 1000000);
  teach(patient.cache, "example", records, start, 1000000);
  EXPECT_EQ(ask(patient.cache, "c.example", Type::a).authority, "example. 10800 SOA\n");
}

TEST(DenialCache, the_negative_ttl_is_the_least_of_all_records) {
  Known known;
  teach(known.cache, "example", nsecs({"example. b.example. SOA NS RRSIG NSEC"}), start, 0);
  teach(known.cache, "example", {nsec("example. b.example. SOA NS RRSIG NSEC"), soa("example")}, start, 100);
  teach(known.cache, "example", {nsec("b.example. d.example. A RRSIG NSEC"), soa("example")}, start, 200);
  EXPECT_EQ(ask(known.cache, "c.example", Type::a, {.dnssec_ok = true}).authority,
            "example. 100 SOA\nexample. 100 RRSIG(SOA)\nb.example. 200 NSEC\nb.example. 200 RRSIG(NSEC)\n"
            "example. 100 NSEC\nexample. 100 RRSIG(NSEC)\n");
}

TEST(DenialCache, without_an_soa_nothing_is_remembered) {
  Known known;
  teach(known.cache, "example", nsecs({"example. example. NS SOA RRSIG NSEC"}));
  EXPECT_EQ(known.cache.stats().records, 0u);
  EXPECT_EQ(known.cache.stats().bytes, 0u);
  teach(known.cache, "example", {soa("example")});
  EXPECT_EQ(known.cache.stats().zones, 0u);
  // An SOA of another name is no SOA of this zone.
  teach(known.cache, "example", {nsec("example. example. NS SOA RRSIG NSEC"), soa("a.example")});
  EXPECT_EQ(known.cache.stats().records, 0u);
}

TEST(DenialCache, an_soa_that_is_known_serves_for_later_records) {
  Known known;
  teach(known.cache, "example", {nsec("b.example. d.example. A RRSIG NSEC"), soa("example")});
  teach(known.cache, "example", {nsec("example. b.example. NS SOA RRSIG NSEC")}, start + seconds(100));
  EXPECT_EQ(ask(known.cache, "c.example", Type::a, {.now = start + seconds(150)}).authority, "example. 150 SOA\n");
}

TEST(DenialCache, what_does_not_fit_is_not_said) {
  Known known;
  teach(known.cache, "example", chain());
  const Found found = ask(known.cache, "c.example", Type::a, {.dnssec_ok = true, .room = 200});
  EXPECT_EQ(found.rcode, "nothing");
  EXPECT_EQ(found.authority, "");
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a, {.room = 200}), "NXDOMAIN");
}

TEST(DenialCache, zones_above_the_highest_say_nothing) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(rcode(known.cache, "x.y.example", Type::a, {.highest = "example"}), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "x.y.example", Type::a, {.highest = "y.example"}), "nothing");
  EXPECT_EQ(rcode(known.cache, "y.example", Type::ds, {.highest = "y.example"}), "nothing");
}

TEST(DenialCache, some_types_are_never_denied) {
  Known known;
  teach(known.cache, "example", chain());
  for (const Type type : {Type::any, Type::rrsig, Type::axfr, Type::opt, Type{0}, Type{128}}) {
    EXPECT_EQ(rcode(known.cache, "c.example", type), "nothing") << dns::to_text(type);
  }
  EXPECT_EQ(rcode(known.cache, "c.example", Type::caa), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a, {.klass = dns::Class::ch}), "nothing");
}

TEST(DenialCache, the_root_is_a_zone_too) {
  Known known;
  teach(known.cache, ".", {nsec(". b. NS SOA RRSIG NSEC"), nsec("b. d. NS RRSIG NSEC"), soa(".")});
  EXPECT_EQ(rcode(known.cache, "x.c", Type::a), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "b", Type::ds), "NOERROR");
  EXPECT_EQ(rcode(known.cache, "x.b", Type::a), "nothing");
  EXPECT_EQ(rcode(known.cache, ".", Type::a), "NOERROR");
  EXPECT_EQ(rcode(known.cache, ".", Type::ds), "NOERROR");
}

// RFC 9824 2: as its server would, whether or not another type was asked for.
TEST(DenialCache, a_compact_denial_gives_no_data_of_any_type) {
  Known known;
  teach(known.cache, "example", {nsec("c.example. \\000.c.example. RRSIG NSEC TYPE128"), soa("example")});
  EXPECT_EQ(rcode(known.cache, "c.example", Type::aaaa), "NOERROR");
  EXPECT_EQ(rcode(known.cache, "x.c.example", Type::aaaa), "nothing");
  EXPECT_EQ(rcode(known.cache, "d.example", Type::aaaa), "nothing");
}

// -- NSEC3 --

std::string hash_text(std::string_view owner, const std::string& salt = "", std::uint16_t iterations = 0) {
  return base32hex(*nsec3_hash(name(owner), from_hex(salt), iterations));
}

// The record of this name, which covers all others.
Rrset lone(std::string_view owner, const std::string& middle = "0 0 -", const std::string& has = "A RRSIG") {
  std::istringstream in(middle);
  std::string flags, iterations, salt;
  in >> flags >> iterations >> salt;
  const std::string hash =
      hash_text(owner, salt == "-" ? "" : salt, static_cast<std::uint16_t>(std::stoul(iterations)));
  return nsec3(hash + ".example. 1 " + middle + ' ' + hash + ' ' + has);
}

TEST(DenialCache, hashes_prove_as_names_do) {
  Known known;
  teach(known.cache, "example", {lone("example", "0 5 ab", "NS SOA"), soa("example")});
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "x.y.c.example", Type::a), "NXDOMAIN");
  EXPECT_EQ(rcode(known.cache, "example", Type::a), "NOERROR");
  EXPECT_EQ(rcode(known.cache, "example", Type::soa), "nothing");
  const std::string owner = hash_text("example", "ab", 5) + ".example. ";
  EXPECT_EQ(ask(known.cache, "c.example", Type::a, {.dnssec_ok = true}).authority,
            "example. 300 SOA\nexample. 300 RRSIG(SOA)\n" + owner + "300 NSEC3\n" + owner + "300 RRSIG(NSEC3)\n");
}

TEST(DenialCache, a_proof_by_hashes_holds_no_more_than_it_needs) {
  // Names by hash, so that the chain is known: the apex, a, x.a, b.
  std::map<std::string, std::string> owners;
  for (const char* there : {"example", "a.example", "x.a.example", "b.example"}) owners[hash_text(there)] = there;
  std::vector<Rrset> records{soa("example")};
  for (auto owner = owners.begin(); owner != owners.end(); ++owner) {
    const auto next = std::next(owner) == owners.end() ? owners.begin() : std::next(owner);
    records.push_back(nsec3(owner->first + ".example. 1 0 0 - " + next->first + " A RRSIG"));
  }
  Known known;
  teach(known.cache, "example", records);
  const auto covering = [&](std::string_view missing) {
    auto next = owners.upper_bound(hash_text(missing));
    return next == owners.begin() ? std::prev(owners.end())->first : std::prev(next)->first;
  };
  std::set<std::string> expected{hash_text("x.a.example"), covering("y.x.a.example"), covering("*.x.a.example")};
  const Found found = ask(known.cache, "z.y.x.a.example", Type::a, {.dnssec_ok = true});
  EXPECT_EQ(found.rcode, "NXDOMAIN");
  std::set<std::string> owners_found;
  std::istringstream in(found.authority);
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with(" NSEC3")) owners_found.insert(line.substr(0, 32));
  }
  EXPECT_EQ(owners_found, expected);
}

TEST(DenialCache, opt_out_spans_are_not_kept) {
  Known known;
  teach(known.cache, "example", {lone("example", "1 0 -", "NS SOA"), soa("example")});
  EXPECT_EQ(known.cache.stats().records, 0u);
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "nothing");
}

TEST(DenialCache, records_with_many_iterations_are_not_kept) {
  DenialCache::Options options;
  options.nsec3_iterations = 10;
  Known known(options);
  teach(known.cache, "example", {lone("example", "0 11 -", "NS SOA"), soa("example")});
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "nothing");
  teach(known.cache, "example", {lone("example", "0 10 -", "NS SOA"), soa("example")});
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "NXDOMAIN");
}

// CVE-2023-50868.
TEST(DenialCache, the_work_of_one_answer_is_bounded) {
  DenialCache::Options options;
  options.digests_per_find = 100;
  Known known(options);
  std::string deep;
  for (int labels = 0; labels < 100; ++labels) deep += "a.";
  teach(known.cache, "example", {lone(deep + "example", "0 19 -"), soa("example")});
  EXPECT_EQ(rcode(known.cache, "b." + deep + "example", Type::a), "nothing");
  EXPECT_EQ(known.cache.stats().nsec3_hashes, 5u);  // of 20 each
}

TEST(DenialCache, each_name_is_hashed_once) {
  Known known;
  teach(known.cache, "example", {lone("example", "0 0 -", "NS SOA"), soa("example")});
  EXPECT_EQ(rcode(known.cache, "x.y.c.example", Type::a), "NXDOMAIN");
  EXPECT_EQ(known.cache.stats().nsec3_hashes, 4u);  // the name, the apex, c, *
}

// -- What is kept --

TEST(DenialCache, a_new_chain_makes_the_old_one_void) {
  Known known;
  teach(known.cache, "example", chain());
  teach(known.cache, "example", {lone("example", "0 0 -", "NS SOA"), soa("example")});
  EXPECT_EQ(known.cache.stats().records, 1u);
  teach(known.cache, "example", {lone("b.example", "0 0 ab"), soa("example")});
  EXPECT_EQ(known.cache.stats().records, 1u);
  teach(known.cache, "example", {lone("b.example", "0 1 ab"), soa("example")});
  EXPECT_EQ(known.cache.stats().records, 1u);
  teach(known.cache, "example", chain());
  EXPECT_EQ(known.cache.stats().records, 6u);
}

TEST(DenialCache, a_name_that_has_come_is_not_denied) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "NXDOMAIN");
  teach(known.cache, "example", {nsec("c.example. d.example. A RRSIG NSEC"), soa("example", 300, 2)});
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "nothing");
  EXPECT_EQ(rcode(known.cache, "bb.example", Type::a), "nothing");  // the span that said so is gone
  EXPECT_EQ(rcode(known.cache, "cc.example", Type::a), "NXDOMAIN");
}

TEST(DenialCache, a_name_that_has_gone_is_denied) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_EQ(rcode(known.cache, "x.f.example", Type::txt), "NOERROR");
  teach(known.cache, "example", {nsec("b.example. z.example. A RRSIG NSEC"), soa("example", 300, 2)});
  EXPECT_EQ(known.cache.stats().records, 3u);
  EXPECT_EQ(rcode(known.cache, "x.f.example", Type::txt), "NXDOMAIN");
}

TEST(DenialCache, a_copy_that_ends_earlier_changes_nothing) {
  Known known;
  teach(known.cache, "example", chain());
  teach(known.cache, "example", chain(), start, 10);
  EXPECT_EQ(ask(known.cache, "c.example", Type::a).authority, "example. 300 SOA\n");
  teach(known.cache, "example", chain(), start + seconds(20), 300);
  EXPECT_EQ(ask(known.cache, "c.example", Type::a, {.now = start + seconds(20)}).authority, "example. 300 SOA\n");
}

TEST(DenialCache, stays_within_its_bytes_and_keeps_what_is_of_use) {
  DenialCache::Options options;
  options.bytes = 20000;
  Known known(options);
  teach(known.cache, "example", chain());
  for (int number = 0; number < 1000; ++number) {
    EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "NXDOMAIN");
    const std::string zone = "zone" + std::to_string(number) + ".test";
    teach(known.cache, zone, {nsec(zone + ". " + zone + ". NS SOA RRSIG NSEC"), soa(zone)});
    EXPECT_LE(known.cache.stats().bytes, options.bytes);
    EXPECT_EQ(rcode(known.cache, "a." + zone, Type::a), "NXDOMAIN");
  }
  EXPECT_GT(known.cache.stats().zones, 5u);
  EXPECT_EQ(known.cache.stats().learned, 1006u);
  EXPECT_EQ(known.cache.stats().evicted, 1006u - known.cache.stats().records);
}

TEST(DenialCache, clear_forgets_all) {
  Known known;
  teach(known.cache, "example", chain());
  EXPECT_GT(known.cache.stats().bytes, 0u);
  known.cache.clear();
  EXPECT_EQ(known.cache.stats().bytes, 0u);
  EXPECT_EQ(known.cache.stats().zones, 0u);
  EXPECT_EQ(rcode(known.cache, "c.example", Type::a), "nothing");
}

}  // namespace
}  // namespace dragoman::dnssec
