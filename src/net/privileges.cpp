// Capabilities and users by system call (capabilities(7), credentials(7)): see privileges.h. The library functions for
// capabilities are in none of the libraries that this program links.
#include "dragoman/net/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace dragoman::net {
namespace {

constexpr std::uint64_t bit_of(unsigned capability) { return std::uint64_t{1} << capability; }

struct Capabilities {
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
};

constexpr std::uint32_t half(std::uint64_t bits, std::size_t i) { return static_cast<std::uint32_t>(bits >> 32 * i); }

Capabilities current_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> halves{};
  if (::syscall(SYS_capget, &header, halves.data()) != 0) return {};
  return {halves[0].effective | std::uint64_t{halves[1].effective} << 32,
          halves[0].permitted | std::uint64_t{halves[1].permitted} << 32};
}

// Effective and permitted alike, none inheritable.
bool set_capabilities(std::uint64_t bits) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> halves{};
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = {half(bits, i), half(bits, i), 0};
  return ::syscall(SYS_capset, &header, halves.data()) == 0;
}

struct Identity {
  std::string user_name;  // empty: a number that has no name
  uid_t user = 0;
  gid_t group = 0;
};

std::optional<unsigned> as_number(const std::string& text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Start-up, before threads: the functions without _r are good enough.
Result<Identity> find_identity(const PrivilegeChange& change) {
  Identity identity{"", ::getuid(), ::getgid()};
  if (!change.user.empty()) {
    const std::optional<unsigned> number = as_number(change.user);
    const passwd* entry = number ? ::getpwuid(*number) : ::getpwnam(change.user.c_str());
    if (entry == nullptr && (!number || change.group.empty())) {
      return Error{ErrorCode::not_found, "there is no such user",
                   change.user + " (as root: adduser --system --group " + change.user + ")"};
    }
    identity.user = entry != nullptr ? entry->pw_uid : *number;
    identity.group = entry != nullptr ? entry->pw_gid : identity.group;
    identity.user_name = entry != nullptr ? entry->pw_name : "";
  }
  if (change.group.empty()) return identity;
  const std::optional<unsigned> number = as_number(change.group);
  const group* entry = number ? nullptr : ::getgrnam(change.group.c_str());
  if (!number && entry == nullptr) {
    return Error{ErrorCode::not_found, "there is no such group",
                 change.group + " (as root: addgroup --system " + change.group + ")"};
  }
  identity.group = number ? *number : entry->gr_gid;
  return identity;
}

Error not_permitted(const std::string& subject) {
  return {ErrorCode::permission, "not allowed to change the user",
          subject + ": " + std::strerror(errno) + " (start as root, or leave out user and group)"};
}

// Groups first: without the user that may change them it is too late. The C library does this for all threads.
Result<void> become(const Identity& identity) {
  const bool has_groups = identity.user_name.empty() ? ::setgroups(0, nullptr) == 0
                                                     : ::initgroups(identity.user_name.c_str(), identity.group) == 0;
  if (!has_groups) return not_permitted("supplementary groups");
  if (::setresgid(identity.group, identity.group, identity.group) != 0) {
    return not_permitted("group " + std::to_string(identity.group));
  }
  if (::setresuid(identity.user, identity.user, identity.user) != 0) {
    return not_permitted("user " + std::to_string(identity.user));
  }
  return {};
}

// Only CAP_SETPCAP may do these two; without it no_new_privs holds the line alone.
void close_the_ways_back(std::uint64_t keep) {
  for (unsigned capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if ((keep & bit_of(capability)) == 0) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  ::prctl(PR_SET_SECUREBITS,
          SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
              SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
          0, 0, 0);
}

Error failed(const char* what) { return {ErrorCode::internal, what, std::strerror(errno)}; }

}  // namespace

bool has_capability(Capability capability) {
  return (current_capabilities().effective & bit_of(static_cast<unsigned>(capability))) != 0;
}

Result<void> reduce_privileges(const PrivilegeChange& change) {
  const std::uint64_t permitted = current_capabilities().permitted;
  if (!change.user.empty() || !change.group.empty()) {
    const Result<Identity> identity = find_identity(change);
    if (!identity) return identity.error();
    ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);  // where it is not to be had, there is nothing to keep either
    if (const Result<void> became = become(*identity); !became) return became;
  }
  // A change of user has emptied the effective set; CAP_SETPCAP is needed once more.
  const std::uint64_t keep = change.keep.bits() & permitted;
  const std::uint64_t meanwhile = keep | (permitted & bit_of(CAP_SETPCAP));
  if (!set_capabilities(meanwhile)) return failed("capabilities cannot be changed");
  close_the_ways_back(keep);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (!set_capabilities(keep)) return failed("capabilities cannot be given up");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs cannot be set");
  return {};
}

}  // namespace dragoman::net
