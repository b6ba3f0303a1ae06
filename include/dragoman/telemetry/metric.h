// Counters, gauges and histograms that cost a load and a store. Each belongs to one thread, which alone writes it;
// any thread may read (relaxed). A module declares a struct of them with a describe() that names every field; that is
// the whole of a metric's definition (see any <module>/metrics.h, first lines).
//
// Labels are enums: `template <> struct LabelValues<Protocol> { static constexpr std::array<const char*, N> values }`.
// Nothing that comes from the wire becomes a label: its values are this table and the configuration.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "dragoman/base/time.h"

namespace dragoman::telemetry {

// The texts of a label enum, in the order of its enumerators from 0.
template <class Enum>
struct LabelValues;

template <class Enum>
inline constexpr std::size_t label_count = LabelValues<Enum>::values.size();

// How a metric, a trace and a log say the same thing.
template <class Enum>
constexpr const char* label_text(Enum label) {
  return LabelValues<Enum>::values[static_cast<std::size_t>(label)];
}

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n) { set(value() + n); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// A duration that goes up and down; shown in seconds.
class DurationGauge {
 public:
  void set(Duration value) { ns_.set(std::chrono::duration_cast<std::chrono::nanoseconds>(value).count()); }
  double seconds() const { return static_cast<double>(ns_.value()) * 1e-9; }

 private:
  Gauge ns_;
};

// True or false, shown as 1 or 0. True for the process while any worker holds it true; a Gauge would be added up.
class Flag {
 public:
  void set(bool value) { value_.store(value, std::memory_order_relaxed); }
  bool value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> value_{false};
};

// Upper bounds in microseconds: 50 us, 100 us, 250 us, then doubling to 8.192 s (operations.md: a cache hit is about
// 10 us, so buckets that start at 250 us would tell nothing of it).
inline constexpr std::array<std::uint32_t, 18> latency_bounds_us = {50,     100,    250,     500,     1000,    2000,
                                                                    4000,   8000,   16000,   32000,   64000,   128000,
                                                                    256000, 512000, 1024000, 2048000, 4096000, 8192000};

class Histogram {
 public:
  void observe(Duration elapsed);
  std::uint64_t bucket(std::size_t index) const { return buckets_[index].value(); }  // not cumulative; last: +Inf
  double sum_seconds() const { return static_cast<double>(sum_ns_.value()) * 1e-9; }

  static constexpr std::size_t bucket_count = latency_bounds_us.size() + 1;

 private:
  std::array<Counter, bucket_count> buckets_;
  Counter sum_ns_;
};

inline void Histogram::observe(Duration elapsed) {
  const auto counted = std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count();
  const auto ns = static_cast<std::uint64_t>(counted < 0 ? 0 : counted);  // a turn's clock may be older than a start
  const std::uint64_t us = (ns + 999) / 1000;  // a bound is part of its bucket, 1 ns more not
  std::size_t index;
  if (us <= 250) {
    index = us <= 50 ? 0 : us <= 100 ? 1 : 2;
  } else if (us <= 500) {
    index = 3;
  } else {
    // From 500 us on, bucket i ends at 1000 << (i - 4).
    index = 4 + static_cast<std::size_t>(std::bit_width((us - 1) / 1000));
    if (index >= bucket_count) index = bucket_count - 1;
  }
  buckets_[index].add();
  sum_ns_.add(ns);
}

// One cell per combination of label values: queries(Protocol::doh, Family::v6).add().
template <class Cell, class... Labels>
class Family {
 public:
  Cell& operator()(Labels... labels) { return cells_[index(labels...)]; }
  const Cell& operator()(Labels... labels) const { return cells_[index(labels...)]; }
  const Cell& cell(std::size_t index) const { return cells_[index]; }

  static constexpr std::size_t size = (label_count<Labels> * ... * 1);

 private:
  static std::size_t index(Labels... labels) {
    std::size_t at = 0;
    ((at = at * label_count<Labels> + static_cast<std::size_t>(labels)), ...);
    return at;
  }
  std::array<Cell, size> cells_;
};

template <class... Labels>
using Counters = Family<Counter, Labels...>;
template <class... Labels>
using Gauges = Family<Gauge, Labels...>;
template <class... Labels>
using Histograms = Family<Histogram, Labels...>;

}  // namespace dragoman::telemetry
