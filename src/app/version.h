// The program's version, from CMake's project().
#pragma once

namespace dragoman::app {

inline constexpr const char* version = DRAGOMAN_VERSION;

}  // namespace dragoman::app
