// DenialCache against random small zones: it says what Denial says from the same records, nothing that the zone does
// not say, and what it writes is a proof by itself.
#include <gtest/gtest.h>

#include "denial_samples.h"
#include "dragoman/dnssec/denial_cache.h"
#include "zone_model.h"

namespace dragoman::dnssec {
namespace {

using dns::Type;
using Outcome = ZoneModel::Outcome;

constexpr Type asked_types[] = {Type::a, Type::aaaa, Type::cname, Type::ds, Type::ns, Type::mx};
constexpr int zones = 60;
constexpr auto asked_at = start + seconds(150);

Limits ample() {
  Limits limits;
  limits.nsec3_hashes = 10000;
  return limits;
}

// Some records of a zone, learned in some order and at the same time; some have expired when it is asked.
class Lesson {
 public:
  Lesson(const ZoneModel& zone, const std::vector<Rrset>& records, std::mt19937& chance) : zone_(zone), cache_({}) {
    std::vector<const Rrset*> order;
    for (const Rrset& record : records) order.push_back(&record);
    std::ranges::shuffle(order, chance);
    const std::string apex = zone.apex().to_text();
    for (const Rrset* record : order) {
      if (chance() % 5 == 0) continue;
      const bool lasts = chance() % 5 != 0;
      teach(cache_, apex, {*record, soa(apex, 1000)}, start, lasts ? 200 : 100);
      const bool is_opt_out = record->type == Type::nsec3 && (record->rdata(0)[1] & 1) != 0;
      if (lasts && !is_opt_out) alive_.push_back(*record);
    }
    proof_.emplace(zone.apex(), alive_, ample());
  }

  void check(const dns::Name& name, Type type) {
    const std::string rcode = ask(cache_, name, type, {.now = asked_at}).rcode;
    EXPECT_EQ(rcode, expected(*proof_, name, type)) << name.to_text() << ' ' << dns::to_text(type);
    if (rcode == "nothing") return;
    EXPECT_EQ(zone_.ask(name, type), rcode == "NOERROR" ? Outcome::nodata : Outcome::nxdomain) << name.to_text();
    check_written(name, type, rcode);
    ++said_;
  }
  int said() const { return said_; }

 private:
  static std::string expected(Proof& proof, const dns::Name& name, Type type) {
    if (proof.denial().nodata(name, type) == Reason::none) return "NOERROR";
    return proof.denial().nxdomain(name) == Reason::none ? "NXDOMAIN" : "nothing";
  }

  // The message, as a client that validates would read it.
  void check_written(const dns::Name& name, Type type, const std::string& rcode) {
    Octets memory(dns::max_message_length);
    dns::MessageWriter writer(memory);
    writer.question(name, type, dns::Class::in);
    ASSERT_TRUE(cache_.find({name, type, dns::Class::in}, true, asked_at, writer));
    dns::MessageView message;
    ASSERT_EQ(dns::MessageView::parse(writer.finish({}), message), dns::MessageView::Fault::none);
    auto rrsets = rrsets_of(message, 10);
    ASSERT_TRUE(rrsets);
    ASSERT_FALSE(rrsets->empty());
    EXPECT_EQ(rrsets->front().type, Type::soa);
    for (const Rrset& rrset : *rrsets) {
      EXPECT_EQ(rrset.signatures.size(), 1u);
      EXPECT_EQ(rrset.ttl, 50u);
    }
    EXPECT_LE(rrsets->size(), 4u);
    // Each record is needed.
    rrsets->erase(rrsets->begin());
    EXPECT_EQ(expected(*std::make_unique<Proof>(zone_.apex(), *rrsets), name, type), rcode);
    for (std::size_t left_out = 0; left_out < rrsets->size(); ++left_out) {
      std::vector<Rrset> fewer = *rrsets;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left_out));
      EXPECT_EQ(expected(*std::make_unique<Proof>(zone_.apex(), fewer), name, type), "nothing") << name.to_text();
    }
  }

  const ZoneModel& zone_;
  DenialCache cache_;
  std::vector<Rrset> alive_;
  std::optional<Proof> proof_;
  int said_ = 0;
};

TEST(DenialCacheModel, says_what_the_same_records_prove_and_the_zone_means) {
  std::mt19937 chance(4);
  const auto names = universe(name("z"), "ab*", 3);
  int said = 0;
  for (int number = 0; number < zones && !testing::Test::HasFailure(); ++number) {
    const ZoneModel zone = random_zone(names, chance);
    Lesson by_nsec(zone, zone.nsecs(), chance), by_nsec3(zone, zone.nsec3s(), chance);
    for (const dns::Name& name : names) {
      for (const Type type : asked_types) {
        if (type == Type::ds && equal(name, zone.apex())) continue;
        by_nsec.check(name, type);
        by_nsec3.check(name, type);
      }
    }
    said += by_nsec.said() + by_nsec3.said();
    if (testing::Test::HasFailure()) ADD_FAILURE() << "zone " << number;
  }
  EXPECT_GT(said, 2000);
}

}  // namespace
}  // namespace dragoman::dnssec
