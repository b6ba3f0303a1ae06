// One function per thing that `serve` would stumble over.
#include "inspection.h"

#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "dragoman/dns/rdata.h"
#include "dragoman/net/netlink.h"
#include "dragoman/net/socket.h"
#include "dragoman/net/tls.h"

namespace dragoman::app {
namespace {

// Files that are open besides connections: listeners, upstream sockets, certificates, logs.
constexpr rlim_t files_besides = 1024;

class Inspection {
 public:
  Inspection(const config::Config& config, const config::Places& places) : config_(config), places_(places) {}

  void certificates();
  void ca_files();
  void ports();
  void xdp();
  void open_files();
  void local_use_prefixes();
  void nat64();
  void trust_anchors();
  std::vector<Finding> take() { return std::move(findings_); }

 private:
  void add(Severity severity, const std::string& key, std::string text, std::string fix) {
    findings_.push_back({severity, places_.problem(key, std::move(text), std::move(fix))});
  }
  void ca_file(const std::string& key, const std::string& file);
  bool can_read(const std::string& key, const std::string& file);
  std::string certificate_key(std::size_t index) const;
  void certificate_warning(const net::ServerTls& tls, const std::string& text);
  void port(const std::string& key, const ip::Endpoint& endpoint, bool udp);
  void tun_access();
  void log_folders();
  void anchor_state();

  const config::Config& config_;
  const config::Places& places_;
  std::vector<Finding> findings_;
};

bool Inspection::can_read(const std::string& key, const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    add(Severity::error, key, "there is no file " + file, "put it there, or correct the path");
  } else if (!std::ifstream(file) || std::filesystem::is_directory(file, error)) {
    add(Severity::error, key, "cannot read " + file, "give the user of the service the right to read it");
  } else {
    return true;
  }
  return false;
}

std::string Inspection::certificate_key(std::size_t index) const {
  return places_.has("tls.certificates") ? "tls.certificates[" + std::to_string(index) + "]" : "tls";
}

// A warning begins with the file that it is about. What is said of a certificate that is out of date is an error here:
// clients refuse it.
void Inspection::certificate_warning(const net::ServerTls& tls, const std::string& text) {
  const std::int64_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  auto is_about = [&](const std::string& file) { return text.starts_with(file + ": "); };
  for (std::size_t i = 0; i < config_.tls.certificates.size(); ++i) {
    const net::CertificateFiles& files = config_.tls.certificates[i];
    const net::CertificateInfo& info = tls.certificates()[i];
    const bool is_out_of_date = info.not_after <= now || info.not_before > now;
    if (is_about(files.key))
      return add(Severity::warning, certificate_key(i) + ".key", text, "chmod 0600 " + files.key);
    if (!is_about(files.cert)) continue;
    return add(is_out_of_date ? Severity::error : Severity::warning, certificate_key(i) + ".cert", text,
               "renew or replace the certificate; a file that changes is loaded without a restart");
  }
  add(Severity::warning, "tls.server_name", text, "get a certificate for that name, or correct the name");
}

void Inspection::certificates() {
  if (config_.tls.certificates.empty()) return;
  bool readable = true;
  for (std::size_t i = 0; i < config_.tls.certificates.size(); ++i) {
    const net::CertificateFiles& files = config_.tls.certificates[i];
    readable &= can_read(certificate_key(i) + ".cert", files.cert);
    readable &= can_read(certificate_key(i) + ".key", files.key);
  }
  if (!readable) return;
  auto tickets = std::make_shared<const net::TicketKeys>(config_.tls.ticket_rotation);
  auto tls = net::ServerTls::load(config_.tls, std::move(tickets));
  if (tls) {
    for (const std::string& warning : (*tls)->warnings()) certificate_warning(**tls, warning);
    return;
  }
  add(Severity::error, "tls", tls.error().text(), "put a certificate and the key that belongs to it there, as PEM");
}

void Inspection::ca_files() {
  ca_file(places_.has("upstreams.default") ? "upstreams.default.ca_file" : "upstream.ca_file",
          config_.upstream.ca_file);
  for (const upstream::Group& group : config_.groups) {
    ca_file("upstreams." + group.name + ".ca_file", group.options.ca_file);
  }
}

void Inspection::ca_file(const std::string& key, const std::string& file) {
  if (file.empty() || !can_read(key, file)) return;
  auto tls = net::ClientTls::make(file, "localhost", "dot");
  if (!tls) add(Severity::error, key, tls.error().text(), "put PEM certificates of the CAs there");
}

void Inspection::port(const std::string& key, const ip::Endpoint& endpoint, bool udp) {
  Result<void> bound = net::can_bind(endpoint, udp);
  if (bound) return;
  std::string number = std::to_string(endpoint.port);
  std::string fix = "write an address that this host has";
  if (bound.error().code == ErrorCode::in_use) {
    fix = std::string("`ss -l") + (udp ? "un" : "tn") + "p sport = :" + number +
          "` shows who has it; if it is the dragoman that serves this file, check with --running";
  } else if (bound.error().code == ErrorCode::permission) {
    fix = "give the service CAP_NET_BIND_SERVICE, or write a port from 1024 up";
  }
  add(Severity::error, key, bound.error().text() + (udp ? " (UDP)" : " (TCP)"), fix);
}

void Inspection::ports() {
  const auto has_socket = [&](std::size_t index) {
    return std::any_of(config_.listen.begin(), config_.listen.begin() + static_cast<std::ptrdiff_t>(index),
                       [&](const auto& other) { return serve::may_share_socket(other, config_.listen[index]); });
  };
  for (std::size_t i = 0; i < config_.listen.size(); ++i) {
    std::string key = "listen[" + std::to_string(i) + "]";
    if (has_socket(i)) continue;  // one more path on it
    if (config_.listen[i].scheme == serve::Scheme::dns) port(key, config_.listen[i].endpoint, true);
    port(key, config_.listen[i].endpoint, false);
  }
  for (std::size_t i = 0; i < config_.http.listen.size(); ++i) {
    port("http.listen[" + std::to_string(i) + "]", config_.http.listen[i], false);
  }
}

void Inspection::xdp() {
  if (config_.xdp.interfaces.empty()) return;
  auto netlink = net::Netlink::open();
  if (!netlink) return;  // then `serve` falls back, or says it
  const bool may_fall_back = config_.xdp.mode == net::XdpMode::automatic;
  for (const std::string& interface : config_.xdp.interfaces) {
    if (netlink->link(interface)) continue;
    add(may_fall_back ? Severity::warning : Severity::error, "xdp", "there is no interface " + interface,
        "write a name that `ip link` shows, or remove it");
  }
}

void Inspection::open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return;
  rlim_t wanted = config_.limits.connections + files_besides;
  if (limit.rlim_max >= wanted) return;
  add(Severity::warning, "limits.connections",
      std::to_string(config_.limits.connections) + " connections need more than the " + std::to_string(limit.rlim_max) +
          " files that a process may open here",
      "set LimitNOFILE=" + std::to_string(wanted) + " in the unit (or `ulimit -Hn`), or lower limits.connections");
}

// RFC 8215: fine within a network, and of no use beyond it.
void Inspection::local_use_prefixes() {
  static const ip::Prefix local_use{ip::Address(ip::Ipv6Octets{0, 0x64, 0xff, 0x9b, 0, 1}), 48};
  for (const dns64::PrefixOptions& used : config_.dns64.prefixes) {
    if (!local_use.contains(used.prefix.prefix().network)) continue;
    add(Severity::note, "dns64.prefixes", used.prefix.to_text() + " is for local use (RFC 8215)",
        "nothing to do while clients and translator are in one network that routes it");
  }
}

bool is_number(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void Inspection::nat64() {
  if (!config_.nat64) return;
  const gateway::Nat64Options& options = *config_.nat64;
  if (!is_number(options.user) && getpwnam(options.user.c_str()) == nullptr) {
    add(Severity::error, "nat64.user", "there is no user " + options.user,
        "adduser --system --group " + options.user + ", or correct the name");
  }
  if (!is_number(options.group) && getgrnam(options.group.c_str()) == nullptr) {
    add(Severity::error, "nat64.group", "there is no group " + options.group,
        "addgroup --system " + options.group + ", or correct the name");
  }
  tun_access();
  log_folders();
}

void Inspection::tun_access() {
  constexpr const char* clone_device = "/dev/net/tun";
  if (access(clone_device, R_OK | W_OK) == 0) return;
  const bool is_missing = errno == ENOENT;
  add(Severity::warning, "nat64.device", std::string(is_missing ? "there is no " : "no right to open ") + clone_device,
      is_missing ? "modprobe tun; a container needs the device added"
                 : "let the user of the service read and write it");
}

void Inspection::log_folders() {
  for (const gateway::BindingTarget& target : config_.nat64->binding_log.targets) {
    if (target.format != gateway::BindingFormat::json) continue;
    const std::filesystem::path folder = std::filesystem::path(target.target).parent_path();
    std::error_code error;
    if (folder.empty() || std::filesystem::is_directory(folder, error)) continue;
    add(Severity::warning, "nat64.binding_log", "there is no folder " + folder.string(),
        "make it, and give it to the user of the service");
  }
}

// "corp.example. (DNSKEY 4711, DS 4711)"
std::string anchor_to_text(const dnssec::TrustAnchor& anchor) {
  std::string text;
  for (const auto& rdata : anchor.endorsed_by.ds) {
    const auto ds = dns::Ds::read(rdata);
    if (ds) text += (text.empty() ? "DS " : ", DS ") + std::to_string(ds->key_tag);
  }
  for (const auto& rdata : anchor.endorsed_by.dnskeys) {
    text += (text.empty() ? "DNSKEY " : ", DNSKEY ") + std::to_string(dns::Dnskey::key_tag(rdata));
  }
  return anchor.zone.to_text() + " (" + text + ")";
}

void Inspection::trust_anchors() {
  if (config_.dnssec.mode != config::DnssecMode::validate) return;
  std::string text;
  for (const dnssec::TrustAnchor& anchor : config_.dnssec.anchors) {
    text += (text.empty() ? "" : ", ") + anchor_to_text(anchor);
  }
  add(Severity::note, config_.dnssec.trust_anchor_file.empty() ? "dnssec" : "dnssec.trust_anchor_file",
      "validation begins at " + text, "nothing to do while these are the keys of their zones");
  for (std::size_t i = 0; i < config_.dnssec.negative.size(); ++i) {
    const dnssec::NegativeTrustAnchor& negative = config_.dnssec.negative[i];
    if (negative.expires) continue;
    add(Severity::note, "dnssec.negative_trust_anchors[" + std::to_string(i) + "]",
        negative.name.to_text() + " will never be validated (RFC 7646 2)",
        "write {name: " + negative.name.to_text() + ", expires: TIME}, unless the zone is your own");
  }
  anchor_state();
}

// Its file is replaced by another one, so it is the folder that must be writable.
void Inspection::anchor_state() {
  const std::string& file = config_.dnssec.managed.state_file;
  if (file.empty()) return;
  const std::filesystem::path parent = std::filesystem::path(file).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    add(Severity::warning, "dnssec.managed_anchors", "there is no folder " + folder,
        "make it, and give it to the user of the service");
  } else if (access(folder.c_str(), W_OK) != 0) {
    add(Severity::warning, "dnssec.managed_anchors", "no right to write in " + folder,
        "give it to the user of the service");
  }
}

}  // namespace

std::vector<Finding> inspect(const config::Config& config, const config::Places& places, bool try_ports) {
  Inspection inspection(config, places);
  inspection.certificates();
  inspection.ca_files();
  if (try_ports) inspection.ports();
  inspection.xdp();
  inspection.open_files();
  inspection.local_use_prefixes();
  inspection.nat64();
  inspection.trust_anchors();
  return inspection.take();
}

}  // namespace dragoman::app
