"""Refused openings of shares by turns, and Welch's t of their times against those of unknown ids.

Usage: share_guesses.py PORT ROUNDS KIND=ID=SECRET...

The secret is sent where the kind is `password`, with a wrong password; else a wrong one is.
"""
import json
import random
import secrets
import sys

import welch

port, rounds = int(sys.argv[1]), int(sys.argv[2])
shares = {"unknown": []}
for argument in sys.argv[3:]:
    kind, share, secret = argument.split("=")
    shares.setdefault(kind, []).append((share, secret))
client = welch.Client(port)


def attempt(kind):
    share, secret = random.choice(shares[kind]) if shares[kind] else (secrets.token_hex(16), "")
    if kind != "password":
        secret = secrets.token_urlsafe(16)
    body = json.dumps({"secret": secret, "password": "another pass phrase"})
    wanted = 401 if kind == "password" else 404
    json_type = {"Content-Type": "application/json"}
    return client.time("POST", f"/api/v1/shares/{share}/open", json_type, wanted, body)


sys.exit(not welch.compare(list(shares), rounds, attempt))
