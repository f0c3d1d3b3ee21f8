"""Compares stores that semodule builds with those that `lsm selinux module build` builds.

    stores.py SEED COUNT LSM...

LSM... is the command that stands for `lsm`. COUNT random policies of record.py get local booleans, ports, nodes,
interfaces, users and file contexts; `semodule -n -B` builds each store in a root of its own. The policies are compared
by `lsm selinux diff`, seusers, users_extra and file_contexts.local word by word. Prints `N of M equal`.
"""
import glob, os, random, shutil, subprocess, sys

from record import base, Store


def local_files(rnd):
    return {
        'booleans.local': 'share=%d\n' % rnd.randint(0, 1) + ('send=0\n' if rnd.random() < 0.5 else ''),
        'ports.local': ''.join('portcon %s %d system_u:object_r:%s:s0\n' % (
            rnd.choice(['tcp', 'udp']), 1000 + i * 7 + rnd.randint(0, 5), rnd.choice(['log_t', 'tmp_t']))
            for i in range(4)),
        'interfaces.local': 'netifcon eth%d system_u:object_r:log_t:s0 system_u:object_r:tmp_t:s0\n' % rnd.randint(0, 3),
        'nodes.local': 'nodecon ipv4 10.%d.0.0 255.255.0.0 system_u:object_r:log_t:s0\n' % rnd.randint(0, 9),
        'users.local': 'user web%d_u roles { user_r } level s0 range s0;\n' % rnd.randint(0, 3),
        'file_contexts.local': '/opt/x%d(/.*)?    system_u:object_r:log_t:s0\n' % rnd.randint(0, 9),
    }


def words(path):
    with open(path) as text:
        return text.read().split()


def is_equal(lsm, store, rnd):
    active = os.path.join(store.root, 'var/lib/selinux/default/active')
    for name, text in local_files(rnd).items():
        with open(os.path.join(active, name), 'w') as out:
            out.write(text)
    if not store.run('-B'):
        sys.exit('semodule does not build the store')
    theirs = glob.glob(os.path.join(store.root, 'etc/selinux/default/policy/policy.*'))[0]
    ours = os.path.join(store.root, 'ours')
    subprocess.run([*lsm, 'selinux', 'module', 'build', os.path.dirname(active), '-p', ours, '-f', ours + '.fc',
                    '--seusers', ours + '.seusers', '--users-extra', ours + '.users', '--policy-version', '33',
                    '--no-optimise'], check=True, stderr=subprocess.DEVNULL)
    same = subprocess.run([*lsm, 'selinux', 'diff', theirs, ours], stdout=subprocess.DEVNULL).returncode == 0
    pairs = [('.seusers', 'seusers'), ('.users', 'users_extra'), ('.fc.local', 'file_contexts.local')]
    return same and all(words(ours + mine) == words(os.path.join(active, name)) for mine, name in pairs)


def main():
    seed, count, lsm = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    equal = 0
    for number in range(count):
        rnd = random.Random(seed * 1000 + number)
        store = Store()
        try:
            if not store.install('base', base(rnd)[0]):
                sys.exit('semodule does not take the policy')
            equal += is_equal(lsm, store, rnd)
        finally:
            shutil.rmtree(store.root)
    print('%d of %d equal' % (equal, count))


main()
