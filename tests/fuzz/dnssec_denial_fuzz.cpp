// Proofs of what does not exist. From some records of a zone, nothing that the zone does not say; from records that no
// zone has, whatever it is, but no more work than the budget allows.
// Input: a series of choices; the first says which of the two.
#include <map>
#include <random>
#include <vector>

#include "denial.h"
#include "fuzz/check.h"
#include "fuzz/choices.h"
#include "fuzz/dnssec_records.h"
#include "unit/dnssec/zone_model.h"

namespace dragoman::dnssec {
namespace {

using fuzz::check;
using fuzz::Choices;

void nothing_false_is_proven(Choices& choices) {
  const ZoneModel zone = fuzz::chosen_zone(choices);
  std::vector<Rrset> nsecs = fuzz::some_of(zone.nsecs(), choices), nsec3s = fuzz::some_of(zone.nsec3s(), choices);
  Proof by_nsec(zone.apex(), nsecs), by_nsec3(zone.apex(), nsec3s);
  for (int questions = 0; questions < 4; ++questions) {
    const dns::Name name = fuzz::chosen_name(choices);
    const dns::Type type = fuzz::chosen_type(choices);
    const int labels = static_cast<int>(choices.below(5));
    for (Proof* proof : {&by_nsec, &by_nsec3}) {
      Denial& denial = proof->denial();
      check(zone.may_say_nodata(name, type, denial.nodata(name, type)), "NODATA is so");
      check(zone.may_say_nxdomain(name, denial.nxdomain(name)), "NXDOMAIN is so");
      check(zone.may_say_of_ds(name, denial.no_ds(name)), "what is said of DS records is so");
      const Reason reason = denial.wildcard_answer(name, static_cast<std::uint8_t>(labels));
      check(zone.may_say_wildcard_answer(name, labels, reason), "nothing is closer than the wildcard");
    }
  }
}

bool is_of_denial(Reason reason) {
  return reason == Reason::none || reason == Reason::opt_out || reason == Reason::nsec3_iterations ||
         reason == Reason::nsec3_refused || reason == Reason::too_much_work || reason == Reason::denial_missing;
}

void any_records(Choices& choices) {
  std::vector<Rrset> records;
  for (std::size_t count = choices.below(16); count > 0; --count) records.push_back(fuzz::chosen_record(choices));
  Limits limits;
  limits.nsec3_hashes = static_cast<std::uint16_t>(choices.below(64));
  Proof proof(fuzz::chosen_name(choices), std::move(records), limits);
  for (int questions = 0; questions < 8; ++questions) {
    const dns::Name name = fuzz::chosen_name(choices);
    const dns::Type type = fuzz::chosen_type(choices);
    Denial& denial = proof.denial();
    check(is_of_denial(denial.nodata(name, type)), "NODATA has a reason");
    check(is_of_denial(denial.nxdomain(name)), "NXDOMAIN has a reason");
    check(is_of_denial(denial.wildcard_answer(name, choices.octet())), "a wildcard has a reason");
    const auto about = denial.no_ds(name);
    const bool is_unproven = about.delegation == Denial::Delegation::unproven;
    check(is_of_denial(about.reason) && !(is_unproven && about.reason == Reason::none), "DS has a reason");
    check(proof.budget().nsec3_hashes() <= limits.nsec3_hashes, "the budget holds");
  }
}

}  // namespace
}  // namespace dragoman::dnssec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dragoman::fuzz::Choices choices({data, size});
  if (choices.below(2) == 0) {
    dragoman::dnssec::nothing_false_is_proven(choices);
  } else {
    dragoman::dnssec::any_records(choices);
  }
  return 0;
}
