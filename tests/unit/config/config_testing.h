// What the tests of the configuration share: texts in, problems out.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dragoman/config/config.h"

namespace dragoman::config {

// What every configuration needs before it can be about something else; three lines.
inline const std::string basis = "listen: dns://127.0.0.1:0\nupstream: dns://192.0.2.1\n\n";

// The problems of a text that is called "f", each as it is printed.
inline std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> out;
  for (const Problem& problem : load_text(text, "f").problems) out.push_back(problem.to_text());
  return out;
}

inline std::vector<std::string> warnings_of(const std::string& text) {
  std::vector<std::string> out;
  for (const Problem& problem : load_text(text, "f").warnings) out.push_back(problem.to_text());
  return out;
}

// The configuration of a whole text, which must be right.
inline Config config_of_whole(const std::string& text) {
  Loaded loaded = load_text(text, "f");
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.to_text();
  return loaded.config ? *loaded.config : Config();
}

// The same for what stands behind `basis`.
inline Config config_of(const std::string& text) { return config_of_whole(basis + text); }

// One wrong text and all that is said about it.
struct Broken {
  std::string text;
  std::vector<std::string> problems;
};

inline void expect_problems(const std::vector<Broken>& table) {
  for (const Broken& row : table) EXPECT_EQ(problems_of(row.text), row.problems) << row.text;
}

// The same behind `basis`: what is wrong begins in line 4.
inline void expect_problems_behind_basis(const std::vector<Broken>& table) {
  for (const Broken& row : table) EXPECT_EQ(problems_of(basis + row.text), row.problems) << row.text;
}

}  // namespace dragoman::config
