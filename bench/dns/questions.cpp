// Questions in wire form (RFC 1035 4.1), made once before the load begins, so that asking is no more than copying. The
// names of fresh questions are made while it runs, in the load's one thread.
#include "questions.h"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace dragoman::bench {

Octets make_query(const std::string& name, const std::string& type) {
  static const std::map<std::string, std::uint8_t> types{
      {"A", 1}, {"AAAA", 28}, {"PTR", 12}, {"HTTPS", 65}, {"TXT", 16}};
  Octets query{0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  std::istringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) {
    query.push_back(static_cast<std::uint8_t>(label.size()));
    query.insert(query.end(), label.begin(), label.end());
  }
  for (const std::uint8_t octet :
       {std::uint8_t{0}, std::uint8_t{0}, types.at(type), std::uint8_t{0}, std::uint8_t{1}}) {
    query.push_back(octet);
  }
  return query;
}

Questions::Questions(const std::string& path, std::size_t skip) {
  std::ifstream file(path);
  for (std::string name, type; file >> name >> type;) queries_.push_back(make_query(name, type));
  if (queries_.empty()) throw std::runtime_error(path + " has no queries");
  at_ = skip % queries_.size();
}

}  // namespace dragoman::bench
