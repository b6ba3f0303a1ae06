# What the comparisons share: values by row and target, the goals they are held to, and their place in
# docs/performance.md.
import collections
import statistics


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

    def best(self, row, targets):
        """The target of these with the lowest median; None where none was measured."""
        measured = {name: statistics.median(self.rows[row][name]) for name in targets if self.rows[row].get(name)}
        return min(measured, key=measured.get) if measured else None


# What is asked of us: a row, whom it is compared with, and the bound of the ratio. `>=` bounds ask for more.
Goal = collections.namedtuple("Goal", "row other sign bound")


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


def value_lines(results, names):
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    return lines + [f"| {row} | " + " | ".join(spread(values.get(name, [])) for name in names) + " |"
                    for row, values in results.rows.items()]


ratio_head = ["| Dragoman by | | min | median | max | goal | |", "|---|---|---|---|---|---|---|"]


def goal_line(title, goal, ratios):
    """A list of one line, or of none when nothing was measured."""
    if not ratios:
        return []
    middle = statistics.median(ratios)
    reached = middle >= goal.bound if goal.sign == ">=" else middle <= goal.bound
    figures = f"{number(min(ratios))} | **{number(middle)}** | {number(max(ratios))}"
    return [f"| {title} | {goal.other} | {figures} | {goal.sign} {goal.bound:.3g} | {'reached' if reached else 'missed'} |"]


def update(path, command, page):
    """Between the two marks of the page that the command has there."""
    begin, end = f"<!-- written by {command} -->\n", "<!-- until here -->\n"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before, mark, rest = text.partition(begin)
    _, other_mark, after = rest.partition(end)
    if not mark or not other_mark:
        raise AssertionError(f"{path} has no lines {begin.strip()} and {end.strip()}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + page + end + after)
