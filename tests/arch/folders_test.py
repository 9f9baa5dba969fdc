#!/usr/bin/env python3
"""No folder holds more than 20 sources.

  folders_test.py ROOT

Prints which folder does, and fails.
"""
import collections
import pathlib
import sys
import tempfile

FOLDERS = ("adapters", "apps", "core", "ports", "tests")
MOST_FILES = 20


def faults(root):
    count = collections.Counter()
    for folder in FOLDERS:
        for suffix in ("cpp", "hpp"):
            count.update(path.parent for path in (root / folder).rglob(f"*.{suffix}"))
    return [f"{folder.relative_to(root)}: {number} sources"
            for folder, number in sorted(count.items()) if number > MOST_FILES]


def self_test():
    """Does the test see what it is there for?"""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "core").mkdir()
        for number in range(20):
            (root / f"core/f{number}.cpp").touch()
        if seen := faults(root):
            sys.exit(f"a folder of 20 does not pass: {seen}")
        (root / "core/f20.hpp").touch()
        if (seen := faults(root)) != ["core: 21 sources"]:
            sys.exit(f"planted, and seen: {seen}")


def main():
    self_test()
    found = faults(pathlib.Path(sys.argv[1]))
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
