"""setools' information flow on a policy: the questions of a JSON file, all of them a pass.

    flows.py POLICY QUESTIONS MAP
"""
import json
import sys
import time

import setools


def mix(total, value):
    return ((total ^ value) * 16777619) & 0xFFFFFFFF


def main():
    policy = setools.SELinuxPolicy(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        asked = json.load(file)
    flows = setools.InfoFlowAnalysis(policy, setools.PermissionMap(sys.argv[3]), min_weight=asked["minWeight"])
    flows.mode = setools.InfoFlowAnalysis.Mode.ShortestPaths
    flows._build_subgraph()
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.monotonic_ns()
        total = 2166136261
        for source, target in asked["pairs"]:
            flows.source, flows.target = source, target
            paths = [list(path) for path in flows.results()]
            total = mix(total, len(paths))
            total = mix(total, sum(len(path) for path in paths))
        took = (time.monotonic_ns() - start) / len(asked["pairs"])
        print(total if line.startswith("sum") else took, flush=True)


main()
