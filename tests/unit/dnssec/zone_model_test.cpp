// The model that judges: its chains are those that dnssec-signzone (BIND 9.18) and ldns-signzone (1.8) make of the same
// zone.
#include "zone_model.h"

#include <gtest/gtest.h>

namespace dragoman::dnssec {
namespace {

ZoneModel sample(const std::string& apex_types) {
  std::map<dns::Name, Types, CanonicalOrder> nodes;
  const std::pair<const char*, std::string> zone[] = {
      {"z", apex_types}, {"a.z", "A"},         {"b.z", "TXT AAAA"}, {"*.w.z", "TXT"}, {"x.y.e.z", "AAAA"},
      {"c.z", "CNAME"},  {"n.z", "DNAME TXT"}, {"d.z", "NS"},       {"ns.d.z", "A"},  {"s.z", "NS DS"},
      {"u.v.z", "NS"},   {"t.r.z", "NS"},      {"q.r.z", "A"}};
  for (const auto& [owner, has] : zone) nodes[name(owner)] = types(has);
  std::mt19937 chance(1);
  return ZoneModel(name("z"), std::move(nodes), {2, {0xAB, 0xCD}, false}, chance);
}

void expect_same(const std::vector<Rrset>& made, const std::vector<Rrset>& expected) {
  ASSERT_EQ(made.size(), expected.size());
  for (std::size_t at = 0; at < made.size(); ++at) {
    EXPECT_TRUE(equal(made[at].owner, expected[at].owner)) << made[at].owner.to_text();
    EXPECT_TRUE(std::ranges::equal(made[at].rdata(0), expected[at].rdata(0))) << made[at].owner.to_text();
  }
}

TEST(ZoneModel, makes_the_nsec_chain_of_signers) {
  expect_same(sample("DNSKEY").nsecs(),
              nsecs({"z. a.z. NS SOA RRSIG NSEC DNSKEY", "a.z. b.z. A RRSIG NSEC", "b.z. c.z. TXT AAAA RRSIG NSEC",
                     "c.z. d.z. CNAME RRSIG NSEC", "d.z. x.y.e.z. NS RRSIG NSEC", "x.y.e.z. n.z. AAAA RRSIG NSEC",
                     "n.z. q.r.z. TXT DNAME RRSIG NSEC", "q.r.z. t.r.z. A RRSIG NSEC", "t.r.z. s.z. NS RRSIG NSEC",
                     "s.z. u.v.z. NS DS RRSIG NSEC", "u.v.z. *.w.z. NS RRSIG NSEC", "*.w.z. z. TXT RRSIG NSEC"}));
}

TEST(ZoneModel, makes_the_nsec3_chain_of_signers) {
  expect_same(sample("DNSKEY NSEC3PARAM").nsec3s(),
              nsec3s({"0ok92ie1358lckhn4o2finiu2i97s0gb.z. 1 0 2 abcd 1miupglehvod97q8n6hlikqg2nftblli",
                      "1miupglehvod97q8n6hlikqg2nftblli.z. 1 0 2 abcd 3g3s7j0tjsqqaaopvfjrjtishcutjhol NS DS RRSIG",
                      "3g3s7j0tjsqqaaopvfjrjtishcutjhol.z. 1 0 2 abcd 54ut3fhdnqiat7chpr1h7kmcbhapofd9 A RRSIG",
                      "54ut3fhdnqiat7chpr1h7kmcbhapofd9.z. 1 0 2 abcd cmuq0p5bafa8k7s1gknv7aterkoiuod6 TXT AAAA RRSIG",
                      "cmuq0p5bafa8k7s1gknv7aterkoiuod6.z. 1 0 2 abcd cocarch42ks26pdbom0591qcqtaulh3n",
                      "cocarch42ks26pdbom0591qcqtaulh3n.z. 1 0 2 abcd dh2jski2jpo8le3k4jeb30lt0ic8k4ck NS SOA RRSIG "
                      "DNSKEY NSEC3PARAM",
                      "dh2jski2jpo8le3k4jeb30lt0ic8k4ck.z. 1 0 2 abcd dpsg2sf3tqm1u12jne92e9itugijaf4h AAAA RRSIG",
                      "dpsg2sf3tqm1u12jne92e9itugijaf4h.z. 1 0 2 abcd e3q8ujqpk0nmrrggp6jml96bbvjns99a",
                      "e3q8ujqpk0nmrrggp6jml96bbvjns99a.z. 1 0 2 abcd fpdl08jqnu74h8aaq7f0j2s7ehjne2e1",
                      "fpdl08jqnu74h8aaq7f0j2s7ehjne2e1.z. 1 0 2 abcd j96e8cl2in4k56451mv3ks6e7p07qcls NS",
                      "j96e8cl2in4k56451mv3ks6e7p07qcls.z. 1 0 2 abcd kg1d3684qu3c7c1eo5il6da21hqjahf8 NS",
                      "kg1d3684qu3c7c1eo5il6da21hqjahf8.z. 1 0 2 abcd kvmpemhb7cok66bf6nno1h7fat8h58a6 TXT DNAME RRSIG",
                      "kvmpemhb7cok66bf6nno1h7fat8h58a6.z. 1 0 2 abcd lgblaaav2n2akn00acndqavafk827s5g",
                      "lgblaaav2n2akn00acndqavafk827s5g.z. 1 0 2 abcd n0seqg63ehah4mhnhde21acnq4egjhi9 NS",
                      "n0seqg63ehah4mhnhde21acnq4egjhi9.z. 1 0 2 abcd qae7pqkvh00atkjm51j9ho08502o9p4r CNAME RRSIG",
                      "qae7pqkvh00atkjm51j9ho08502o9p4r.z. 1 0 2 abcd vlcg4malms45rgafj10hmj0d2cou6fuo TXT RRSIG",
                      "vlcg4malms45rgafj10hmj0d2cou6fuo.z. 1 0 2 abcd 0ok92ie1358lckhn4o2finiu2i97s0gb A RRSIG"}));
}

}  // namespace
}  // namespace dragoman::dnssec
