#!/usr/bin/python3
"""Asks setools random questions about a policy: `record.py POLICY COUNT > PREFIX-sesearch.tsv`.

A row is the arguments of TERuleQuery as JSON, how many rules there are, the SHA-256 of their sorted texts, and the
first forty of them. Attributes without types are not asked for: setools takes them for no question at all.
"""
import hashlib
import json
import random
import sys

import setools

KINDS = [["allow"], ["allow", "dontaudit"], ["auditallow"], ["type_transition"], ["type_change", "type_member"],
         ["allowxperm"], ["allowxperm", "auditallowxperm", "dontauditxperm"]]


def question(policy, rand):
    """The arguments of one question."""
    types = sorted(str(t) for t in policy.types())
    attributes = sorted(str(a) for a in policy.typeattributes() if list(a.expand()))
    classes = sorted(policy.classes(), key=str)
    asked = {"ruletype": rand.choice(KINDS)}
    for end in ("source", "target"):
        if rand.random() < 0.3:
            continue
        name = rand.choice(attributes if attributes and rand.random() < 0.4 else types)
        asked[f"{end}_indirect"] = rand.random() < 0.7
        if rand.random() < 0.3:
            asked[f"{end}_regex"] = True
            name = rand.choice([f"^{name[:3]}", f"{name[-2:]}$", "[13579]", f"^({name}|{rand.choice(types)})$"])
        asked[end] = name
    chosen = classes
    if rand.random() < 0.3:
        chosen = rand.sample(classes, 2)
        asked["tclass"] = sorted(str(c) for c in chosen)
    elif rand.random() < 0.2:
        asked["tclass_regex"] = True
        asked["tclass"] = rand.choice(["^f", "socket$", "et"])
    if rand.random() < 0.4:
        known = sorted(set().union(*(perms_of(c) for c in chosen)))
        asked["perms"] = sorted(rand.sample(known, min(len(known), rand.randint(1, 3))))
        if rand.random() < 0.5:
            asked[rand.choice(["perms_equal", "perms_subset"])] = True
    if asked["ruletype"][0].endswith("xperm") and rand.random() < 0.6:
        low = rand.choice([0x1, 0x5401, 0x8900, 0x1000])
        asked["xperms"] = [[low, low + rand.choice([0, 1, 255])]]
        asked["xperms_equal"] = rand.random() < 0.3
    if asked["ruletype"][0].startswith("type_") and rand.random() < 0.3:
        asked["default"] = rand.choice(types + attributes)
    booleans = sorted(str(b) for b in policy.bools())
    if booleans and rand.random() < 0.3:
        asked["boolean"] = sorted(rand.sample(booleans, min(len(booleans), rand.randint(1, 2))))
        asked["boolean_equal"] = rand.random() < 0.4
    elif rand.random() < 0.1:
        asked["boolean_regex"] = True
        asked["boolean"] = "[02]"
    return asked


def perms_of(tclass):
    """Permissions of a class, those of its common too."""
    try:
        return tclass.perms | tclass.common.perms
    except setools.exception.NoCommon:
        return tclass.perms


def main():
    """Prints the table."""
    policy = setools.SELinuxPolicy(sys.argv[1])
    rand = random.Random(7)
    for _ in range(int(sys.argv[2])):
        asked = question(policy, rand)
        query = setools.TERuleQuery(policy)
        for name, value in sorted(asked.items(), key=lambda item: not item[0].endswith("_regex")):
            setattr(query, name, [tuple(r) for r in value] if name == "xperms" else value)
        texts = sorted(str(rule) for rule in query.results())
        digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
        print(json.dumps(asked, sort_keys=True), len(texts), digest, json.dumps(texts[:40]), sep="\t")


main()
