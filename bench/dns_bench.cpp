// What a query costs in the wire format alone: reading it, answering it from kept records, and taking an upstream's
// response apart.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "dragoman/dns/answer.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"

namespace dragoman::dns {
namespace {

using Octets = std::vector<std::uint8_t>;

const Name question = *Name::from_text("www.example.com");

// An A query as stub resolvers send it: RD, and an OPT with a cookie.
Octets query() {
  Octets octets(512);
  MessageWriter writer(octets);
  writer.question(question, Type::a, Class::in);
  constexpr std::uint8_t opt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  writer.append_records(opt, 0, 0, 1);
  Header header;
  header.flags = Header::rd;
  octets.resize(writer.finish(header).size());
  return octets;
}

// A chain of two CNAMEs with four addresses behind it, and the zone's name servers with their addresses.
Octets response() {
  Octets octets(4096);
  MessageWriter writer(octets);
  Name alias = *Name::from_text("www.example.com.cdn.example.net");
  Name edge = *Name::from_text("e1234.a.edge.example.net");
  constexpr std::uint8_t address[] = {192, 0, 2, 1};
  writer.question(question, Type::a, Class::in);
  for (const auto& [owner, target] : {std::pair(question, alias), std::pair(alias, edge)}) {
    writer.begin_record(Section::answer, owner, Type::cname, Class::in, 300);
    writer.rdata_name(target, true);
    writer.end_record();
  }
  for (int i = 0; i < 4; ++i) writer.record(Section::answer, edge, Type::a, 60, address);
  for (const char* text : {"ns1.example.net", "ns2.example.net"}) {
    writer.begin_record(Section::authority, *Name::from_text("example.net"), Type::ns, Class::in, 86400);
    writer.rdata_name(*Name::from_text(text), true);
    writer.end_record();
  }
  for (const char* text : {"ns1.example.net", "ns2.example.net"}) {
    writer.record(Section::additional, *Name::from_text(text), Type::a, 86400, address);
  }
  Header header;
  header.flags = Header::qr;
  EdnsReply edns;
  octets.resize(writer.finish(header, &edns).size());
  return octets;
}

// The dearest message there is: 64 KiB of records all of whose names walk 127 pointers.
Octets pointer_chains() {
  Octets octets(12 + 5);
  octets[16] = 1;  // the root, then type and class
  store_u16(&octets[4], 1);
  constexpr std::size_t chain = 127;
  std::size_t fixed = 1 + 10;  // one TXT-like record that holds the chain
  octets.resize(17 + fixed + 1 + 2 * chain);
  std::size_t start = 17 + fixed;
  store_u16(&octets[18], 0xFF00);
  store_u16(&octets[26], static_cast<std::uint16_t>(1 + 2 * chain));
  for (std::size_t i = 0; i < chain; ++i) {
    std::size_t target = i == 0 ? start : start + 1 + 2 * (i - 1);
    store_u16(&octets[start + 1 + 2 * i], static_cast<std::uint16_t>(0xC000 | target));
  }
  auto last = static_cast<std::uint16_t>(0xC000 | (octets.size() - 4));
  std::uint16_t records = 1;
  for (; octets.size() + 16 <= 65535; ++records) {
    std::size_t at = octets.size();
    octets.resize(at + 16);
    store_u16(&octets[at], last);
    store_u16(&octets[at + 2], 17);  // RP: two names
    store_u16(&octets[at + 4], 1);
    store_u16(&octets[at + 10], 4);
    store_u16(&octets[at + 12], last);
    store_u16(&octets[at + 14], last);
  }
  store_u16(&octets[6], records);
  return octets;
}

void parse(benchmark::State& state, const Octets& octets) {
  for (auto _ : state) {
    MessageView view;
    benchmark::DoNotOptimize(octets.data());
    if (MessageView::parse(octets, view) != MessageView::Fault::none) state.SkipWithError("malformed");
    benchmark::DoNotOptimize(view);
  }
}
BENCHMARK_CAPTURE(parse, query, query());
BENCHMARK_CAPTURE(parse, response, response());
BENCHMARK_CAPTURE(parse, pointer_chains, pointer_chains());

// What a cache hit does: lower the TTLs of the copy, put it behind the question, add the OPT.
void answer_from_records(benchmark::State& state) {
  Octets octets = response();
  MessageView view;
  if (MessageView::parse(octets, view) != MessageView::Fault::none) state.SkipWithError("malformed");
  Answer answer = from_message(view);
  std::array<std::uint8_t, 4096> out;
  Header header;
  EdnsReply edns;
  for (auto _ : state) {
    MessageWriter writer(out);
    writer.question(question, Type::a, Class::in);
    writer.append_records(answer.records, answer.head.answers, answer.head.authorities, answer.head.additionals);
    age_records(MutableBytes(out).subspan(writer.records_offset(), answer.records.size()), answer.head, 1);
    benchmark::DoNotOptimize(writer.finish(header, &edns));
  }
}
BENCHMARK(answer_from_records);

void age(benchmark::State& state) {
  Octets octets = response();
  MessageView view;
  if (MessageView::parse(octets, view) != MessageView::Fault::none) state.SkipWithError("malformed");
  Answer answer = from_message(view);
  for (auto _ : state) {
    age_records(answer.records, answer.head, 0);
    benchmark::ClobberMemory();
  }
  state.counters["octets"] = static_cast<double>(answer.records.size());
}
BENCHMARK(age);

void from_response(benchmark::State& state) {
  Octets octets = response();
  MessageView view;
  if (MessageView::parse(octets, view) != MessageView::Fault::none) state.SkipWithError("malformed");
  for (auto _ : state) benchmark::DoNotOptimize(from_message(view));
}
BENCHMARK(from_response);

// Four synthetic addresses, written record by record.
void write_addresses(benchmark::State& state) {
  std::array<std::uint8_t, 512> out;
  constexpr std::uint8_t address[16] = {0x20, 1};
  EdnsReply edns;
  for (auto _ : state) {
    MessageWriter writer(out);
    writer.question(question, Type::aaaa, Class::in);
    for (int i = 0; i < 4; ++i) writer.record(Section::answer, question, Type::aaaa, 60, address);
    benchmark::DoNotOptimize(writer.finish({}, &edns));
  }
}
BENCHMARK(write_addresses);

void lower_case(benchmark::State& state) {
  std::array<std::uint8_t, max_name_length> out;
  for (auto _ : state) {
    copy_lower_case(question, out.data());
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(lower_case);

void compare(benchmark::State& state) {
  Name other = *Name::from_text("WWW.EXAMPLE.COM");
  for (auto _ : state) benchmark::DoNotOptimize(equal(question, other));
}
BENCHMARK(compare);

}  // namespace
}  // namespace dragoman::dns
