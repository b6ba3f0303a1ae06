// Which group is asked about a name, and what a reload changes.
#include "dragoman/upstream/routes.h"

#include "asking.h"
#include "scripts.h"

namespace dragoman::upstream {
namespace {

class RoutesTest : public Asking {
 protected:
  // Groups 0 and 1, called "default" and "corp", each with one server.
  Routing routing(std::initializer_list<std::pair<const char*, std::size_t>> routes) {
    Routing out;
    for (const auto& [name, url] : {std::pair("default", usual.url()), std::pair("corp", corp.url())}) {
      Group group{name, options};
      group.options.servers = {*ServerOptions::from_url(url)};
      out.groups.push_back(std::move(group));
    }
    for (const auto& [zone, group] : routes) out.routes.push_back({*dns::Name::from_text(zone), group});
    return out;
  }
  Outcome ask(Routes& routes, const std::string& name, dns::Type type = dns::Type::a) {
    return finish(begin(routes, name, type));
  }
  Task<Outcome> begin(Routes& routes, const std::string& name, dns::Type type = dns::Type::a) {
    loop.run_once(milliseconds(0));
    Task<Outcome> task = routes.ask(lookup_of(name, type));
    task.start();
    return task;
  }

  FakeUdpServer usual{loop, answers("192.0.2.1")}, corp{loop, answers("192.0.2.2")};
};

TEST_F(RoutesTest, the_longest_zone_decides) {
  Routes routes(loop, routing({{"corp.test", 1}, {"www.corp.test", 0}}), metrics);
  EXPECT_EQ(word(ask(routes, "corp.test")), "192.0.2.2");
  EXPECT_EQ(word(ask(routes, "a.b.CORP.test")), "192.0.2.2");
  EXPECT_EQ(word(ask(routes, "www.corp.test")), "192.0.2.1");
  EXPECT_EQ(word(ask(routes, "notcorp.test")), "192.0.2.1");
  EXPECT_EQ(word(ask(routes, "test")), "192.0.2.1");
}

TEST_F(RoutesTest, without_routes_everything_goes_to_the_first_group) {
  Routes routes(loop, routing({}), metrics);
  EXPECT_EQ(word(ask(routes, "corp.test")), "192.0.2.1");
  EXPECT_EQ(routes.group_of(*dns::Name::from_text("corp.test"), dns::Type::a), "default");
}

// RFC 4035 3.1.4.1: the DS of a zone is the parent's.
TEST_F(RoutesTest, ds_is_asked_for_above_the_zone) {
  Routes routes(loop, routing({{"corp.test", 1}}), metrics);
  const auto group = [&](const char* name, dns::Type type) {
    return routes.group_of(*dns::Name::from_text(name), type);
  };
  EXPECT_EQ(group("corp.test", dns::Type::ds), "default");
  EXPECT_EQ(group("sub.corp.test", dns::Type::ds), "corp");
  EXPECT_EQ(group("corp.test", dns::Type::dnskey), "corp");
  EXPECT_EQ(group(".", dns::Type::ds), "default");
}

TEST_F(RoutesTest, an_answer_ends_where_its_chain_leaves_the_group) {
  usual.set_script([](const Octets& query, std::size_t) {
    const dns::MessageView asked = fakes::parsed(query);
    Octets room(512);
    dns::MessageWriter writer(room);
    writer.question(asked.question().name, asked.question().type, dns::Class::in);
    const auto target = *dns::Name::from_text("host.corp.test");
    writer.record(dns::Section::answer, asked.question().name, dns::Type::cname, 60, target.view().wire());
    writer.record(dns::Section::answer, target, dns::Type::a, 60, std::array<std::uint8_t, 4>{203, 0, 113, 66});
    dns::Header header;
    header.id = asked.header().id;
    header.flags = dns::Header::qr | dns::Header::rd | dns::Header::ra;
    const MutableBytes message = writer.finish(header);
    return std::vector<Octets>{{message.begin(), message.end()}};
  });
  Routes routes(loop, routing({{"corp.test", 1}}), metrics);
  const Outcome cut = ask(routes, "www.test");
  ASSERT_TRUE(cut.answer);
  EXPECT_EQ(cut.answer->head.answers, 1);
  routes.apply(routing({}));
  const Outcome whole = ask(routes, "www.test");
  ASSERT_TRUE(whole.answer);
  EXPECT_EQ(whole.answer->head.answers, 2);
}

TEST_F(RoutesTest, a_dead_group_fails_for_its_zones_alone) {
  corp.set_script(stays_silent);
  options.timeout = milliseconds(300);
  Routes routes(loop, routing({{"corp.test", 1}}), metrics);
  EXPECT_EQ(word(ask(routes, "www.corp.test")), "timeout");
  EXPECT_EQ(word(ask(routes, "www.test")), "192.0.2.1");
}

TEST_F(RoutesTest, a_group_without_servers_fails_at_once) {
  Routing bare = routing({{"corp.test", 1}});
  bare.groups[0].options.servers.clear();
  Routes routes(loop, bare, metrics);
  EXPECT_EQ(word(ask(routes, "www.test")), "network");
  EXPECT_EQ(word(ask(routes, "www.corp.test")), "192.0.2.2");
}

TEST_F(RoutesTest, a_reload_leads_elsewhere_and_lets_what_is_on_its_way_end) {
  std::vector<Octets> held;
  corp.set_script([&](const Octets& query, std::size_t) {
    held.push_back(query);
    return std::vector<Octets>{};
  });
  Routes routes(loop, routing({{"corp.test", 1}}), metrics);
  Task<Outcome> waiting = begin(routes, "www.corp.test");
  ASSERT_TRUE(run_until([&] { return !held.empty(); }));
  Routing without = routing({});
  without.groups.pop_back();
  routes.apply(without);
  EXPECT_EQ(word(ask(routes, "www.corp.test")), "192.0.2.1");
  corp.send(reply_to(held.front(), {.address = "192.0.2.2"}), corp.asked().front().client);
  EXPECT_EQ(word(finish(std::move(waiting))), "192.0.2.2");
}

TEST_F(RoutesTest, servers_that_nobody_needs_any_more_go) {
  Routes routes(loop, routing({{"corp.test", 1}}), metrics);
  ServerMetrics& row = metrics.servers.row("corp", corp.url());
  EXPECT_TRUE(row.configured.value());
  Routing without = routing({});
  without.groups.pop_back();
  routes.apply(without);
  EXPECT_FALSE(row.configured.value());
  EXPECT_EQ(routes.servers().size(), 1u);
}

TEST_F(RoutesTest, servers_go_after_the_last_lookup_that_began_with_them) {
  corp.set_script(stays_silent);
  Routes routes(loop, routing({{"corp.test", 1}}), metrics);
  ServerMetrics& row = metrics.servers.row("corp", corp.url());
  Routing without = routing({});
  without.groups.pop_back();
  {
    Task<Outcome> waiting = begin(routes, "www.corp.test");
    routes.apply(without);
    EXPECT_TRUE(row.configured.value());
  }
  EXPECT_TRUE(run_until([&] { return !row.configured.value(); }));
}

TEST_F(RoutesTest, a_group_that_stays_keeps_what_it_knows) {
  Routes routes(loop, routing({{"corp.test", 1}}), metrics);
  ask(routes, "www.corp.test");
  const Duration latency = routes.servers().at(1).latency;
  ASSERT_GT(latency.count(), 0);
  routes.apply(routing({{"other.test", 1}}));
  EXPECT_EQ(routes.servers().at(1).latency, latency);
  options.timeout = milliseconds(900);
  routes.apply(routing({{"other.test", 1}}));
  EXPECT_EQ(routes.servers().at(1).latency.count(), 0);
}

TEST_F(RoutesTest, a_server_of_two_groups_is_counted_for_each) {
  Routing shared = routing({{"corp.test", 1}});
  shared.groups[1].options.servers = shared.groups[0].options.servers;
  Routes routes(loop, shared, metrics);
  EXPECT_EQ(word(ask(routes, "www.corp.test")), "192.0.2.1");
  EXPECT_EQ(metrics.servers.row("corp", usual.url()).requests.value(), 1u);
  EXPECT_EQ(metrics.servers.row("default", usual.url()).requests.value(), 0u);
}

}  // namespace
}  // namespace dragoman::upstream
