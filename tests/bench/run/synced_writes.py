#!/usr/bin/env python3
"""Files that are written, synced and renamed one at a time: synced_writes.py FOLDER SECONDS BYTES

Prints how many a second.
"""

import os
import pathlib
import sys
import time


def main():
    folder, seconds = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    content, written, began = b"x" * int(sys.argv[3]), 0, time.perf_counter()
    folder.mkdir()
    while time.perf_counter() - began < seconds:
        partial = folder / "partial"
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        if os.write(file, content) != len(content):
            raise SystemExit("a short write")
        os.fsync(file)
        os.close(file)
        os.rename(partial, folder / f"{written}")
        written += 1
    print(f"{written / (time.perf_counter() - began):.1f}")


main()
