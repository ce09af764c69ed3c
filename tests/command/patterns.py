# SPDX-License-Identifier: Apache-2.0
"""Expected output with patterns (see README.md): compares it with the actual output, and rewrites it.

An output is a list of lines without their line ends.
"""
import difflib
import functools
import math
import re

ANY_LINES = "..."
NUMBER = r"(?<![\d.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?!\d)"
WILDCARDS = {"NUMBER": NUMBER, "WORD": r"[^\s,]+", "ANY": r".*"}
NAMES = "|".join(WILDCARDS)
# An escape, a wildcard, or a number with its tolerance.
TOKEN = re.compile(r"\$(?P<escaped>[$~.])|\$(?P<name>%s)|~(?P<value>[-+]?\d+(?:\.\d+)?)(?:\+-(?P<tolerance>[\d.e-]+))?"
                   % NAMES)
PIECE = re.compile(r"\s+|[^\s,;:()\"']+|[,;:()\"']")


def escape(text):
    """The pattern that matches this text alone, as a part of a line."""
    text = re.sub(r"\$(?=[$~.]|%s)" % NAMES, "$$", text)
    return re.sub(r"~(?=[-+]?\d)", "$~", text)


def escape_line(text):
    return "$" + text if text == ANY_LINES else escape(text)


def tolerance_of(token):
    """As it is written, or one unit of the last digit."""
    if token["tolerance"]:
        return float(token["tolerance"])
    return 10.0 ** -len(token["value"].partition(".")[2])


def parts_of(pattern):
    """Yields (regular expression, (value, tolerance) or None)."""
    end = 0
    for token in TOKEN.finditer(pattern):
        yield re.escape(pattern[end:token.start()]), None
        if token["escaped"]:
            yield re.escape(token["escaped"]), None
        elif token["name"]:
            yield WILDCARDS[token["name"]], None
        else:
            yield "(%s)" % NUMBER, (float(token["value"]), tolerance_of(token))
        end = token.end()
    yield re.escape(pattern[end:]), None


@functools.lru_cache(maxsize=None)
def compiled(pattern):
    """(regular expression, [(value, tolerance) for each of its groups])"""
    parts = list(parts_of(pattern))
    return re.compile("".join(part for part, _ in parts)), [number for _, number in parts if number]


def matches(pattern, text):
    """Whether a line, or a piece of one, is as the pattern says."""
    expression, wanted = compiled(pattern)
    found = expression.fullmatch(text)
    if not found:
        return False
    # The last bit of a decimal fraction is no difference.
    return all(abs(float(text) - value) <= tolerance * (1 + 1e-9) for text, (value, tolerance) in
               zip(found.groups(), wanted))


def fits(expected, actual):
    """Whether all lines are as expected. The classical walk for globs: of several gaps only the last one moves."""
    i = j = 0
    gap = None
    while j < len(actual):
        if i < len(expected) and expected[i] == ANY_LINES:
            gap, i = (i, j), i + 1
        elif i < len(expected) and matches(expected[i], actual[j]):
            i, j = i + 1, j + 1
        elif gap:
            gap = (gap[0], gap[1] + 1)
            i, j = gap[0] + 1, gap[1]
        else:
            return False
    return all(line == ANY_LINES for line in expected[i:])


def similarity(one, other):
    """Of two lines, 0 to 1, by the pieces that they share."""
    one, other = set(PIECE.findall(one)), set(PIECE.findall(other))
    return len(one & other) / max(len(one | other), 1)


def align(expected, actual, gap):
    """The cheapest way from the patterns `expected` to the texts `actual`: pairs (i, j, matched) in order, where i or
    j is None for what only one side has. `gap` is the pattern that stands for any number of texts."""
    costs = [[0.0] * (len(actual) + 1) for _ in range(len(expected) + 1)]
    steps = [[None] * (len(actual) + 1) for _ in range(len(expected) + 1)]
    for i in range(len(expected) + 1):
        for j in range(len(actual) + 1):
            if i or j:
                costs[i][j], steps[i][j] = min(moves(expected, actual, gap, costs, i, j))
    pairs, i, j = [], len(expected), len(actual)
    while i or j:
        step, matched = divmod(steps[i][j], 2)
        i, j = i - (step != 1), j - (step != 2)
        pairs.append((i if step != 1 else None, j if step != 2 else None, bool(matched)))
    return pairs[::-1]


def moves(expected, actual, gap, costs, i, j):
    """Yields (cost, 2 * step + matched); step 0 takes one of each, 1 a text, 2 a pattern."""
    in_gap = i > 0 and expected[i - 1] == gap
    if j:
        behind_gap = in_gap or (i < len(expected) and expected[i] == gap)
        yield costs[i][j - 1] + (0.01 if behind_gap else 1.0), 2 + behind_gap
    if i:
        yield costs[i - 1][j] + (0.0 if in_gap else 1.0), 4 + in_gap
    if i and j and not in_gap:
        matched = matches(expected[i - 1], actual[j - 1])
        difference = 0.0 if matched else 1.0 - 0.5 * similarity(expected[i - 1], actual[j - 1])
        yield costs[i - 1][j - 1] + difference, int(matched)


def same_style(pattern, text):
    """The number `text` written as the pattern writes its number, or None where it does not hold exactly one."""
    token = TOKEN.fullmatch(pattern)
    if not token or not token["value"] or not re.fullmatch(NUMBER, text) or not math.isfinite(float(text)):
        return None
    digits = len(token["value"].partition(".")[2])
    return "~%.*f" % (digits, float(text)) + ("+-" + token["tolerance"] if token["tolerance"] else "")


def rewrite_line(pattern, text):
    """A pattern for `text` that has those wildcards of `pattern` that still match."""
    expected, actual = PIECE.findall(pattern), PIECE.findall(text)
    line, stood = "", False
    for i, j, matched in align(expected, actual, "$ANY"):
        if i is not None and expected[i] == "$ANY":
            line += "$ANY"
        elif i is not None and j is not None:
            line += expected[i] if matched else same_style(expected[i], actual[j]) or escape(actual[j])
            stood = stood or (matched and expected[i].isalpha())
        elif j is not None and not matched:
            line += escape(actual[j])
    if "$ANY" in expected and not stood:  # a gap in a line of which no word is left would hide all of it
        return escape_line(text)
    return line if line != ANY_LINES and matches(line, text) else escape_line(text)


def rewrite(expected, actual, line=rewrite_line):
    """The expected lines, changed where they do not match; a new line is what `line` makes of the old and the new."""
    lines = []
    for i, j, matched in align(expected, actual, ANY_LINES):
        if i is not None and expected[i] == ANY_LINES:
            lines.append(ANY_LINES)
        elif matched and i is not None:
            lines.append(expected[i])
        elif i is not None and j is not None:
            lines.append(line(expected[i], actual[j]))
        elif j is not None and not matched:
            lines.append(line("", actual[j]))
    return lines


def difference(expected, actual, name):
    """A unified diff in which lines that match are no difference."""
    seen = rewrite(expected, actual, lambda pattern, text: text)
    return "\n".join(difflib.unified_diff(expected, seen, name + " (expected)", name + " (actual)", lineterm=""))
