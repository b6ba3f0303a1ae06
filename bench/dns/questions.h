// What is asked: questions in wire form, from a file of lines "name TYPE" or made as they are needed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dragoman::bench {

using Octets = std::vector<std::uint8_t>;

// A query with RD and ID 0.
Octets make_query(const std::string& name, const std::string& type);

class Questions {
 public:
  explicit Questions(const std::string& path, std::size_t skip);
  std::size_t size() const { return queries_.size(); }
  const Octets& next() {
    const Octets& query = queries_[at_];
    at_ = at_ + 1 < queries_.size() ? at_ + 1 : 0;
    return query;
  }

 private:
  std::vector<Octets> queries_;
  std::size_t at_;
};

}  // namespace dragoman::bench
