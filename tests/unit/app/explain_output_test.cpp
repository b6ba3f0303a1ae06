// Explanations and the status for people.
#include "commands/explain_output.h"

#include <gtest/gtest.h>

namespace dragoman::app {
namespace {

constexpr const char* explanation = R"({
  "query": {"name": "v4.test.", "type": "AAAA", "client": "::1", "listener": "tls://[::1]:853", "tls_name": "dns.test",
            "dnssec_ok": true, "checking_disabled": false},
  "elapsed_ms": 23.44, "steps_left_out": 2,
  "steps": [{"at_ms": 0.02, "step": "policy", "text": "policy 1 of 1"},
            {"at_ms": 23.1, "step": "upstream", "text": "asked\u001b[31m of"}],
  "reply": {"rcode": "NOERROR", "flags": ["qr", "ra"],
            "answer": [{"name": "alias.test.", "ttl": 300, "class": "IN", "type": "CNAME", "rdata": "v4.test."},
                       {"name": "v4.test.", "ttl": 60, "class": "IN", "type": "AAAA", "rdata": "64:ff9b::1"}]}})";

TEST(ExplainOutput, is_a_table_of_times_between_the_question_and_the_answer) {
  const auto told = explanation_as_text(explanation);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->text,
            "AAAA v4.test. for ::1, through tls://[::1]:853, TLS name dns.test, with DO\n"
            "\n"
            " 0.0 ms  policy    policy 1 of 1\n"
            "23.1 ms  upstream  asked?[31m of\n"
            "(2 more steps are left out)\n"
            "\n"
            "NOERROR after 23.4 ms, flags qr ra\n"
            "alias.test.  300  IN  CNAME  v4.test.\n"
            "v4.test.     60   IN  AAAA   64:ff9b::1\n");
  EXPECT_TRUE(told->has_records);
}

TEST(ExplainOutput, is_nothing_when_the_json_is_something_else) {
  for (const char* text : {"", "{}", "[]", "not json", R"({"query":{}})", R"({"query":1})"}) {
    EXPECT_FALSE(explanation_as_text(text)) << text;
    EXPECT_FALSE(status_as_text(text)) << text;
    EXPECT_FALSE(upstreams_as_text(text)) << text;
  }
}

constexpr const char* status = R"({"version": "0.1.0", "uptime_s": 7384, "workers": 2, "ready": false,
  "reasons": ["draining", "no upstream answers"],
  "upstreams": [{"url": "dns://192.0.2.1", "workers_up": 2, "latency_ms": 12.34, "in_flight": 3, "connections": 0},
                {"url": "tls://192.0.2.2", "workers_up": 1, "latency_ms": null, "in_flight": 0, "connections": 1},
                {"url": "tls://192.0.2.3", "workers_up": 0, "latency_ms": 5, "in_flight": 0, "connections": 0}]})";

TEST(StatusOutput, shows_readiness_and_servers_in_columns) {
  EXPECT_EQ(*status_as_text(status),
            "version  0.1.0\n"
            "up for   2 h 3 min\n"
            "workers  2\n"
            "ready    no: draining, no upstream answers\n"
            "\n" +
                *upstreams_as_text(status));
  EXPECT_EQ(*upstreams_as_text(status),
            "upstream         state                  latency  in flight  connections\n"
            "dns://192.0.2.1  up                     12.3 ms  3          0\n"
            "tls://192.0.2.2  up for 1 of 2 workers  -        0          1\n"
            "tls://192.0.2.3  down                   5.0 ms   0          0\n");
}

TEST(StatusOutput, says_that_there_is_no_upstream) {
  EXPECT_EQ(*upstreams_as_text(R"({"workers": 1, "upstreams": []})"), "no upstream is configured\n");
}

}  // namespace
}  // namespace dragoman::app
