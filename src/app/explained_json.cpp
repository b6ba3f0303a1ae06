// The steps, and the reply as a client would have got it. The one file that compiles Boost.JSON, which Debian has as a
// library of its own otherwise.
#include "explained_json.h"

#include <boost/json/src.hpp>

#include "message_parts.h"
#include "version.h"

namespace dragoman::app {
namespace {

namespace json = boost::json;

json::string_view to_json(std::string_view text) { return {text.data(), text.size()}; }

json::value to_json(const resolve::TraceFact::Value& value) {
  struct Visitor {
    json::value operator()(const std::string& text) const { return json::value(to_json(std::string_view(text))); }
    json::value operator()(std::int64_t number) const { return json::value(number); }
    json::value operator()(double number) const { return json::value(number); }
    json::value operator()(bool yes) const { return json::value(yes); }
    json::value operator()(const std::vector<std::string>& texts) const {
      json::array array;
      for (const std::string& text : texts) array.emplace_back(to_json(std::string_view(text)));
      return array;
    }
  };
  return std::visit(Visitor(), value);
}

json::object query_of(const Explained& explained) {
  const ExplainRequest& request = explained.request;
  return {{"name", request.name.to_text()},
          {"type", dns::to_text(request.type)},
          {"client", request.client.to_text()},
          {"listener", request.listener},
          {"protocol", telemetry::label_text(explained.protocol)},
          {"path", request.path},
          {"tls_name", request.tls_name},
          {"dnssec_ok", request.dnssec_ok},
          {"checking_disabled", request.checking_disabled}};
}

json::array steps_of(const resolve::Trace& trace) {
  json::array steps;
  for (const resolve::TraceStep& step : trace.steps()) {
    json::object facts;
    for (const resolve::TraceFact& fact : step.facts) facts.emplace(fact.key, to_json(fact.value));
    steps.push_back(json::object{{"at_ms", resolve::in_milliseconds(step.at)},
                                 {"step", to_json(resolve::to_text(step.kind))},
                                 {"text", step.text},
                                 {"facts", std::move(facts)}});
  }
  return steps;
}

json::array records_of(const dns::MessageView& message, dns::Section section) {
  json::array records;
  for (const RecordLine& line : lines_of(message)) {
    if (line.section != section) continue;
    records.push_back(json::object{{"name", line.name},
                                   {"ttl", std::stoul(line.ttl)},
                                   {"class", line.klass},
                                   {"type", line.type},
                                   {"rdata", line.rdata}});
  }
  return records;
}

// Null when there is none: a message that the program did not answer, or that cannot be read.
json::value reply_of(const std::vector<std::uint8_t>& octets) {
  dns::MessageView message;
  if (dns::MessageView::parse(octets, message) != dns::MessageView::Fault::none) return nullptr;
  json::array flags, errors;
  for (const std::string& flag : flags_of(message.header())) flags.emplace_back(to_json(std::string_view(flag)));
  for (const ExtendedError& error : errors_of(message)) {
    errors.push_back(json::object{{"code", error.code},
                                  {"purpose", to_json(dns::to_text(static_cast<dns::Ede>(error.code)))},
                                  {"text", error.text}});
  }
  json::object reply{{"rcode", dns::to_text(message.rcode())},
                     {"flags", std::move(flags)},
                     {"ede", std::move(errors)},
                     {"size", octets.size()}};
  for (const dns::Section section : {dns::Section::answer, dns::Section::authority, dns::Section::additional}) {
    reply.emplace(to_text(section), records_of(message, section));
  }
  return reply;
}

}  // namespace

std::string explained_as_json(const Explained& explained) {
  const json::object all{
      {"query", query_of(explained)},       {"elapsed_ms", resolve::in_milliseconds(explained.elapsed)},
      {"steps", steps_of(explained.trace)}, {"steps_left_out", explained.trace.left_out()},
      {"reply", reply_of(explained.reply)}, {"version", version}};
  return json::serialize(all) + "\n";
}

}  // namespace dragoman::app
