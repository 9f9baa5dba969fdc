#!/usr/bin/env python3
"""The catalogue of events in docs/openapi.yaml has the actions of the domain, and no other.

  actions_test.py ROOT

The web application has a sentence for each action of the document, in each language: one that the
document lacks would be shown by its bare name.
"""
import pathlib
import re
import sys


def main(root):
    source = (root / "core/src/domain/audit/audit_event.cpp").read_text()
    body = re.search(r"to_string\(BuiltInAction .*?\n}\n", source, re.DOTALL).group()
    actions = set(re.findall(r'return "(\w+)"', body))
    document = (root / "docs/openapi.yaml").read_text()
    listed = re.search(r"^    AuditAction:.*?enum: \[(.*?)\]", document, re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"\w+", listed.group(1)))
    for action in sorted(actions - named):
        print(f"docs/openapi.yaml: AuditAction lacks {action}: name it there, and say it in "
              "adapters/web/ui/src/lib/language/sentences")
    for action in sorted(named - actions):
        print(f"docs/openapi.yaml: AuditAction has {action}, which is no action")
    return 1 if actions != named or not actions else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
