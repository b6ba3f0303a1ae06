// The rows of the file itself, in the order that the reference shows them in, and the sections that are too small for a
// file of their own.
#include "values.h"

namespace dragoman::config {

Value<Config> tls_value();

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t admin_port = 9153;
constexpr const char* file_format = "1";

const ElementText<serve::ListenOptions> listen_element{
    "list of URLs", &serve::ListenOptions::from_url, [](const serve::ListenOptions& listen) { return listen.url; },
    "write dns://[::]:53, tls://[::]:853 or https://[::]:443/dns-query"};

Result<ip::Endpoint> admin_from_text(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  return endpoint_from_text(text, admin_port);
}

const ElementText<ip::Endpoint> admin_element{"list of addresses", &admin_from_text,
                                              [](const ip::Endpoint& endpoint) { return endpoint.to_text(); },
                                              "write 127.0.0.1:9153 or \"[::1]:9153\""};

Value<Config> workers() {
  Value<Config> out = integer(&Config::workers, 1u, 1024u);
  out.type = "auto or " + out.type;
  out.read = [read = out.read](const Node& node, Config& config, Reading& reading) {
    if (node.text == "auto") {
      config.workers = 0;
    } else {
      read(node, config, reading);
    }
  };
  out.show = [](const Config& config) { return config.workers == 0 ? "auto" : std::to_string(config.workers); };
  return out;
}

// The format of the file, not of the program: what another one means is unknown.
Value<Config> version() {
  return {file_format,
          [](const Node& node, Config&, Reading& reading) {
            std::optional<std::string> text = read_text(node, reading);
            if (!text || *text == file_format) return;
            reading.findings.error(node, node.shown() + " is a format that this version does not know",
                                   std::string("write ") + file_format + ", or remove the key");
          },
          [](const Config&) { return std::string(file_format); }};
}

}  // namespace

Keys<LogOptions> logging_keys() {
  return {
      {"level",
       choice<LogOptions, LogLevel>(&LogOptions::level, {{"debug", LogLevel::debug},
                                                         {"info", LogLevel::info},
                                                         {"warn", LogLevel::warn},
                                                         {"error", LogLevel::error}}),
       Reload::live, "What is told, from this level up. Queries are never logged."},
      {"format",
       choice<LogOptions, LogFormat>(
           &LogOptions::format, {{"auto", LogFormat::automatic}, {"text", LogFormat::text}, {"json", LogFormat::json}}),
       Reload::live, "Lines for people, or JSON objects; always on standard error."},
  };
}

Keys<admin::Options> http_keys() {
  return {{"listen", list(&admin::Options::listen, admin_element), Reload::restart,
           "Where /metrics, /healthz and /readyz are served, by cleartext HTTP; empty: nowhere."}};
}

Keys<Config> root_keys() {
  return {
      {"version", version(), Reload::live, "The format of this file."},
      {"workers", workers(), Reload::restart, "Threads that serve queries; auto: the CPUs this process may use."},
      {"listen", list(&Config::listen, listen_element), Reload::restart,
       "Where clients reach us: dns://ADDRESS:PORT (UDP and TCP), tls://ADDRESS:PORT (DoT, RFC 7858), "
       "https://ADDRESS:PORT/PATH (DoH, RFC 8484). [::] takes IPv4 too."},
      {"xdp", section_or("interfaces", &Config::xdp, xdp_keys()), Reload::restart, ""},
      {"tls", tls_value(), Reload::new_connections, ""},
      {"upstream", section_or("servers", &Config::upstream, upstream_keys()), Reload::live, ""},
      {"upstreams", groups_value(), Reload::live, ""},
      {"routes", routes_value(), Reload::live, ""},
      {"acl", section_or("allow", &Config::acl, acl_keys()), Reload::live, ""},
      {"rate_limit", section(&Config::rate_limit, rate_limit_keys()), Reload::live, ""},
      {"cookies", section(&Config::cookies, cookies_keys()), Reload::live, ""},
      {"nat64", nat64_value(), Reload::live, ""},  // before dns64, which takes its prefixes
      {"dns64", dns64_value(), Reload::live, ""},
      {"dnssec", dnssec_value(), Reload::live, ""},
      {"cache", section(&Config::cache, cache_keys()), Reload::restart, ""},
      {"limits", section(&Config::limits, limit_keys()), Reload::restart, ""},
      {"local_data", local_data_value(), Reload::live, ""},
      {"special_names", section(&Config::special_names, special_names_keys()), Reload::live, ""},
      {"ddr", boolean(&Config::ddr), Reload::live,
       "Tells clients of plain DNS our DoT and DoH listeners, by SVCB records of _dns.resolver.arpa and of _dns. under "
       "tls.server_name (RFC 9462)."},
      {"rebinding_protection", section(&Config::rebinding, rebinding_keys()), Reload::live, ""},
      {"http", section(&Config::http, http_keys()), Reload::restart, ""},
      {"logging", section(&Config::logging, logging_keys()), Reload::live, ""},
      {"drain_timeout", duration(&Config::drain_timeout, 0s, 10min), Reload::live,
       "How long queries on their way may take to end after SIGTERM."},
  };
}

}  // namespace dragoman::config
