"""Failed logins of names with and without an account, by turns, and Welch's t of their times.

Usage: login_names.py PORT ROUNDS KNOWN-NAME...
"""
import json
import random
import sys

import welch

port, rounds, known = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
client = welch.Client(port)


def attempt(kind):
    name = random.choice(known) if kind == "known" else f"nobody-{random.randrange(10 ** 6)}"
    body = json.dumps({"username": name, "password": "wrong"})
    json_type = {"Content-Type": "application/json"}
    return client.time("POST", "/api/v1/auth/login", json_type, 401, body)


sys.exit(not welch.compare(["unknown", "known"], rounds, attempt))
