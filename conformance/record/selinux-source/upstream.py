#!/usr/bin/env python3
"""Tests of libsepol's source package, and what checkmodule, semodule_package and secilc make of them.

    upstream.py FOLDER > selinux-upstream.jsonl

FOLDER is libsepol's source (`apt-get source libsepol`). A line per case has the name of the file, digests and verdicts,
and no text: `tests/policies/*/*.conf` with and without MLS, as its Makefile expands them, and `cil/test` with switches.
"""
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SUPPORT = 'tests/policies/support/misc_macros.spt'
SWITCHES = [[], ['-M', 'true'], ['-N'], ['-O'], ['-m'], ['-P'], ['-D'], ['-X', '3']]


def digest(data):
    return hashlib.sha256(data).hexdigest()


def package_of(text, mls, within):
    found = re.search(rb'^\s*module\s+(\S+)', text, re.M)
    name = 'base' if found is None else found[1].decode()
    (within / 'policy.conf').write_bytes(text)
    flags = (['-M'] if mls else []) + ([] if found is None else ['-m'])
    module = within / f'{name}.mod'
    made = subprocess.run(['checkmodule', *flags, '-o', module, within / 'policy.conf'], capture_output=True)
    if made.returncode != 0:
        return 'refused'
    subprocess.run(['semodule_package', '-o', within / 'package', '-m', module], check=True, capture_output=True)
    return digest((within / 'package').read_bytes())


def policy_of(path, switches, within):
    made = subprocess.run(['secilc', *switches, '-o', within / 'policy', '-f', within / 'contexts', path],
                          capture_output=True)
    return 'refused' if made.returncode != 0 else digest((within / 'contexts').read_bytes())


def main():
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        for path in sorted(folder.glob('tests/policies/*/*.conf')):
            for mls in (False, True):
                flags = ['-D', 'enable_mls'] if mls else []
                text = subprocess.run(['m4', '-E', '-E', *flags, folder / SUPPORT, path], check=True,
                                      capture_output=True).stdout
                row = {'file': str(path.relative_to(folder)), 'mls': mls, 'text': digest(text)}
                print(json.dumps({**row, 'expect': package_of(text, mls, Path(name))}))
        for path in sorted(folder.glob('cil/test/integration_testing/*.cil')):
            for switches in SWITCHES:
                row = {'file': str(path.relative_to(folder)), 'switches': switches}
                print(json.dumps({**row, 'expect': policy_of(path, switches, Path(name))}))


main()
