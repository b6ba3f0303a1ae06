// An intrusive, doubly linked list whose members take themselves off when they are destroyed: what a Task needs that
// may be given up at any time. The list's head is a Link too. One thread.
#pragma once

namespace dragoman::upstream {

class Link {
 public:
  Link() = default;
  ~Link() { unlink(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool is_linked() const { return next_ != this; }
  Link* next() const { return next_; }

  void unlink() {
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = this;
  }
  // Puts `member` last in the list that this is the head of; takes it off the list that it was on.
  void append(Link& member) {
    member.unlink();
    member.previous_ = previous_;
    member.next_ = this;
    previous_->next_ = &member;
    previous_ = &member;
  }

 private:
  Link* next_ = this;
  Link* previous_ = this;
};

}  // namespace dragoman::upstream
