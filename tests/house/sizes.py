# Sizes: the longest file, function, parameter list and the deepest nesting. A ratchet: what is larger than that for
# now stands in `larger_for_now`, and may only shrink.
import os
import re
import unittest

import tree

source_lines = 600
header_lines = 300
function_lines = 70
parameters = 5
nesting = 3

# path -> lines. Files that are purely a table say "table" in line 1 and need no entry.
larger_for_now = {}
# "path: function" -> lines.
longer_for_now = {}


def is_table(text):
    return re.search(r"\btable\b", text.split("\n", 1)[0], re.I) is not None


# Functions whose parameters a library dictates.
library_types = re.compile(r"\b(SSL|SSL_CTX|X509\w*|CRYPTO_EX_DATA|nghttp2_\w+)\b")


class Function:
    def __init__(self, head, line):
        self.head, self.line, self.end, self.depth, self.deepest = head, line, line, 0, 0

    def name(self):
        before = re.sub(r"\s+", " ", self.head).split("(")[0].strip()
        return before.split(" ")[-1].lstrip("*&") or "?"

    def length(self):
        return self.end - self.line + 1

    def parameter_count(self):
        depth, count, any_text = 0, 0, False
        for character in self.head[self.head.index("(") :]:
            if character in "(<[{":
                depth += 1
            elif character in ")>]}":
                depth -= 1
                if depth == 0:
                    break
            elif depth == 1 and character == ",":
                count += 1
            any_text = any_text or (depth == 1 and character.isalnum())
        return count + 1 if any_text else 0


_control = re.compile(r"\b(if|for|while|switch|do|else|try|catch)\b")


def kind_of(head, outside):
    """What a brace opens, by the text before it. An initialiser belongs to its head: `f(T a = {}) : m_{1} {`."""
    head = re.sub(r"\b(public|private|protected)\s*:", "", head).strip()
    if _open_parenthesis(head) and re.search(r"[=,({:>\w]$", head):
        return "initialiser"
    if (
        outside
        and re.search(r"\)[^{}]*[^:]:[^:]*[\w>]$", head)
        and not re.search(r"\b(const|noexcept|override|final)$", head)
    ):
        return "initialiser"
    head = re.sub(r"operator\s*[^\s\w(]+", "operator", head)
    if re.search(r"\bnamespace\b|\bextern\s*$", head) and "(" not in head:
        return "scope"
    if re.search(r"\b(class|struct|union|enum)\b[^()]*$", head) and not re.search(r"=\s*$", head):
        return "scope"
    if not outside:
        return "control" if _control.search(head) else "block"
    if "(" in head and not head.endswith("=") and "=" not in head.split("(")[0]:
        return "function"
    return "block"


def functions(text):
    """The functions of a C++ file, by counting braces; enough for a limit, not a parser."""
    code = tree.without_comments(
        re.sub(r"^\s*#[^\n]*(\\\n[^\n]*)*", lambda m: "\n" * m.group().count("\n"), text, flags=re.M)
    )
    stack, head, start, line, current = [], "", 1, 1, None
    for character in code:
        if character == "\n":
            line += 1
        if character == "{":
            kind = kind_of(head, current is None)
            stack.append((kind, head))
            if kind == "function":
                current = Function(head, start)
            elif current and kind == "control":
                current.depth += 1
                current.deepest = max(current.deepest, current.depth)
            head = head if kind == "initialiser" else ""
        elif character == "}":
            kind, kept = stack.pop() if stack else ("block", "")
            if kind == "function" and current:
                current.end = line
                yield current
                current = None
            elif current and kind == "control":
                current.depth -= 1
            head = kept + " " if kind == "initialiser" else ""
        elif character == ";":
            head = "" if not _open_parenthesis(head) else head + character
        else:
            if not head.strip() and not character.isspace():
                head, start = "", line
            head += character


def _open_parenthesis(head):
    return head.count("(") > head.count(")")


class Sizes(tree.Rule):
    def test_files_are_short(self):
        found = []
        for path in tree.cpp():
            text = tree.read(path)
            limit = header_lines if path.endswith(".h") else source_lines
            limit = larger_for_now.get(path, limit)
            if text.count("\n") > limit and not is_table(text):
                found.append(f"{path}: {text.count(chr(10))} lines, limit {limit}")
        self.hold(found, "Split the file by idea; a file that is purely a table says so in line 1.")

    def all_functions(self):
        for path in tree.product():
            for function in functions(tree.read(path)):
                yield path, function

    def test_functions_are_short(self):
        found = [
            f"{path}:{f.line}: {f.name()}: {f.length()} lines"
            for path, f in self.all_functions()
            if f.length() > longer_for_now.get(f"{path}: {f.name()}", function_lines)
        ]
        self.hold(found, f"At most {function_lines} lines: give the steps names of their own.")

    def test_functions_take_few_parameters(self):
        found = [
            f"{path}:{f.line}: {f.name()}: {f.parameter_count()} parameters"
            for path, f in self.all_functions()
            if f.parameter_count() > parameters and not library_types.search(f.head)
        ]
        self.hold(found, f"At most {parameters} parameters: what travels together is a struct.")

    def test_functions_nest_little(self):
        found = [
            f"{path}:{f.line}: {f.name()}: {f.deepest} deep" for path, f in self.all_functions() if f.deepest > nesting
        ]
        self.hold(found, f"At most {nesting} levels: return early, or name the inner part.")

    def test_the_allowance_only_shrinks(self):
        lengths = {f"{path}: {f.name()}": f.length() for path, f in self.all_functions()}
        found = [
            f"{path}: {limit}"
            for path, limit in larger_for_now.items()
            if not tree.exists(path) or tree.read(path).count("\n") < limit
        ]
        found += [f"{key}: {limit}" for key, limit in longer_for_now.items() if lengths.get(key, 0) < limit]
        self.hold(found, "It is smaller now: lower or remove its line in " + os.path.basename(__file__) + ".")


class Counting(unittest.TestCase):
    """The brace counter itself, on what has misled such counters before."""

    def test_finds_functions_and_their_shape(self):
        found = list(
            functions(
                """
namespace a { class B : public C { int x_ = 0; B(int y, std::map<int, int> z) : x_{y}, z_(z) {
    for (int i = 0; i < 3; ++i) { if (i) { auto f = [&] { return 1; }; } }
  }
  bool operator==(const B& other) const { return true; } };
constexpr std::array<int, 2> table = {1, 2};
std::array<int, 2> other{{1, 2}};
void free_one(int a = 3, Pair<int, int> b = {}) noexcept { while (a) { --a; } }
}"""
            )
        )
        self.assertEqual([f.name() for f in found], ["B", "operator==", "free_one"])
        self.assertEqual([f.parameter_count() for f in found], [2, 1, 2])
        self.assertEqual([f.deepest for f in found], [2, 0, 1])
        self.assertEqual([f.length() for f in found], [3, 1, 1])


if __name__ == "__main__":
    unittest.main()
