// A page of the admin API, as the program adds it to the server: a path, and a function that answers now or later.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/base/result.h"

namespace dragoman::admin {

struct Response {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";  // static text
  std::string body{};
  std::string_view allow{};  // with status 405: the methods that the page has; static text
};

// Gives a request its response. Any thread; only the first call counts, and none after the server's time-out. Forgotten
// without a call, it is a time-out, too.
using Reply = std::function<void(Response)>;

// What stands behind the '?' of a request, decoded (RFC 3986 2.1, '+' as a space).
class Parameters {
 public:
  // Errors: malformed, for an escape that is none and a name that comes twice.
  static Result<Parameters> from_target(std::string_view target);

  std::optional<std::string> get(std::string_view name) const;
  // The first name that is not in `known`: probably a slip.
  std::optional<std::string> unknown(const std::vector<std::string_view>& known) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// Get: looks, and may be asked again. Post: changes something.
enum class Method : unsigned char { get, post };

struct ApiPage {
  std::string path;      // "/api/v1/explain"
  std::string sentence;  // for the index
  // On the server's thread: must not wait. What takes time goes on elsewhere, with the Reply.
  std::function<void(const Parameters&, Reply)> make;
  Method method = Method::get;
};

// "a b&c" is "a%20b%26c": for whoever writes a request.
std::string percent_encoded(std::string_view text);

}  // namespace dragoman::admin
