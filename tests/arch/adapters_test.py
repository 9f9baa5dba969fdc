#!/usr/bin/env python3
"""Nobody but apps/host names an adapter that is driven, by an include or a link; an adapter names
none but itself and, where two share something, that.

    adapters_test.py ROOT

Prints who does, and fails.
"""
import pathlib
import re
import sys

# Adapters that drive the core instead of being driven by it; a program names those it serves.
DRIVING = {"http", "web", "webdav"}
SHARED = {"sqlite": {"sql_common"}, "postgres": {"sql_common"},
          "filesystem": {"posix_common"}, "crypto": {"posix_common"}}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"](?:[^<>"]*/)?(?:baluhost|adapters)/(\w+)/',
                     re.MULTILINE)
LINK = re.compile(r"\b(?:baluhost_|BaluHost::)(\w+)")


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in (".cpp", ".hpp"))


def named(path, pattern):
    text = path.read_text(encoding="utf-8")
    if pattern is LINK:
        text = re.sub(r"#[^\n]*", "", text)
    return set(pattern.findall(text))


def faults(root):
    driven = {path.name for path in (root / "adapters").iterdir() if path.is_dir()} - DRIVING
    places = [(root / name, set()) for name in ("core", "ports")]
    places += [(path, set()) for path in (root / "apps").iterdir() if path.name != "host"]
    for path in (root / "adapters").iterdir():
        places.append((path, {path.name} | SHARED.get(path.name, set())))
    for place, own in places:
        files = sources(place) if place.is_dir() else []
        lists = place.rglob("CMakeLists.txt") if place.is_dir() else [place]
        lists = [path for path in lists if path.name == "CMakeLists.txt"]
        if place.parent.name == "adapters" and not place.is_dir():
            lists = []  # only lists the folders
        for pattern, paths, what in ((INCLUDE, files, "includes"), (LINK, lists, "links")):
            for path in paths:
                for name in sorted((named(path, pattern) & driven) - own):
                    yield f"{path.relative_to(root)} {what} the adapter {name}"


def main():
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main())
