// An upstream in memory: answers what it was told to, at once or when released, and remembers what was asked.
#pragma once

#include <coroutine>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dragoman/dns/message_writer.h"
#include "dragoman/dns/rdata.h"
#include "dragoman/upstream/forwarder.h"

namespace dragoman::fakes {

// "name ttl TYPE rdata", with '!' in front for the authority section.
inline dns::Answer make_answer(const dns::Question& question, dns::Rcode rcode,
                               const std::vector<std::string>& records) {
  std::vector<std::uint8_t> room(dns::max_message_length);
  dns::MessageWriter writer(room);
  writer.question(question.name, question.type, question.klass);
  for (std::string text : records) {
    const bool authority = text.front() == '!';
    if (authority) text.erase(0, 1);
    const auto name_end = text.find(' '), ttl_end = text.find(' ', name_end + 1),
               type_end = text.find(' ', ttl_end + 1);
    const auto owner = *dns::Name::from_text(text.substr(0, name_end));
    const auto ttl = static_cast<std::uint32_t>(std::stoul(text.substr(name_end + 1, ttl_end - name_end - 1)));
    const auto type = *dns::type_from_text(text.substr(ttl_end + 1, type_end - ttl_end - 1));
    const auto rdata = *dns::rdata_from_text(type, text.substr(type_end + 1));
    writer.record(authority ? dns::Section::authority : dns::Section::answer, owner, type, ttl, rdata);
  }
  dns::Header header;
  header.flags = static_cast<std::uint16_t>(dns::Header::qr | static_cast<std::uint16_t>(rcode));
  dns::MessageView view;
  if (dns::MessageView::parse(writer.finish(header), view) != dns::MessageView::Fault::none) std::abort();
  return dns::from_message(view);
}

class FakeUpstream final : public upstream::Upstream {
 public:
  // What a question of this name and type gets; everything else is NXDOMAIN.
  void answer(const std::string& name, dns::Type type, std::vector<std::string> records,
              dns::Rcode rcode = dns::Rcode::noerror) {
    script_[{name, type}] = [=](const dns::Question& question) {
      upstream::Outcome outcome;
      outcome.answer = make_answer(question, rcode, records);
      return outcome;
    };
  }
  // The same, with AD.
  void answer_authentic(const std::string& name, dns::Type type, std::vector<std::string> records) {
    script_[{name, type}] = [=](const dns::Question& question) {
      upstream::Outcome outcome;
      outcome.answer = make_answer(question, dns::Rcode::noerror, records);
      outcome.answer->head.authentic = true;
      return outcome;
    };
  }
  void fail(const std::string& name, dns::Type type, upstream::Failure failure) {
    script_[{name, type}] = [=](const dns::Question&) {
      upstream::Outcome outcome;
      outcome.failure = failure;
      return outcome;
    };
  }
  // Whatever the test makes up.
  void script(const std::string& name, dns::Type type, std::function<upstream::Outcome(const dns::Question&)> say) {
    script_[{name, type}] = std::move(say);
  }
  // Questions of this type wait from now on until release().
  void hold(dns::Type type) { held_types_.push_back(type); }
  void release() {
    held_types_.clear();
    while (first_ != nullptr) {
      Gate* gate = first_;
      gate->leave();
      gate->waiter.resume();
    }
  }

  Task<upstream::Outcome> ask(upstream::Lookup lookup) override {
    asked.push_back(lookup.name.to_text() + " " + dns::to_text(lookup.type));
    for (dns::Type type : held_types_) {
      if (type != lookup.type) continue;
      co_await Gate(*this);
      break;
    }
    const dns::Question question{lookup.name, lookup.type, dns::Class::in};
    dns::Name name = lookup.name;
    name.lower_case();
    const auto known = script_.find({name.to_text(), lookup.type});
    if (known != script_.end()) co_return known->second(question);
    upstream::Outcome outcome;
    outcome.answer = make_answer(question, dns::Rcode::nxdomain, {"!test. 300 SOA ns.test. host.test. 1 2 3 4 300"});
    co_return outcome;
  }

  std::vector<std::string> asked;

 private:
  struct Gate {
    explicit Gate(FakeUpstream& upstream) : owner(upstream) {}
    ~Gate() { leave(); }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      waiter = handle;
      next = owner.first_;
      if (next != nullptr) next->link = &next;
      link = &owner.first_;
      owner.first_ = this;
    }
    void await_resume() const {}
    void leave() {
      if (link == nullptr) return;
      *link = next;
      if (next != nullptr) next->link = link;
      link = nullptr;
    }
    FakeUpstream& owner;
    std::coroutine_handle<> waiter;
    Gate* next = nullptr;
    Gate** link = nullptr;
  };
  std::map<std::pair<std::string, dns::Type>, std::function<upstream::Outcome(const dns::Question&)>> script_;
  std::vector<dns::Type> held_types_;
  Gate* first_ = nullptr;
};

}  // namespace dragoman::fakes
