#!/usr/bin/python3
"""Asks the real tools about random texts: `record.py SEED COUNT > FILE.jsonl`, a line a question with its answer.

COUNT is how many questions of each kind there are; words behind it choose kinds. All texts are made here.
"""
import hashlib
import json
import os
import random
import sys
import tempfile

import paths
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


KINDS = {"paths": record_paths, "store": record_store}


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
