#!/usr/bin/env python3
"""clang-tidy finds nothing in what is installed, by the .clang-tidy at the root.

  tidy_test.py ROOT BUILD

Prints what it finds, and fails. BUILD has the compile_commands.json. A source alone would take
longer to read its headers than to be looked at, so the sources that are compiled alike are looked
at some at a time, in one unit that includes them. Those of one unit share no name of their own
(what anonymous namespaces hold); where some cannot stand beside the others all the same, they are
looked at apart.
Tests are left out: they would double the time.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

BOXES = ("adapters", "apps", "core", "ports")
MOST_AT_ONCE = 25
HIDDEN = re.compile(r"^namespace \{$(.*?)^\} // namespace$", re.MULTILINE | re.DOTALL)
MACROS = re.compile(r"^#\s*define (\w+)", re.MULTILINE)
# At the first column of formatted code a declaration begins; its name is before the first of these.
DECLARED = re.compile(r"(\w+)(?:\[\w*\])?\s*(?:[({=;]|:(?!:)|final\b)")
USING = re.compile(r"^using ", re.MULTILINE)
ERRORS = re.compile(r"^(/\S+):\d+:\d+: error: .*\[clang-diagnostic-error\]$", re.MULTILINE)


def clang_tidy():
    for name in ("clang-tidy-14", "clang-tidy"):
        try:
            version = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            continue
        if re.search(r"version 14\.", version):
            return name
    sys.exit("clang-tidy 14 is missing: cmake/install-packages.sh tests")


def hidden_names(source):
    """Names that `source` has for itself, and that another of its unit may not have as well."""
    text = source.read_text()
    names = set(MACROS.findall(text))
    for block in HIDDEN.findall(text):
        for line in block.split("\n"):
            if line and line[0] not in " /}#" and (name := DECLARED.search(line)):
                names.add(name.group(1))
    return names


def flags_of(command):
    """Of a g++ command what clang needs as well."""
    words = iter(shlex.split(command))
    flags = ["-std=c++20"]
    for word in words:
        if word in ("-I", "-isystem", "-D"):
            flags += [word, next(words)]
        elif word.startswith(("-I", "-D")):
            flags.append(word)
    return tuple(flags)


def units(root, commands):
    """(flags, sources) of each unit; the largest first."""
    alike = collections.defaultdict(dict)
    for entry in commands:
        source = pathlib.Path(entry["directory"], entry["file"])
        if source.is_relative_to(root) and source.relative_to(root).parts[0] in BOXES:
            alike[flags_of(entry["command"])][source] = None
    made = []
    for flags, sources in alike.items():
        open_units = []
        # What a source takes from another namespace is there for those after it too: so last.
        for source in sorted(sources, key=lambda source: bool(USING.search(source.read_text()))):
            names = hidden_names(source)
            for unit, taken in open_units:
                if len(unit) < MOST_AT_ONCE and not names & taken:
                    unit.append(source)
                    taken |= names
                    break
            else:
                open_units.append(([source], set(names)))
        made += [(flags, unit) for unit, _ in open_units]
    return sorted(made, key=lambda unit: -len(unit[1]))


class Tidy:
    def __init__(self, root, folder):
        self.command = [clang_tidy(), "--quiet", f"--config-file={root}/.clang-tidy",
                        f"--header-filter={root}/({'|'.join(BOXES)})/",
                        # A unit includes sources, and that is what it is for.
                        "--checks=-bugprone-suspicious-include"]
        self.folder = pathlib.Path(folder)
        self.root = root

    def look(self, flags, sources):
        """What is found in `sources`, a text each."""
        handle, unit = tempfile.mkstemp(suffix=".cpp", dir=self.folder)
        with os.fdopen(handle, "w") as out:
            out.writelines(f'#include "{source}"\n' for source in sources)
        run = subprocess.run([*self.command, unit, "--", *flags], capture_output=True, text=True)
        if "[clang-diagnostic-error]" in run.stdout and len(sources) > 1:
            named = set(ERRORS.findall(run.stdout))
            apart = [source for source in sources if str(source) in named]
            if len(apart) in (0, len(sources)):
                apart = sources[:len(sources) // 2]
            rest = [source for source in sources if source not in apart]
            return self.look(flags, apart) | self.look(flags, rest)
        if run.returncode != 0 and not run.stdout:
            return {run.stderr}
        found = re.split(r"(?m)^(?=/\S+:\d+:\d+: (?:warning|error))", run.stdout)
        return {text.replace(f"{self.root}/", "") for text in found if text.strip()}


def faults(root, commands):
    found = set()
    with tempfile.TemporaryDirectory() as folder:
        tidy = Tidy(root, folder)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for texts in pool.map(lambda unit: tidy.look(*unit), units(root, commands)):
                found |= texts
    return sorted(found)


def self_test(root):
    """Does the test see what it is there for, in a source, in a header, and where names collide?"""
    with tempfile.TemporaryDirectory() as folder:
        planted = pathlib.Path(folder).resolve()
        (planted / "core").mkdir()
        (planted / ".clang-tidy").write_text((root / ".clang-tidy").read_text())
        commands = []

        def write(name, text):
            (planted / "core" / name).write_text(text)
            if name.endswith(".cpp"):
                commands.append({"directory": folder, "file": f"core/{name}",
                                 "command": f"g++ -I{folder}/core -c core/{name}"})

        write("tidy.hpp", "#pragma once\nclass Tidy {};\nenum class Kind { one, two };\n")
        write("one.cpp", '#include "tidy.hpp"\nint the_same() { return 1; }\n')
        write("two.cpp", '#include "tidy.hpp"\nstatic int the_same(Kind) { return 1; }\n'
                         "int two() { return the_same(Kind::one); }\n")
        # As a unit these two do not compile.
        write("three.cpp", '#include "tidy.hpp"\nstatic int the_same() { return 1; }\n'
                           "int three() { return the_same(); }\n")
        if seen := faults(planted, commands):
            sys.exit(f"tidy code does not pass: {seen}")
        write("tidy.hpp", "#pragma once\nclass not_tidy {};\nenum class Kind { one, two };\n")
        write("four.cpp", "#include <string>\n#include <utility>\n"
                          "std::string moved(std::string text) {\n"
                          "  std::string other = std::move(text);\n  return other + text;\n}\n")
        write("five.cpp", "int five() { return unknown; }\n")
        seen = "".join(faults(planted, commands))
        for wanted in ("tidy.hpp:2:7: warning: invalid case style for class 'not_tidy'",
                       "four.cpp:5:18: warning: 'text' used after it was moved",
                       "five.cpp:1:21: error: use of undeclared identifier"):
            if wanted not in seen:
                sys.exit(f"not seen: {wanted}\nbut {seen}")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    self_test(root)
    commands = json.loads(pathlib.Path(sys.argv[2], "compile_commands.json").read_text())
    found = faults(root, commands)
    print("".join(found))
    sys.exit(1 if found else 0)


main()
