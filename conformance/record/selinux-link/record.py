"""Records what semodule makes of small policies with one module more.

    record.py SEED COUNT > FILE.jsonl

Makes COUNT random policies in CIL, installs each with semodule in a root of its own (`semodule -p ROOT -n`: no SELinux
is needed on the machine), and adds modules to it one after the other. A line is a policy or a module of it:

    {"base": base64 of gzip of the binary policy}
    {"id": ..., "module": CIL, "after": the same of the policy with the module, or null where semodule refuses it}

The root's semanage.conf says `optimize-policy = false`: which one of several rules that say the same stays is no
question of linking. Debian: `apt install policycoreutils semodule-utils`.
"""
import base64, glob, gzip, json, os, random, shutil, subprocess, sys, tempfile

HEAD = """(handleunknown allow) (mls true) (typeattribute cil_gen_require) (roleattribute cil_gen_require)
(class file (read write getattr open execute entrypoint)) (class dir (search add_name))
(class process (fork transition signal sigchld)) (class unix_stream_socket (create connect listen))
(classorder (file dir process unix_stream_socket))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (category c1) (categoryorder (c0 c1))
(sensitivitycategory s0 (c0 c1)) (role object_r) (role system_r) (role user_r)
(user system_u) (userrole system_u system_r) (userrole system_u object_r) (userlevel system_u (s0))
(userrange system_u ((s0) (s0 (c0 c1)))) (userprefix system_u user)
(selinuxuserdefault system_u ((s0) (s0))) (selinuxuser root system_u ((s0) (s0)))
(typeattribute domain) (typeattribute daemon) (typeattribute trusted) (typeattribute file_type)
(type init_t) (type tmp_t) (type log_t) (typeattributeset domain (init_t)) (typeattributeset file_type (tmp_t log_t))
(roletype object_r file_type) (roletype object_r domain) (roletype system_r init_t) (boolean share false) (boolean send true)
(sid kernel) (sidorder (kernel)) (sidcontext kernel (system_u system_r init_t ((s0) (s0))))
(filecon "/tmp(/.*)?" any (system_u object_r tmp_t ((s0) (s0))))
(fsuse xattr ext4 (system_u object_r tmp_t ((s0) (s0))))
"""
CLASSES = {'file': ['read', 'write', 'getattr', 'open', 'execute'], 'dir': ['search', 'add_name'],
           'process': ['fork', 'signal', 'sigchld'], 'unix_stream_socket': ['create', 'connect', 'listen']}


def rule(rnd, sources, targets, kind=None):
    tclass = rnd.choice(sorted(CLASSES))
    perms = rnd.sample(CLASSES[tclass], rnd.randint(1, 2))
    return '(%s %s %s (%s (%s)))' % (kind or rnd.choice(['allow', 'allow', 'allow', 'dontaudit', 'auditallow']),
                                     rnd.choice(sources), rnd.choice(targets), tclass, ' '.join(perms))


def base(rnd):
    domains = ['d%d_t' % i for i in range(rnd.randint(30, 50))]
    files = ['f%d_t' % i for i in range(12)]
    lines = [HEAD]
    for i, name in enumerate(domains):
        lines.append('(type %s) (typeattributeset domain (%s)) (roletype %s %s)' % (
            name, name, 'system_r' if i % 3 else 'user_r', name))
        part = 'daemon' if i < 14 else 'trusted' if i > len(domains) - 12 else None
        if part:
            lines.append('(typeattributeset %s (%s))' % (part, name))
    for name in files:
        lines.append('(type %s) (typeattributeset file_type (%s)) ' % (name, name))
    sets = ['domain', 'daemon', 'trusted']
    # An attribute without a rule is not in the binary.
    lines += ['(allow %s tmp_t (file (getattr)))' % each for each in sets]
    lines.append('(allow domain self (process (fork sigchld))) (allow daemon self (unix_stream_socket (create connect)))')
    lines.append('(typeattribute base_typeattr_1) (typeattributeset base_typeattr_1 (and (domain) (not (trusted))))')
    for _ in range(40):
        lines.append(rule(rnd, domains + sets + ['base_typeattr_1'], files + ['file_type', 'domain']))
    lines.append('(typetransition daemon tmp_t file log_t) (typetransition trusted log_t dir "cache" tmp_t)')
    lines.append('(booleanif share (true %s) (false %s))' % (rule(rnd, sets, files), rule(rnd, domains, files)))
    lines.append('(constrain (process (transition)) (or (eq u1 u2) (eq t1 trusted)))')
    return '\n'.join(lines) + '\n', domains, files


def module(rnd, domains, files):
    sets = rnd.sample(['domain', 'daemon', 'trusted', 'file_type'], rnd.randint(0, 2))
    if 'daemon' in sets or 'trusted' in sets:
        sets = ['domain'] + [each for each in sets if each not in ('domain', 'file_type')]
    own = ['web_t', 'web_exec_t']
    lines = ['(type web_t)', '(type web_exec_t)', '(roletype object_r web_exec_t)', '(roletype user_r web_t)']
    lines += ['(typeattributeset %s (web_t))' % each for each in sets]
    everything = domains + files + own + ['domain', 'file_type', 'init_t', 'self']
    for _ in range(rnd.randint(1, 8)):
        lines.append(rule(rnd, domains + own + ['domain', 'daemon'], everything))
    extras = [
        lambda: '(typetransition init_t web_exec_t process web_t)',
        lambda: '(typetransition %s tmp_t file web_exec_t)' % rnd.choice(domains),
        lambda: '(typetransition web_t tmp_t dir "web" log_t)',
        lambda: '(rangetransition init_t web_exec_t process ((s0) (s0 (c0))))',
        lambda: '(booleanif %s (true %s) (false %s))' % (rnd.choice(['share', '(not share)', '(and share send)',
                                                                     '(or (not send) share)']),
                                                         rule(rnd, own, files), rule(rnd, domains, own)),
        lambda: '(typeattribute webs) (typeattributeset webs (web_t %s)) %s' % (rnd.choice(domains),
                                                                                rule(rnd, ['webs'], files)),
        lambda: '(optional o (typeattributeset cil_gen_require %s) %s)' % (rnd.choice(files + ['mail_t']),
                                                                           rule(rnd, own, files)),
        lambda: '(typepermissive web_t)', lambda: '(boolean web_b true) (booleanif web_b (true %s))' % rule(rnd, own, files),
        lambda: '(portcon tcp %d (system_u object_r log_t ((s0) (s0))))' % rnd.randint(1, 9),
        lambda: '(user web_u) (userrole web_u user_r) (userlevel web_u (s0)) (userrange web_u ((s0) (s0))) '
                '(userprefix web_u user)',
        lambda: '(type %s)' % rnd.choice(domains), lambda: rule(rnd, ['mail_t'], files),
        lambda: '(allow web_t log_t (file (reed)))', lambda: '(typeattributeset gone (web_t))',
    ]
    for each in rnd.sample(extras, rnd.randint(0, 4)):
        lines.append(each())
    return '\n'.join(lines) + '\n'


class Store:
    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='selinux-link-')
        for name in ('var/lib/selinux', 'etc/selinux/default/policy', 'etc/selinux/default/contexts/files'):
            os.makedirs(os.path.join(self.root, name))
        with open(os.path.join(self.root, 'etc/selinux/semanage.conf'), 'w') as conf:
            conf.write('module-store = direct\npolicy-version = 33\nexpand-check = 0\noptimize-policy = false\n')

    def run(self, *args):
        command = ['semodule', '-p', self.root, '-s', 'default', '-n', *args]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def install(self, name, text):
        path = os.path.join(self.root, name + '.cil')
        with open(path, 'w') as out:
            out.write(text)
        return self.run('-i', path)

    def policy(self):
        with open(glob.glob(os.path.join(self.root, 'etc/selinux/default/policy/policy.*'))[0], 'rb') as found:
            return base64.b64encode(gzip.compress(found.read(), mtime=0)).decode()


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    for number in range(count):
        rnd = random.Random(seed * 1000 + number)
        store = Store()
        try:
            text, domains, files = base(rnd)
            if not store.install('base', text):
                sys.exit('semodule does not take the policy of seed %d' % (seed * 1000 + number))
            print(json.dumps({'base': store.policy()}))
            for at in range(12):
                text = module(rnd, domains, files)
                isTaken = store.install('web', text)
                print(json.dumps({'id': '%d.%d' % (number, at), 'module': text,
                                  'after': store.policy() if isTaken else None}))
                if isTaken:
                    store.run('-r', 'web')
        finally:
            shutil.rmtree(store.root)


if __name__ == '__main__':
    main()
