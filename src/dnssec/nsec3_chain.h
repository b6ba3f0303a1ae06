// What the NSEC3 records of one salt and number of iterations say (RFC 5155). Pure; one thread. Borrows the RRsets that
// it is made of.
#pragma once

#include <optional>
#include <vector>

#include "denial_chain.h"
#include "dragoman/dnssec/limits.h"

namespace dragoman::dnssec {

struct Nsec3Parameters {
  std::uint16_t iterations = 0;
  Bytes salt;
  friend bool operator==(const Nsec3Parameters& a, const Nsec3Parameters& b);
};

// One NSEC3 record: a name with the hash `owner` exists, and none with a hash from there to `next`.
struct Nsec3Span {
  Nsec3Parameters parameters;
  Nsec3Hash owner, next;
  bool opt_out = false;
  TypeBitmap types;

  // Nullopt for what no signer of `zone` makes, and for what must be ignored (RFC 5155 8.1, 8.2).
  static std::optional<Nsec3Span> read(dns::NameView zone, dns::NameView owner, Bytes rdata);
  bool covers(const Nsec3Hash& hash) const;
};

// The hash that is the first label of an NSEC3 record's owner: base32hex without padding (RFC 5155 3.3), in any case.
std::optional<Nsec3Hash> nsec3_hash_of_owner(dns::NameView owner);

// Hashes of names, each computed once, as far as the budget lasts.
class Nsec3Hashes {
 public:
  explicit Nsec3Hashes(Budget& budget) : budget_(budget) {}
  // Nullopt: the budget is spent.
  std::optional<Nsec3Hash> of(dns::NameView name, const Nsec3Parameters& parameters);
  // Whether a hash could not be had.
  bool is_spent() const { return is_spent_; }
  const Limits& limits() const { return budget_.limits(); }

 private:
  struct Known {
    Nsec3Parameters parameters;
    dns::Name name;
    Nsec3Hash hash;
  };
  Budget& budget_;
  std::vector<Known> known_;
  bool is_spent_ = false;
};

// The closest encloser proof of RFC 5155 8.3, of any store of NSEC3 records. It begins at the apex, for a name has
// often many labels and its closest encloser few; deeper than a next closer name that does not exist nothing does.
class Nsec3Chain : public DenialChain {
 public:
  using DenialChain::DenialChain;
  std::optional<TypeBitmap> node(dns::NameView name) final;
  std::optional<Absence> absence(dns::NameView name) final;
  std::optional<Absence> child_absence(dns::NameView name) final;

 protected:
  // Nullopt: no more hashes.
  virtual std::optional<Nsec3Hash> hash_of(dns::NameView name) = 0;
  // The record whose owner has this hash, and the one that covers it; null when it is not there.
  virtual const Nsec3Span* matching(const Nsec3Hash& hash) = 0;
  virtual const Nsec3Span* covering(const Nsec3Hash& hash) = 0;
  // What node(), absence() or child_absence() says rests on this record (among others).
  virtual void rests_on(const Nsec3Span&) {}

 private:
  const Nsec3Span* matching(const Nsec3Hash& hash, dns::NameView name);
};

// Over the records of one response.
class ResponseNsec3Chain final : public Nsec3Chain {
 public:
  ResponseNsec3Chain(dns::NameView zone, const Nsec3Span& first, Nsec3Hashes& hashes)
      : Nsec3Chain(zone), spans_{first}, hashes_(&hashes) {}
  const Nsec3Parameters& parameters() const { return spans_.front().parameters; }
  void add(const Nsec3Span& span) { spans_.push_back(span); }

 private:
  std::optional<Nsec3Hash> hash_of(dns::NameView name) override { return hashes_->of(name, parameters()); }
  const Nsec3Span* matching(const Nsec3Hash& hash) override;
  const Nsec3Span* covering(const Nsec3Hash& hash) override;

  std::vector<Nsec3Span> spans_;
  Nsec3Hashes* hashes_;
};

}  // namespace dragoman::dnssec
