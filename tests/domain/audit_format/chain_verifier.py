"""A verifier of the audit trail that has nothing of ours but docs/audit-format.md.

Python's standard library, and OpenSSL for Ed25519.

  chain_verifier.py export FILE PUBLIC_KEYS   an export with seals
  chain_verifier.py proof FILE PUBLIC_KEYS    an inclusion proof

Prints what was verified and exits with 0, or says what is wrong and exits with 3.
"""
import base64
import datetime
import json
import re
import subprocess
import sys
import tempfile

from audit_format import encoding, prune_bytes, root, seal_bytes, sha


class Wrong(Exception):
    pass


def need(holds, what):
    if not holds:
        raise Wrong(what)


def members(text):
    """The members of a JSON object: each with its value and the bytes that it was written with."""
    decoder = json.JSONDecoder()
    found, at = {}, 1
    need(text[0] == "{", "no object")
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        need(text[at] == ":" and name not in found, "no member")
        value, end = decoder.raw_decode(text, at + 1)
        found[name] = (value, text[at + 1 : end])
        at = end + (text[end] == ",")
    need(at == len(text) - 1, "something follows the object")
    return found


def microseconds(text):
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text), "no time")
    since = datetime.datetime.fromisoformat(text[:-1]) - datetime.datetime(1970, 1, 1)
    return since // datetime.timedelta(microseconds=1)


def leaf_of(event):
    value = {name: event[name][0] for name in event}
    return sha(
        encoding(
            dict(
                id=value["id"],
                timestamp=microseconds(value["timestamp"]),
                type=value["event_type"],
                action=value["action"],
                user=value["user"],
                resource=value["resource"],
                success=value["success"],
                error=value["error_message"],
                details=event["details"][1],
                ip=value["ip_address"],
                agent=value["user_agent"],
            )
        )
    )


class Keys:
    def __init__(self, path):
        self.pems = {}
        for pem in re.findall(
            r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n", open(path).read(), re.DOTALL
        ):
            der = base64.b64decode("".join(pem.splitlines()[1:-1]))
            self.pems[sha(der[-32:])[:8].hex()] = pem

    def check(self, key_id, message, signature):
        need(key_id in self.pems, f"key {key_id} is not known")
        with tempfile.TemporaryDirectory() as directory:
            for name, content in (
                ("key", self.pems[key_id].encode()),
                ("message", message),
                ("signature", signature),
            ):
                with open(f"{directory}/{name}", "wb") as file:
                    file.write(content)
            done = subprocess.run(
                [
                    "openssl",
                    "pkeyutl",
                    "-verify",
                    "-pubin",
                    "-inkey",
                    f"{directory}/key",
                    "-rawin",
                    "-in",
                    f"{directory}/message",
                    "-sigfile",
                    f"{directory}/signature",
                ],
                capture_output=True,
            )
        need(done.returncode == 0, "the signature does not fit")


def check_seal(seal, keys):
    need(
        set(seal)
        == {
            "seal",
            "first_event",
            "last_event",
            "count",
            "root",
            "previous",
            "sealed_at",
            "recovered",
            "key_id",
            "signature",
        },
        "no seal",
    )
    need(
        seal["count"] == seal["last_event"] - seal["first_event"] + 1 >= 1,
        "the numbers contradict one another",
    )
    message = seal_bytes(
        dict(
            number=seal["seal"],
            first=seal["first_event"],
            last=seal["last_event"],
            count=seal["count"],
            root=bytes.fromhex(seal["root"]),
            previous=bytes.fromhex(seal["previous"]),
            sealed_at=microseconds(seal["sealed_at"]),
            recovered=seal["recovered"],
            key_id=seal["key_id"],
        )
    )
    signature = bytes.fromhex(seal["signature"])
    keys.check(seal["key_id"], message, signature)
    return sha(message + signature)


def check_export(lines, keys):
    events = []  # (sequence, leaf) since the last seal
    missing = []  # last sequences of seals without events
    last, head, pruned, count, seals = None, None, 0, 0, 0
    for line in lines:
        line = members(line)
        if "seal" in line:
            seal = line["seal"][0]
            need(last is None or seal["seal"] == last["seal"] + 1, "a seal is left out")
            need(
                last is None or seal["first_event"] == last["last_event"] + 1,
                "there is a gap between seals",
            )
            need(last is None or seal["previous"] == head.hex(), "the chain is broken")
            need(
                seal["seal"] != 1
                or (seal["first_event"] == 1 and seal["previous"] == bytes(32).hex()),
                "the chain does not begin",
            )
            head, last = check_seal(seal, keys), seal
            if events:
                need(
                    [at for at, _ in events]
                    == list(range(seal["first_event"], seal["last_event"] + 1)),
                    "events are missing or too many",
                )
                need(
                    root([leaf for _, leaf in events]).hex() == seal["root"],
                    f"seal {seal['seal']} covers other events",
                )
            else:
                missing.append(seal["last_event"])
            count, seals, events = count + len(events), seals + 1, []
        elif "prune" in line:
            prune = line["prune"][0]
            keys.check(
                prune["key_id"],
                prune_bytes(
                    dict(
                        last_seal=prune["last_seal"],
                        last_sequence=prune["last_event"],
                        events=prune["events"],
                        pruned_at=microseconds(prune["pruned_at"]),
                        key_id=prune["key_id"],
                    )
                ),
                bytes.fromhex(prune["signature"]),
            )
            need(
                last
                and (
                    prune["last_event"] == last["last_event"]
                    if prune["last_seal"] == last["seal"]
                    else prune["last_seal"] > last["seal"]
                ),
                "the prune record does not fit",
            )
            pruned = max(pruned, prune["last_event"])
        else:
            events.append((line["seq"][0], leaf_of(line)))
    need(not events, "the end is missing")
    need(all(at <= pruned for at in missing), "events are missing")
    return f"{count} events in {seals} seals, head {head.hex() if head else '-'}"


def check_proof(text, keys):
    proof = members(text)
    seal, path = proof["seal"][0], [bytes.fromhex(node) for node in proof["path"][0]]
    check_seal(seal, keys)
    # RFC 9162 section 2.1.3.2
    fn, sn = proof["seq"][0] - seal["first_event"], seal["count"] - 1
    need(0 <= fn <= sn, "the event is outside of the seal")
    r = sha(b"\x00" + leaf_of(members(proof["event"][1])))
    for node in path:
        need(sn > 0, "the path is too long")
        if fn & 1 or fn == sn:
            r = sha(b"\x01" + node + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b"\x01" + r + node)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and r.hex() == seal["root"], "the path does not lead to the root")
    return f"event {members(proof['event'][1])['id'][0]} is in seal {seal['seal']}"


try:
    what, file, public_keys = sys.argv[1:]
    with open(file, encoding="utf-8", newline="\n") as text:
        if what == "export":
            print(check_export((line.rstrip("\n") for line in text), Keys(public_keys)))
        else:
            print(check_proof(text.read().rstrip("\n"), Keys(public_keys)))
except (Wrong, KeyError, ValueError, IndexError, TypeError) as error:
    print(f"WRONG: {error}")
    sys.exit(3)
