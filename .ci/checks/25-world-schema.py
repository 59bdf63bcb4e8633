# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Judges whether the JSON Schema of world files and Diorama's reader accept the same files.

    25-world-schema.py DIORAMA FOLDER SCHEMA WORLD...    exits 1 with one line for each difference

A file is what YAML 1.2's core schema makes of it, as editors read it, and must be plain JSON.
"""

import copy
import json
import math
import re
import subprocess
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """PyYAML reads YAML 1.1; these are the scalars of YAML 1.2.2, section 10.3.2."""

    yaml_implicit_resolvers = {}

    def construct_object(self, node, deep=False):
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            texts = all(key.tag == "tag:yaml.org,2002:str" for key, _ in node.value)
            if not texts or len(set(keys)) < len(keys):
                raise yaml.YAMLError("a key that is no text, or twice")
        return super().construct_object(node, deep)


def integer(loader, node):
    text = node.value
    return int(text[2:], {"0x": 16, "0o": 8}[text[:2]]) if text[:2] in ("0x", "0o") else int(text)


for tag, pattern, first in [
    ("null", r"null|Null|NULL|~|", "nN~"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
     r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789"),
]:
    Core.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})\\Z"),
        [*first, ""] if tag == "null" else [*first])
Core.add_constructor("tag:yaml.org,2002:int", integer)
Core.add_constructor(
    "tag:yaml.org,2002:float",
    lambda loader, node: float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan")))


# Edits of the text: what is replaced, by what, and who accepts the result: "both", "none", or the
# field whose rule only the reader knows.
EDITS = [
    # Numbers, texts and how they are written.
    ("name: NAME", "name: 2024", "none"),
    ("name: NAME", "name: '2024'", "both"),
    ("name: NAME", "name: 2024-11-26", "both"),
    ("name: NAME", "name: yes", "both"),
    ("name: NAME", "name: true", "none"),
    ("name: NAME", "name: ~", "none"),
    ("name: NAME", "name:", "none"),
    ("name: NAME", "name: ''", "none"),
    ("name: NAME", "name: !!str 2024", "both"),
    ("name: NAME", "name: !mine x", "none"),
    ("name: NAME", 'name: "a\\nb"', "none"),
    ("name: NAME", 'name: "ab\\n"', "none"),
    ("name: NAME", 'name: "a\\x85b"', "none"),
    ("name: NAME", 'name: "a\\x7Fb"', "none"),
    ("name: NAME", 'name: "a\\u00e4b"', "both"),
    ("description: An", "description: true #", "none"),
    ("description: An", 'description: "a\\nb" #', "both"),
    ("physics_rate_hz: 500", "physics_rate_hz: 500.0", "both"),
    ("physics_rate_hz: 500", "physics_rate_hz: 5e2", "both"),
    ("physics_rate_hz: 500", "physics_rate_hz: 0x1F4", "both"),
    ("physics_rate_hz: 500", "physics_rate_hz: 0o764", "both"),
    ("physics_rate_hz: 500", "physics_rate_hz: 0500", "both"),
    ("physics_rate_hz: 500", "physics_rate_hz: '500'", "none"),
    ("physics_rate_hz: 500", "physics_rate_hz: 1_000", "none"),
    ("physics_rate_hz: 500", "physics_rate_hz: 500.5", "none"),
    ("physics_rate_hz: 500", "physics_rate_hz: 600", "time.physics_rate_hz"),
    ("physics_rate_hz: 500", "physics_rate_hz: 25", "time.physics_rate_hz"),
    ("episode_seconds: 16", "episode_seconds: 1:30", "none"),
    ("episode_seconds: 16", "episode_seconds: .inf", "none"),
    ("episode_seconds: 16", "episode_seconds: .nan", "none"),
    ("episode_seconds: 16", "episode_seconds: 1e1", "both"),
    # Mappings and their keys.
    ("time:\n", "time:\n  <<: {control_rate_hz: 30}\n", "none"),
    ("time:\n", "time:\n  control_rate_hz: 20\n", "none"),
    ("time:\n", "time: !!omap\n", "none"),
    ("gripper: 20}", "gripper: 20, 1: 2}", "none"),
    ("gripper: 20}", "gripper: 20, true: 2}", "none"),
    ("gripper: 20}", "gripper: 361}", "none"),
    # Scene files and moments.
    ("SCENE", "  store: a.diorama\n", "both"),
    ("SCENE", "  store: a.diorama\n  at: 2026-01-15\n", "both"),
    ("SCENE", "  store: a.diorama\n  at: 2026-01-15T12:00Z\n", "both"),
    ("SCENE", "  store: a.diorama\n  at: 2026-02-30\n", "scene.at"),
    ("SCENE", "  store: a.diorama\n  at: January\n", "none"),
    ("SCENE", "  store: ${UNSET}.diorama\n", "scene.store"),
    ("SCENE", "  store: a.diorama\n  at: 2026\n", "none"),
    ("  builtin: courtyard\n", "  builtin: courtyard\n  at: 2026-01-15\n", "none"),
    ("SCENE", "  store: a.diorama\n  place: [1, 2, 3]\n", "both"),
    ("SCENE", "  store: a.diorama\n  place: [1, 2]\n", "none"),
    # Sizes, sets and pairs.
    ("width: 256", "width: 255", "none"),
    ("height: 256", "height: 254", "both"),
    ("outputs: [rgb, depth, instances]", "outputs: [rgb, rgb]", "none"),
    ("outputs: [rgb, depth, instances]", "outputs: []", "none"),
    ("colours: [white, blue, green]", "colours: [white, white]", "none"),
    ("colours: [white, blue, green]", "colours: [white, pink]", "none"),
    ("exposure: [0.85, 1.15]", "exposure: [1.15, 0.85]", "randomisation.exposure"),
    ("distractors: [1, 3]", "distractors: [3, 1]", "task.distractors"),
    ("distractors: [1, 3]", "distractors: [0, 0.5]", "none"),
    ("distractors: [1, 3]", "distractors: [16, 16]", "both"),
    ("decoy_places: [0, 1]", "decoy_places: [0, 8]", "both"),
    ("    colours: [black, white, red]", "    colours: [black]", "both"),
    # What one field says of another.
    ("name: wrist", "name: front", "cameras[].name"),
    ("name: wrist", "name: fr-ont", "none"),
    ("name: wrist", 'name: "wrist\\n"', "none"),
    ("body: arm/gripper", "body: leg/gripper", "cameras[].body"),
    ("body: arm/gripper", "body: arm", "cameras[].body"),
    ("up: [0, -1, 0]", "up: [0, 0, 0]", "cameras[].up"),
    ("look_at: [-0.09, 0.01, 0.07]", "look_at: [0.34, -0.24, 0.36]", "cameras[].look_at"),
    ("shape: can", "shape: cube", "objects[].shape"),
    ("shape: tray", "shape: bowl", "places[].shape"),
    ("SCENE", "  builtin: courtyard\n  seed: 9223372036854775807\n", "both"),
    ("SCENE", "  builtin: courtyard\n  seed: 9223372036854775808\n", "none"),
    ("SCENE", "  builtin: courtyard\n  metres_per_unit: 2\n", "none"),
    ("SCENE", "  builtin: courtyard\n  file: a.ply\n", "none"),
    ("SCENE", "  seed: 1\n", "none"),
    ("SCENE", "  points: a.npz\n  table_height_metres: 0.7\n", "both"),
    ("SCENE", "  points: a.npz\n  table: {radius_metres: 1}\n", "none"),
    ("SCENE", "  points: ${UNSET}/a.npz\n", "scene.points"),
    ("SCENE", "  file: ${UNSET\n", "scene.file"),
    ("SCENE", "  file: a.ply\n  seed: 1\n", "none"),
    ("SCENE", "  file: a.ply\n  rotation_wxyz: [0.6, 0, 0, 0.8]\n", "both"),
    ("SCENE", "  file: a.ply\n  rotation_wxyz: [1, 0, 0, 1]\n", "scene.rotation_wxyz"),
    ("SCENE", "  file: a.ply\n  table: {radius_metres: 0.8}\n", "both"),
    ("SCENE", "  file: a.ply\n  table: {size_metres: [1, 2], height_metres: 0.7}\n", "both"),
    ("SCENE", "  file: a.ply\n  table: {size_metres: [1, 2], radius_metres: 1}\n", "none"),
    ("SCENE", "  file: a.ply\n  table: {height_metres: 1}\n", "none"),
    ("time:\n", "scenery:\n  - {mesh: '${UNSET}.obj', position: [0, 0, 0]}\ntime:\n",
     "scenery[].mesh"),
    ("time:\n", "scenery:\n  - {mesh: a.obj, position: [0, 0, 0], up: y}\ntime:\n", "both"),
    ("time:\n", "scenery:\n  - {mesh: a.obj, root: '${UNSET}', position: [0, 0, 0]}\ntime:\n",
     "scenery[].root"),
    ("decoy_places: [0, 1]\n", "decoy_places: [8, 8]\n", "both"),
    (re.compile(r"places:\n(  - .*\n)+"), "places:\n  - {shape: bowl, colours: [red]}\n",
     "task.decoy_places"),
    (re.compile(r"objects:\n(  - .*\n)+"), "objects:\n  - {shape: can, colours: [red]}\n",
     "task.distractors"),
    # Documents.
    ("format: 1", "format: 2", "none"),
    ("format: 1", "format: 1.0", "both"),
    ("format: 1", "--- # a start\nformat: 1", "both"),
    ("time:\n", "---\ntime:\n", "none"),
    ("format: 1", "format: &one 1\nodd: *one", "none"),
]

# Rules that only show when the world is loaded.
LOADED_RULES = {"robots[].asset", "robots[].home_degrees"}

# What every field is set to in turn.
VALUES = [None, True, "", "word", "1", 0, 1, 3, -1, 7, 0.5, 1e9, [], [0, 1], [1, 2, 3], ["red"], {},
          {"word": 1}]


# How many files the reader is given at once.
BATCH = 500


def edited(text, name, old, new):
    """Returns the edited text, or None where there is nothing to edit."""
    if isinstance(old, re.Pattern):
        return old.sub(lambda _: new, text) if old.search(text) else None
    if old == "SCENE":
        return re.sub(r"scene:\n(  .*\n)+", lambda _: "scene:\n" + new, text)
    old, new = old.replace("NAME", name), new.replace("NAME", name)
    return text.replace(old, new, 1) if old in text else None


def is_plain(value):
    """Whether a value can be written as JSON."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(is_plain, value.values()))
    return all(map(is_plain, value)) if isinstance(value, list) else True


def parsed(text):
    """Returns (whether the text is a document that can be written as JSON, the document)."""
    try:
        tree = yaml.load(text, Core)
    except (yaml.YAMLError, ValueError, TypeError):
        return False, None
    return is_plain(tree), tree


def reader_mistakes(diorama, folder, texts):
    """Returns for each text the reader's mistakes, none where it accepts the text."""
    mistakes = []
    for start in range(0, len(texts), BATCH):
        paths = []
        for index, text in enumerate(texts[start : start + BATCH]):
            paths.append(f"{folder}/{index}.yaml")
            with open(paths[-1], "w", newline="") as file:
                file.write(text)
        run = subprocess.run(
            [diorama, "world", "validate", *paths, "--file-only", "--json"], capture_output=True,
            text=True)
        if run.returncode not in (0, 1):
            raise SystemExit(f"world validate ended with {run.returncode}: {run.stderr[-2000:]}")
        verdict = json.loads(run.stdout)
        worlds = verdict["worlds"]
        said = (run.returncode == 0, verdict["ok"], all(world["ok"] for world in worlds))
        if len(set(said)) > 1 or any(w["ok"] == bool(w["mistakes"]) for w in worlds):
            raise SystemExit(f"world validate contradicts itself: {said}")
        mistakes += [world["mistakes"] for world in worlds]
    return mistakes


def fields(mistakes):
    """The fields that mistakes name, items as `[]`."""
    return {re.sub(r"\[\d+\]", "[]", mistake["field"]).split(": ")[-1] for mistake in mistakes}


def comments(schema, path=""):
    """Yields the paths of all fields with a rule in words, items as `[]`."""
    if "$comment" in schema:
        yield path
    for name, field in schema.get("properties", {}).items():
        yield from comments(field, f"{path}.{name}".lstrip("."))
    if isinstance(schema.get("items"), dict):
        yield from comments(schema["items"], f"{path}[]")


def places(value, path=()):
    """Yields every place in a tree of JSON, once for all items of a list."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], path + (key,))
    elif isinstance(value, list) and value:
        yield from places(value[0], path + (0,))


def at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


def mutants(world):
    """Yields (what, tree): each field with each value, reversed, gone, or with a stranger."""
    for path in places(world):
        if not path:
            continue
        reverse = [at(world, path)[::-1]] if isinstance(at(world, path), list) else []
        for value in VALUES + reverse:
            tree = copy.deepcopy(world)
            at(tree, path[:-1])[path[-1]] = value
            yield f"{path} = {value!r}", tree
        tree = copy.deepcopy(world)
        del at(tree, path[:-1])[path[-1]]
        yield f"no {path}", tree
        if isinstance(at(world, path), dict):
            tree = copy.deepcopy(world)
            at(tree, path)["stranger"] = 1
            yield f"{path} with a stranger", tree


def main(diorama, folder, schema_path, *world_paths):
    with open(schema_path) as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    rules = set(comments(schema))
    differences, broken_rules = [], set()

    # What, the text, what the schema says of it, and who accepts it; None for mutants.
    cases = []

    def add(what, text, verdict):
        is_document, tree = parsed(text)
        cases.append((what, text, is_document and validator.is_valid(tree), verdict))

    for world_path in world_paths:
        with open(world_path) as file:
            text = file.read()
        name = re.search(r"^name: (\w+)$", text, re.M).group(1)
        add(world_path, text, "both")
        for old, new, verdict in EDITS:
            changed = edited(text, name, old, new)
            if changed is not None:
                add(f"{world_path}: {old!r} -> {new!r}", changed, verdict)
        for what, tree in mutants(yaml.load(text, Core)):
            cases.append(
                (f"{world_path}: {what}", json.dumps(tree), validator.is_valid(tree), None)
            )

    verdicts = reader_mistakes(diorama, folder, [text for _, text, _, _ in cases])
    for (what, _, accepted, verdict), mistakes in zip(cases, verdicts, strict=True):
        if verdict is None:
            # The reader may be stricter where the schema has a rule in words, and nowhere else.
            if accepted and mistakes and fields(mistakes) <= rules:
                broken_rules |= fields(mistakes)
            elif accepted != (not mistakes):
                differences.append(f"{what}: the schema says {accepted}, the reader {mistakes}")
            continue
        if accepted != (verdict != "none"):
            differences.append(f"{what}: the schema says {accepted}")
        if (not mistakes) != (verdict == "both"):
            differences.append(f"{what}: the reader says {mistakes}")
        if verdict not in ("both", "none"):
            broken_rules.add(verdict)
            if fields(mistakes) != {verdict}:
                differences.append(f"{what}: the reader names another field: {mistakes}")

    for rule in sorted(rules - broken_rules - LOADED_RULES):
        differences.append(f"{rule}: no edit breaks this rule in words")
    for rule in sorted(broken_rules - rules):
        differences.append(f"{rule}: the schema has no rule in words")
    for line in differences:
        print(line)
    print(f"{len(cases)} files: {len(differences)} differences between schema and reader")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
