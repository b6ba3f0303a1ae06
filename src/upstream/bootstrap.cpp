// Names of upstream servers; see bootstrap.h.
#include "bootstrap.h"

#include <netdb.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "dragoman/base/log.h"
#include "dragoman/dns/answer.h"
#include "server.h"

namespace dragoman::upstream {
namespace {

constexpr seconds shortest_refresh{30};
constexpr seconds longest_refresh{300};
constexpr seconds first_retry{1};
constexpr seconds longest_retry{30};
constexpr milliseconds patience{3000};

// IPv6 before IPv4: the order in which they are tried.
std::vector<ip::Address> system_addresses(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<ip::Address> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    addresses.push_back(ip::Endpoint::from_sockaddr(at->ai_addr).address);
  }
  freeaddrinfo(found);
  std::stable_partition(addresses.begin(), addresses.end(), [](const ip::Address& one) { return one.is_v6(); });
  return addresses;
}

struct Found {
  std::vector<ip::Address> addresses;
  seconds ttl = longest_refresh;
};

// The addresses of an answer, whatever aliases lead to them.
void collect(const dns::Answer& answer, Found& found) {
  const dns::AnswerView view = answer.view();
  dns::AnswerRecords records(view);
  for (dns::AnswerRecord record; records.next(record);) {
    if (record.section != dns::Section::answer) continue;
    found.ttl = std::min(found.ttl, seconds(record.ttl));
    if (record.type == dns::Type::a && record.rdata.size() == 4) {
      ip::Ipv4Octets octets;
      std::copy(record.rdata.begin(), record.rdata.end(), octets.begin());
      found.addresses.emplace_back(octets);
    }
    if (record.type == dns::Type::aaaa && record.rdata.size() == 16) {
      ip::Ipv6Octets octets;
      std::copy(record.rdata.begin(), record.rdata.end(), octets.begin());
      found.addresses.emplace_back(octets);
    }
  }
}

Options resolver_options(const Options& options) {
  Options resolvers;
  for (const ip::Endpoint& endpoint : options.bootstrap) {
    ServerOptions server;
    server.host = endpoint.address.to_text();
    server.port = endpoint.port;
    server.url = "dns://" + endpoint.to_text();
    resolvers.servers.push_back(std::move(server));
  }
  resolvers.timeout = patience;
  resolvers.use_0x20 = options.use_0x20;
  return resolvers;
}

}  // namespace

struct Bootstrap::Name {
  Name(Bootstrap& bootstrap, Server& named)
      : owner(bootstrap),
        server(named),
        refresh(
            [](void* self) {
              auto* name = static_cast<Name*>(self);
              name->owner.look_up(*name);
            },
            this) {}

  Bootstrap& owner;
  Server& server;
  net::Timer refresh;
  Task<void> asking;
  seconds retry = first_retry;
};

Bootstrap::Bootstrap(net::EventLoop& loop, const Options& options)
    : loop_(loop),
      options_(options),
      home_(std::make_shared<Guarded<Home>>(std::in_place, Home{&loop})),
      self_(std::make_shared<Bootstrap*>(this)) {}

Bootstrap::~Bootstrap() {
  home_->with([](Home& home) { home.loop = nullptr; });
  *self_ = nullptr;
}

void Bootstrap::resolve(Server& server) {
  if (!resolvers_ && !options_.bootstrap.empty()) {
    resolvers_ = std::make_unique<Forwarder>(loop_, resolver_options(options_), metrics_);
  }
  names_.push_back(std::make_unique<Name>(*this, server));
  look_up(*names_.back());
}

void Bootstrap::look_up(Name& name) {
  if (!resolvers_) return ask_system(name);
  name.asking = ask_resolvers(name);
  name.asking.start();
}

Task<void> Bootstrap::ask_resolvers(Name& name) {
  Found found;
  for (const dns::Type type : {dns::Type::aaaa, dns::Type::a}) {
    Lookup lookup;
    if (Result<dns::Name> host = dns::Name::from_text(name.server.options().host)) lookup.name = *host;
    lookup.type = type;
    const Outcome outcome = co_await resolvers_->ask(lookup);
    if (outcome.answer) collect(*outcome.answer, found);
  }
  learned(name, found.addresses, found.ttl);
}

// The thread owns what it works with, and reaches the worker only through `home`.
void Bootstrap::ask_system(Name& name) {
  auto work = [home = home_, self = self_, at = &name, host = name.server.options().host] {
    std::vector<ip::Address> addresses = system_addresses(host);
    home->with([&](Home& here) {
      if (here.loop == nullptr) return;
      here.loop->post([self, at, found = std::move(addresses)] {
        if (*self != nullptr) (*self)->learned(*at, found, longest_refresh);
      });
    });
  };
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error&) {
    learned(name, {}, longest_refresh);
  }
}

void Bootstrap::learned(Name& name, const std::vector<ip::Address>& addresses, seconds ttl) {
  if (addresses.empty()) {
    log::warn("upstream_name", "the name of an upstream server has no address now",
              {{"server", name.server.options().url}});
    loop_.set_after(name.refresh, name.retry);
    name.retry = std::min(name.retry * 2, longest_retry);
  } else {
    loop_.set_after(name.refresh, std::clamp(ttl, shortest_refresh, longest_refresh));
    name.retry = first_retry;
  }
  name.server.set_addresses(addresses);
}

}  // namespace dragoman::upstream
