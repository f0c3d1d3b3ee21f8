"""Records what audit2allow -R answers to refused accesses.

    record.py POLICY INTERFACE_INFO SEED COUNT > FILE.jsonl

POLICY is a binary policy, INTERFACE_INFO the output of `sepolgen-ifgen -i HEADERS -p POLICY`. Each of COUNT logs has one
to four AVC records: accesses that rules of the policy give one domain, asked for by another domain that has none of
them. A line is {"id": ..., "log": [record, ...], "te": what audit2allow prints}. The answers are made by the modules of
sepolgen in the order in which audit2allow calls them, so that the interfaces are read once.
Debian: `apt install policycoreutils-python-utils python3-setools selinux-policy-dev`.
"""
import io, json, random, sys

import setools
import sepolgen.access as access
import sepolgen.audit as audit
import sepolgen.defaults as defaults
import sepolgen.interfaces as interfaces
import sepolgen.objectmodel as objectmodel
import sepolgen.output as output
import sepolgen.policygen as policygen
import selinux.audit2why as audit2why

CLASSES = ['file', 'dir', 'lnk_file', 'sock_file', 'fifo_file', 'chr_file', 'tcp_socket', 'udp_socket',
           'unix_stream_socket', 'unix_dgram_socket', 'process', 'dbus', 'fd', 'filesystem', 'service']


def rules_by_domain(policy):
    """By domain: its own rules, without those of attributes."""
    found = {}
    query = setools.TERuleQuery(policy, ruletype=['allow'], tclass=CLASSES)
    for rule in query.results():
        try:
            rule.conditional
            continue
        except setools.exception.RuleNotConditional:
            pass
        source, target = rule.source, rule.target
        if isinstance(source, setools.TypeAttribute) or isinstance(target, setools.TypeAttribute) or source == target:
            continue
        found.setdefault(str(source), []).append((str(target), str(rule.tclass), sorted(rule.perms)))
    return {domain: sorted(rules) for domain, rules in found.items()}


class Contexts:
    """A valid context of each type: files have object_r, domains a role that a user has."""
    def __init__(self, policy):
        roles = {str(role): str(user) for user in sorted(policy.users(), key=str) for role in user.roles}
        self.domains = {}
        for role in sorted(policy.roles(), key=str):
            if str(role) != 'object_r' and str(role) in roles:
                for name in role.types():
                    self.domains.setdefault(str(name), '%s:%s:%s:s0' % (roles[str(role)], role, name))
        self.all_domains = {str(name) for name in policy.lookup_typeattr('domain').expand()}

    def has(self, name):
        return name in self.domains or name not in self.all_domains

    def of(self, name):
        return self.domains.get(name, 'system_u:object_r:%s:s0' % name)


def record(contexts, source, target, tclass, permissions):
    return ('type=AVC msg=audit(1700000000.100:7): avc:  denied  { %s } for  pid=7 comm="x" '
            'scontext=%s tcontext=%s tclass=%s permissive=0'
            % (' '.join(permissions), contexts.of(source), contexts.of(target), tclass))


def answer(lines, ifs, perm_maps):
    parser = audit.AuditParser()
    parser.parse_string('\n'.join(lines) + '\n')
    generator = policygen.PolicyGenerator()
    generator.set_module_name('theirs')
    generator.set_gen_refpol(ifs, perm_maps)
    generator.set_gen_requires(True)
    generator.add_access(parser.to_access())
    written = io.StringIO()
    output.ModuleWriter().write(generator.get_module(), written)
    return written.getvalue()


def main():
    path, info, seed, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    audit2why.init(path)
    policy = setools.SELinuxPolicy(path)
    rules = rules_by_domain(policy)
    contexts = Contexts(policy)
    domains = sorted(name for name in rules if name in contexts.domains)
    ifs = interfaces.InterfaceSet()
    with open(info) as found:
        ifs.from_file(found)
    perm_maps = objectmodel.PermMappings()
    with open(defaults.perm_map()) as found:
        perm_maps.from_file(found)
    rnd = random.Random(seed)
    for number in range(count):
        model, asker = rnd.sample(domains, 2)
        usable = [rule for rule in rules[model] if contexts.has(rule[0])]
        chosen = rnd.sample(usable, min(len(usable), rnd.randint(1, 4)))
        lines = [record(contexts, asker, target, tclass, rnd.sample(perms, min(len(perms), rnd.randint(1, 3))))
                 for target, tclass, perms in chosen]
        print(json.dumps({'id': '%d.%d' % (seed, number), 'log': lines, 'te': answer(lines, ifs, perm_maps)}))


main()
