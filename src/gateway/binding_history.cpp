// Millions of lines, of which few matter: those are found by their first octets and a search for the address, and only
// they are read.
#include "dragoman/gateway/binding_history.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include "binding_line.h"
#include "holdings.h"

namespace dragoman::gateway {
namespace {

bool contains(std::string_view text, std::string_view word) {
  return ::memmem(text.data(), text.size(), word.data(), word.size()) != nullptr;
}

template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

struct Ports {
  std::uint16_t first = 0, last = 0;
  bool hold(std::uint16_t port) const { return first <= port && port <= last; }
};

std::optional<Ports> ports_from(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = number_from<std::uint16_t>(text.substr(0, dash));
  const auto last = dash == text.npos ? first : number_from<std::uint16_t>(text.substr(dash + 1));
  if (!first || !last) return {};
  return Ports{*first, *last};
}

// "198.51.100.1-198.51.100.4"
bool is_among(const ip::Ipv4Octets& address, std::string_view addresses) {
  const std::size_t dash = addresses.find('-');
  const auto first = ip::Address::from_text(addresses.substr(0, dash));
  const auto last = dash == addresses.npos ? first : ip::Address::from_text(addresses.substr(dash + 1));
  return first && last && *first <= ip::Address(address) && ip::Address(address) <= *last;
}

bool overlap(WallTime from, WallTime to, WallTime other_from, WallTime other_to) {
  return from < other_to && other_from < to;
}

}  // namespace

struct BindingHistory::State {
  explicit State(const BindingQuestion& its_question);
  void take(std::string_view line);
  void note_stamp(std::string_view stamp);
  bool may_matter(const LineHead& head, std::string_view line) const;
  void read_whole(std::string_view text);
  void keep(const LogLine& line, bool is_syslog);
  std::optional<Holding> holding_of(const LogLine& line) const;
  void note_pool(const LogLine& line);
  void add_doubts(const Holdings& all, const std::set<std::string>& sources, BindingAnswer& answer) const;

  const BindingQuestion question;
  const std::string address_text, endpoint_text;
  const std::string block_word, session_word;  // what a line about them must contain

  std::string rest;  // of a line whose end has not come

  // Of this file.
  std::string first_stamp, last_stamp;

  // Of all.
  std::vector<Evidence> evidence;
  std::vector<Coverage> files;
  std::uint64_t lines = 0, damaged = 0;
  std::string host;  // of JSON lines
  bool has_many_hosts = false;
  WallTime pool_told = WallTime::min();
  bool is_in_pool = false;
};

BindingHistory::State::State(const BindingQuestion& its_question)
    : question(its_question),
      address_text(ip::Address(question.address).to_text()),
      endpoint_text(ip::Endpoint{ip::Address(question.address), question.port}.to_text()),
      block_word('"' + address_text + '"'),
      session_word('"' + endpoint_text + '"') {}

BindingHistory::BindingHistory(const BindingQuestion& question) : state_(std::make_unique<State>(question)) {}
BindingHistory::~BindingHistory() = default;

void BindingHistory::read(std::string_view octets) {
  State& state = *state_;
  while (!octets.empty()) {
    const std::size_t end = octets.find('\n');
    if (end == octets.npos) {
      state.rest += octets;
      return;
    }
    if (state.rest.empty()) {
      state.take(octets.substr(0, end));
    } else {
      state.rest += octets.substr(0, end);
      state.take(state.rest);
      state.rest.clear();
    }
    octets.remove_prefix(end + 1);
  }
}

// A last line without an end is still being written, or a crash cut it off: if it is whole it counts.
void BindingHistory::end_file() {
  State& state = *state_;
  const std::uint64_t damaged = state.damaged;
  if (!state.rest.empty()) state.take(state.rest);
  state.damaged = damaged;
  state.rest.clear();
  const auto first = wall_time_from_text(state.first_stamp), last = wall_time_from_text(state.last_stamp);
  if (first && last) state.files.push_back({*first, *last});
  state.first_stamp.clear();
  state.last_stamp.clear();
}

void BindingHistory::State::take(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  const LineHead head = head_of(text);
  if (head.stamp.empty()) return read_whole(text);
  if (text.front() == '{' && text.back() != '}') {
    ++damaged;
    return;
  }
  if (may_matter(head, text)) return read_whole(text);
  ++lines;
  note_stamp(head.stamp);
}

// Blocks and sessions, nearly all of a log, matter if they name the address.
bool BindingHistory::State::may_matter(const LineHead& head, std::string_view text) const {
  if (head.word.starts_with("block")) return contains(text, block_word);
  if (head.word.starts_with("session")) return contains(text, session_word);
  return true;
}

void BindingHistory::State::note_stamp(std::string_view stamp) {
  if (first_stamp.empty()) first_stamp = stamp;
  last_stamp.assign(stamp);
}

void BindingHistory::State::read_whole(std::string_view text) {
  LogLine line;
  const Reading reading = read_line(text, line);
  if (reading == Reading::damaged) ++damaged;
  if (reading != Reading::line) return;
  ++lines;
  keep(line, !text.starts_with('{'));
  note_stamp(to_text(line.time));
}

void BindingHistory::State::keep(const LogLine& told, bool is_syslog) {
  Evidence made;
  made.time = told.time;
  made.line = told.line;
  if (is_syslog) made.source = told.host;
  switch (told.line) {
    case Line::pool_exhausted:
    case Line::quota_exceeded:
      return;
    case Line::pool:
      return note_pool(told);
    case Line::lost:
      made.since = wall_time_from_text(told.since).value_or(told.time);
      made.lost = number_from<std::uint64_t>(told.lost).value_or(0);
      break;
    case Line::started:
      if (const auto seen = wall_time_from_text(last_stamp)) made.seen = *seen;
      [[fallthrough]];
    case Line::changed:
    case Line::stopped:
      if (!is_syslog) {
        has_many_hosts = has_many_hosts || (!host.empty() && host != told.host);
        host = told.host;
      }
      note_pool(told);
      break;
    default:
      const auto holding = holding_of(told);
      if (!holding) return;
      made.holding = *holding;
  }
  evidence.push_back(std::move(made));
}

// Nullopt: of another port, or of another protocol than the one in question.
std::optional<Holding> BindingHistory::State::holding_of(const LogLine& told) const {
  Holding holding;
  if (told.line == Line::block_allocated || told.line == Line::block_released) {
    const auto ports = ports_from(told.ports);
    if (told.address != address_text || !ports || !ports->hold(question.port)) return {};
    holding.holder = told.subscriber;
    holding.first_port = ports->first;
    holding.last_port = ports->last;
    return holding;
  }
  holding.protocol = protocol_from_word(told.protocol);
  if (told.outside != endpoint_text || !holding.protocol) return {};
  if (question.protocol && question.protocol != holding.protocol) return {};
  holding.kind = told.line == Line::static_binding ? Holding::Kind::static_binding : Holding::Kind::session;
  holding.holder = told.inside;
  holding.remote = told.remote;
  holding.first_port = holding.last_port = question.port;
  return holding;
}

// The newest start or reload tells the pool, in the lines that follow with the same time.
void BindingHistory::State::note_pool(const LogLine& told) {
  if (told.time < pool_told || told.line == Line::stopped) return;
  if (told.line != Line::pool) {
    pool_told = told.time;
    is_in_pool = false;
    return;
  }
  const auto ports = ports_from(told.ports);
  if (ports && ports->hold(question.port) && is_among(question.address, told.addresses)) is_in_pool = true;
}

BindingAnswer BindingHistory::answer() const {
  const State& state = *state_;
  const BindingQuestion& question = state.question;
  BindingAnswer answer;
  answer.lines = state.lines;
  if (state.files.empty()) return answer;
  answer.log_begins = WallTime::max();
  answer.log_ends = WallTime::min();
  for (const Coverage& file : state.files) {
    answer.log_begins = std::min(answer.log_begins, file.first);
    answer.log_ends = std::max(answer.log_ends, file.last);
  }
  if (state.pool_told != WallTime::min()) answer.is_in_pool = state.is_in_pool;

  const Holdings all = holdings_of(state.evidence, state.files);
  std::set<std::string> sources;  // that the answer rests on
  for (const auto& [holding, source] : all.held) {
    const bool is_open = holding.end == Holding::End::open;
    if (holding.from >= question.to) {
      if (!answer.after) answer.after = holding;
    } else if (is_open || holding.until > question.from) {
      answer.holdings.push_back(holding);
      sources.insert(source);
    } else if (!answer.before || answer.before->until <= holding.until) {
      answer.before = holding;
    }
  }
  if (!answer.holdings.empty()) answer.before = answer.after = std::nullopt;
  state.add_doubts(all, sources, answer);
  return answer;
}

// Nothing that was lost before the newest line that tells who has the port can matter.
void BindingHistory::State::add_doubts(const Holdings& all, const std::set<std::string>& sources,
                                       BindingAnswer& answer) const {
  using Kind = BindingDoubt::Kind;
  const auto is_relevant = [&](const std::string& source) { return sources.empty() || sources.contains(source); };
  WallTime known_since = WallTime::min();
  const auto know = [&](WallTime time) {
    if (time <= question.from) known_since = std::max(known_since, time);
  };
  for (const auto& anchor : all.anchors) {
    if (is_relevant(anchor.source)) know(anchor.time);
  }
  WallTime ends = question.to;
  bool are_sessions = question.protocol.has_value();  // a port of one protocol is one host's
  for (const Holding& holding : answer.holdings) {
    are_sessions = are_sessions && holding.kind == Holding::Kind::session && holding.has_begin;
    ends = std::max(ends, holding.until);
  }
  if (are_sessions && !answer.holdings.empty()) know(answer.holdings.front().from);

  for (const auto& [doubt, source] : all.doubtful) {
    if (!is_relevant(source)) continue;
    const bool is_down = doubt.kind == Kind::down;
    const WallTime just_after = is_down ? doubt.until : doubt.until + milliseconds(1);
    if (overlap(doubt.since, just_after, is_down ? question.from : known_since, question.to)) {
      answer.doubts.push_back(doubt);
    } else if (!is_down && overlap(doubt.since, just_after, question.to, ends)) {
      answer.doubts.push_back(doubt);
      answer.doubts.back().about_end_only = true;
    }
  }
  if (known_since == WallTime::min()) answer.doubts.push_back({Kind::begins_later, {}, answer.log_begins, 0, false});
  if (answer.log_ends < question.from) answer.doubts.push_back({Kind::ends_before, answer.log_ends, {}, 0, false});
  if (damaged != 0) answer.doubts.push_back({Kind::damaged, {}, {}, damaged, false});
  if (has_many_hosts) answer.doubts.push_back({Kind::many_hosts, {}, {}, 0, false});
}

}  // namespace dragoman::gateway
