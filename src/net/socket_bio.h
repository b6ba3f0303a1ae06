// How OpenSSL reads and writes a descriptor here: as its own socket BIO does, but without SIGPIPE, and it remembers
// whether a read emptied the socket, which saves the read that would only say so. One thread per BIO.
#pragma once

#include <openssl/bio.h>

namespace dragoman::net {

// Does not own the descriptor.
BIO* new_socket_bio(int fd);

// Since begin_reading() a read got fewer octets than it had room for. What an earlier read found says nothing: more may
// have come since, and its readiness may have been told already.
void begin_reading(BIO* bio);
bool emptied_socket(BIO* bio);

// Every further read and write fails.
void cut_off(BIO* bio);

}  // namespace dragoman::net
