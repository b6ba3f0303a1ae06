// Sentences for people, and the same as JSON.
#include "who_had_output.h"

#include "json_text.h"

namespace dragoman::app {
namespace {

using gateway::BindingAnswer;
using gateway::BindingDoubt;
using gateway::BindingQuestion;
using gateway::Holding;
using DoubtKind = BindingDoubt::Kind;

constexpr const char* protocol_words[] = {"tcp", "udp", "icmp"};
constexpr const char* kind_words[] = {"block", "session", "static_binding"};
constexpr const char* end_words[] = {"open", "released", "replaced", "restarted", "stopped"};
constexpr const char* doubt_words[] = {"lost", "down", "begins_later", "ends_before", "damaged", "many_hosts"};

template <class Enum, std::size_t Size>
const char* word_of(Enum value, const char* const (&words)[Size]) {
  return words[static_cast<std::size_t>(value)];
}

bool is_certain(const BindingAnswer& answer) {
  for (const BindingDoubt& doubt : answer.doubts) {
    if (!doubt.about_end_only) return false;
  }
  for (const Holding& holding : answer.holdings) {
    if (!holding.has_begin) return false;
  }
  return true;
}

std::string port_text(const BindingQuestion& question) {
  return ip::Address(question.address).to_text() + " port " + std::to_string(question.port);
}

// The moment, or both its ends.
std::string time_text(const BindingQuestion& question) {
  if (question.to - question.from <= milliseconds(1)) return "at " + to_text(question.from);
  return "between " + to_text(question.from) + " and " + to_text(question.to);
}

std::string ports_text(const Holding& holding) {
  const std::string first = std::to_string(holding.first_port);
  return holding.first_port == holding.last_port ? first : first + "-" + std::to_string(holding.last_port);
}

std::string begin_text(const Holding& holding) {
  return holding.has_begin ? "from " + to_text(holding.from)
                           : "from after " + to_text(holding.from) + " (its begin is missing in the log)";
}

std::string end_text(const Holding& holding) {
  const std::string until = to_text(holding.until);
  switch (holding.end) {
    case Holding::End::open:
      return "still when the log ends, " + until;
    case Holding::End::released:
      return "until " + until;
    case Holding::End::replaced:
      return "until " + until + " at the latest, when another one got it (its end is missing in the log)";
    case Holding::End::restarted:
      return "until the NAT64 went down, after " + to_text(holding.seen) + " and before " + until;
    case Holding::End::stopped:
      break;
  }
  return "until " + until + ", when the NAT64 stopped";
}

std::string holding_text(const BindingQuestion& question, const Holding& holding) {
  std::string text = holding.holder + " had " + ip::Address(question.address).to_text() + " ";
  text += holding.kind == Holding::Kind::block ? "ports " : "port ";
  text += ports_text(holding);
  if (holding.protocol) text += std::string(" of ") + word_of(*holding.protocol, protocol_words);
  if (holding.kind == Holding::Kind::static_binding) text += " by a static binding";
  if (!holding.remote.empty()) text += " with " + holding.remote;
  return text + "\n  " + begin_text(holding) + "\n  " + end_text(holding) + "\n";
}

std::string doubt_text(const BindingDoubt& doubt) {
  const std::string since = to_text(doubt.since), until = to_text(doubt.until);
  const std::string count = std::to_string(doubt.count);
  switch (doubt.kind) {
    case DoubtKind::lost:
      return count + " events between " + since + " and " + until + " are missing in the log" +
             (doubt.about_end_only ? ": it may have ended there" : ": some may have been about this port");
    case DoubtKind::down:
      return "the NAT64 went down without a word between " + since + " and " + until;
    case DoubtKind::begins_later:
      return "the log begins at " + until + " and does not say who had what before";
    case DoubtKind::ends_before:
      return "the log ends at " + since + ", before the time in question";
    case DoubtKind::damaged:
      return count + (doubt.count == 1 ? " line of the log cannot be read" : " lines of the log cannot be read");
    case DoubtKind::many_hosts:
      break;
  }
  return "the lines are of several NAT64s: ask the log of each alone";
}

std::string nobody_text(const BindingQuestion& question, const BindingAnswer& answer) {
  std::string text = "Nobody had " + port_text(question) + " " + time_text(question) + ".\n";
  if (answer.is_in_pool == false) text += "  It is not in the pool, as the log last tells it.\n";
  if (answer.before) text += "  Before: " + answer.before->holder + ", " + end_text(*answer.before) + "\n";
  if (answer.after) text += "  After: " + answer.after->holder + ", " + begin_text(*answer.after) + "\n";
  return text;
}

// -- JSON --

std::string field(const char* name, const std::string& text) { return json_text(name) + ":" + json_text(text); }
std::string field(const char* name, WallTime time) { return field(name, to_text(time)); }

std::string holding_json(const Holding& holding) {
  std::string json = "{" + field("holder", holding.holder) + "," + field("kind", word_of(holding.kind, kind_words));
  if (holding.protocol) json += "," + field("protocol", word_of(*holding.protocol, protocol_words));
  if (!holding.remote.empty()) json += "," + field("remote", holding.remote);
  json += "," + field("ports", ports_text(holding));
  json += "," + field(holding.has_begin ? "from" : "from_after", holding.from);
  if (holding.end != Holding::End::open) json += "," + field("until", holding.until);
  if (holding.end == Holding::End::restarted) json += "," + field("until_after", holding.seen);
  return json + "," + field("end", word_of(holding.end, end_words)) + "}";
}

std::string doubt_json(const BindingDoubt& doubt) {
  std::string json = "{" + field("kind", word_of(doubt.kind, doubt_words));
  if (doubt.since != WallTime{}) json += "," + field("since", doubt.since);
  if (doubt.until != WallTime{}) json += "," + field("until", doubt.until);
  if (doubt.count != 0) json += ",\"count\":" + std::to_string(doubt.count);
  return json + ",\"about_end_only\":" + (doubt.about_end_only ? "true" : "false") + "}";
}

template <class Items, class Make>
std::string array_json(const Items& items, Make make) {
  std::string json = "[";
  for (const auto& item : items) json += (json.size() == 1 ? "" : ",") + make(item);
  return json + "]";
}

}  // namespace

std::string holdings_as_text(const BindingQuestion& question, const BindingAnswer& answer) {
  std::string text = answer.holdings.empty() ? nobody_text(question, answer) : "";
  for (const Holding& holding : answer.holdings) text += holding_text(question, holding);
  for (const BindingDoubt& doubt : answer.doubts) {
    text += (doubt.about_end_only ? "Doubtful end: " : "Doubtful: ") + doubt_text(doubt) + ".\n";
  }
  return text;
}

std::string holdings_as_json(const BindingQuestion& question, const BindingAnswer& answer) {
  std::string json = "{" + field("address", ip::Address(question.address).to_text()) +
                     ",\"port\":" + std::to_string(question.port) + "," + field("from", question.from) + "," +
                     field("to", question.to) + ",\"certain\":" + (is_certain(answer) ? "true" : "false") +
                     ",\"holdings\":" + array_json(answer.holdings, holding_json) +
                     ",\"doubts\":" + array_json(answer.doubts, doubt_json);
  if (answer.before) json += ",\"before\":" + holding_json(*answer.before);
  if (answer.after) json += ",\"after\":" + holding_json(*answer.after);
  if (answer.is_in_pool) json += std::string(",\"in_pool\":") + (*answer.is_in_pool ? "true" : "false");
  return json + ",\"log\":{" + field("begins", answer.log_begins) + "," + field("ends", answer.log_ends) +
         ",\"lines\":" + std::to_string(answer.lines) + "}}\n";
}

}  // namespace dragoman::app
