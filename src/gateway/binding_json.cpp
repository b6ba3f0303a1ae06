// Every line begins alike, {"time":"...","event":"...", which who reads many of them may count on (binding_line.cpp).
#include "binding_json.h"

namespace dragoman::gateway {

void JsonEncoder::begin(Line line, WallTime time) {
  line_ += R"({"time":")";
  append_timestamp(line_, time);
  line_ += R"(","event":")";
  line_ += word_of(line);
  line_ += '"';
}

void JsonEncoder::text(std::string_view name, std::string_view value) {
  line_ += ",\"";
  line_ += name;
  line_ += "\":\"";
  line_ += value;
  line_ += '"';
}

void JsonEncoder::number(std::string_view name, std::uint64_t value) {
  line_ += ",\"";
  line_ += name;
  line_ += "\":";
  line_ += std::to_string(value);
}

void JsonEncoder::end() { line_ += "}\n"; }

}  // namespace dragoman::gateway
