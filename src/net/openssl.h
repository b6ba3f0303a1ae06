// OpenSSL's objects with an owner, and its error queue as text.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace dragoman::net {

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Releaser<BIO_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, Releaser<SSL_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Releaser<X509_free>>;

// The oldest error of this thread's queue as text; empties the queue.
std::string take_openssl_error();

}  // namespace dragoman::net
