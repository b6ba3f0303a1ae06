# The ${...} of scripts: numbers, variables, times, sums and products.
import re

from script import Refused

_words = re.compile(r"\$\{|\}|\$\w+|\w+|[-+*]")


def value(text, variables, now):
    """A number of seconds. `variables` has what scripts assigned, and "next": when keys are asked for again."""
    words = _words.findall(text)
    result = _sum(words, variables, now)
    if words:
        raise Refused(f"an expression that is not understood: {text}")
    return result


def _sum(words, variables, now):
    result = _product(words, variables, now)
    while words and words[0] in "+-":
        sign = 1 if words.pop(0) == "+" else -1
        result += sign * _product(words, variables, now)
    return result


def _product(words, variables, now):
    result = _term(words, variables, now)
    while words and words[0] == "*":
        words.pop(0)
        result *= _term(words, variables, now)
    return result


def _term(words, variables, now):
    if not words:
        raise Refused("an expression that ends too early")
    word = words.pop(0)
    if word == "${":
        result = _sum(words, variables, now)
        if not words or words.pop(0) != "}":
            raise Refused("an expression without its }")
        return result
    if word == "range":  # LOW X HIGH: what other programs choose by chance
        low, result, high = (_term(words, variables, now) for _ in range(3))
        return result
    if word == "time":
        return now
    if word == "timeout":
        return max(0, variables.get("next", now) - now)
    if word.isdigit():
        return int(word)
    if word.startswith("$") and word[1:] in variables:
        return variables[word[1:]]
    raise Refused(f"an expression with {word}")
