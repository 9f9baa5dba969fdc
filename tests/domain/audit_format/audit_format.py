"""docs/audit-format.md as an outsider reads it: encodings, tree and what is signed.

Python's standard library is enough.
"""
import base64
import hashlib
import struct


def sha(data):
    return hashlib.sha256(data).digest()


def integer(value):
    return b"\x01" + struct.pack(">q", value)


def text(value):
    if value is None:
        return b"\x00"
    raw = value.encode()
    return b"\x02" + struct.pack(">I", len(raw)) + raw


def boolean(value):
    return b"\x03" + (b"\x01" if value else b"\x00")


def encoding(e):
    return (
        b"\x01"
        + integer(e["id"])
        + integer(e["timestamp"])
        + text(e["type"])
        + text(e["action"])
        + text(e["user"])
        + text(e["resource"])
        + boolean(e["success"])
        + text(e["error"])
        + text(e["details"])
        + text(e["ip"])
        + text(e["agent"])
    )


def root(leaves):
    """RFC 6962 section 2.1."""
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha(b"\x01" + root(leaves[:split]) + root(leaves[split:]))


def seal_bytes(s):
    return (
        b"BaluHost seal v1\n"
        + struct.pack(">qqqq", s["number"], s["first"], s["last"], s["count"])
        + s["root"]
        + s["previous"]
        + struct.pack(">q?", s["sealed_at"], s["recovered"])
        + struct.pack(">I", len(s["key_id"]))
        + s["key_id"].encode()
    )


def prune_bytes(p):
    return (
        b"BaluHost prune v1\n"
        + struct.pack(">qqqq", p["last_seal"], p["last_sequence"], p["events"], p["pruned_at"])
        + struct.pack(">I", len(p["key_id"]))
        + p["key_id"].encode()
    )


def tag_bytes(t, leaf):
    return b"BaluHost tag v1\n" + leaf + tag_place(t)


def tags_bytes(t, events):
    return (b"BaluHost tags v1\n" + tag_place(t) + struct.pack(">q", len(events))
            + b"".join(struct.pack(">q", number) + leaf for number, leaf in events))


def tag_place(t):
    return (struct.pack(">I", len(t["writer"])) + t["writer"].encode()
            + struct.pack(">qqq", t["number"], t["settled"], t["sealed"]))


def tag_list(events):
    text, last = [], events[0][0]
    for number, leaf in events:
        text.append(f"{number - last}." + base64.urlsafe_b64encode(leaf).decode().rstrip("="))
        last = number
    return " ".join(text)
