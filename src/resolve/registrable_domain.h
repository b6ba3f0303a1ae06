// Which part of a name somebody has registered: the public suffix and one label more ("example.co.uk" of
// "www.example.co.uk"), by the Public Suffix List that the system has (libpsl). Any thread; takes about a microsecond.
#pragma once

#include <cstddef>

#include "dragoman/dns/name.h"

namespace dragoman::resolve {

// Where it begins in the wire form of `name`; 0 when the name is a public suffix itself, or not a host's.
std::size_t registrable_offset(dns::NameView name);

}  // namespace dragoman::resolve
