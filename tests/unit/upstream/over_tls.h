// Asking servers that show certificates of a test authority.
#pragma once

#include <memory>

#include "asking.h"
#include "fakes/temporary_directory.h"
#include "fakes/test_certificates.h"

namespace dragoman::upstream {

class OverTls : public Asking {
 protected:
  std::shared_ptr<const net::ServerTls> server_tls(const test::CertificateWish& wish) {
    net::TlsOptions tls;
    tls.certificates = {authority.issue(wish).save(directory, "server")};
    options.ca_file = authority.save(directory);
    return *net::ServerTls::load(tls, std::make_shared<net::TicketKeys>(seconds(3600)));
  }

  test::TemporaryDirectory directory;
  test::TestAuthority authority;
};

}  // namespace dragoman::upstream
