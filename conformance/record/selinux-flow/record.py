#!/usr/bin/python3
"""Asks setools where information and domains flow: `record.py SEED COUNT [--policy FILE [--map FILE]] > FILE.jsonl`.

Without a policy, COUNT random ones are made from the seed and compiled by secilc; with one, COUNT questions are asked
about it, with setools' own map unless another is named. The first line of each policy has it as base64 of gzip, and its
map as text; a line a question follows, as `seinfoflow` and `sedta` ask it of setools:

  {"flow": [FROM, TO], "minWeight": N, "exclude": [...], "shortest": [[TYPE...]...]}   paths sorted
  {"flow": [FROM, TO], ..., "all": N, "paths": [[TYPE...]...]}                         at most N steps
  {"direct": TYPE, "in": BOOL, ..., "types": [...]}                                    one step
  {"domain": [FROM, TO], "exclude": [...], "shortest": [...]} and with "all"           chains of transitions
  {"transitions": TYPE, "in": BOOL, "found": [[SOURCE, TARGET, [ENTRYPOINT...], DYNAMIC]...]}

Of an exec transition the entrypoints are those that setools lists, and without setexec only those with a
type_transition rule to the target: of the others its list depends on the order in which it visits edges. More than
LIMIT paths are not written: such a question is left out.
"""
import base64
import gzip
import itertools
import json
import random
import subprocess
import sys
import tempfile

import setools
from setools.infoflow import InfoFlowAnalysis
from setools.dta import DomainTransitionAnalysis

LIMIT = 2000
CLASSES = {
    "process": ["fork", "transition", "dyntransition", "setexec", "setcurrent", "signal", "ptrace", "getattr"],
    "file": ["read", "write", "append", "getattr", "execute", "entrypoint", "open", "lock"],
    "dir": ["search", "add_name", "getattr", "read"],
    "fifo_file": ["read", "write"],
    "tcp_socket": ["sendto", "recvfrom", "read", "write"],
    "own": ["put", "get", "both", "odd"],
}


def random_map(rand):
    """A permission map in setools' format; now and then a class or a permission is missing."""
    classes = {name: perms for name, perms in CLASSES.items() if rand.random() < 0.93} or CLASSES
    lines = [str(len(classes))]
    for name, perms in classes.items():
        known = [perm for perm in perms if rand.random() < 0.93] or perms
        lines.append(f"class {name} {len(known)}")
        for perm in known:
            lines.append(f"{perm} {rand.choice('rwbnurw')} {rand.randint(1, 10)}")
    return "\n".join(lines) + "\n"


def random_policy(rand):
    """CIL of a policy with domains, programs and files."""
    types = [f"t{i}_t" for i in range(rand.randint(6, 40))]
    attributes = [f"a{i}" for i in range(rand.randint(0, 6))]
    out = []
    for name, perms in CLASSES.items():
        out.append(f"(class {name} ({' '.join(perms)}))")
    out.append(f"(classorder ({' '.join(CLASSES)}))")
    out += [f"(type {t})" for t in types]
    for a in attributes:
        members = rand.sample(types, rand.randint(0, min(len(types), 5)))
        out.append(f"(typeattribute {a})")
        if members:
            out.append(f"(typeattributeset {a} ({' '.join(members)}))")
    names = types + attributes + attributes
    rules = []
    for _ in range(rand.randint(10, 90)):
        tclass = rand.choice(list(CLASSES))
        perms = rand.sample(CLASSES[tclass], rand.randint(1, min(3, len(CLASSES[tclass]))))
        target = "self" if rand.random() < 0.05 else rand.choice(names)
        rules.append(f"(allow {rand.choice(names)} {target} ({tclass} ({' '.join(perms)})))")
    domains = rand.sample(types, max(2, len(types) // 2))
    programs = rand.sample(types, max(2, len(types) // 3))
    seen = set()
    for _ in range(rand.randint(4, 40)):
        source, target, program = rand.choice(domains), rand.choice(domains), rand.choice(programs)
        if rand.random() < 0.9:
            rules.append(f"(allow {source} {target} (process ({'transition' if rand.random() < 0.8 else 'dyntransition'})))")
        if rand.random() < 0.9:
            rules.append(f"(allow {source} {program} (file (execute read)))")
        if rand.random() < 0.9:
            rules.append(f"(allow {target} {program} (file (entrypoint)))")
        if rand.random() < 0.5 and (source, program) not in seen:
            seen.add((source, program))
            rules.append(f"(typetransition {source} {program} process {target})")
        if rand.random() < 0.15:
            rules.append(f"(allow {source} self (process ({rand.choice(['setexec', 'setcurrent'])})))")
    booleans = [f"b{i}" for i in range(rand.randint(0, 3))]
    out += [f"(boolean {b} {rand.choice(['true', 'false'])})" for b in booleans]
    for rule in rules:
        if booleans and rand.random() < 0.12:
            out.append(f"(booleanif {rand.choice(booleans)} ({rand.choice(['true', 'false'])} {rule}))")
        else:
            out.append(rule)
    out.append("(role r) (role object_r) (user u) (userrole u r) (userrole u object_r)")
    out += [f"(roletype r {t})" for t in types]
    out.append("(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))")
    out.append("(userlevel u (s0)) (userrange u ((s0) (s0)))")
    out.append(f"(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r {types[0]} ((s0) (s0))))")
    return "\n".join(out) + "\n"


def capped(paths):
    """Sorted lists of names, None when there are too many."""
    found = list(itertools.islice(paths, LIMIT + 1))
    return None if len(found) > LIMIT else sorted(found)


def names_of(steps):
    steps = list(steps)
    return [str(steps[0].source)] + [str(step.target) for step in steps]


def transition(edge):
    points = [e for e in edge.entrypoints if edge.setexec or e.type_transition] if edge.transition else []
    return [str(edge.source), str(edge.target), sorted(str(e.name) for e in points), bool(edge.dyntransition)]


def flow_question(policy, flows, types, rand, wide):
    flows.min_weight = rand.choice([1, 1, 2, 3, 5, 7, 9, 10])
    flows.exclude = rand.sample(types, rand.randint(0, 3)) if rand.random() < 0.3 else []
    asked = {"minWeight": flows.min_weight, "exclude": sorted(str(t) for t in flows.exclude)}
    if rand.random() < 0.25:
        backwards = rand.random() < 0.5
        flows.mode = InfoFlowAnalysis.Mode.FlowsIn if backwards else InfoFlowAnalysis.Mode.FlowsOut
        flows.depth_limit = 1
        name = rand.choice(types)
        flows.source, flows.target = (None, name) if backwards else (name, None)
        ends = sorted(str(s.source if backwards else s.target) for s in flows.results())
        return {"direct": name, "in": backwards, **asked, "types": ends}
    flows.source, flows.target = rand.sample(types, 2)
    asked = {"flow": [str(flows.source), str(flows.target)], **asked}
    if rand.random() < 0.5:
        flows.mode = InfoFlowAnalysis.Mode.ShortestPaths
        found = capped(map(names_of, flows.results()))
        return None if found is None else {**asked, "shortest": found}
    flows.mode = InfoFlowAnalysis.Mode.AllPaths
    flows.depth_limit = rand.randint(1, 2 if wide else 4)
    found = capped(map(names_of, flows.results()))
    return None if found is None else {**asked, "all": flows.depth_limit, "paths": found}


def domain_question(policy, domains, types, rand):
    if domains.exclude:
        # setools takes excluded programs out of the graph that it keeps
        domains.rebuildgraph = True
    domains.exclude = rand.sample(types, rand.randint(0, 2)) if rand.random() < 0.2 else []
    exclude = sorted(str(t) for t in domains.exclude)
    if rand.random() < 0.4:
        backwards = rand.random() < 0.5
        mode = DomainTransitionAnalysis.Mode
        domains.mode = mode.TransitionsIn if backwards else mode.TransitionsOut
        domains.depth_limit = 1
        name = rand.choice(types)
        domains.source, domains.target = (None, name) if backwards else (name, None)
        return {"transitions": name, "in": backwards, "exclude": exclude,
                "found": sorted(map(transition, domains.results()))}
    domains.source, domains.target = rand.sample(types, 2)
    asked = {"domain": [str(domains.source), str(domains.target)], "exclude": exclude}
    if rand.random() < 0.5:
        domains.mode = DomainTransitionAnalysis.Mode.ShortestPaths
        found = capped(map(names_of, domains.results()))
        return None if found is None else {**asked, "shortest": found}
    domains.mode = DomainTransitionAnalysis.Mode.AllPaths
    domains.depth_limit = rand.randint(1, 4)
    found = capped(map(names_of, domains.results()))
    return None if found is None else {**asked, "all": domains.depth_limit, "paths": found}


def record(name, path, map_path, count, rand, wide=False):
    policy = setools.SELinuxPolicy(path)
    with open(path, "rb") as file:
        packed = base64.b64encode(gzip.compress(file.read(), mtime=0)).decode()
    with open(map_path, encoding="utf8") as file:
        print(json.dumps({"policy": name, "binary": packed, "map": file.read()}))
    types = sorted(str(t) for t in policy.types())
    flows = InfoFlowAnalysis(policy, setools.PermissionMap(map_path))
    domains = DomainTransitionAnalysis(policy)
    domains._build_graph()
    movers = sorted({str(t) for edge in domains.G.edges() for t in edge})
    for i in range(count):
        if i % 3 == 2 and len(movers) > 1:
            asked = domain_question(policy, domains, types if rand.random() < 0.2 else movers, rand)
        else:
            asked = flow_question(policy, flows, types, rand, wide)
        if asked is not None:
            print(json.dumps(asked), flush=True)


def main(args):
    seed, count = int(args[0]), int(args[1])
    options = dict(zip(args[2::2], args[3::2]))
    rand = random.Random(seed)
    if "--policy" in options:
        with tempfile.TemporaryDirectory() as folder:
            default = f"{folder}/map"
            setools.PermissionMap().save(default)
            record(options["--policy"], options["--policy"], options.get("--map", default), count, rand, wide=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        for i in range(count):
            paths = {kind: f"{folder}/{kind}" for kind in ("policy.cil", "policy.33", "map")}
            with open(paths["policy.cil"], "w", encoding="utf8") as file:
                file.write(random_policy(rand))
            with open(paths["map"], "w", encoding="utf8") as file:
                file.write(random_map(rand))
            subprocess.run(["secilc", "-c", "33", "-M", "true", "-o", paths["policy.33"], "-f", "/dev/null",
                            paths["policy.cil"]], check=True)
            record(f"seed {seed} policy {i + 1}", paths["policy.33"], paths["map"], 12, rand)


if __name__ == "__main__":
    main(sys.argv[1:])
