#!/usr/bin/env python3
"""Fills the tables of a stopped BaluHost's SQLite database.

Text of all planes and of every character that a format escapes, integers that no double holds:

    migration_source.py DATABASE fill EVENTS USERS   bench_seal_trail seals the events
    migration_source.py DATABASE leave    what a server that died leaves, and a start tidies away
"""

import random
import sqlite3
import sys
import uuid

rng = random.Random(20260101)
now = 1_760_000_000_000_000
day = 86_400_000_000
FILE = (
    "(id, parent_id, name, kind, blob, size, sha256, sha1, owner_id, created_at, modified_at)"
)
most = 2**62 - 1  # pgloader's integers end here; the tests of the tool go to the end
odd = [
    "tab\there",
    "line\nand\r\nline",
    "back\\slash \\N \\.",
    "quote'\"`",
    "grüße",
    "日本語",
    "😀👩‍👩‍👧",
    "\U0010ffff",
    "e\u0301",
    "\u202eleft",
    "\u0001\u001f\u007f",
    "",
]


def text(i):
    return odd[i % len(odd)]


def fill(db, events, users):
    password = db.execute("select password_hash from users limit 1").fetchone()[0]
    first = db.execute("select max(id) from users").fetchone()[0] + 1
    db.executemany(
        (
            "insert into users (id, username, email, email_key, role, enabled, quota_bytes,"
            " used_bytes, file_count, password_hash, unlocked_at, created_at, updated_at)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ),
        (
            (
                first + i,
                f"user{i}",
                f"User{i}@example.org" if i % 3 else None,
                f"user{i}@example.org" if i % 3 else None,
                ("user", "auditor")[i % 100 == 0],
                i % 50 != 0,
                (None, most, 9_007_199_254_740_993, 0)[i % 4],
                i,
                1,
                password,
                -1 if i % 500 == 0 else None,
                now - i,
                now,
            )
            for i in range(users)
        ),
    )
    sessions = [(uuid.UUID(int=rng.getrandbits(128)).hex, first + i) for i in range(users)]
    db.executemany(
        "insert into sessions values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                id,
                user,
                now,
                now,
                most,
                None if user % 7 else now,
                "192.0.2.7" if user % 5 else None,
                "2001:db8::1",
                text(user),
            )
            for id, user in sessions
        ),
    )
    db.executemany(
        "insert into refresh_tokens values (?, ?, ?)",
        ((f"{rng.getrandbits(256):064x}", id, None if user % 2 else now) for id, user in sessions),
    )
    file = db.execute("select coalesce(max(id), 0) from files").fetchone()[0] + 1
    db.executemany(
        f"insert into files {FILE} values (?, null, ?, 'directory', null, null, null, null,"
        " ?, ?, ?)",
        ((file + i, f"user{i}", first + i, now, now) for i in range(users)),
    )
    db.executemany(
        f"insert into files {FILE} values (?, ?, ?, 'file', ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                file + users + i,
                file + i,
                f"{i} {text(i)}" if "\n" not in text(i) else f"{i}",
                f"{rng.getrandbits(128):032x}",
                (0, most, i)[i % 3],
                f"{rng.getrandbits(256):064x}",
                None if i % 2 else f"{rng.getrandbits(160):040x}",
                first + i,
                -62_135_596_800_000_000 if i % 1000 == 0 else now,
                253_402_300_799_999_999 if i % 1000 == 0 else now,
            )
            for i in range(users)
        ),
    )
    db.executemany(
        "insert into grants values (?, ?, ?, ?, ?, ?, ?, 0, ?)",
        (
            (
                file + i,
                f"user{(i + 1) % users}",
                first + (i + 1) % users,
                first + i,
                i % 16,
                first + i,
                f"user{i}",
                now,
            )
            for i in range(users)
        ),
    )
    db.executemany(
        "insert into shares values (?, ?, ?, ?, ?, ?, 1, null, ?, ?, 0, ?, ?, ?, ?, null, null)",
        (
            (
                f"{rng.getrandbits(128):032x}",
                file + i,
                first + i,
                first + i,
                1 + i % 3,
                f"{rng.getrandbits(256):064x}",
                None if i % 2 else most,
                None if i % 3 else i,
                most,
                i,
                text(i),
                now + i,
            )
            for i in range(users)
        ),
    )
    db.executemany(
        "insert into uploads values (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, null, null)",
        (
            (
                f"{rng.getrandbits(128):032x}",
                first + i,
                f"user{i}",
                f"/user{i}/{text(i)}",
                2**40 + i,
                i % 2,
                i % 3 == 0,
                None,
                now,
                most,
            )
            for i in range(0, users, 10)
        ),
    )
    actions = [
        ("FILE_ACCESS", "download"),
        ("FILE_ACCESS", "upload"),
        ("SECURITY", "login_success"),
        ("SECURITY", "token_refreshed"),
        ("SECURITY", "login_failed"),
        ("FILE_ACCESS", "delete"),
        ("SYSTEM", "files_swept"),
    ]

    def event(i):
        kind, action = actions[int(len(actions) * rng.random() ** 2)]
        user = (
            i // (events // 30 + 1) * 331 + int(users * 0.03 * rng.random() ** 2)
        ) % users  # a few hundred a day
        ok = action != "login_failed" and rng.random() > 0.01
        size = rng.randrange(1 << 30)
        details = {
            "download": (
                f'{{"file_size":{size},"bytes_sent":{size},'
                    f'"duration_ms":{i % 1000},"complete":true}}'
            ),
            "upload": f'{{"file_size":{size}}}',
        }.get(action, "{}")
        when = now - 30 * day + i * (30 * day // events)
        if i % 100_000 == 7:
            when = (-62_135_596_800_000_000, -1)[i // 100_000 % 2]
        return (
            when,
            kind,
            action,
            None if action == "files_swept" else f"user{user}",
            (
                f"/user{user}/documents/{i % 5000}/{text(i)}"
                if kind == "FILE_ACCESS" and i % 20
                else ("x" * 1000 if i % 5000 == 0 else f"/user{user}/plain-{i % 977}")
            ),
            ok,
            None if ok else "invalid credentials " + text(i),
            details,
            "203.0.113.9" if i % 3 else "2001:db8:85a3::8a2e:370:7334",
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
                if i % 4
                else text(i)
            ),
        )

    db.executemany(
        (
            "insert into audit_logs (timestamp, event_type, action, user, resource, success,"
            " error_message, details, ip_address, user_agent) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ),
        (event(i) for i in range(events)),
    )


def leave(db):
    db.executemany(
        "insert into damaged_blobs values (?, ?, ?)",
        ((f"{i:032x}", text(i), now) for i in range(100)),
    )
    db.executemany(
        "insert into doomed_blobs values (?, ?)", ((f"{2**127 + i:032x}", most) for i in range(100))
    )
    db.executemany(
        "insert into instances (id, started_at, seen_at) values (?, ?, ?)",
        ((f"dead{i}", now, now) for i in range(3)),
    )
    db.executemany(
        (
            "insert into transfer_groups (instance_id, first_id, downloads, since_id, events)"
            " values (?, ?, 1, 1, ?)"
        ),
        ((f"dead{i % 3}", 1 + i // 3, f'[{{"resource":"/user{i}/x"}}]') for i in range(100)),
    )


def main():
    db = sqlite3.connect(sys.argv[1])
    db.execute("pragma synchronous = off")
    db.execute("pragma cache_size = -2000000")
    if sys.argv[2] == "fill":
        fill(db, int(sys.argv[3]), int(sys.argv[4]))
    else:
        leave(db)
    db.commit()
    db.execute("pragma wal_checkpoint(truncate)")


main()
