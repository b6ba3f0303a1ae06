// Result<T>: what a function returns when input, network or configuration can make it fail.
// Any thread. An Error made with static text alone allocates nothing; a Result must not be ignored.
// Exceptions stay inside the one function that calls a throwing library.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace dragoman {

enum class ErrorCode : unsigned char {
  malformed,         // bytes or text that break their format
  too_large,         // within the format, beyond a bound of ours
  not_found,         // a file, name, key or address that is not there
  permission,        // refused by the operating system
  in_use,            // an address or device that somebody else holds
  timeout,           // nobody answered in time
  unreachable,       // no server could be asked
  tls,               // handshake, certificate or key
  invalid_argument,  // a value that can never work
  internal,          // our own mistake
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  const char* what = "";  // static text: what went wrong, in words for an operator
  std::string detail{};   // the file, address or value that it went wrong with; empty on hot paths

  // "what" or "what: detail".
  std::string text() const { return detail.empty() ? std::string(what) : std::string(what) + ": " + detail; }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  // Only after the bool said no.
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_; }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace dragoman
