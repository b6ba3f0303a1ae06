// The kinds of values that rows are made of. "To add one": a function that returns a Value, reading a node into a
// member and showing the member as it would be written.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "keys.h"
#include "quantity.h"

namespace dragoman::config {

// -- one value: nullopt when a problem was reported --
std::optional<std::string> read_text(const Node& node, Reading& reading);
std::optional<bool> read_boolean(const Node& node, Reading& reading);
std::optional<std::int64_t> read_quantity(const Node& node, const Range& range, Reading& reading);
// The index of the word among `words`.
std::optional<std::size_t> read_choice(const Node& node, const std::vector<std::string>& words, Reading& reading);
// A file, resolved against the folder of the configuration file.
std::optional<std::string> read_path(const Node& node, Reading& reading);
// Where a probe goes, as in dns64.prefixes[].probe.
std::optional<gateway::ProbeTarget> read_probe(const Node& node, Reading& reading);
// What a list holds; a value alone is a list of one. Null when it is neither, which is reported.
std::vector<const Node*> read_list(const Node& node, Reading& reading);

// -- texts of element types --
Result<ip::Endpoint> endpoint_from_text(std::string_view text, std::uint16_t default_port);
std::string joined(const std::vector<std::string>& texts);  // "[a, b]"
// Says what is wrong with a value by the words of the module that refused it.
void report_refused(const Node& node, const Error& error, const std::string& fix, Reading& reading);

// -- values of rows --
template <class T>
Value<T> boolean(bool T::*member) {
  return {"true or false",
          [member](const Node& node, T& options, Reading& reading) {
            if (auto value = read_boolean(node, reading)) options.*member = *value;
          },
          [member](const T& options) { return std::string(options.*member ? "true" : "false"); }};
}

template <class T, class Number>
Value<T> integer(Number T::*member, Number low, Number high) {
  Range range{Unit::count, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)};
  return {"number, " + range.to_text(),
          [member, range](const Node& node, T& options, Reading& reading) {
            if (auto value = read_quantity(node, range, reading)) options.*member = static_cast<Number>(*value);
          },
          [member](const T& options) { return std::to_string(options.*member); }, range};
}

template <class T, class Number>
Value<T> size(Number T::*member, std::size_t low, std::size_t high) {
  Range range{Unit::octets, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)};
  return {
      "size, " + range.to_text(),
      [member, range](const Node& node, T& options, Reading& reading) {
        if (auto value = read_quantity(node, range, reading)) options.*member = static_cast<Number>(*value);
      },
      [member](const T& options) { return quantity_to_text(static_cast<std::int64_t>(options.*member), Unit::octets); },
      range};
}

// A member that counts whole seconds refuses fractions of one.
template <class T, class Time>
Value<T> duration(Time T::*member, milliseconds low, milliseconds high) {
  Range range{Unit::milliseconds, low.count(), high.count()};
  return {"duration, " + range.to_text(),
          [member, range](const Node& node, T& options, Reading& reading) {
            auto value = read_quantity(node, range, reading);
            if (!value) return;
            auto time = std::chrono::duration_cast<Time>(milliseconds(*value));
            if (time != milliseconds(*value)) reading.findings.error(node, "not a whole second", "write 1s, 2m or 1h");
            options.*member = time;
          },
          [member](const T& options) {
            return quantity_to_text(milliseconds(options.*member).count(), Unit::milliseconds);
          },
          range};
}

template <class T>
Value<T> text(std::string T::*member, const char* type) {
  return {type,
          [member](const Node& node, T& options, Reading& reading) {
            if (auto value = read_text(node, reading)) options.*member = *value;
          },
          [member](const T& options) { return options.*member; }};
}

template <class T>
Value<T> path(std::string T::*member) {
  return {"path of a file",
          [member](const Node& node, T& options, Reading& reading) {
            if (auto value = read_path(node, reading)) options.*member = *value;
          },
          [member](const T& options) { return options.*member; }};
}

// `words` are the names of the enumerators, in the order that people should read them in.
template <class T, class Enum>
Value<T> choice(Enum T::*member, std::vector<std::pair<std::string, Enum>> choices) {
  std::vector<std::string> words;
  std::string type;
  for (const auto& [word, value] : choices) {
    words.push_back(word);
    type += type.empty() ? word : ", " + word;
  }
  return {"one of " + type,
          [member, words, choices](const Node& node, T& options, Reading& reading) {
            if (auto index = read_choice(node, words, reading)) options.*member = choices[*index].second;
          },
          [member, choices](const T& options) {
            for (const auto& [word, value] : choices) {
              if (options.*member == value) return word;
            }
            return std::string();
          }};
}

// How an element of a list is read and shown.
template <class Element>
struct ElementText {
  const char* type;  // "list of prefixes"
  Result<Element> (*from_text)(std::string_view text);
  std::string (*to_text)(const Element& element);
  const char* fix;  // what one looks like
};

// Reads each entry on its own, so that every wrong one is reported. One that cannot be read leaves a default-made
// element in its place: the numbers in the paths of later findings stay right, and the configuration is not used
// anyway.
template <class Element>
std::vector<Element> read_elements(const Node& node, const ElementText<Element>& element, Reading& reading) {
  std::vector<Element> out;
  std::vector<std::string> seen;
  for (const Node* entry : read_list(node, reading)) {
    out.emplace_back();
    std::optional<std::string> text = read_text(*entry, reading);
    if (!text) continue;
    Result<Element> value = element.from_text(*text);
    if (!value) {
      report_refused(*entry, value.error(), element.fix, reading);
      continue;
    }
    std::string canonical = element.to_text(*value);
    if (std::find(seen.begin(), seen.end(), canonical) != seen.end()) {
      reading.findings.error(*entry, entry->shown() + " is listed twice", "remove one of the two");
    }
    seen.push_back(std::move(canonical));
    out.back() = *std::move(value);
  }
  return out;
}

template <class Element>
std::string show_elements(const std::vector<Element>& elements, std::string (*to_text)(const Element&)) {
  std::vector<std::string> texts;
  for (const Element& element : elements) texts.push_back(to_text(element));
  return joined(texts);
}

template <class T, class Element>
Value<T> list(std::vector<Element> T::*member, const ElementText<Element>& element) {
  return {element.type,
          [member, element](const Node& node, T& options, Reading& reading) {
            options.*member = read_elements(node, element, reading);
          },
          [member, element](const T& options) { return show_elements(options.*member, element.to_text); }};
}

extern const ElementText<ip::Prefix> prefix_element;

template <class T>
Value<T> prefixes(std::vector<ip::Prefix> T::*member) {
  return list(member, prefix_element);
}

template <class T, class Section>
Value<T> section(Section T::*member, const Keys<Section>& keys) {
  Value<T> out;
  out.type = "section";
  out.read = [member, keys](const Node& node, T& options, Reading& reading) {
    read_section(node, keys, options.*member, reading);
  };
  out.rows = [member, keys](const T& options, const std::string& path, std::vector<Row>& rows) {
    append_rows(keys, options.*member, path, rows);
  };
  return out;
}

// A section whose key `short_key` may stand for the whole: "upstream: [..]" is "upstream: {servers: [..]}".
template <class T, class Section>
Value<T> section_or(const char* short_key, Section T::*member, const Keys<Section>& keys) {
  Value<T> out = section(member, keys);
  out.read = [short_key, member, keys](const Node& node, T& options, Reading& reading) {
    if (node.kind == Node::Kind::map || node.kind == Node::Kind::null) {
      return read_section(node, keys, options.*member, reading);
    }
    for (const Key<Section>& key : keys) {
      if (std::string_view(key.name) == short_key) key.value.read(node, options.*member, reading);
    }
  };
  return out;
}

// A key of later versions: its meaning is fixed, and nothing obeys it yet. `is_off` says whether a value asks for
// nothing, which is accepted.
template <class T>
Value<T> later(std::string type, bool (*is_off)(const Node& node)) {
  return {std::move(type),
          [is_off](const Node& node, T&, Reading& reading) {
            if (!is_off(node)) reading.findings.error(node, "not in this version yet", "remove this key");
          },
          [](const T&) { return std::string(); }};
}

}  // namespace dragoman::config
