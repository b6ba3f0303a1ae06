// Any series of lessons and questions: memory stays bounded, and what is said is proven by what is written with it; of
// records that a zone has, it is what the zone says.
// Input: a series of choices; the first says whether the records are those of a zone.
#include <optional>
#include <vector>

#include "dragoman/dnssec/denial_cache.h"
#include "fuzz/check.h"
#include "fuzz/choices.h"
#include "fuzz/dnssec_records.h"
#include "unit/dnssec/denial_samples.h"

namespace dragoman::dnssec {
namespace {

using fuzz::check;
using fuzz::Choices;

constexpr std::uint32_t longest_ttl = 20;

class Game {
 public:
  explicit Game(Choices& choices) : choices_(choices), cache_(options_of(choices)) {
    if (choices_.below(2) == 0) zone_.emplace(fuzz::chosen_zone(choices_));
  }

  void play() {
    while (choices_.any()) {
      if (choices_.below(2) == 0) {
        learn();
      } else {
        ask_one();
      }
      now_ += seconds(choices_.below(3));
      check(cache_.stats().bytes <= most_bytes_, "memory stays bounded");
    }
    cache_.clear();
    check(cache_.stats().bytes == 0 && cache_.stats().records == 0, "all of it is counted");
  }

 private:
  DenialCache::Options options_of(Choices& choices) {
    DenialCache::Options options;
    options.bytes = most_bytes_ = 500 * choices.below(20);
    options.max_ttl = longest_ttl;
    return options;
  }
  Rrset record() {
    if (!zone_) return fuzz::chosen_record(choices_);
    const auto& records = choices_.below(2) == 0 ? zone_->nsecs() : zone_->nsec3s();
    return records[choices_.below(records.size())];
  }
  void learn() {
    const char* zone = zone_ || choices_.below(4) != 3 ? "z." : "a.z.";
    std::vector<Rrset> records{soa(zone, 5 + static_cast<std::uint32_t>(choices_.below(20)))};
    for (std::size_t count = choices_.below(4); count > 0; --count) records.push_back(record());
    teach(cache_, zone, records, now_, static_cast<std::uint32_t>(choices_.below(30)));
  }
  void ask_one() {
    const dns::Name name = fuzz::chosen_name(choices_);
    const dns::Type type = fuzz::chosen_type(choices_);
    Octets memory(choices_.once_in(8) ? 200 : 4096);
    dns::MessageWriter writer(memory);
    writer.question(name, type, dns::Class::in);
    const auto rcode = cache_.find({name, type, dns::Class::in}, true, now_, writer);
    if (!rcode) return check(writer.records().empty(), "nothing is written when nothing is said");
    if (zone_) {
      const bool is_nodata = *rcode == dns::Rcode::noerror;
      check(is_nodata ? zone_->may_say_nodata(name, type, Reason::none) : zone_->may_say_nxdomain(name, Reason::none),
            "what is said is so");
    }
    check_written(writer.finish({}), *rcode);
  }
  static void check_written(Bytes octets, dns::Rcode rcode) {
    dns::MessageView message;
    check(dns::MessageView::parse(octets, message) == dns::MessageView::Fault::none, "the answer is well formed");
    std::vector<Rrset> rrsets = *rrsets_of(message, 8);
    check(rrsets.size() >= 2 && rrsets.front().type == dns::Type::soa, "the SOA and the proof");
    for (const Rrset& rrset : rrsets) {
      check(rrset.ttl > 0 && rrset.ttl <= longest_ttl, "it ends in time");
      check(rrset.ttl >= rrsets.front().ttl, "the negative TTL is the least");
      check(!rrset.signatures.empty(), "all is signed");
    }
    const dns::Name zone = rrsets.front().owner, name = message.question().name;
    Proof proof(zone, std::move(rrsets));
    const Reason reason = rcode == dns::Rcode::noerror ? proof.denial().nodata(name, message.question().type)
                                                       : proof.denial().nxdomain(name);
    check(reason == Reason::none, "it is proven by what is written");
  }

  Choices& choices_;
  std::size_t most_bytes_ = 0;
  DenialCache cache_;
  std::optional<ZoneModel> zone_;
  TimePoint now_ = start;
};

}  // namespace
}  // namespace dragoman::dnssec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dragoman::fuzz::Choices choices({data, size});
  dragoman::dnssec::Game(choices).play();
  return 0;
}
