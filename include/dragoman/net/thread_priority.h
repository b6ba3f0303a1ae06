// How soon a thread gets a CPU that others want as well, and how much of it (sched(7)).
#pragma once

namespace dragoman::net {

// For threads that somebody waits for: the calling thread runs as soon as it wakes up, instead of when the one that has
// the CPU has had its 3 ms; in return its own runs are shorter. It gets no larger a share, and needs no privilege.
// Linux 6.12 and later; elsewhere nothing changes, nor for a thread that was given a real-time policy.
void ask_for_short_slices();

// For threads that nobody waits for: the calling one, and those that it starts from now on, get a seventieth of what
// others get where a CPU is wanted by both. Nothing changes on a CPU that is free. There is no way back.
void lower_thread_priority();

}  // namespace dragoman::net
