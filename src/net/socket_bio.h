// How OpenSSL reads and writes a descriptor here: as its own socket BIO does, but without SIGPIPE; a socket that was
// just emptied is not asked again, and a write may wait for what follows it. One thread per BIO.
#pragma once

#include <openssl/bio.h>

namespace dragoman::net {

// Does not own the descriptor.
BIO* new_socket_bio(int fd);

// True: a read got fewer octets than it had room for, so the socket is empty, and until this call further reads ask to
// retry without looking. From now on they look: more may have come, and its readiness may have been told already.
bool take_emptied(BIO* bio);

// The other side hung up: from now on every read looks, for no readiness will tell of the end.
void expect_end(BIO* bio);

// The next write may wait for the one after it or for a FIN, and leave in the same segment. If nothing follows, the
// kernel sends it within 0.2 s (tcp(7), TCP_CORK), or when the other side sends anything.
void hold_next_write(BIO* bio);

// Every further read and write fails.
void cut_off(BIO* bio);

}  // namespace dragoman::net
