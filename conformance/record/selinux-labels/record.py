#!/usr/bin/python3
"""Asks the real tools about random texts: `record.py SEED COUNT > FILE.jsonl`, a line a question with its answer.

COUNT is how many questions of each kind there are; words behind it choose kinds. All texts are made here.
"""
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

import android
import paths
import chcat
import setrans
import store


def sha(data):
    """SHA-256 as hex."""
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def record_paths(rand, folder):
    """A file_contexts with all that may lie beside it, and the labels of paths."""
    pieces = ["/a", "/b", "/ab", "/lib", "(/.*)?", "/.*", "/[^/]*", "\\.x", "/[ab]+", "(a|b)", "/a?b", "/[[:digit:]]+", ".+"]
    kinds = ["", "", "", "\t--", "\t-d", "\t-l", "\t-c", "\t-b", "\t-s", "\t-p"]

    def text(size):
        lines = {}
        for _ in range(size):
            pattern = rand.choice(["/a", "/b", "/lib", "/ab"]) + "".join(rand.choices(pieces, k=rand.randint(0, 3)))
            kind = rand.choice(kinds)
            lines[pattern + kind] = f"{pattern}{kind}\t{rand.choice(['<<none>>', f'u:r:t{rand.randint(0, 30)}:s0'])}"
        return "\n".join(sorted(lines.values(), key=lambda line: (len(line), line))) + "\n"
    files = {"base": text(rand.randint(5, 40))}
    if rand.random() < 0.5:
        files["homedirs"] = text(rand.randint(1, 10))
    if rand.random() < 0.5:
        files["local"] = text(rand.randint(1, 10))
    if rand.random() < 0.5:
        files["subs"] = "/alias /a\n/lib64 /lib\n"
    if rand.random() < 0.5:
        files["subs_dist"] = "/usr/a /a\n/alias/b /b\n"
    name = f"{folder}/fc"
    for ending in ["base", "homedirs", "local", "subs", "subs_dist"]:
        path = name if ending == "base" else f"{name}.{ending}"
        if ending in files:
            with open(path, "w", encoding="utf8") as out:
                out.write(files[ending])
        elif os.path.exists(path):
            os.unlink(path)
    asked = paths.questions(name, 60, rand)
    return {"files": files, "paths": [list(each) for each in asked], "labels": paths.answers(name, asked)}


def record_store(rand, folder):
    """Homes and local changes."""
    passwd, group = store.accounts(rand)
    local = store.local_files(rand)
    built = store.build(f"{folder}/store", store.base_policy(rand), local, passwd, group)
    asked = {"passwd": passwd, "group": group, "local": local}
    if built is None:
        return None
    with open("/etc/shells", encoding="utf8") as shells:
        asked["shells"] = [line.strip() for line in shells if line.startswith("/")]
    return asked | {key: built[key] for key in ["linked", "fileContexts", "template", "seusers", "usersExtra", "homes"]} | {
        "policy": sha(built["policy"])}


def random_policy(rand):
    """CIL with types, attributes and rules enough to be checked."""
    types = [f"t{i}" for i in range(14)]
    attributes = [f"a{i}" for i in range(5)]
    out = ["(class file (read write append execute execute_no_trans)) (class dir (read write)) (class process (transition))",
           "(classorder (file dir process)) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r0 t0 ((s0) (s0))))",
           "(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))",
           "(user u) (userlevel u (s0)) (userrange u ((s0) (s0))) (role object_r) (boolean b true)"]
    out += [f"(type {t}) (roletype r{i % 4} {t})" for i, t in enumerate(types)]
    out += [f"(role r{i}) (userrole u r{i})" for i in range(4)]
    out += [f"(typeattribute {a}) (expandtypeattribute {a} false)" for a in attributes]
    out += [f"(typeattributeset {a} ({' '.join(rand.sample(types, rand.randint(1, 5)))}))" for a in attributes[:4]]
    permissions = {"file": ["read", "write", "append", "execute", "execute_no_trans"], "dir": ["read", "write"]}
    for _ in range(40):
        tclass = rand.choice(list(permissions))
        rule = (f"(allow {rand.choice(types + attributes * 2)} {rand.choice(types + attributes * 2)} "
                f"({tclass} ({' '.join(rand.sample(permissions[tclass], 2))})))")
        out.append(f"(booleanif b (true {rule}))" if rand.random() < 0.2 else rule)
    out += [f"(roleallow r{rand.randint(0, 3)} r{rand.randint(0, 3)})" for _ in range(6)]
    return "\n".join(out), types, attributes


def random_checks(rand, types, attributes):
    """A configuration for sechecker."""
    # the last attribute has no types: setools takes it for no question at all
    names, roles = types + attributes[:4] * 2, [f"r{i}" for i in range(4)]
    out = ["[DEFAULT]", "desc = of the whole file"] if rand.random() < 0.2 else []

    def some(of, most):
        return rand.choice([" ", "\n    "]).join(rand.sample(of, rand.randint(1, most)))
    for n in range(6):
        kind = rand.choice(["assert_te"] * 4 + ["assert_rbac", "empty_typeattr", "ro_execs"])
        out += ["", f"[check {n}]", f"check_type {rand.choice('=:')} {kind}"]
        if rand.random() < 0.3:
            out.append("Desc = looks at\n  what is 100%% there\n\n  # no comment of the value\n  ; nor this")
        if rand.random() < 0.1:
            out.append("disable = not now")
        if kind == "assert_te":
            out += rand.sample([f"source = {rand.choice(names)}", f"target={rand.choice(names)}", "tclass = file dir",
                                "perms = read  write"], rand.randint(1, 3))
        if kind == "assert_rbac":
            out.append(f"{rand.choice(['source', 'target'])} = {rand.choice(roles)}")
        if kind.startswith("assert"):
            of = names if kind == "assert_te" else roles
            out += [f"{option} = {some(of + ['nothing'], 3)}" for option in ["exempt_source", "exempt_target"] if rand.random() < 0.5]
            out += [f"{option} = {some(of, 2)}" for option in ["expect_source", "expect_target"] if rand.random() < 0.2]
        if kind == "empty_typeattr":
            out += rand.choice([["attr = gone", "missing_ok = Yes"], [f"attr = {rand.choice(attributes)}"]])
        if kind == "ro_execs":
            out += [f"{option} = {some(names, 4)}" for option in
                    ["exempt_write_domain", "exempt_exec_domain", "exempt_file"] if rand.random() < 0.6]
    return "\n".join(out) + "\n"


def record_checks(rand, folder):
    """A policy, checks of it, and the report without the lines that have times and files."""
    cil, types, attributes = random_policy(rand)
    ini = random_checks(rand, types, attributes)
    for name, text in {"p.cil": cil, "p.ini": ini}.items():
        with open(f"{folder}/{name}", "w", encoding="utf8") as out:
            out.write(text)
    subprocess.run(["secilc", "-o", f"{folder}/p.bin", "-f", "/dev/null", f"{folder}/p.cil"], check=True)
    done = subprocess.run(["sechecker", f"{folder}/p.ini", f"{folder}/p.bin"], capture_output=True, text=True, check=False)
    if done.returncode == 2 or "failure(s) found" not in done.stdout:
        return None
    report = done.stdout.split("Start time:")[1].split("\n\n", 1)[1].split("\n\nPolicy check configuration:")[0]
    with open(f"{folder}/p.bin", "rb") as policy:
        return {"binary": store.pack(policy.read()), "checks": ini, "report": report.split("\n")}


KINDS = {"paths": record_paths, "store": record_store, "checks": record_checks, "setrans": setrans.record, "chcat": chcat.record,
         "android": android.record}


def main():
    """Prints the lines."""
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    for kind in sys.argv[3:] or KINDS:
        rand = random.Random(f"{seed} {kind}")
        refused = 0
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(count):
                answer = KINDS[kind](rand, folder)
                if answer is None:
                    refused += 1
                else:
                    print(json.dumps({"kind": kind} | answer, sort_keys=True, ensure_ascii=False))
        print(f"{kind}: {count - refused} recorded, {refused} refused", file=sys.stderr)


main()
