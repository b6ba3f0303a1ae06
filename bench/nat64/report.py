# What the comparison found, as tables, and its place in docs/performance.md.
import collections
import statistics

begin, end = "<!-- written by ./dev bench nat64 --update -->\n", "<!-- until here -->\n"


class Results:
    """Values by row and target, one for each round."""

    def __init__(self):
        self.rows = collections.defaultdict(lambda: collections.defaultdict(list))

    def add(self, row, target, value):
        self.rows[row][target].append(value)

    def ratios(self, row, target, row_of_other, other, less=None):
        """Round by round; `less`: a target whose value counts as nothing. Empty where one was not measured."""
        ours, theirs = self.rows[row].get(target, []), self.rows[row_of_other].get(other, [])
        nothing = self.rows[row].get(less, []) if less else [0.0] * len(ours)
        return [(a - c) / (b - c) for a, b, c in zip(ours, theirs, nothing) if b > c]


# What is asked of us: a row, whom it is compared with, and the bound of the ratio. `>=` bounds ask for more.
Goal = collections.namedtuple("Goal", "row other sign bound")


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


def number(value):
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value else "0"


def spread(values):
    """Median (minimum to maximum)."""
    if not values:
        return ""
    middle = number(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({number(min(values))} to {number(max(values))})"


def tables(results, names, chosen):
    lines = [f"\nMedian (minimum to maximum) of {chosen.rounds} rounds"
             f"{', wire-sized packets from the ends' if chosen.wire else ''}.\n",
             "| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {row} | " + " | ".join(spread(values.get(name, [])) for name in names) + " |"
              for row, values in results.rows.items()]
    return "\n".join(lines + ratio_lines(results)) + "\n"


def ratio_lines(results):
    lines = []
    for goal in goals():
        is_round_trip = goal.row.startswith("round trip")
        ratios = results.ratios(goal.row, "dragoman", goal.row, goal.other, "kernel IPv6" if is_round_trip else None)
        lines += line_of(f"{goal.row}{', beyond the kernel alone' if is_round_trip else ''}", goal, ratios)
    new = results.rows["UDP, new flows by known flows"].get("dragoman", [])
    lines += line_of("UDP, new flows by known flows", Goal("", "itself", ">=", 0.9), new)
    for kind in ("UDP, 64 octets", "UDP_SEGMENT"):
        lost = results.rows[f"{kind}, % lost at half of that"].get("dragoman", [])
        lines += line_of(f"{kind}, % lost at half the loss-free rate", Goal("", "", "<=", 0), lost)
    if not lines:
        return []
    return ["\n| Dragoman by | | min | median | max | goal | |", "|---|---|---|---|---|---|---|"] + lines


def line_of(title, goal, ratios):
    if not ratios:
        return []
    middle = statistics.median(ratios)
    reached = middle >= goal.bound if goal.sign == ">=" else middle <= goal.bound
    figures = f"{number(min(ratios))} | **{number(middle)}** | {number(max(ratios))}"
    return [f"| {title} | {goal.other} | {figures} | {goal.sign} {goal.bound} | {'reached' if reached else 'missed'} |"]


def update(path, page):
    """Between the two marks of the page."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    if not after and not rest:
        raise AssertionError(f"{path} has no line {begin.strip()}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + page + end + after)
