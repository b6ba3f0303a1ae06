// Makes a query as that client would have sent it, and keeps what is told of it until the reply is there.
#include "explainer.h"

#include "dragoman/dns/edns.h"
#include "dragoman/dns/message_writer.h"

namespace dragoman::app {
namespace {

resolve::Protocol protocol_of(serve::Scheme scheme) {
  switch (scheme) {
    case serve::Scheme::tls:
      return resolve::Protocol::dot;
    case serve::Scheme::https:
      return resolve::Protocol::doh;
    case serve::Scheme::dns:
      break;
  }
  return resolve::Protocol::udp;
}

// The listener of this URL, the first without one; null when there is none.
const serve::ListenOptions* find(const std::vector<serve::ListenOptions>& listen, const std::string& url) {
  for (const serve::ListenOptions& known : listen) {
    if (url.empty() || known.url == url) return &known;
  }
  return nullptr;
}

Error unknown_listener(const std::vector<serve::ListenOptions>& listen, const std::string& url) {
  std::string known;
  for (const serve::ListenOptions& one : listen) known += (known.empty() ? "" : ", ") + one.url;
  return {ErrorCode::not_found, "there is no such listener", url + "; the configuration has " + known};
}

std::vector<std::uint8_t> query_of(const ExplainRequest& request) {
  std::vector<std::uint8_t> room(dns::header_length + dns::max_name_length + 64);
  dns::MessageWriter writer(room);
  writer.question(request.name, request.type, dns::Class::in);
  dns::Header header;
  header.flags = dns::Header::rd;
  if (request.checking_disabled) header.flags |= dns::Header::cd;
  dns::EdnsReply edns;
  edns.dnssec_ok = request.dnssec_ok;
  room.resize(writer.finish(header, &edns).size());
  return room;
}

}  // namespace

void Explainer::explain(resolve::Resolver& resolver, const std::vector<serve::ListenOptions>& listen,
                        const ExplainRequest& request, const ExplainDone& done) {
  const serve::ListenOptions* listener = find(listen, request.listener);
  if (listener == nullptr) return done(unknown_listener(listen, request.listener));
  auto explained = std::make_shared<Explained>();
  ExplainRequest& filled = explained->request = request;
  filled.listener = listener->url;
  if (filled.path.empty()) filled.path = listener->path;
  explained->protocol = protocol_of(listener->scheme);

  const std::vector<std::uint8_t> message = query_of(filled);
  resolve::Query query{message, {filled.client.without_mapping(), explained->protocol}};
  query.entrance = {filled.listener, filled.path, filled.tls_name};
  query.trace = &explained->trace;
  std::vector<std::uint8_t> room(dns::max_message_length);
  const std::uint64_t ticket = ++last_ticket_;
  waiting_.emplace(ticket, Waiting{std::move(explained), done});
  const resolve::HandleResult result = resolver.explain(query, *this, ticket, room);
  if (result.handled != resolve::Handled::pending) deliver(ticket, Bytes(room).first(result.length), result.facts);
}

void Explainer::deliver(std::uint64_t ticket, Bytes message, const resolve::ReplyFacts&) {
  const auto place = waiting_.find(ticket);
  const Waiting waiting = std::move(place->second);
  waiting_.erase(place);
  waiting.explained->reply.assign(message.begin(), message.end());
  waiting.explained->elapsed = Clock::now() - waiting.explained->trace.begun();
  waiting.done(std::shared_ptr<const Explained>(waiting.explained));
}

}  // namespace dragoman::app
