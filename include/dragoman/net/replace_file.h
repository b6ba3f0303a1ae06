// A file that is written as a whole: whoever reads it finds the old content or the new one, and nothing between them,
// also after a crash (a new file beside it, synced to disk, renamed over it). Waits for the disk. Any thread; one at a
// time for one path.
#pragma once

#include <string>
#include <string_view>

#include "dragoman/base/result.h"

namespace dragoman::net {

// On an error the old file stays, and nothing is left beside it.
Result<void> replace_file(const std::string& path, std::string_view content);

}  // namespace dragoman::net
