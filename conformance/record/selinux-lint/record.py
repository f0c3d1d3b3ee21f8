#!/usr/bin/env python3
"""Random policies of our own with faults in them, and what selint finds.

    record.py FIRST LAST [--order] > selinux-lint.jsonl

A line per case: the files, the checks that are on beside selint's own, and the findings as `file:line:code`, sorted.
--order adds C-001.
"""
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ENABLED = ['X-001', 'X-002', 'C-006', 'W-010', 'W-011', 'E-003', 'E-004'] + \
    (['C-001'] if '--order' in sys.argv else [])
OPTIONS = [word for code in ENABLED for word in ('-e', code)]

VECTORS = '''common file { ioctl read write create getattr setattr lock append map open }
class file inherits file { execute entrypoint execute_no_trans }
class dir inherits file { add_name remove_name search rmdir reparent }
class lnk_file inherits file
class process { fork signal transition ptrace }
class tcp_socket { read write bind listen }
class netlink_route_socket { read write bind }
class dbus { acquire_svc send_msg }
class passwd { rootok passwd }
'''
CLASSES = '''class file
class dir
class lnk_file
class process
class tcp_socket
class netlink_route_socket
class dbus # userspace
class passwd # userspace
'''
SETS = '''define(`socket_class_set', `{ tcp_socket netlink_route_socket }')
define(`getattr_file_perms',`{ getattr }')
define(`read_file_perms',`{ getattr open read lock ioctl }')
define(`write_file_perms',`{ getattr open write append lock ioctl }')
define(`rw_file_perms',`{ read_file_perms write append }')
define(`search_dir_perms',`{ getattr search open }')
define(`list_dir_perms',`{ getattr search open read lock ioctl }')
define(`read_lnk_file_perms',`{ getattr read }')
define(`rw_socket_perms',`{ read write }')
define(`rw_netlink_socket_perms',`{ read write }')
'''
PERMS = {'file': ['read', 'write', 'getattr', 'open', 'append', 'execute', 'map', 'read_file_perms',
                  'rw_file_perms', 'search_dir_perms', 'read_lnk_file_perms'],
         'dir': ['search', 'getattr', 'open', 'add_name', 'search_dir_perms', 'list_dir_perms', 'read_file_perms'],
         'process': ['fork', 'signal', 'transition', 'ptrace'],
         'tcp_socket': ['read', 'bind', 'listen', 'rw_socket_perms', 'rw_netlink_socket_perms'],
         'netlink_route_socket': ['read', 'rw_socket_perms', 'rw_netlink_socket_perms'],
         'dbus': ['send_msg', 'acquire_svc'], 'passwd': ['rootok', 'passwd']}


class Policy:
    """Two modules that know of one another."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, of):
        return self.random.random() < of

    def type(self, module):
        own = [f'{module}_t', f'{module}_log_t', f'{module}_exec_t']
        other = 'shop_t' if module == 'mail' else 'mail_t'
        return self.pick(own * 4 + [other, f'{module}_domain', 'nowhere_t'])

    def rule(self, module, source=None):
        tclass = self.pick(sorted(PERMS))
        perms = self.random.sample(PERMS[tclass], self.random.randint(1, min(4, len(PERMS[tclass]))))
        if self.chance(.5):
            perms.sort()
        if self.chance(.04):
            perms.append(self.pick(['reed', 'odd_file_perms', 'read', 'audit_access']))
        written = perms[0] if len(perms) == 1 else '{ ' + ' '.join(perms) + ' }'
        written = self.pick(['*', '~' + written]) if self.chance(.05) else written
        kind = self.pick(['allow'] * 6 + ['dontaudit', 'auditallow'])
        source = source or self.type(module)
        target = self.pick(['self', source, self.type(module), self.type(module)])
        if self.chance(.05):
            target = '{ ' + target + ' -' + self.type(module) + ' }'
        if self.chance(.03):
            tclass = self.pick(['flie', 'socket_class_set', '{ file dir }'])
        return f'{kind} {source} {target}:{tclass} {written};'

    def call(self, module, source=None):
        other = 'shop' if module == 'mail' else 'mail'
        name = self.pick([f'{module}_read', f'{other}_read', f'{other}_domain', f'{other}_gone', 'read_pattern',
                          f'{other}_log_filetrans', f'{module}_log_filetrans'])
        source = source or f'{module}_t'
        args = self.pick([source] * 5 + [f'{source}, {self.type(module)}', f'{source}, a b', '',
                                         f'{{ {source} -{self.type(module)} }}'])
        return f'{name}({args})' + (';' if self.chance(.05) else '')

    def statements(self, module, count, source=None, depth=0):
        lines = []
        for _ in range(count):
            r = self.random.random()
            if r < .5:
                lines.append(self.rule(module, source))
            elif r < .72:
                lines.append(self.call(module, source))
            elif r < .8 and depth < 2:
                inside = self.statements(module, self.random.randint(0 if depth == 0 else 1, 2), source, depth + 1)
                lines += ['optional_policy(`'] + ['\t' + line for line in inside] + ["')"]
            elif r < .86 and depth < 2:
                inside = self.statements(module, self.random.randint(1, 2), source, depth + 1)
                name = self.pick([f'{module}_tunable', 'global_tunable', 'shop_tunable', 'no_tunable'])
                lines += [f"tunable_policy(`{name}',`"] + ['\t' + line for line in inside] + ["')"]
            elif r < .9 and depth < 2:
                inside = self.statements(module, self.random.randint(1, 2), source, depth + 1)
                lines += ["ifdef(`distro_own',`"] + ['\t' + line for line in inside] + ["')"]
            elif r < .93:
                lines.append(f'type_transition {source or self.type(module)} {self.type(module)}:'
                             f'{self.pick(["process", "file", "flie"])} {self.type(module)};')
            elif r < .95:
                lines.append(';')
            else:
                lines.append('')
        return lines

    def te(self, module):
        head = self.pick([f'policy_module({module}, 1.0)'] * 5 + [f'module {module} 1.0;', 'policy_module(odd, 1.0)'])
        declarations = [f'attribute {module}_domain;', f"gen_tunable(`{module}_tunable', false)", f'type {module}_t;',
                        f'type {module}_exec_t;', f'type {module}_log_t;']
        if self.chance(.3):
            self.random.shuffle(declarations)
        lines = [head, ''] + declarations + ['']
        if self.chance(.2):
            lines += ['gen_require(`', '\t' + self.pick(['type nowhere_t;', 'class dbus send_msg;', 'type shop_t, mail_t;']),
                      "')"]
        for source in self.random.sample([f'{module}_t', f'{module}_domain', f'{module}_log_t'], 2):
            for line in self.statements(module, self.random.randint(2, 6), source):
                if self.chance(.08) and re.match(r'(allow|dontaudit) ', line):
                    line += ' #selint-disable:' + self.pick(['C-001', 'C-005', 'S-010', 'W-001', 'C-005,S-009'])
                lines.append(line)
        if self.chance(.1):
            lines.append(f'attribute {module}_late;')
        return '\n'.join(lines) + '\n'

    def interfaces(self, module):
        lines = []
        for name in [f'{module}_read', f'{module}_domain', f'{module}_log_filetrans', f'{module}_stub', f'{module}_unused']:
            if self.chance(.85):
                lines += ['## <summary>Made by a machine.</summary>']
            required = self.random.sample(['type ' + self.type(module) + ';', f'attribute {module}_domain;',
                                           'class dbus send_msg;', 'class file read;', 'role system_r;',
                                           f'type {module}_log_t, {module}_t;'], self.random.randint(1, 3))
            open_, close = ('`', "'") if self.chance(.93) else ('', '')
            lines += [f"interface(`{name}',`", f'\tgen_require({open_}'] + ['\t\t' + one for one in required]
            lines += [f'\t{close})']
            if name.endswith('_domain'):
                lines.append(f'\ttypeattribute $1 {module}_domain;')
            if name.endswith('_filetrans'):
                lines.append(f'\ttype_transition $1 {module}_log_t:file {module}_log_t;')
            if self.chance(.1):
                lines.append('\ttype made_t;')
            lines += ['\t' + line for line in self.statements(module, self.random.randint(1, 3), '$1', 1) if line]
            lines += ["')", '']
        return '\n'.join(lines)

    def contexts(self, module):
        lines = []
        for _ in range(self.random.randint(2, 6)):
            path = self.pick(['/usr/bin/shop', '/etc/shop.conf', r'/etc/shop\.conf', '/var/log/shop(/.*)?', '/srv/a+b',
                              '/srv/[a.b]*', '/run/shop.*'])
            context = self.pick(['system_u:object_r:%s_t' % module, 'system_u:object_r:nowhere_t', 'nobody_u:object_r:%s_t' % module,
                                 'system_u:nobody_r:%s_t' % module, 'system_u:object_r:shop_exec_t'])
            text = self.pick([f'gen_context({context},s0)'] * 4 + [f'gen_context({context})', f'{context}:s0', '<<none>>',
                                                                   'odd(a)', f'gen_context({context},s0'])
            lines.append('\t'.join([path, self.pick(['--', '-d']), text] if self.chance(.8) else [path, text]))
            if self.chance(.1):
                lines.append('  ')
        return '\n'.join(lines) + '\n'

    def files(self):
        files = {'policy/flask/access_vectors': VECTORS, 'policy/flask/security_classes': CLASSES,
                 'policy/support/obj_perm_sets.spt': SETS,
                 'policy/modules.conf': f'mail = {self.pick(["base", "module"])}\nshop = {self.pick(["module", "off"])}\n',
                 'policy/global_tunables': "gen_tunable(`global_tunable', false)\n"}
        for module, layer in [('mail', self.pick(['kernel', 'system', 'apps'])), ('shop', 'apps')]:
            stem = f'policy/modules/{layer}/{module}'
            files[f'{stem}.te'] = self.te(module)
            files[f'{stem}.if'] = self.interfaces(module)
            files[f'{stem}.fc'] = self.contexts(module)
        return files


def findings(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run(['selint', '-s', '-r', '--full-path', *OPTIONS, 'policy'], cwd=folder, capture_output=True,
                             text=True, check=False)
    found = re.findall(r'^(?:\./)?(\S+?):\s*(\d+): \(\w\): .* \((\w-\d+)\)$', run.stdout, re.MULTILINE)
    return sorted(':'.join(one) for one in found)


def main():
    first, last = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(first, last + 1):
        files = Policy(seed).files()
        found = findings(files)
        if any(one.endswith('F-001') for one in found):
            print(f'{seed}: not parsed', file=sys.stderr)
            continue
        print(json.dumps({'id': f'policy-{seed}', 'enable': ENABLED, 'files': files, 'expect': found}))


main()
