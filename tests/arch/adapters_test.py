#!/usr/bin/env python3
"""Nobody but apps/host names an adapter that is driven, by an include, however its path is written,
by a link, a package's component or a namespace; an adapter names none but itself and, where two
share something, that.

    adapters_test.py ROOT

Prints who does, and fails.
"""
import os
import pathlib
import re
import sys

# Adapters that drive the core instead of being driven by it; a program names those it serves.
DRIVING = {"http", "web", "webdav"}
SHARED = {"sqlite": {"sql_common"}, "postgres": {"sql_common"},
          "filesystem": {"posix_common"}, "crypto": {"posix_common"}}

NAMESPACES = {"sql": "sql_common", "posix": "posix_common"}  # of those not named like their folder

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"](?:[^<>"]*/)?(?:baluhost|adapters)/(\w+)/',
                     re.MULTILINE)
ASCENDING = re.compile(r'^\s*#\s*include\s*"([^"]*\.\./[^"]*)"', re.MULTILINE)
NAMESPACE = re.compile(r"(?<![\w:>.])(?:baluhost::)?(\w+)::|\bnamespace baluhost::(\w+)")
LINK = re.compile(r"\b(?:baluhost_|BaluHost::)(\w+)")
COMPONENTS = re.compile(r"\bfind_package\s*\(\s*BaluHost\b([^)]*)\)")


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in (".cpp", ".hpp"))


def included(root, path):
    text = path.read_text(encoding="utf-8")
    yield from INCLUDE.findall(text)
    for name in ASCENDING.findall(text):
        target = pathlib.Path(os.path.normpath(path.parent / name))
        if root / "adapters" in target.parents:
            yield target.relative_to(root / "adapters").parts[0]


def spoken_of(root, path):
    code = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    for names in NAMESPACE.findall(code):
        yield from (NAMESPACES.get(name, name) for name in names)


def linked(root, path):
    text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
    yield from LINK.findall(text)
    for components in COMPONENTS.findall(text):
        yield from re.findall(r"\w+", components)


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
        for names, paths, what in ((included, files, "includes"), (linked, lists, "links"),
                                   (spoken_of, files, "has names of")):
            for path in paths:
                for name in sorted((set(names(root, path)) & driven) - own):
                    yield f"{path.relative_to(root)} {what} the adapter {name}"


def main():
    found = list(faults(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main())
