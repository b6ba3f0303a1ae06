// Date and time by RFC 3339, with the seconds and the zone left to the user.
#include "asked_time.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <optional>

#include "dragoman/base/time.h"

namespace dragoman::app {
namespace {

constexpr std::size_t minute_length = 16;  // "2026-11-27T22:31"
constexpr std::size_t second_length = 19;

Error bad(const char* what, const std::string& text) {
  return {ErrorCode::invalid_argument, what, text + " (for example 2026-11-27T22:31:00Z, or @1795818660)"};
}

// Of a fraction with so many digits.
milliseconds precision_of(std::size_t digits) {
  constexpr int steps[] = {1000, 100, 10, 1};
  return milliseconds(steps[std::min<std::size_t>(digits, 3)]);
}

std::size_t digits_behind_point(std::string_view text) {
  const std::size_t point = text.find('.');
  return point == text.npos ? 0 : text.size() - point - 1;
}

// Where the zone begins, behind date, hour and minute.
std::size_t zone_at(std::string_view text) {
  return text.size() < minute_length ? text.size() : std::min(text.find_first_of("Zz+-", minute_length), text.size());
}

// What the time zone of this host makes of it, with daylight saving time or without. Nullopt: there is no such time.
std::optional<std::time_t> local_time(std::tm fields, int with_daylight_saving) {
  const std::tm asked = fields;
  fields.tm_isdst = with_daylight_saving;
  const std::time_t time = std::mktime(&fields);
  std::tm back{};
  localtime_r(&time, &back);
  const bool is_same = back.tm_min == asked.tm_min && back.tm_hour == asked.tm_hour && back.tm_mday == asked.tm_mday;
  return is_same ? std::optional(time) : std::nullopt;
}

Result<WallTime> from_local(WallTime as_if_utc, const std::string& text) {
  const auto second = std::chrono::floor<std::chrono::seconds>(as_if_utc);
  const std::time_t count = second.time_since_epoch().count();
  std::tm fields{};
  gmtime_r(&count, &fields);
  const auto standard = local_time(fields, 0), daylight = local_time(fields, 1);
  if (!standard && !daylight) return bad("the clocks of this host's time zone leave this time out", text);
  if (standard && daylight && standard != daylight) {
    return bad("this local time comes twice: add the zone, as in +01:00", text);
  }
  const std::time_t time = standard ? *standard : *daylight;
  return WallTime(seconds(time)) + (as_if_utc - second);
}

Result<AskedTime> from_unix(const std::string& text) {
  const std::string_view number = std::string_view(text).substr(1);
  const std::size_t point = std::min(number.find('.'), number.size());
  std::int64_t second = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + point, second);
  std::string fraction(number.substr(std::min(point + 1, number.size())));
  const bool is_number = error == std::errc{} && end == number.data() + point &&
                         fraction.find_first_not_of("0123456789") == fraction.npos &&
                         (point == number.size() || !fraction.empty());
  constexpr std::int64_t last = 253402300799;  // of the year 9999
  if (!is_number || second < 0 || second > last) return bad("not seconds since 1970", text);
  const milliseconds precision = precision_of(fraction.size());
  fraction.resize(3, '0');
  const WallTime from = WallTime(seconds(second)) + milliseconds(std::stoi(fraction));
  return AskedTime{from, from + precision};
}

}  // namespace

Result<AskedTime> asked_time(const std::string& text) {
  if (text.starts_with('@')) return from_unix(text);
  std::string date_and_time = text.substr(0, zone_at(text));
  const std::string zone = text.substr(date_and_time.size());
  milliseconds precision = precision_of(digits_behind_point(date_and_time));
  if (date_and_time.size() == minute_length) {
    precision = std::chrono::minutes(1);
    date_and_time += ":00";
  }
  const auto parsed = wall_time_from_text(date_and_time + (zone.empty() ? "Z" : zone));
  if (!parsed || date_and_time.size() < second_length) return bad("not a date with a time", text);
  const Result<WallTime> from = zone.empty() ? from_local(*parsed, text) : Result<WallTime>(*parsed);
  if (!from) return from.error();
  return AskedTime{*from, *from + precision};
}

}  // namespace dragoman::app
