// What is said of a name and everything below it: the longest suffix that is known decides. Built once, then read by
// any thread; looking up allocates nothing and costs one hash per label of the name.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dragoman/dns/name.h"

namespace dragoman::dns {

template <class T>
class SuffixMap {
 public:
  // False when this very suffix was there already; it keeps what it had.
  bool add(NameView suffix, T value) {
    std::string key(suffix.length(), '\0');
    copy_lower_case(suffix, reinterpret_cast<std::uint8_t*>(key.data()));
    return values_.try_emplace(std::move(key), std::move(value)).second;
  }
  // What the longest suffix says; null when none is known. `suffix`, if given, becomes that part of `name`.
  const T* find(NameView name, NameView* suffix = nullptr) const {
    if (values_.empty()) return nullptr;
    std::array<std::uint8_t, max_name_length> lower;
    copy_lower_case(name, lower.data());
    const char* const octets = reinterpret_cast<const char*>(lower.data());
    for (std::size_t at = 0;; at += lower[at] + 1u) {
      const auto known = values_.find(std::string_view(octets + at, name.length() - at));
      if (known != values_.end()) {
        if (suffix != nullptr) *suffix = NameView(name.wire().subspan(at));
        return &known->second;
      }
      if (lower[at] == 0) return nullptr;
    }
  }
  bool empty() const { return values_.empty(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };
  std::unordered_map<std::string, T, Hash, std::equal_to<>> values_;  // by lower-case wire form
};

// A set of suffixes, in the order in which they were named.
class NameSuffixes {
 public:
  void add(NameView suffix) {
    if (known_.add(suffix, true)) names_.emplace_back(suffix);
  }
  // Whether the name is one of them, or below one.
  bool hold(NameView name) const { return known_.find(name) != nullptr; }
  // The longest of them that the name is or lies below, as a part of `name`; the root when there is none.
  NameView longest(NameView name) const {
    NameView suffix;
    known_.find(name, &suffix);
    return suffix;
  }
  bool empty() const { return names_.empty(); }
  const std::vector<Name>& names() const { return names_; }

 private:
  SuffixMap<bool> known_;
  std::vector<Name> names_;
};

}  // namespace dragoman::dns
