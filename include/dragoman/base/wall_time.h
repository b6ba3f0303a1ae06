// The time that people and other machines mean, for what is written down: to the millisecond, in UTC, as text by
// RFC 3339. Deadlines and durations use the clock of time.h, which nobody sets. Any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// A read of the vDSO: some 20 ns, no system call.
inline WallTime wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

// "2026-11-27T22:31:00.123Z"; years 0 to 9999.
inline constexpr std::size_t timestamp_length = 24;
void append_timestamp(std::string& out, WallTime time);
std::string to_text(WallTime time);

// RFC 3339 5.6: date, `T` or a space, time, a fraction or none (milliseconds count), `Z` or an offset. A leap second
// is the last second of its minute. Nullopt: something else.
std::optional<WallTime> wall_time_from_text(std::string_view text);

}  // namespace dragoman
