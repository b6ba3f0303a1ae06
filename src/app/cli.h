// The command line: `dragoman SUBCOMMAND ...`.
#pragma once

namespace dragoman::app {

// Exit codes of every subcommand.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;  // it was tried, and it did not work
inline constexpr int exit_usage = 2;   // the command line or the configuration is wrong

// Runs the subcommand that the arguments name, and returns the exit code of the process.
int run_command_line(int argc, const char* const* argv);

}  // namespace dragoman::app
