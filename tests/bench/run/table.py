#!/usr/bin/env python3
"""The table of a run of the benchmarks, from what was measured.

    table.py table SAMPLES FORM OUT    writes OUT.txt and OUT.json, prints the text
    table.py worse SAMPLES RECORDED    prints what measures the rows that are a tenth worse
    table.py compare SAMPLES RECORDED  names those rows; exit code 1 if there are any
    table.py record JSON RECORDED      puts the rows of a table in the place of those recorded

SAMPLES has lines of a row's id, `ours` or `reference`, and a figure, in the order of the rounds. A
row's ratio is the median of the rounds' ratios, its spread the least and the most of them. RECORDED
is the JSON of an earlier run.
"""

import datetime
import json
import os
import pathlib
import statistics
import sys

TENTH = 0.1


def known_rows():
    lines = (pathlib.Path(__file__).parent / "rows.tsv").read_text().splitlines()
    keys = ("id", "group", "better", "goal", "unit", "what", "beside")
    return [dict(zip(keys, line.split("\t"))) for line in lines[1:]]


def measured(path):
    """The rows that were measured, each with its figures."""
    samples = {}
    for line in pathlib.Path(path).read_text().splitlines():
        row, side, figure = line.split()
        samples.setdefault(row, {}).setdefault(side, []).append(float(figure))
    known = known_rows()
    if stray := samples.keys() - {row["id"] for row in known}:
        sys.exit(f"rows.tsv lacks {', '.join(sorted(stray))}")
    return [with_figures(row, **samples[row["id"]]) for row in known if row["id"] in samples]


def with_figures(row, ours, reference=None):
    if bool(reference) != bool(row["beside"]) or reference and len(ours) != len(reference):
        sys.exit(f"{row['id']}: {len(ours)} figures, {len(reference or [])} of the reference")
    compared = [a / b for a, b in zip(ours, reference)] if reference else ours
    judged = statistics.median(compared)
    goal = None if row["goal"] == "-" else float(row["goal"])
    met = None
    if goal is not None:
        met = judged >= goal if row["better"] == "more" else judged <= goal
    return {
        **row,
        "goal": goal,
        "met": met,
        "ours": statistics.median(ours),
        "reference": statistics.median(reference) if reference else None,
        "ratio": judged if reference else None,
        "judged": judged,
        "low": min(compared),
        "high": max(compared),
        "rounds": len(ours),
    }


def short(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def cells(row):
    sign = "≥" if row["better"] == "more" else "≤"
    unit = row["unit"] if row["unit"].startswith("/") else " " + row["unit"]
    return (
        row["what"],
        (short(row["ours"]) + unit).strip(),
        f"{short(row['reference'])}  {row['beside']}" if row["beside"] else "",
        "" if row["ratio"] is None else f"{row['ratio']:.3f}",
        "" if row["goal"] is None else f"{sign} {row['goal']:g}",
        f"{row['low']:.3g} to {row['high']:.3g}",
        {True: "met", False: "SHORT", None: ""}[row["met"]],
    )


def text_of(rows):
    lines = [("what", "ours", "reference", "ratio", "goal", "spread", "")]
    lines += [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() + "\n"
        for line in lines
    )


def machine():
    processors = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in processors if line.startswith("model name")]
    kib = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    name = names[0] if names else "unknown processor"
    return f"{os.cpu_count()} cores, {name}, {kib / 2**20:.0f} GiB, Linux {os.uname().release}"


def write_table(samples, form, out):
    rows = measured(samples)
    document = {
        "date": datetime.date.today().isoformat(),
        "form": form,
        "machine": machine(),
        "load_before": os.environ.get("BENCH_LOAD", "unknown"),
        "rows": rows,
    }
    text = (
        f"{document['date']}, {form} form, {document['machine']}; load before it"
        f" {document['load_before']}; medians of the rounds' ratios, their least and most\n\n"
        + text_of(rows)
    )
    pathlib.Path(out + ".txt").write_text(text)
    pathlib.Path(out + ".json").write_text(
        json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    )
    print(text, end="")


def worse(samples, recorded):
    rows = json.loads(pathlib.Path(recorded).read_text())["rows"]
    then = {row["id"]: row["judged"] for row in rows}
    found = []
    for row in measured(samples):
        before = then.get(row["id"], 0)
        change = row["judged"] / before if before else 1
        if change < 1 - TENTH if row["better"] == "more" else change > 1 + TENTH:
            found.append((row, before))
    return found


def record(table, recorded):
    document, place = json.loads(pathlib.Path(table).read_text()), pathlib.Path(recorded)
    rows = {row["id"]: row for row in document["rows"]}
    if place.exists():
        rows = {row["id"]: row for row in json.loads(place.read_text())["rows"]} | rows
    document["rows"] = [rows[row["id"]] for row in known_rows() if row["id"] in rows]
    place.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def main():
    verb, samples, *rest = sys.argv[1:]
    if verb == "record":
        record(samples, *rest)
        return
    if verb == "table":
        write_table(samples, *rest)
        return
    found = worse(samples, *rest)
    if verb == "worse":
        print(" ".join(dict.fromkeys(row["group"] for row, _ in found)))
        return
    for row, before in found:
        beside = f" beside {row['beside']}" if row["beside"] else ""
        print(f"WORSE BY MORE THAN A TENTH: {row['what']}{beside}: {row['judged']:.3g},"
              f" recorded: {before:.3g}")
    sys.exit(1 if found else 0)


main()
