#!/usr/bin/env python3
"""The project's words, and what its documents say.

  words_test.py ROOT

Prints and fails for: a retired word (retired_words.txt) in code or documents; a word that codespell
corrects; an entry of the glossary out of order; a file that a document names and that is not there,
by its path, alone or within a command, or, of a source, by the end of it; a test that a document
names after its file, in quotes, and that is not in it.
Decisions (docs/adr) and the changelog tell of the past and may use any word.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SUFFIXES = {".cpp", ".hpp", ".sh", ".py", ".cmake", ".md", ".yaml", ".in", ".txt", ".ts", ".svelte",
            ".mjs", ".lua"}
# Made by tools, beside its sources.
MADE = {"node_modules", "dist", "schema.d.ts"}
# Sentences in another language.
OTHER_LANGUAGE = re.compile(r"/i18n/de/|/de\.ts$|/(?:found|found\.test|sentences\.test)\.ts$|"
                            r"/tampered\.spec\.ts$")
# Names of C, C++ and the web application, and words that tests misspell on purpose.
SPELT_SO = "deque,files',fo,get's,hel,iif,memmory,nd,ontop,ro,stoll,te,uint,unter"
FOLDERS = "adapters|apps|core|ports|tests|docs|cmake"
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
NAMED = re.compile(rf"(?<![\w./~-])((?:{FOLDERS})/[\w./-]*[\w/])(?![\w{{*<…-])")
SOURCE = re.compile(r"`([\w./-]+\.(?:cpp|hpp|lua|mjs|py|sh|svelte|ts))`")
NOT_SOURCE = re.compile(r"NAME|\.d\.ts$")  # of any name; made by the build
TESTED = re.compile(r"`(tests/[\w./-]+_test\.cpp)`\s+\"([^\"]+)\"")
JOINED = re.compile(r'"\s*\n\s*"')  # of one text in two literals
LINKED = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def files(folder):
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if not path.name.startswith((".", "build")) and path.name not in MADE:
                yield from files(path)
        elif path.suffix in SUFFIXES and path.name not in {"retired_words.txt", *MADE}:
            yield path


def ends_of_paths(root):
    ends = set()
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders
                      if not name.startswith((".", "build")) and name != "node_modules"]
        for name in names:
            parts = pathlib.Path(folder, name).relative_to(root).parts
            ends.update("/".join(parts[start:]) for start in range(len(parts)))
    return ends


def tells_of_the_past(path):
    return "adr" in path.parts or path.name == "CHANGELOG.md"


def retired_words():
    words = [line for line in (HERE / "retired_words.txt").read_text().splitlines()
             if line and not line.startswith("#")]
    return re.compile(r"\b(?:" + "|".join(words) + r")\b")


def retired(path, text, words):
    for number, line in enumerate(text.split("\n"), 1):
        for word in words.findall(line):
            yield f"{path}:{number}: retired: {word}"


def misspelt(paths):
    english = [path for path in map(str, paths) if not OTHER_LANGUAGE.search(path)]
    command = ["codespell", "--builtin", "clear", "-L", SPELT_SO, *english]
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


def unsorted(path, text):
    names = re.findall(r"^- \*\*(.*?)\*\*", text, re.MULTILINE)
    entries = [name.replace("`", "").lower() for name in names]
    for before, after in zip(entries, entries[1:]):
        if before > after:
            yield f"{path}: {after!r} stands after {before!r}"


def not_there(root, ends, path, text):
    links = [path.parent / link for link in LINKED.findall(text)]
    names = [name for span in SPAN.findall(text) for name in NAMED.findall(span)]
    for target in links + [root / name for name in names]:
        if not target.exists():
            yield f"{path}: there is no {target.relative_to(root)}"
    for name in SOURCE.findall(text):
        if name not in ends and not NOT_SOURCE.search(name) and not NAMED.fullmatch(name):
            yield f"{path}: no source is {name}"


def untested(root, path, text):
    for name, title in TESTED.findall(text):
        title = " ".join(title.split())
        file = root / name
        if file.exists() and f'TEST_CASE("{title}"' not in JOINED.sub(
                "", file.read_text().replace('TEST_CASE(\n    "', 'TEST_CASE("')):
            yield f"{path}: {name} has no test {title!r}"


def faults(root):
    pattern = retired_words()
    paths = list(files(root))
    ends = ends_of_paths(root)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if not tells_of_the_past(path) and HERE not in path.parents:
            yield from retired(path, text, pattern)
        if path.suffix == ".md" and not tells_of_the_past(path):
            yield from not_there(root, ends, path, text)
            yield from untested(root, path, text)
        if path.name == "glossary.md":
            yield from unsorted(path, text)
    yield from misspelt(path for path in paths if path.parent != root / "core/data")


# A line, and the word of it that is seen.
RETIRED = {
    "struct Parts {": "struct Parts",
    "class Engine final": "Engine",
    "Placement place(": "Placement",
    "as it keeps books of": "books",
    "it asks the database for": "asks the database",
    "db.gives_way_at = 0;": "gives_way_at",
    "who hears of it": "hears",
    "a blob that is nobody's": "nobody's",
    "\"OpenSSL gives no key\"": "OpenSSL gives",
    "the row behind": "row behind",
    "a session of the server's": "session of the server",
    "who asks gives a right behind a proxy, and a session ends": "",
}


def self_test():
    """Does the test see what it is there for?"""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        (root / "docs").mkdir()
        (root / "tests").mkdir()
        (root / "tests/a_test.cpp").write_text('TEST_CASE(\n    "it is so "\n    "and so") {}\n')
        (root / "docs/a.md").write_text('See `docs/a.md` and [this](a.md#part), `a_test.cpp`,\n'
                                        '`pages/NAME.ts` and `made.d.ts`.\n'
                                        '`tests/a_test.cpp` "it is\nso and so"\n')
        if seen := list(faults(root)):
            sys.exit(f"a clean tree does not pass: {seen}")
        (root / "docs/a.md").write_text("See `docs/gone.md`\nand [this](lost.md), "
                                        "run `bash tests/gone.sh docs/a.md >x`, "
                                        "and `lib/a_test.cpp`.\n"
                                        '`tests/a_test.cpp` "it is so"\n')
        (root / "docs/glossary.md").write_text("- **b**: one\n- **a**: two\n")
        (root / "a.cpp").write_text("class TrailCheck;\n// they rec" + "ieve it\n")
        for suffix in (".ts", ".svelte", ".mjs", ".lua"):
            (root / f"b{suffix}").write_text("// a chore, that it rec" + "ieves\n")
        (root / "i18n/de").mkdir(parents=True)
        (root / "i18n/de/a.ts").write_text("'rec" + "ieve'\n")
        seen = "\n".join(faults(root))
        if "i18n" in seen or "no docs/a.md" in seen:
            sys.exit(f"what is right does not pass: {seen}")
        for suffix in ("ts", "svelte", "mjs", "lua"):
            for wanted in (f"b.{suffix}:1: retired: chore", f"b.{suffix}:1: rec" + "ieves ==>"):
                if wanted not in seen:
                    sys.exit(f"not seen: {wanted}")
        for line, word in RETIRED.items():
            if list(retired("a", line, retired_words())) != [f"a:1: retired: {word}"] * bool(word):
                sys.exit(f"not seen, or more: {word} in {line}")
        for wanted in ("no docs/gone.md", "no docs/lost.md", "no tests/gone.sh",
                       "no source is lib/a_test.cpp", "no test 'it is so'",
                       "'a' stands after 'b'", "a.cpp:1: retired: TrailCheck",
                       "ieve ==> receive"):
            if wanted not in seen:
                sys.exit(f"not seen: {wanted}")


def main():
    self_test()
    found = list(faults(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
