#!/usr/bin/env python3
"""Lines hold 100 columns: code, scripts, build files and documents.

  columns_test.py ROOT

Not counted is what cannot be broken without becoming another text: raw string literals of C++ (SQL
and expected answers), and blocks between ``` in Markdown. Documents of data (.sql, .yaml, .json,
.tsv) are not looked at. Prints each line that is too long, and fails.
"""
import pathlib
import re
import sys

LIMIT = 100
SUFFIXES = {".cpp", ".hpp", ".sh", ".py", ".mjs", ".ts", ".svelte", ".cmake", ".in", ".md"}
# Made by tools, beside its sources.
MADE = {"node_modules", "dist", "schema.d.ts"}
NAMES = {"CMakeLists.txt", ".clang-format", ".clang-tidy"}
RAW_STRING = re.compile(r'R"([^()\\\s]{0,16})\(.*?\)\1"', re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def without(pattern, text):
    """The text without what matches, its line feeds excepted."""
    return pattern.sub(lambda match: "\n" * match.group().count("\n"), text)


def too_long(name, text):
    """(line, columns) of each line of the file that does not hold the limit."""
    if name.endswith((".cpp", ".hpp")):
        text = without(RAW_STRING, text)
    elif name.endswith(".md"):
        text = without(FENCED, text)
    return [(number, len(line)) for number, line in enumerate(text.split("\n"), 1)
            if len(line) > LIMIT]


def files(root):
    for path in sorted(root.iterdir()):
        if path.name in MADE:
            continue
        if path.is_dir():
            if not path.name.startswith((".", "build")):
                yield from files(path)
        elif path.suffix in SUFFIXES or path.name in NAMES:
            yield path


def self_test():
    """Does the test see what it is there for, and only that?"""
    wide = "x" * 100
    for name, text, lines in [
        ("a.cpp", f"// {wide[3:]}\n", []),
        ("a.cpp", f"\n// {wide}\n", [2]),
        ("a.cpp", f'auto a = R"sql(\n{wide * 2}\n)sql";\n// {wide}\n', [4]),
        ("a.cpp", f'call(R"({wide})");\n', []),
        ("a.cpp", f'call(R"({wide})", {wide});\n', [1]),
        ("a.md", f"text\n```\n{wide}{wide}\n```\n{wide}y\n", [5]),
        ("a.md", "ö" * 100 + "\n" + "ö" * 101, [2]),
        ("a.sh", f"# {wide}", [1]),
        ("CMakeLists.txt", f"set({wide})", [1]),
    ]:
        seen = [number for number, _ in too_long(name, text)]
        if seen != lines:
            sys.exit(f"planted in {name}: {text!r}: seen in lines {seen}, not {lines}")


def main():
    self_test()
    root = pathlib.Path(sys.argv[1])
    found = [f"{path.relative_to(root)}:{number}: {columns} columns" for path in files(root)
             for number, columns in too_long(path.name, path.read_text(encoding="utf-8"))]
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
