"""setools on a policy: the queries of a JSON file, all of them a pass.

    queries.py POLICY QUERIES
"""
import json
import sys
import time

import setools


def mix(total, value):
    return ((total ^ value) * 16777619) & 0xFFFFFFFF


def answers(policy, queries):
    total = 2166136261
    for arguments in queries:
        texts = sorted(str(rule) for rule in setools.TERuleQuery(policy, **arguments).results())
        total = mix(total, len(texts))
        for text in texts:
            total = mix(total, len(text))
    return total


def main():
    policy = setools.SELinuxPolicy(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        queries = json.load(file)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.monotonic_ns()
        total = answers(policy, queries)
        took = (time.monotonic_ns() - start) / len(queries)
        print(total if line.startswith("sum") else took, flush=True)


main()
