// libpsl wants and gives texts; the answer is counted back in labels.
#include "registrable_domain.h"

#include <libpsl.h>

#include <memory>
#include <string>

#include "dragoman/base/letter_case.h"

namespace dragoman::resolve {
namespace {

struct FreeList {
  void operator()(psl_ctx_t* list) const { psl_free(list); }
};

// The distribution's newest, or the one that libpsl was built with. Read once; null if there is none at all.
const psl_ctx_t* public_suffixes() {
  static const std::unique_ptr<psl_ctx_t, FreeList> list(psl_latest(nullptr));
  return list.get();
}

}  // namespace

std::size_t registrable_offset(dns::NameView name) {
  std::string text = lower_case(name.to_text());
  text.pop_back();  // the final dot
  const psl_ctx_t* const list = public_suffixes();
  const char* const domain = list == nullptr ? nullptr : psl_registrable_domain(list, text.c_str());
  if (domain == nullptr || text.find('\\') != std::string::npos) return 0;
  // A name without escapes is as long in wire form as its text with both dots.
  return static_cast<std::size_t>(domain - text.c_str());
}

}  // namespace dragoman::resolve
