#!/usr/bin/env python3
"""examples_test.py ROOT: every example of the API's document is what its schema says.

Needs PyYAML and jsonschema; without them it is skipped (77).
"""

import pathlib
import sys

try:
    import yaml
    from jsonschema import Draft202012Validator
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)


class Loader(yaml.SafeLoader):
    """Times stay text, as they are in JSON."""


Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def examined(document):
    """How many examples there are, and what is wrong with them."""
    components = document.get("components", {})  # what references name
    count, faults = 0, []

    def walk(node, at):
        nonlocal count
        if isinstance(node, dict):
            if "example" in node and "schema" in node:
                count += 1
                validator = Draft202012Validator(
                    {**node["schema"], "components": components},
                    format_checker=Draft202012Validator.FORMAT_CHECKER)
                faults.extend(f"{at}: {error.message}"
                              for error in validator.iter_errors(node["example"]))
            for key, value in node.items():
                walk(value, f"{at} {key}")
        elif isinstance(node, list):
            for i, value in enumerate(node):
                walk(value, f"{at} {i}")

    walk(document["paths"], "")
    walk(components, "components")
    return count, faults


def self_test():
    document = yaml.load(
        "paths: {/a: {get: {x: {schema: {$ref: '#/components/schemas/N'}, example: {n: one}}}}}\n"
        "components: {schemas: {N: {type: object, properties: {n: {type: integer}}}}}\n", Loader)
    count, faults = examined(document)
    assert count == 1 and len(faults) == 1, faults


self_test()
text = (pathlib.Path(sys.argv[1]) / "docs/openapi.yaml").read_text()
found, wrong = examined(yaml.load(text, Loader))
print("\n".join(wrong))
print(f"{found} examples")
sys.exit(1 if wrong or found < 40 else 0)
