"""An independent reading of docs/audit-format.md.

Computes its test vectors and checks that the document states each of them.

Needs Python's standard library, and OpenSSL for the signatures; without that it ends with 77.
Run with the document's path; with --print it prints the vectors instead.
"""
import hmac
import shutil
import subprocess
import sys
import tempfile

from audit_format import (encoding, prune_bytes, root, seal_bytes, sha, tag_bytes, tag_list,
                          tags_bytes)

NOTHING = dict(
    user=None, resource=None, success=True, error=None, details="{}", ip=None, agent=None
)
EVENTS = [
    dict(
        id=1,
        timestamp=1795488871123456,
        type="FILE_ACCESS",
        action="upload",
        user="anna",
        resource="/anna/caf\u00e9.txt",
        success=True,
        error=None,
        details='{"file_size":5}',
        ip="192.0.2.7",
        agent="curl/7.88.1",
    ),
    dict(NOTHING, id=2, timestamp=-1, type="SYSTEM", action="server_started"),
    dict(
        NOTHING,
        id=4,
        timestamp=1795488872000000,
        type="FILE_ACCESS",
        action="delete",
        user="anna",
        resource="/anna/x",
        success=False,
        error="not_found",
        details="{}",
        ip="2001:db8::7",
        agent="",
    ),
]
# RFC 8032 section 7.1, test 1: a key that everybody knows.
PRIVATE_KEY = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def sign(message):
    with tempfile.TemporaryDirectory() as directory:
        for name, content in (
            ("key", bytes.fromhex("302e020100300506032b657004220420") + PRIVATE_KEY),
            ("message", message),
        ):  # RFC 8410 section 7
            with open(f"{directory}/{name}", "wb") as file:
                file.write(content)
        command = [
            "openssl",
            "pkeyutl",
            "-sign",
            "-rawin",
            "-keyform",
            "DER",
            "-inkey",
            f"{directory}/key",
            "-in",
            f"{directory}/message",
        ]
        return subprocess.run(
            command, check=True, capture_output=True
        ).stdout  # Ed25519 is deterministic


def vectors():
    key_id = sha(PUBLIC_KEY)[:8].hex()
    yield "key id", key_id
    leaves = []
    for number, event in enumerate(EVENTS, 1):
        yield f"encoding {number}", encoding(event).hex()
        leaves.append(sha(encoding(event)))
        yield f"leaf {number}", leaves[-1].hex()
    for count in (1, 2, 3):
        yield f"root of {count}", root(leaves[:count]).hex()
    one = dict(
        number=1,
        first=1,
        last=2,
        count=2,
        root=root(leaves[:2]),
        previous=bytes(32),
        sealed_at=1795488872000001,
        recovered=False,
        key_id=key_id,
    )
    yield "seal 1, signed bytes", seal_bytes(one).hex()
    signature = sign(seal_bytes(one))
    yield "seal 1, signature", signature.hex()
    head = sha(seal_bytes(one) + signature)
    yield "seal 1, hash", head.hex()
    two = dict(
        number=2,
        first=3,
        last=3,
        count=1,
        root=root(leaves[2:]),
        previous=head,
        sealed_at=1795488873000002,
        recovered=True,
        key_id=key_id,
    )
    yield "seal 2, signed bytes", seal_bytes(two).hex()
    signature = sign(seal_bytes(two))
    yield "seal 2, signature", signature.hex()
    yield "seal 2, hash", sha(seal_bytes(two) + signature).hex()
    prune = dict(last_seal=1, last_sequence=2, events=2, pruned_at=1795488880000000, key_id=key_id)
    yield "prune, signed bytes", prune_bytes(prune).hex()
    yield "prune, signature", sign(prune_bytes(prune)).hex()
    key = hmac.digest(PRIVATE_KEY, b"BaluHost key of tags v1\n", "sha256")
    tag = dict(writer="00112233445566778899aabbccddeeff", number=7, settled=6, sealed=3)
    yield "tag of event 1, bytes", tag_bytes(tag, leaves[0]).hex()
    yield "tag of event 1, MAC", hmac.digest(key, tag_bytes(tag, leaves[0]), "sha256").hex()
    listed = [(event["id"], leaf) for event, leaf in zip(EVENTS, leaves)]
    yield "tag of all, list", tag_list(listed)
    yield "tag of all, bytes", tags_bytes(tag, listed).hex()
    yield "tag of all, MAC", hmac.digest(key, tags_bytes(tag, listed), "sha256").hex()


if not shutil.which("openssl"):
    print("left out: there is no openssl")
    sys.exit(77)
if sys.argv[1] == "--print":
    for name, value in vectors():
        print(f"{name}: {value}")
else:
    document = "".join(open(sys.argv[1], encoding="utf-8").read().split())
    missing = [
        name for name, value in vectors() if "".join(f"{name}: {value}".split()) not in document
    ]
    sys.exit(f"{sys.argv[1]} does not state: {', '.join(missing)}" if missing else 0)
