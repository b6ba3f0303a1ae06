// A certificate with its chain and key as read from files, and what is to be said about it before a client sees it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/base/result.h"
#include "dragoman/net/tls.h"
#include "openssl.h"

namespace dragoman::net {

struct KeyPair {
  X509Ptr leaf;
  std::vector<X509Ptr> chain;  // in the order of the file, without the leaf
  PkeyPtr key;
  CertificateInfo info;  // names in lower case
};

// Reads both files. The error tells of both when both are bad, and names them.
Result<KeyPair> load_key_pair(const CertificateFiles& files);

// What `pair` will make operators wonder about later: validity, chain order, a key that others may read.
void append_warnings(const KeyPair& pair, const CertificateFiles& files, std::int64_t unix_now,
                     std::vector<std::string>& warnings);

// RFC 6125 6.4: a name itself, or "*." in place of its first label. Names in lower case.
bool covers(const CertificateInfo& info, const std::string& name);

}  // namespace dragoman::net
