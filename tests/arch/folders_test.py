#!/usr/bin/env python3
"""No folder holds more than 20 sources, and no source more than 400 lines, in any language.

  folders_test.py ROOT

Prints which does, and fails. Tables of data may be longer, and are named here.
"""
import collections
import pathlib
import sys
import tempfile

FOLDERS = ("adapters", "apps", "cmake", "core", "docs/examples", "ports", "tests")
MOST_FILES = 20
MOST_LINES = 400
SUFFIXES = (".cpp", ".hpp", ".py", ".sh", ".lua", ".mjs", ".ts", ".svelte",
            ".cmake")
# Made by tools, beside its sources.
MADE = {"node_modules", "dist", "schema.d.ts"}
# Numbered steps of a schema are data: they only ever grow, and none is edited. Routes are rows.
TABLES = {"adapters/http/src/routes/route_table.cpp", "adapters/postgres/src/schema.cpp",
          "adapters/sqlite/src/schema.cpp", "tests/http/audit/record_test.cpp"}


def lines_of(path):
    content = path.read_bytes()
    return content.count(b"\n") + (content != b"" and not content.endswith(b"\n"))


def faults(root):
    count = collections.Counter()
    long = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SUFFIXES or MADE.intersection(path.parts):
                continue
            count[path.parent] += 1
            name, lines = str(path.relative_to(root)), lines_of(path)
            if lines > MOST_LINES and name not in TABLES:
                long.append(f"{name}: {lines} lines")
    return long + [f"{folder.relative_to(root)}: {number} sources"
                   for folder, number in sorted(count.items()) if number > MOST_FILES]


def self_test():
    """Does the test see what it is there for?"""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "core").mkdir()
        for number in range(20):
            suffix = SUFFIXES[number % len(SUFFIXES)]
            (root / f"core/f{number}{suffix}").write_text("\n" * 400)
        if seen := faults(root):
            sys.exit(f"20 sources of 400 lines do not pass: {seen}")
        (root / "core/f20.hpp").write_text("\n" * 401)
        if (seen := faults(root)) != ["core/f20.hpp: 401 lines", "core: 21 sources"]:
            sys.exit(f"planted, and seen: {seen}")
        (root / "core/f20.hpp").write_text("\n" * 400 + "the last")
        if (seen := faults(root)) != ["core/f20.hpp: 401 lines", "core: 21 sources"]:
            sys.exit(f"planted without an end of line, and seen: {seen}")
        (root / "core/f20.hpp").unlink()
        for name in ("docs/examples/a.cpp", "cmake/a.cmake"):
            (root / name).parent.mkdir(parents=True)
            (root / name).write_text("\n" * 401)
            if (seen := faults(root)) != [f"{name}: 401 lines"]:
                sys.exit(f"planted as {name}, and seen: {seen}")
            (root / name).unlink()
        (root / "core/node_modules").mkdir()
        for name in ("Page.svelte", "page.ts", "node_modules/made.ts"):
            (root / "core" / name).write_text("\n" * 401)
        if (seen := faults(root)) != ["core/Page.svelte: 401 lines", "core/page.ts: 401 lines",
                                      "core: 22 sources"]:
            sys.exit(f"planted in the web application, and seen: {seen}")


def main():
    self_test()
    found = faults(pathlib.Path(sys.argv[1]))
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
