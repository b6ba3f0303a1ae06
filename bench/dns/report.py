# The goals of the comparison and its tables.
from tables import Goal, goal_line, ratio_head, value_lines

best = "the best peer"


class Row:
    """What is measured: `measure(comparison, server)` is a value of one run, `protocol` what a server must speak for it.
    `goals` are (other, bound): the ratio to the floor, to the best peer, or to 1 of the row's unit."""

    def __init__(self, title, protocol, measure, goals=()):
        self.title, self.protocol, self.measure, self.goals = title, protocol, measure, goals


def ratio_lines(results, rows, peers, binary):
    lines = []
    for row in rows:
        for other, bound in row.goals:
            whom = results.best(row.title, peers) if other == best else other
            values = results.rows[row.title].get("dragoman", [])
            ratios = values if other == "" else results.ratios(row.title, "dragoman", row.title, whom)
            name = f"{best}, {whom}" if other == best else other
            lines += goal_line(row.title, Goal(row.title, name, "<=", bound), ratios)
        if binary in results.rows[row.title]:
            lines += goal_line(row.title, Goal(row.title, binary, "<=", 1.0),
                               results.ratios(row.title, "dragoman", row.title, binary))
    return [""] + ratio_head + lines if lines else []


def page(results, rows, names, chosen):
    peers = [name for name in names if name not in ("dragoman", "floor", chosen.against)]
    head = [f"\nMedian (minimum to maximum) of {chosen.rounds} rounds in turns, {chosen.seconds} s each.\n"]
    return "\n".join(head + value_lines(results, names) + ratio_lines(results, rows, peers, chosen.against)) + "\n"
