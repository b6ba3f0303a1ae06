// Where targets lead.
#include "binding_place.h"

#include <gtest/gtest.h>

namespace dragoman::gateway {
namespace {

Result<BindingPlace> place(BindingFormat format, const char* target) { return place_of({format, target}); }

TEST(BindingPlace, of_json_is_a_file) {
  const auto file = place(BindingFormat::json, "/var/log/dragoman/bindings.jsonl");
  ASSERT_TRUE(file);
  EXPECT_EQ(std::get<FilePlace>(*file).path, "/var/log/dragoman/bindings.jsonl");
  EXPECT_TRUE(place(BindingFormat::json, "bindings.jsonl"));
}

TEST(BindingPlace, of_syslog_is_a_collector_or_a_socket) {
  const auto socket = place(BindingFormat::syslog, "unix:///dev/log");
  ASSERT_TRUE(socket);
  EXPECT_EQ(std::get<UnixPlace>(*socket).path, "/dev/log");
  const auto collector = place(BindingFormat::syslog, "udp://192.0.2.10:10514");
  ASSERT_TRUE(collector);
  EXPECT_EQ(std::get<ip::Endpoint>(*collector).to_text(), "192.0.2.10:10514");
}

TEST(BindingPlace, has_the_port_of_its_protocol) {
  const auto port = [](BindingFormat format, const char* target) {
    const auto found = place(format, target);
    return found ? std::get<ip::Endpoint>(*found).to_text() : found.error().text();
  };
  EXPECT_EQ(port(BindingFormat::syslog, "udp://192.0.2.10"), "192.0.2.10:514");
  EXPECT_EQ(port(BindingFormat::syslog, "udp://[2001:db8::10]"), "[2001:db8::10]:514");
  EXPECT_EQ(port(BindingFormat::ipfix, "udp://[2001:db8::10]"), "[2001:db8::10]:4739");
  EXPECT_EQ(port(BindingFormat::ipfix, "udp://[2001:db8::10]:9995"), "[2001:db8::10]:9995");
}

TEST(BindingPlace, is_refused_when_nothing_can_be_there) {
  const struct {
    BindingFormat format;
    const char* target;
  } bad[] = {{BindingFormat::json, ""},
             {BindingFormat::json, "udp://192.0.2.10"},
             {BindingFormat::json, "file:///var/log/bindings"},
             {BindingFormat::syslog, ""},
             {BindingFormat::syslog, "/dev/log"},
             {BindingFormat::syslog, "unix://dev/log"},
             {BindingFormat::syslog, "udp://"},
             {BindingFormat::syslog, "udp://log.example.net"},
             {BindingFormat::syslog, "udp://192.0.2.10:0"},
             {BindingFormat::syslog, "udp://192.0.2.10:65536"},
             {BindingFormat::ipfix, "unix:///run/ipfix"},
             {BindingFormat::ipfix, "udp://2001:db8::10"},
             {BindingFormat::ipfix, "udp://[192.0.2.10]"},
             {BindingFormat::ipfix, "/var/log/ipfix"}};
  for (const auto& [format, target] : bad) {
    const auto found = place(format, target);
    ASSERT_FALSE(found) << target;
    EXPECT_NE(found.error().text().find("for example"), std::string::npos) << target;
  }
}

}  // namespace
}  // namespace dragoman::gateway
