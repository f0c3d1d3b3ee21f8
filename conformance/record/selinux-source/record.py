#!/usr/bin/env python3
"""Random policy sources and macro texts of our own, and what checkmodule, semodule_package and m4 make of them.

    record.py FIRST LAST > selinux-source.jsonl

A line per case: the text, and the SHA-256 of the package or of the output, or `refused`.
"""
import hashlib
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

CLASSES = {'file': ['read', 'write', 'open', 'getattr', 'entrypoint', 'execute', 'ioctl'],
           'dir': ['search', 'add_name', 'write'], 'process': ['fork', 'transition', 'signal'],
           'chr_file': ['read', 'ioctl']}


class Source:
    """One module: names that it requires and declares, and statements about them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.types = ['init_t', 'etc_t']
        self.attributes = ['domain', 'file_type']
        self.roles = ['system_r', 'user_r']
        self.bools = ['wanted']
        self.tunables = ['tuned']
        self.counter = 0

    def pick(self, items):
        return self.random.choice(items)

    def some(self, items, most=3):
        return self.random.sample(items, self.random.randint(1, min(most, len(items))))

    def fresh(self, stem):
        self.counter += 1
        return f'{stem}{self.counter}'

    def type_set(self, is_never=False):
        r = self.random
        kind = r.randrange(10)
        if kind < 4:
            return self.pick(self.types)
        if kind == 4:
            return self.pick(self.attributes)
        if kind == 5:
            return '{ ' + self.pick(self.attributes) + ' -' + self.pick(self.types) + ' }'
        if kind == 6 and r.random() < (1 if is_never else 0.05):
            return self.pick(['*', '~' + self.pick(self.types), '~{ ' + ' '.join(self.some(self.types)) + ' }'])
        if kind == 7 and r.random() < 0.03:
            return 'missing_t'
        return '{ ' + ' '.join(self.some(self.types + self.attributes)) + ' }'

    def classes(self):
        return self.some(sorted(CLASSES), 2) if self.random.random() < 0.3 else [self.pick(sorted(CLASSES))]

    def perms(self, classes):
        common = sorted(set.intersection(*(set(CLASSES[c]) for c in classes)))
        r = self.random.random()
        if r < 0.08 or not common:
            return '*'
        found = self.some(common, 4)
        # With several classes checkmodule may write one without permissions, which libsepol does not read.
        if r < 0.16 and len(classes) == 1:
            return '~{ ' + ' '.join(found) + ' }'
        if r > 0.985:
            found.append('missing')
        return found[0] if len(found) == 1 else '{ ' + ' '.join(found) + ' }'

    def target(self, is_never=False):
        return 'self' if self.random.random() < 0.15 else self.type_set(is_never)

    def rule(self, kinds):
        kind = self.pick(kinds)
        classes = self.classes()
        written = classes[0] if len(classes) == 1 else '{ ' + ' '.join(classes) + ' }'
        never = kind.startswith('neverallow')
        return f'{kind} {self.type_set(never)} {self.target(never)}:{written} {self.perms(classes)};'

    def type_rule(self, may_have_name=True):
        kind = self.pick(['type_transition', 'type_member', 'type_change'])
        classes = self.classes()
        written = classes[0] if len(classes) == 1 else '{ ' + ' '.join(classes) + ' }'
        name = f' "{self.pick(["a", "b.conf", "x-y"])}"' if kind == 'type_transition' and may_have_name and \
            self.random.random() < 0.4 else ''
        return f'{kind} {self.type_set()} {self.target()}:{written} {self.pick(self.types)}{name};'

    def xperm(self):
        r = self.random
        kind = self.pick(['allowxperm', 'auditallowxperm', 'dontauditxperm', 'neverallowxperm'])
        numbers = []
        for _ in range(r.randint(1, 3)):
            low = r.choice([0x5401, 0x5400, 0x8900, 0x100, 0, 0xff00]) + r.randrange(4)
            high = low + r.choice([0, 3, 0xff, 0x300])
            numbers.append(f'{low:#x}' if high == low else f'{low:#x}-{min(high, 0xffff):#x}')
        # What checkmodule leaves out of several ranges, or at the ends of all numbers, is more than it should be.
        tilde = '~' if r.random() < 0.4 and len(numbers) == 1 and 0x100 <= low < 0xff00 else ''
        return f'{kind} {self.type_set()} {self.target()}:{self.pick(["file", "chr_file"])} ioctl ' \
            f'{tilde}{{ {" ".join(numbers)} }};'

    def condition(self):
        # libsepol 3.8 takes some different conditions for one, and loses a second `!`: only plain ones are asked.
        return self.pick(['', '!']) + self.pick(self.pick([self.bools, self.tunables]))

    def conditional(self):
        body = lambda: '\n'.join('  ' + (self.type_rule(self.random.random() < 0.04) if self.random.random() < 0.2
                                         else self.rule(['allow', 'dontaudit', 'auditallow']))
                                 for _ in range(self.random.randint(0, 3)))
        other = f' else {{\n{body()}\n}}' if self.random.random() < 0.4 else ''
        return f'if ({self.condition()}) {{\n{body()}\n}}{other}'

    def declaration(self):
        kind = self.random.randrange(9)
        if kind < 3:
            name = self.fresh('t_')
            alias = f' alias {self.fresh("old_")}' if self.random.random() < 0.2 else ''
            of = ', ' + ', '.join(self.some(self.attributes, 2)) if self.random.random() < 0.6 else ''
            self.types.append(name)
            return f'type {name}{alias}{of};'
        if kind == 3:
            name = self.fresh('a_')
            self.attributes.append(name)
            return f'attribute {name};'
        if kind == 4:
            name = self.fresh('r_')
            self.roles.append(name)
            return f'role {name};\nrole {name} types {self.type_set()};'
        if kind == 5:
            name = self.fresh('b_')
            is_tunable = self.random.random() < 0.4
            (self.tunables if is_tunable else self.bools).append(name)
            return f'{"tunable" if is_tunable else "bool"} {name} {self.pick(["true", "false"])};'
        if kind == 6:
            return f'typeattribute {self.pick(self.types)} {", ".join(self.some(self.attributes, 2))};'
        if kind == 7:
            return f'typealias {self.pick(self.types)} alias {self.fresh("also_")};'
        name = self.fresh('ra_')
        return f'attribute_role {name};\nroleattribute {self.pick(self.roles)} {name};'

    def other(self):
        kind = self.random.randrange(7)
        if kind == 0:
            return f'allow {self.pick(self.roles)} {{ {" ".join(self.some(self.roles))} }};'
        if kind == 1:
            return f'role_transition {self.pick(self.roles)} {self.type_set()}' \
                f'{self.pick(["", ":process", ":file"])} {self.pick(self.roles)};'
        if kind == 2:
            return f'range_transition {self.type_set()} {self.type_set()}{self.pick(["", ":process", ":file"])} ' \
                f's0{self.pick(["", " - s0:c0.c2", ":c1", ":c0,c2 - s0:c0.c2"])};'
        if kind == 3:
            return f'role {self.pick(self.roles)} types {self.type_set()};'
        if kind == 4:
            return f'permissive {self.pick(self.types)};'
        if kind == 5:
            return self.xperm()
        return self.type_rule()

    def statements(self, count, depth=0):
        lines = []
        for _ in range(count):
            r = self.random.random()
            if r < 0.3:
                lines.append(self.declaration())
            elif r < 0.65:
                lines.append(self.rule(['allow', 'allow', 'dontaudit', 'auditallow', 'neverallow']))
            elif r < 0.8:
                lines.append(self.other())
            elif r < 0.9:
                lines.append(self.conditional())
            elif depth < 2:
                lines.append(self.optional(depth))
        return '\n'.join(lines)

    def optional(self, depth):
        """Names that the block declares are known in it alone."""
        kept = [list(names) for names in (self.types, self.attributes, self.roles, self.bools, self.tunables)]
        needed = self.fresh('needed_')
        self.types.append(needed)
        need = f'  require {{ type {needed}; }}\n' if self.random.random() < 0.97 else ''
        body = self.statements(self.random.randint(1, 4), depth + 1)
        self.types, self.attributes, self.roles, self.bools, self.tunables = kept
        return f'optional {{\n{need}{body}\n}}'

    def text(self):
        requires = ''.join(f'  class {name} {{ {" ".join(perms)} }};\n' for name, perms in CLASSES.items())
        return f'module m 1.{self.random.randrange(10)};\nrequire {{\n{requires}' \
            '  type init_t, etc_t; attribute domain, file_type; role system_r, user_r; bool wanted;\n' \
            '  tunable tuned; sensitivity s0; category c0, c1, c2; user system_u;\n}\n' \
            f'{self.statements(self.random.randint(3, 25))}\n'


PIECES = ['a', 'b', 'c', 'x', ' ', '\n', ',', '(', ')', "`", "'", '$1', '$2', '$*', '$@', '$#', '$0', '#', 'dnl', '1', '12',
          'define(`a\',`b$1\')', 'define(`b\',`$1-$2\')', 'a(x)', 'b(x,y)', 'a(`b\')', 'ifdef(`a\',`y\',`n\')',
          'ifelse(a,b,`x\',`y\')', 'ifelse($1,x,1,y,2,3)', 'shift(1,2,3)', 'incr(7)', 'decr(0)', 'len(`abc\')',
          'eval(1+2*3)', 'eval((7-2)/2 << 1)', 'eval(3 > 2 && !0)', 'index(`abc\',`c\')', 'substr(`abcdef\',2,3)',
          'translit(`hello\',`a-y\',`b-z\')', 'regexp(`one two\',`\\(\\w+\\) \\w\',`<\\1>\')', 'undefine(`a\')',
          'pushdef(`a\',`p$1\')', 'popdef(`a\')', 'divert(1)', 'divert', 'divert(-1)', 'undivert', 'changequote([,])',
          'changequote', '[q]', 'patsubst(`abcb\',`b\',`(\\&)\')', 'defn(`b\')', 'define(`l\',`ifelse($1,0,,`$1 l(decr($1))\')\')',
          'l(4)', 'changecom', 'changecom(`!\')', '!', 'indir(`b\',1,2)', 'divnum', 'regexp(`abab\',`b\')', '_a', 'a1']


def macro_text(seed):
    r = random.Random(seed)
    return ''.join(r.choice(PIECES) for _ in range(r.randint(1, 40))) + '\n'


def digest(data):
    return hashlib.sha256(data).hexdigest()


def packaged(text, folder):
    (folder / 'm.te').write_text(text)
    made = subprocess.run(['checkmodule', '-M', '-m', '-o', folder / 'm.mod', folder / 'm.te'], capture_output=True)
    if made.returncode != 0:
        # checkmodule alone refuses role transitions that are there twice.
        is_twice = b'duplicate role transition' in made.stderr
        return 'refused' if b'ERROR' in made.stderr and not is_twice else None
    made = subprocess.run(['semodule_package', '-o', folder / 'm.pp', '-m', folder / 'm.mod'], capture_output=True)
    if made.returncode != 0:
        # checkmodule wrote a rule that libsepol does not read: one of its classes has no permission left.
        return None
    return digest((folder / 'm.pp').read_bytes())


def expanded(text):
    try:
        made = subprocess.run(['m4'], input=text.encode(), capture_output=True, timeout=5)
    except subprocess.TimeoutExpired:
        return None
    if made.returncode == 0 and made.stderr != b'':
        # A warning, and text that goes on: a mistake here.
        return None
    return 'refused' if made.returncode != 0 else digest(made.stdout)


def main():
    first, last = int(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        for seed in range(first, last + 1):
            text = Source(seed).text()
            package = packaged(text, Path(name))
            if package is not None:
                print(json.dumps({'id': f'te {seed}', 'te': text, 'expect': package}))
            macros = macro_text(seed)
            output = expanded(macros)
            if output is not None:
                print(json.dumps({'id': f'm4 {seed}', 'm4': macros, 'expect': output}))


main()
