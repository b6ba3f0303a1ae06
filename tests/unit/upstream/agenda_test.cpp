// What is put off to the end of a turn.
#include "agenda.h"

#include <gtest/gtest.h>

namespace dragoman::upstream {
namespace {

struct CountingWriter final : Flushable {
  void flush() override {
    ++flushed;
    if (then != nullptr) then->flush(*std::exchange(next, nullptr));
  }
  int flushed = 0;
  Agenda* then = nullptr;
  Flushable* next = nullptr;
};

struct Dying final : Mortal {
  explicit Dying(int& counter) : dead(counter) {}
  ~Dying() override { ++dead; }
  int& dead;
};

class AgendaTest : public testing::Test {
 protected:
  void turn() { loop.run_once(milliseconds(0)); }
  net::EventLoop loop;
};

TEST_F(AgendaTest, flushes_once_a_turn_whatever_was_gathered) {
  Agenda agenda(loop);
  CountingWriter writer;
  agenda.flush(writer);
  agenda.flush(writer);
  EXPECT_EQ(writer.flushed, 0);
  turn();
  EXPECT_EQ(writer.flushed, 1);
  turn();
  EXPECT_EQ(writer.flushed, 1);
}

TEST_F(AgendaTest, flushes_in_the_same_turn_what_another_flush_asks_for) {
  Agenda agenda(loop);
  CountingWriter second;
  CountingWriter first;
  first.then = &agenda;
  first.next = &second;
  agenda.flush(first);
  turn();
  EXPECT_EQ(second.flushed, 1);
}

TEST_F(AgendaTest, forgets_a_writer_that_is_gone) {
  Agenda agenda(loop);
  {
    CountingWriter writer;
    agenda.flush(writer);
  }
  turn();
}

TEST_F(AgendaTest, destroys_the_dead_at_the_end_of_the_turn) {
  Agenda agenda(loop);
  int dead = 0;
  agenda.bury(std::make_unique<Dying>(dead));
  EXPECT_EQ(dead, 0);
  turn();
  EXPECT_EQ(dead, 1);
}

TEST_F(AgendaTest, may_go_before_the_end_of_the_turn) {
  int dead = 0;
  {
    Agenda agenda(loop);
    agenda.bury(std::make_unique<Dying>(dead));
  }
  EXPECT_EQ(dead, 1);
  turn();
}

}  // namespace
}  // namespace dragoman::upstream
