#!/usr/bin/env python3
"""Tells Doxygen how our headers are read.

  filter.py FILE            what Doxygen is to read in its place
  filter.py --types FILE…   the public types without a comment, which Doxygen passes over

A comment stands for all declarations below it up to the next empty line or comment: overloads, and
what differs in its name alone. A field, or a comparison
by members, without a comment says all by its name and its type.
"""
import re
import sys

OPEN, CLOSE = "///@{", "///@}"
SAME = re.compile(r"(\[\[nodiscard\]\] |friend |constexpr )*[\w:]+ operator(<=>|==)\("
                  r".*= default;$")
NO_FIELD = re.compile(r"(using|typedef|friend|enum|struct|class|union|template|static_assert|"
                      r"public|private|protected|namespace|return|#|extern|BALUHOST_)\b")


def code_of(line):
    """The line without its comment and its strings."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    line = re.sub(r"'(\\.|[^'\\])*'", "''", line)
    return line.split("//")[0]


def statements(lines):
    """Of each declaration: first line, last line, text, whether its braces hold statements."""
    at = 0
    while at < len(lines):
        begin, text, depth = at, "", 0
        while at < len(lines):
            code = code_of(lines[at])
            if begin == at and (not code.strip() or code.lstrip().startswith("#")):
                while code.rstrip().endswith("\\") and at + 1 < len(lines):
                    at += 1
                    code = lines[at]
                at += 1
                break
            text += code + "\n"
            depth += code.count("{") + code.count("(") - code.count("}") - code.count(")")
            at += 1
            bare = text.strip()
            opens = re.match(r"(inline )?(namespace|struct|class|union|extern|template\s*<.*>\s*"
                             r"(struct|class))\b[^;()]*\{$", bare, re.S)
            if opens or bare in ("public:", "private:", "protected:", "}", "};") or depth < 0 or (
                    depth == 0 and bare.endswith((";", "}")) and not bare.endswith("= default }")):
                break
        if text.strip():
            yield begin, at - 1, text.strip()


def filtered(lines):
    out = list(lines)
    before, run = {}, None
    after = {}
    previous_end = -2
    for begin, end, text in statements(lines):
        scope = text.endswith(":") or text.startswith("}") or re.match(
            r"(inline )?(namespace|struct|class|union|enum|extern)\b", text)
        comment = begin > 0 and lines[begin - 1].strip().startswith("///")
        trailing = "///<" in "".join(lines[begin:end + 1])
        followed = end + 1 < len(lines) and lines[end + 1].strip().startswith("///<")
        field = (not scope and not NO_FIELD.match(text)
                 and "(" not in re.sub(r"\{.*|=.*|<[^;]*>", "", text, flags=re.S))
        if not scope and not field and comment:
            run = begin
            first = begin - 1
            while first > 0 and lines[first - 1].strip().startswith("///"):
                first -= 1
        elif (not scope and not field and run is not None and begin == previous_end + 1
              and not trailing):
            before[first] = OPEN
            after.pop(previous_end, None)
            after[end] = CLOSE
        else:
            run = None
        if field and not comment and not trailing and not followed and begin != previous_end:
            name = re.match(r".*?(\w+)\s*(\[[^]]*\])*\s*(\{.*|=.*|;)", text, re.S)
            if name:
                out[end] += " ///< " + name.group(1).rstrip("_").replace("_", " ")
        if SAME.match(text) and not comment and not trailing:
            out[end] += " ///< by its members"
        named = re.match(r"\} (\w+)(\{.*\})?;$", text)
        if named and not trailing:
            out[end] += " ///< " + named.group(1)
        previous_end = end
    for number, line in enumerate(out):
        if number in before:
            print(before[number])
        print(line)
        if "///<" in line and out[number + 1].strip().startswith("///") and not out[
                number + 1].strip().startswith("///<"):
            print()  # else the next comment would belong to this line
        if number in after:
            print(after[number])


def undocumented_types(lines):
    """Line and text of each."""
    scopes = []  # of each that is open: whether others see what is in it
    for begin, _, text in statements(lines):
        type_of = re.match(r"(?:template\s*<.*>\s*)?(struct|class|enum|union)\b", text, re.S)
        if type_of and "{" in text and all(scopes) and not (
                begin > 0 and lines[begin - 1].strip().startswith("///")):
            yield begin + 1, text.split("{")[0].strip()
        if text in ("public:", "private:", "protected:"):
            scopes[-1] = text != "private:"
        elif text.startswith("}"):
            scopes.pop()
        elif text.count("{") > text.count("}"):
            scopes.append("namespace detail" not in text
                          and not (type_of and type_of.group(1) == "class"))


def lines_of(name):
    return open(name, encoding="utf-8").read().split("\n")


if sys.argv[1] == "--types":
    for name in sys.argv[2:]:
        for line, text in undocumented_types(lines_of(name)):
            print(f"{name}:{line}: {text} is not documented")
else:
    filtered(lines_of(sys.argv[1]))
