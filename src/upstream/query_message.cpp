// Questions to upstream servers and the check of what comes back; see query_message.h.
#include "query_message.h"

#include <cstring>

#include "dragoman/base/letter_case.h"
#include "dragoman/dns/message_view.h"
#include "dragoman/dns/message_writer.h"

namespace dragoman::upstream {
namespace {

constexpr std::size_t option_header = 4;

// Flips letters by random bits: one bit for each octet of the name.
void mix_case(MutableBytes name, Random& random) {
  std::uint8_t bits = 0;
  int left = 0;
  for (std::size_t at = 0; name[at] != 0;) {
    const std::size_t end = at + 1 + name[at];
    for (++at; at < end; ++at) {
      const auto lower = static_cast<std::uint8_t>(name[at] | 0x20);
      if (lower < 'a' || lower > 'z') continue;
      if (left == 0) bits = random.octet(), left = 8;
      if ((bits & 1) != 0) name[at] ^= 0x20;
      bits >>= 1, --left;
    }
  }
}

// The COOKIE option, and what of it the response must repeat (RFC 7873 5.1).
void write_cookie(dns::MessageWriter& writer, Exchange& exchange) {
  exchange.sent_cookie = exchange.expects_cookie = false;
  if (exchange.cookies == nullptr || exchange.without_cookie) return;
  const Bytes option = exchange.cookies->option();
  writer.rdata_u16(static_cast<std::uint16_t>(dns::EdnsOptionCode::cookie));
  writer.rdata_u16(static_cast<std::uint16_t>(option.size()));
  writer.rdata(option);
  exchange.client_cookie = exchange.cookies->client_cookie();
  exchange.sent_cookie = true;
  exchange.expects_cookie = exchange.cookies->is_known();
}

void write_opt(dns::MessageWriter& writer, Exchange& exchange, const QueryForm& form) {
  static constexpr std::array<std::uint8_t, 256> zeros{};
  const std::uint32_t flags = exchange.lookup->dnssec_ok ? 0x8000 : 0;  // DO is the top bit of the lower half
  writer.begin_record(dns::Section::additional, dns::NameView(), dns::Type::opt,
                      static_cast<dns::Class>(dns::default_udp_payload), flags);
  write_cookie(writer, exchange);
  if (form.ask_keepalive) {
    writer.rdata_u16(static_cast<std::uint16_t>(dns::EdnsOptionCode::tcp_keepalive));
    writer.rdata_u16(0);
  }
  if (form.pad_to != 0) {
    const std::size_t over = (writer.length() + option_header) % form.pad_to;
    const std::size_t padding = over == 0 ? 0 : form.pad_to - over;
    writer.rdata_u16(static_cast<std::uint16_t>(dns::EdnsOptionCode::padding));
    writer.rdata_u16(static_cast<std::uint16_t>(padding));
    writer.rdata(Bytes(zeros).first(padding));
  }
  writer.end_record();
}

// FORMERR and NOTIMP from servers that do not know EDNS may come as a bare header (RFC 6891 7).
bool is_bare_refusal(Bytes message, const dns::Header& header) {
  const bool refuses = header.rcode() == dns::Rcode::formerr || header.rcode() == dns::Rcode::notimp;
  return refuses && message.size() == dns::header_length && header.questions == 0;
}

// The name without case, type and class exactly.
bool is_same_question(Bytes a, Bytes b) {
  const std::size_t name_length = a.size() - 4;
  return equal_without_case(a.data(), b.data(), name_length) &&
         std::memcmp(a.data() + name_length, b.data() + name_length, 4) == 0;
}

void read_hints(const dns::MessageView& view, ServerHints& hints) {
  if (!view.has_edns()) return;
  const auto keepalive = view.edns()->find(dns::EdnsOptionCode::tcp_keepalive);
  if (!keepalive || keepalive->size() != 2) return;
  hints = {true, load_u16(keepalive->data())};
}

// RFC 7873 5.3. Over a stream nobody forges: what is missing there tells that the server has given cookies up.
std::optional<Ending> judge_cookie(const dns::MessageView& view, Exchange& exchange) {
  if (!exchange.sent_cookie) return {};
  const auto option = view.has_edns() ? view.edns()->find(dns::EdnsOptionCode::cookie) : std::nullopt;
  const auto verdict = Cookies::judge(option, exchange.client_cookie);
  const bool says_bad = view.rcode() == dns::Rcode::badcookie;
  if (verdict == Cookies::Verdict::good) {
    exchange.cookies->learn(*option);
    return says_bad ? std::optional(Ending::bad_cookie) : std::nullopt;
  }
  if (exchange.over_stream) {
    if (verdict == Cookies::Verdict::forged || says_bad) return Ending::malformed;
    exchange.cookies->forget();
    return {};
  }
  if (verdict == Cookies::Verdict::forged) return Ending::forged;
  return exchange.expects_cookie || says_bad ? std::optional(Ending::cookie_missing) : std::nullopt;
}

// What cannot be read cannot show a cookie either.
Ending unreadable(const Exchange& exchange) {
  return exchange.expects_cookie && !exchange.over_stream ? Ending::cookie_missing : Ending::malformed;
}

}  // namespace

Bytes write_query(Exchange& exchange, const QueryForm& form, QueryBuffer& out) {
  dns::MessageWriter writer(out);
  writer.question(exchange.lookup->name, exchange.lookup->type, dns::Class::in);
  const std::size_t question_length = writer.length() - dns::header_length;
  exchange.sent_cookie = exchange.expects_cookie = false;
  if (form.edns) write_opt(writer, exchange, form);

  dns::Header header;
  header.id = exchange.id;
  header.flags = dns::Header::rd | dns::Header::ad;  // AD asks whether the answer is authentic (RFC 6840 5.7)
  if (exchange.lookup->checking_disabled) header.flags |= dns::Header::cd;
  const MutableBytes message = writer.finish(header);
  const MutableBytes question = message.subspan(dns::header_length, question_length);
  if (form.letter_case != nullptr) mix_case(question, *form.letter_case);
  std::memcpy(exchange.sent_question.data(), question.data(), question.size());
  exchange.question_length = static_cast<std::uint16_t>(question.size());
  return message;
}

Match match(Bytes message, const Exchange& exchange) {
  if (message.size() < dns::header_length) return Match::no;
  const dns::Header header = dns::Header::read(message.data());
  if (!header.is_response() || header.opcode() != dns::Opcode::query || header.id != exchange.id) return Match::no;
  if (is_bare_refusal(message, header)) return Match::yes;

  const Bytes sent = exchange.question();
  if (header.questions != 1 || message.size() < dns::header_length + sent.size()) return Match::no;
  const Bytes echoed = message.subspan(dns::header_length, sent.size());
  if (std::memcmp(echoed.data(), sent.data(), sent.size()) == 0) return Match::yes;
  return is_same_question(echoed, sent) ? Match::case_changed : Match::no;
}

Ending read_answer(Bytes message, Exchange& exchange, ServerHints& hints) {
  const dns::Header header = dns::Header::read(message.data());
  if (exchange.transcript != nullptr) exchange.transcript->message.assign(message.begin(), message.end());
  // Before the message is parsed: some servers cut in the middle of a record.
  if (header.has(dns::Header::tc)) return Ending::truncated;
  exchange.answer = {};
  exchange.answer_has_edns = false;
  if (is_bare_refusal(message, header)) {
    if (exchange.expects_cookie && !exchange.over_stream) return Ending::cookie_missing;
    exchange.answer.head.rcode = header.rcode();
    exchange.answer.question_length = exchange.question_length;
    return Ending::answered;
  }
  dns::MessageView view;
  if (dns::MessageView::parse(message, view) != dns::MessageView::Fault::none) return unreadable(exchange);
  exchange.answer_has_edns = view.has_edns();
  if (const auto trouble = judge_cookie(view, exchange)) return *trouble;
  read_hints(view, hints);
  exchange.answer = dns::from_message(view);
  return Ending::answered;
}

}  // namespace dragoman::upstream
