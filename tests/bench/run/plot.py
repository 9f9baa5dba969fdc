#!/usr/bin/env python3
"""Curves of what a request costs where there is more and more: plot.py GROWTH FOLDER

GROWTH has lines of a database, an operation, a number and a cost, as growth.sh writes them. Makes
FOLDER/growth-DATABASE.svg, which reads well on light and on dark.
"""

import math
import pathlib
import statistics
import sys

NAMES = {
    "get": "GET 1 KiB",
    "put": "PUT 1 KiB",
    "list": "page of a directory",
    "search": "search",
    "insert": "event written",
    "query": "page of events",
}
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 56, 200, 44, 48
LIMIT = 1.5
COLOURS = [  # on light, on dark
    ("#0b6bcb", "#6cb6ff"),
    ("#b3480a", "#ffa657"),
    ("#1a7f37", "#57d364"),
    ("#8250df", "#d2a8ff"),
    ("#bf3989", "#ff9bce"),
    ("#57606a", "#b1bac4"),
]
DASHES = ["", "7 3", "2 3", "9 3 2 3", "4 2", "12 4"]


def read(path):
    """The median cost by database, operation and number."""
    costs = {}
    for line in pathlib.Path(path).read_text().splitlines():
        database, operation, number, cost = line.split()
        points = costs.setdefault(database, {}).setdefault(operation, {})
        points.setdefault(int(number), []).append(float(cost))
    return {
        database: {
            operation: sorted((n, statistics.median(values)) for n, values in points.items())
            for operation, points in operations.items()
        }
        for database, operations in costs.items()
    }


def style():
    rules = [
        "text{font:12px system-ui,sans-serif;fill:#1f2328}",
        ".title{font-size:14px;font-weight:600}",
        ".grid{stroke:#d0d7de;stroke-width:1}",
        ".limit{stroke:#cf222e;stroke-width:1.5;stroke-dasharray:6 4}",
        ".line{fill:none;stroke-width:2}",
    ]
    dark = [
        "text{fill:#e6edf3}",
        ".grid{stroke:#3d444d}",
        ".limit{stroke:#ff7b72}",
    ]
    for i, (light_colour, dark_colour) in enumerate(COLOURS):
        rules.append(f".l{i}{{stroke:{light_colour}}}.p{i}{{fill:{light_colour}}}")
        dark.append(f".l{i}{{stroke:{dark_colour}}}.p{i}{{fill:{dark_colour}}}")
    return (
        "<style>" + "".join(rules)
        + "@media (prefers-color-scheme:dark){" + "".join(dark) + "}</style>"
    )


def power(exponent):
    return f'10<tspan dy="-4" font-size="9">{exponent}</tspan>'


def draw(database, operations):
    relative = {
        operation: [(number, cost / points[0][1]) for number, cost in points]
        for operation, points in operations.items()
    }
    numbers = [number for points in relative.values() for number, _ in points]
    low, high = (f(map(math.log10, numbers)) for f in (min, max))
    top = max(2.0, math.ceil(2 * max(r for points in relative.values() for _, r in points)) / 2)

    def x(number):
        return LEFT + (math.log10(number) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(ratio):
        return HEIGHT - BOTTOM - ratio / top * (HEIGHT - TOP - BOTTOM)

    title = f"{DATABASES.get(database, database)}: cost of a request, 1 with the fewest"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{title}">',
        style(),
        f'<text class="title" x="{LEFT}" y="24">{title}</text>',
    ]
    step = 0.5 if top <= 4 else math.ceil(top / 8)
    for i in range(int(top / step) + 1):
        at = y(i * step)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}"'
                     f' y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{i * step:g}</text>')
    for exponent in range(math.ceil(low), math.floor(high) + 1):
        parts.append(f'<text x="{x(10**exponent):.1f}" y="{HEIGHT - BOTTOM + 20}"'
                     f' text-anchor="middle">{power(exponent)}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
                 "files, or events for what is of events</text>")
    parts.append(f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(LIMIT):.1f}"'
                 f' y2="{y(LIMIT):.1f}"/>')
    for i, (operation, points) in enumerate(relative.items()):
        path = " ".join(f"{x(number):.1f},{y(ratio):.1f}" for number, ratio in points)
        dash = f' stroke-dasharray="{DASHES[i]}"' if DASHES[i] else ""
        parts.append(f'<polyline class="line l{i}" points="{path}"{dash}/>')
        parts += [f'<circle class="p{i}" cx="{x(n):.1f}" cy="{y(r):.1f}" r="3"/>'
                  for n, r in points]
        at = TOP + 8 + 22 * i
        key = WIDTH - RIGHT + 12
        parts.append(f'<line class="line l{i}" x1="{key}" x2="{key + 26}" y1="{at}" y2="{at}"'
                     f"{dash}/>")
        parts.append(f'<text x="{key + 32}" y="{at + 4}">{NAMES[operation]}'
                     f" {points[-1][1]:.2f}</text>")
    at = TOP + 8 + 22 * len(relative)
    parts.append(f'<line class="limit" x1="{key}" x2="{key + 26}" y1="{at}" y2="{at}"/>')
    parts.append(f'<text x="{key + 32}" y="{at + 4}">the goal, at most {LIMIT:g}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    for database, operations in read(sys.argv[1]).items():
        (pathlib.Path(sys.argv[2]) / f"growth-{database}.svg").write_text(
            draw(database, operations)
        )


main()
