// Signals through signalfd(2); see net/signals.h. Control thread.
#include "dragoman/net/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace dragoman::net {

Signals::Signals(EventLoop& loop, std::initializer_list<int> signals, std::function<void(int)> handle)
    : loop_(loop), handle_(std::move(handle)) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = UniqueFd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  loop_.watch_input(fd_.get(), *this);
}

Signals::~Signals() { loop_.unwatch(fd_.get(), *this); }

void Signals::on_ready(Ready) {
  signalfd_siginfo info;
  while (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    handle_(static_cast<int>(info.ssi_signo));
  }
}

}  // namespace dragoman::net
