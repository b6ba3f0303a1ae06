# What the comparison found, as tables.
from tables import Goal, goal_line, ratio_head, value_lines


def goals():
    found = []
    for direction in ("up", "down"):
        name = f"TCP, 1 stream {direction}, "
        found += [Goal(name + "Gbit/s", "floor", ">=", 0.9), Goal(name + "Gbit/s", "tayga", ">=", 10),
                  Goal(name + "Gbit/s", "kernel NAT44", ">=", 0.7), Goal(name + "daemon CPU s/GB", "floor", "<=", 1.2)]
    found += [Goal("UDP_SEGMENT, loss-free Gbit/s", "floor", ">=", 0.9),
              Goal("UDP_SEGMENT, daemon CPU s/GB", "floor", "<=", 1.2)]
    for direction in ("up", "down"):
        name = f"UDP, 64 octets {direction}, daemon CPU us/packet"
        found += [Goal(name, "floor", "<=", 1.15), Goal(name, "tayga", "<=", 0.75)]
    found += [Goal("round trip, min, ms", "floor", "<=", 1.1), Goal("round trip, average, ms", "floor", "<=", 1.1)]
    return found


def page(results, names, chosen):
    lines = [f"\nMedian (minimum to maximum) of {chosen.rounds} rounds"
             f"{', wire-sized packets from the ends' if chosen.wire else ''}.\n"] + value_lines(results, names)
    return "\n".join(lines + ratio_lines(results)) + "\n"


def ratio_lines(results):
    lines = []
    for goal in goals():
        is_round_trip = goal.row.startswith("round trip")
        ratios = results.ratios(goal.row, "dragoman", goal.row, goal.other, "kernel IPv6" if is_round_trip else None)
        lines += goal_line(f"{goal.row}{', beyond the kernel alone' if is_round_trip else ''}", goal, ratios)
    new = results.rows["UDP, new flows by known flows"].get("dragoman", [])
    lines += goal_line("UDP, new flows by known flows", Goal("", "itself", ">=", 0.9), new)
    for kind in ("UDP, 64 octets", "UDP_SEGMENT"):
        lost = results.rows[f"{kind}, % lost at half of that"].get("dragoman", [])
        lines += goal_line(f"{kind}, % lost at half the loss-free rate", Goal("", "", "<=", 0), lost)
    if not lines:
        return []
    return [""] + ratio_head + lines
