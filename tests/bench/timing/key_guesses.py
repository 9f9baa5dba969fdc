"""Requests with keys that are not good, by turns, and Welch's t against those of unknown keys.

Usage: key_guesses.py PORT ROUNDS KIND=SECRET...
"""
import base64
import hashlib
import random
import secrets
import sys

import welch

port, rounds = int(sys.argv[1]), int(sys.argv[2])


def base32(content):
    return base64.b32encode(content).decode().lower().rstrip("=")


def unknown():
    key = "baluhost_" + base32(secrets.token_bytes(16))
    return key + base32(hashlib.sha256(key.encode()).digest())[:6]


keys = {"unknown": [unknown() for _ in range(4)]}  # as many as of the others
for argument in sys.argv[3:]:
    kind, secret = argument.split("=")
    keys.setdefault(kind, []).append(secret)
client = welch.Client(port)


def attempt(kind):
    bearer = {"Authorization": f"Bearer {random.choice(keys[kind])}"}
    return client.time("GET", "/api/v1/auth/me", bearer, 401)


sys.exit(not welch.compare(list(keys), rounds, attempt))
