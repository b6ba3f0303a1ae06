// Templates as tables of information elements, and one switch that knows how to write each element.
#include "binding_ipfix.h"

#include <algorithm>
#include <span>

namespace dragoman::gateway {
namespace {

using Kind = nat64::BindingEvent::Kind;

// Numbers of IANA's registry of IPFIX information elements, under its names (protocolIdentifier and so on).
enum Element : std::uint16_t {
  protocol_identifier = 4,
  source_transport_port = 7,
  source_ipv6_address = 27,
  source_ipv6_prefix_length = 29,
  exporting_process_id = 144,
  flow_start_milliseconds = 152,
  flow_end_milliseconds = 153,
  system_init_time_milliseconds = 160,
  not_sent_flow_total_count = 166,
  post_nat_source_ipv4_address = 225,
  post_nat_destination_ipv4_address = 226,
  post_napt_source_transport_port = 227,
  post_napt_destination_transport_port = 228,
  nat_event = 230,
  nat_pool_id = 283,
  observation_time_milliseconds = 323,
  port_range_start = 361,
  port_range_end = 362,
  nat_instance_id = 463,
  nat_quota_exceeded_event = 466,
  max_entries_per_user = 473,
};

struct Field {
  Element element;
  std::uint16_t length;
};

constexpr Field time_field{observation_time_milliseconds, 8}, event_field{nat_event, 1},
    instance_field{nat_instance_id, 4}, source_field{source_ipv6_address, 16},
    source_length_field{source_ipv6_prefix_length, 1}, outside_field{post_nat_source_ipv4_address, 4},
    protocol_field{protocol_identifier, 1}, process_field{exporting_process_id, 4};

// RFC 8158 5. The subscriber of a block is a prefix, so its length goes with the address.
constexpr Field block_fields[] = {time_field,          event_field,   instance_field,        source_field,
                                  source_length_field, outside_field, {port_range_start, 2}, {port_range_end, 2}};
constexpr Field session_fields[] = {time_field,     event_field,
                                    instance_field, protocol_field,
                                    source_field,   {source_transport_port, 2},
                                    outside_field,  {post_napt_source_transport_port, 2}};
constexpr Field destination_fields[] = {time_field,
                                        event_field,
                                        instance_field,
                                        protocol_field,
                                        source_field,
                                        {source_transport_port, 2},
                                        outside_field,
                                        {post_napt_source_transport_port, 2},
                                        {post_nat_destination_ipv4_address, 4},
                                        {post_napt_destination_transport_port, 2}};
constexpr Field addresses_fields[] = {time_field, event_field, instance_field, {nat_pool_id, 4}};
constexpr Field ports_fields[] = {time_field, event_field, instance_field, protocol_field, outside_field};
constexpr Field quota_fields[] = {
    time_field,   event_field,        instance_field, {nat_quota_exceeded_event, 4}, {max_entries_per_user, 4},
    source_field, source_length_field};
// Since when this process exports, which ends whatever was open before; and what it could not send (RFC 7011 4.3).
constexpr Field start_fields[] = {process_field, {system_init_time_milliseconds, 8}, instance_field};
constexpr Field loss_fields[] = {
    process_field, {not_sent_flow_total_count, 8}, {flow_start_milliseconds, 8}, {flow_end_milliseconds, 8}};

constexpr std::uint16_t template_set = 2, options_template_set = 3;

}  // namespace

struct IpfixEncoder::Template {
  std::uint16_t id;  // of the template, and of the sets of its records
  std::span<const Field> fields;
  bool is_option = false;  // the first field is its scope (RFC 7011 3.4.2)

  std::size_t record_length() const {
    std::size_t sum = 0;
    for (const Field& field : fields) sum += field.length;
    return sum;
  }
};

// Of one record; what its template does not ask for stays unset.
struct IpfixEncoder::Values {
  WallTime time{};
  nat64::BindingEvent event{};
  BindingGap gap{};
};

namespace {

using Template = IpfixEncoder::Template;

constexpr Template block_template{256, block_fields}, session_template{257, session_fields},
    destination_template{258, destination_fields}, addresses_template{259, addresses_fields},
    ports_template{260, ports_fields}, quota_template{261, quota_fields}, start_template{262, start_fields, true},
    loss_template{263, loss_fields, true};
constexpr const Template* templates[] = {&block_template,     &session_template, &destination_template,
                                         &addresses_template, &ports_template,   &quota_template};
constexpr const Template* options_templates[] = {&start_template, &loss_template};

// Of one record: the template that holds it, and its natEvent (RFC 8158 4.3).
struct Shape {
  const Template& shape;
  std::uint8_t event;
};

Shape shape_of(const nat64::BindingEvent& event) {
  const Template& session = event.remote == ip::Ipv4Octets{} ? session_template : destination_template;
  switch (event.kind) {
    case Kind::block_allocated:
      return {block_template, 16};
    case Kind::block_released:
      return {block_template, 17};
    case Kind::session_created:
      return {session, 6};
    case Kind::session_deleted:
      return {session, 7};
    case Kind::pool_exhausted:
      return event.address == ip::Ipv4Octets{} ? Shape{addresses_template, 3} : Shape{ports_template, 12};
    case Kind::quota_exceeded:
      break;
  }
  return {quota_template, 13};
}

constexpr std::uint32_t maximum_entries_per_user = 3;  // RFC 8158 4.3
constexpr std::uint32_t the_only_pool = 0;

std::uint8_t number_of(nat64::Protocol protocol) {
  constexpr std::uint8_t numbers[nat64::protocol_count] = {6, 17, 1};
  return numbers[static_cast<std::size_t>(protocol)];
}
std::uint64_t number_of(WallTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

// Of the elements that are an event's.
std::uint64_t number_of(Element element, const nat64::BindingEvent& event) {
  switch (element) {
    case nat_event:
      return shape_of(event).event;
    case protocol_identifier:
      return number_of(event.protocol);
    case source_ipv6_prefix_length:
      return event.subscriber_length;
    case source_transport_port:
      return event.inside_port;
    case post_nat_source_ipv4_address:
      return load_u32(event.address.data());
    case post_napt_source_transport_port:
    case port_range_start:
      return event.first_port;
    case port_range_end:
      return event.last_port;
    case post_nat_destination_ipv4_address:
      return load_u32(event.remote.data());
    case post_napt_destination_transport_port:
      return event.remote_port;
    default:
      return 0;
  }
}

void put_template(IpfixMessage& message, const Template& shape) {
  message.put(shape.id, 2);
  message.put(shape.fields.size(), 2);
  if (shape.is_option) message.put(1, 2);
  for (const Field& field : shape.fields) {
    message.put(field.element, 2);
    message.put(field.length, 2);
  }
}

}  // namespace

IpfixEncoder::IpfixEncoder(const Writer& writer, std::size_t longest)
    : BindingEncoder(writer),
      longest_(longest),
      message_(writer.options.ipfix_domain),
      opening_(writer.options.ipfix_domain),
      templates_wait_(std::min<Duration>(seconds(5), writer.options.ipfix_template_interval)) {}

void IpfixEncoder::event(const StampedEvent& stamped, Backlog& out) {
  add(shape_of(stamped.event).shape, {stamped.time, stamped.event, {}}, out);
  ++events_;
}

void IpfixEncoder::gap(const BindingGap& gap, Backlog& out) {
  lost_ += gap.count;
  add(loss_template, {{}, {}, gap}, out);
}

// IPFIX has no words for the pool, nor for the end.
void IpfixEncoder::occasion(Occasion occasion, WallTime, const nat64::Options& nat64, Backlog& out) {
  entries_per_user_ = nat64.subscriber.ports != 0 ? nat64.subscriber.ports : nat64.subscriber.sessions;
  if (occasion == Occasion::started) ship_opening(out);
}

// Twice as long after each time, up to the interval: at first a lost template hurts most.
void IpfixEncoder::end_turn(TimePoint now, Backlog& out) {
  ship(out);
  if (templates_due_ && now < *templates_due_) return;
  if (templates_due_) {
    ship_opening(out);
    templates_wait_ = std::min<Duration>(2 * templates_wait_, writer_.options.ipfix_template_interval);
  }
  templates_due_ = now + templates_wait_;
}

void IpfixEncoder::stamp(MutableBytes octets, std::uint64_t records_ahead, WallTime now) {
  const auto second = std::chrono::floor<seconds>(now).time_since_epoch().count();
  IpfixMessage::set_time_and_sequence(octets, static_cast<std::uint32_t>(second),
                                      static_cast<std::uint32_t>(sequence_ + records_ahead));
}

Bytes IpfixEncoder::preamble(WallTime wall) {
  put_opening(opening_);
  const MutableBytes octets = opening_.finish();
  stamp(octets, 0, wall);
  advance(1);
  return octets;
}

void IpfixEncoder::add(const Template& shape, const Values& values, Backlog& out) {
  if (message_.size_with(shape.id, shape.record_length()) > longest_) ship(out);
  message_.open_set(shape.id);
  put_record(message_, shape, values);
  ++records_;
}

void IpfixEncoder::put_record(IpfixMessage& message, const Template& shape, const Values& values) const {
  const auto value_of = [&](Element element) -> std::uint64_t {
    switch (element) {
      case observation_time_milliseconds:
        return number_of(values.time);
      case nat_instance_id:
        return writer_.options.instance;
      case nat_pool_id:
        return the_only_pool;
      case nat_quota_exceeded_event:
        return maximum_entries_per_user;
      case max_entries_per_user:
        return entries_per_user_;
      case exporting_process_id:
        return writer_.process;
      case system_init_time_milliseconds:
        return number_of(writer_.started);
      case not_sent_flow_total_count:
        return lost_;
      case flow_start_milliseconds:
        return number_of(values.gap.since);
      case flow_end_milliseconds:
        return number_of(values.gap.until);
      default:
        return number_of(element, values.event);
    }
  };
  for (const Field& field : shape.fields) {
    if (field.element == source_ipv6_address) {
      message.put(values.event.subscriber);
    } else {
      message.put(value_of(field.element), field.length);
    }
  }
}

void IpfixEncoder::put_opening(IpfixMessage& message) const {
  message.clear();
  message.open_set(template_set);
  for (const Template* shape : templates) put_template(message, *shape);
  message.open_set(options_template_set);
  for (const Template* shape : options_templates) put_template(message, *shape);
  message.open_set(start_template.id);
  put_record(message, start_template, {});
}

void IpfixEncoder::ship(Backlog& out) {
  if (message_.is_empty()) return;
  out.add(message_.finish(), events_, records_);
  message_.clear();
  events_ = records_ = 0;
}

void IpfixEncoder::ship_opening(Backlog& out) {
  ship(out);
  put_opening(opening_);
  out.add(opening_.finish(), 0, 1);
}

}  // namespace dragoman::gateway
