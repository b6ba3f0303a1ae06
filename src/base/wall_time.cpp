// RFC 3339 both ways.
#include "dragoman/base/wall_time.h"

namespace dragoman {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void put_digits(char* at, unsigned value, int count) {
  for (int i = count; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

// Cuts what it reads off the front; once something did not fit, everything after fails, too.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  unsigned digits(std::size_t count) {
    unsigned value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(i)) return fail();
      value = value * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  char one_of(std::string_view marks) {
    if (rest_.empty() || marks.find(rest_.front()) == std::string_view::npos) return static_cast<char>(fail());
    const char mark = rest_.front();
    rest_.remove_prefix(1);
    return mark;
  }
  // Of ".123456": 123. Nothing there: 0.
  milliseconds fraction() {
    if (rest_.empty() || rest_.front() != '.') return milliseconds(0);
    rest_.remove_prefix(1);
    unsigned value = 0;
    std::size_t count = 0;
    for (; is_digit(count); ++count) {
      if (count < 3) value = value * 10 + static_cast<unsigned>(rest_[count] - '0');
    }
    if (count == 0) fail();
    rest_.remove_prefix(count);
    for (; count < 3; ++count) value *= 10;
    return milliseconds(value);
  }
  // Of the zone: what is to be taken off to come to UTC.
  minutes offset() {
    const char sign = one_of("Zz+-");
    if (sign != '+' && sign != '-') return minutes(0);
    const unsigned hour = digits(2);
    one_of(":");
    const unsigned minute = digits(2);
    if (hour > 23 || minute > 59) fail();
    const minutes east = hours(hour) + minutes(minute);
    return sign == '-' ? -east : east;
  }
  bool is_done() const { return is_good_ && rest_.empty(); }

 private:
  bool is_digit(std::size_t at) const { return at < rest_.size() && rest_[at] >= '0' && rest_[at] <= '9'; }
  unsigned fail() {
    is_good_ = false;
    return 0;
  }
  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace

void append_timestamp(std::string& out, WallTime time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto since_midnight = static_cast<unsigned>((time - day).count());
  const unsigned second = since_midnight / 1000;
  char text[timestamp_length + 1] = "0000-00-00T00:00:00.000Z";
  put_digits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(text + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(text + 8, static_cast<unsigned>(date.day()), 2);
  put_digits(text + 11, second / 3600, 2);
  put_digits(text + 14, second / 60 % 60, 2);
  put_digits(text + 17, second % 60, 2);
  put_digits(text + 20, since_midnight % 1000, 3);
  out.append(text, timestamp_length);
}

std::string to_text(WallTime time) {
  std::string text;
  append_timestamp(text, time);
  return text;
}

std::optional<WallTime> wall_time_from_text(std::string_view text) {
  Reader reader(text);
  const unsigned year = reader.digits(4);
  reader.one_of("-");
  const unsigned month = reader.digits(2);
  reader.one_of("-");
  const unsigned day = reader.digits(2);
  reader.one_of("Tt ");
  const unsigned hour = reader.digits(2);
  reader.one_of(":");
  const unsigned minute = reader.digits(2);
  reader.one_of(":");
  const unsigned second = reader.digits(2);
  const milliseconds fraction = reader.fraction();
  const minutes offset = reader.offset();

  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day));
  if (!reader.is_done() || !date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  const seconds of_day = hours(hour) + minutes(minute) + seconds(second == 60 ? 59 : second);
  return std::chrono::sys_days(date) + of_day + fraction - offset;
}

}  // namespace dragoman
