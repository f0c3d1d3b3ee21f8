#!/usr/bin/python3
"""Random paths for file_contexts, and what libselinux answers for them.

`paths.py FILE_CONTEXTS COUNT [SEED]` prints a table for `conform -- selinux-paths --file-contexts FILE_CONTEXTS`: path,
kind of file, label. Half of the paths come from the patterns of the file and of what lies beside it, the others are
those with a letter changed, longer, or made of pieces of several.
"""
import os
import random
import re
import subprocess
import sys

KINDS = ["any", "file", "dir", "char", "block", "socket", "pipe", "symlink"]
WORDS = ["a", "lib", "x86", "0", "bob", "log.1", "so.6", "conf", "my file", "é", ".ssh", "www", "web", "bin", "%", "n\\"]


def instance(pattern, rand):
    """A text that the pattern may match: groups, classes and repetitions are filled in without much care."""
    out = []
    at = 0

    def repeat(make):
        nonlocal at
        sign = pattern[at] if at < len(pattern) else ""
        if sign and sign in "*+?":
            at += 1
            times = {"*": rand.choice([0, 1, 2]), "+": rand.choice([1, 2]), "?": rand.choice([0, 1])}[sign]
        elif sign == "{" and (found := re.match(r"\{(\d+)(,?)(\d*)\}", pattern[at:])):
            at += found.end()
            times = int(found[1])
        else:
            times = 1
        return "".join(make() for _ in range(times))

    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            literal = pattern[at + 1:at + 2]
            at += 2
            out.append(repeat(lambda c=literal: c))
        elif char == ".":
            at += 1
            out.append(repeat(lambda: rand.choice(WORDS + ["/" + w for w in WORDS])))
        elif char == "[":
            end = pattern.find("]", at + 2)
            inside = pattern[at + 1:end]
            at = end + 1
            negated = inside.startswith("^")
            letters = "abz09-_" if negated or "[:" in inside else inside.replace("-", "") or "a"
            out.append(repeat(lambda: rand.choice(letters)))
        elif char == "(":
            depth, end = 1, at + 1
            while end < len(pattern) and depth:
                depth += {"(": 1, ")": -1}.get(pattern[end], 0) if pattern[end - 1] != "\\" else 0
                end += 1
            inside = pattern[at + 1:end - 1].removeprefix("?:")
            at = end
            parts, depth, start = [], 0, 0
            for i, c in enumerate(inside):
                depth += {"(": 1, ")": -1}.get(c, 0)
                if c == "|" and depth == 0:
                    parts.append(inside[start:i])
                    start = i + 1
            parts.append(inside[start:])
            out.append(repeat(lambda: instance(rand.choice(parts), rand)))
        elif char in "^$|":
            at += 1
        else:
            at += 1
            out.append(repeat(lambda c=char: c))
    return "".join(out)


def patterns(file):
    """Patterns of the file and its companions."""
    found = []
    for ending in ["", ".homedirs", ".local"]:
        if os.path.exists(file + ending):
            with open(file + ending, encoding="utf8") as lines:
                found += [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    for ending in [".subs", ".subs_dist"]:
        if os.path.exists(file + ending):
            with open(file + ending, encoding="utf8") as lines:
                found += [line.split()[0] + "(/.*)?" for line in lines if line.strip() and not line.startswith("#")]
    return found


def random_paths(file, count, rand):
    """Paths without line breaks and NUL; no option of the tool."""
    known = patterns(file)
    while count > 0:
        path = instance(rand.choice(known), rand)
        way = rand.random()
        if way > 0.9:
            path += rand.choice(["/", "//x", "/" + rand.choice(WORDS), rand.choice(WORDS)])
        elif way > 0.8 and path:
            at = rand.randrange(len(path))
            path = path[:at] + rand.choice("ab/._-0 é") + path[at + 1:]
        elif way > 0.7:
            other = instance(rand.choice(known), rand)
            path = path[:rand.randrange(len(path) + 1)] + other[rand.randrange(len(other) + 1):]
        elif way > 0.5:
            path = "/".join(path.split("/")[:rand.randint(1, 6)])
        if not path.startswith("/") or "\t" in path or "\n" in path or len(path) > 1 and path.rstrip("/") == "":
            continue
        count -= 1
        yield path


def answers(file, asked):
    """The label of each (path, kind), by matchpathcon: `!` where it has none."""
    found = {}
    for kind in KINDS:
        paths = sorted({path for path, of in asked if of == kind})
        # no file of this machine has these paths, so without -m any kind counts: the folder has none of them
        mode = [] if kind == "any" else ["-m", {"pipe": "p", "symlink": "l"}.get(kind, kind)]
        for start in range(0, len(paths), 2000):
            part = paths[start:start + 2000]
            lines = subprocess.run(["matchpathcon", "-n", "-N", "-f", file, *mode, "--", *part], check=True,
                                   capture_output=True, text=True).stdout.splitlines()
            found |= {(path, kind): "!" if line == "<<none>>" else line for path, line in zip(part, lines, strict=True)}
    return [found[each] for each in asked]


def questions(file, count, rand):
    """Paths with a kind. A file of this machine would give its own kind, so none of them is of any."""
    def kind(path):
        chosen = rand.choice(KINDS)
        return "file" if chosen == "any" and os.path.lexists(path.rstrip("/") or "/") else chosen
    return [(path, kind(path)) for path in random_paths(file, count, rand)]


def main():
    """Prints the table."""
    file, count = sys.argv[1], int(sys.argv[2])
    rand = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    asked = questions(file, count, rand)
    for (path, kind), answer in zip(asked, answers(file, asked)):
        print(path, kind, answer, sep="\t")


if __name__ == "__main__":
    main()
