/** Each change of behaviour of the later releases, and what proves it here. */

interface Change {
  readonly area: string
  readonly text: string
  /** Tests and recorded suites, from the root of the repository; without one the change is not modelled. */
  readonly proof: readonly string[]
}

const change = (area: string, text: string, ...proof: readonly string[]): Change => ({ area, text, proof })

const SELINUX_LATER = 'packages/selinux/src/hooks/later-hooks.test.ts'
const SELINUX_RELEASE = 'packages/selinux/src/release.test.ts'
const LANDLOCK = 'conformance/src/landlock/later-abis.test.ts'
const HOOKS = 'conformance/src/kernels/later-hooks.test.ts'
const MODULES = 'conformance/src/kernels/modules.test.ts'

export const behaviour: readonly Change[] = [
  change('core', 'new hooks, hooks that left, other signatures: modules of ABI 1.0 run unchanged', HOOKS, MODULES),
  change('core', 'the log of LSM initialisation (6.19): a line for each module', 'conformance/src/suites/lsm-order.ts'),
  change('core', 'the steps that `lsm.debug` logs in the words of 6.19, the sizes of blobs and initcalls of 7.3.4',
    'conformance/src/suites/lsm-order.ts'),
  change('capability', 'set-id is a change of the effective ids; AT_SECURE follows the final ids',
    'conformance/src/suites/caps-exec.ts'),
  change('capability', 'securebits 0x100 to 0x800 need no CAP_SETPCAP', 'conformance/src/suites/caps-calls.ts'),
  change('landlock', 'ABI 7: audit records and their flags', LANDLOCK),
  change('landlock', 'ABI 8: TSYNC replaces the domains of siblings', LANDLOCK),
  change('landlock', 'ABI 9: RESOLVE_UNIX', LANDLOCK),
  change('landlock', 'ABI 10: UDP, quiet rules', LANDLOCK),
  change('landlock', 'whiteouts take MAKE_REG where erratum 4 is mended; in 6.18.15 they take MAKE_CHAR, ' +
    'and nothing for RENAME_WHITEOUT', 'conformance/src/landlock/whiteouts.test.ts'),
  change('landlock', 'ABI 11: the NO_NEW_PRIVS flag', LANDLOCK),
  change('selinux', 'classes, permissions, policy version 35, no DCCP class; io_uring { allowed }', SELINUX_RELEASE),
  change('selinux', 'kernel reads of firmware, kexec images, policies and certificates', SELINUX_RELEASE),
  change('selinux', 'policy capabilities count only where the release knows them', SELINUX_LATER),
  change('selinux', '`netlink_xperm`: netlink messages by number, `nl-msgtype=` in records', SELINUX_LATER),
  change('selinux', '`memfd_class`: memory files have a class and a label of their own', SELINUX_LATER),
  change('selinux', 'marks of fanotify on mount namespaces: `watch_mountns`', SELINUX_LATER),
  change('selinux', 'BPF tokens: `map_create_as`, `prog_load_as`, and the grantor in place of the user', SELINUX_LATER),
  change('selinux', '`genfs_seclabel_wildcard` and `netif_wildcard`: patterns',
    'packages/selinux/src/server/wildcards.test.ts'),
  change('selinux', 'extended permissions in conditional rules (policy version 34)',
    'packages/selinux/src/query/releases/releases.test.ts'),
  change('selinux', 'writing to `user` and `checkreqprot` has no effect in 7.3, whoever does; 6.18 warns of `user`',
    SELINUX_RELEASE),
  change('selinux', 'mapping and mprotect of backing files (overlays), `functionfs_seclabel`, `neveraudit` types'),
  change('selinux', 'a task keeps decisions on four directories: permissive mode records what is refused there each ' +
    'time, and 6.18.15 records of them only what it recorded at first', 'conformance/src/suites/selinux-ops.ts',
  'packages/selinux/src/hooks/kept-decisions.test.ts'),
  change('selinux', 'the message of DCCP is unknown, XFRM_MSG_MIGRATE_STATE is known (7.3); 6.18.15 does not check ' +
    'MSG_FASTOPEN as connect(2)', SELINUX_LATER, 'conformance/src/suites/selinux-ops.ts'),
  change('smack', 'labels in `lsm_prop` and `lsm_context`', MODULES),
  change('smack', 'smackfs and file operations answer on 7.3 as on 6.12', 'conformance/src/suites/smack-transcript.ts',
    'conformance/src/suites/smack-fs.ts'),
  change('safesetid', '7.3 answers as 6.12', 'conformance/src/sessions/small.ts'),
  change('smack', '`subj_pid=` and `subj_comm=` in records about message queues of another task, `requested=-`; in ' +
    '7.3, and of 6.18 nothing is known', 'packages/smack/src/audit.test.ts'),
  change('loadpin', '`kernel.loadpin.enforce` takes no write while nothing that can be written to is pinned',
    'packages/loadpin/src/settings.test.ts'),
  change('smack', 'no ports of UDP-Lite and DCCP in labelled IPv6 packets'),
  change('apparmor', 'the features of each release, and which rules of a profile they take up',
    'packages/cli/src/commands/kernels/diff.test.ts'),
  change('apparmor', 'unix sockets by address (`network_v9/af_unix`), `kill.signal`, tags of permission tables: ' +
    'guests see the features of 6.12, which are those that are held'),
  change('apparmor', 'records of an exec for which several profiles fit; refused capabilities again after a second; ' +
    'hats of profiles that confine nothing', 'conformance/src/kernels/apparmor-releases.test.ts'),
  change('apparmor', 'in complain mode, explicit `deny` that stands and profiles made for missing targets; ' +
    '`execpath=` in records of user namespaces; audit mode `quiet.allowed`'),
  change('bpf', 'what the verifier takes: helpers, bounds, call depth, trusted arguments',
    'packages/bpf/src/verifier/later-kernels.test.ts'),
  change('bpf', 'hooks that take programs, and may sleep', 'packages/bpf/src/kernels/verify-on.test.ts'),
  change('ima, evm', 'their places in the order; neither measures or appraises here',
    'conformance/src/suites/lsm-syscalls.ts'),
  change('kernel', 'uname(2), /proc/version', 'packages/kernel/src/syscalls/uname.test.ts'),
  change('kernel', 'no UDP-Lite since 7.1; attribute calls read the name first',
    'packages/core/src/kernel-rules.test.ts'),
  change('kernel', 'fanotify marks of mounts and file systems by user namespace; RTM_NEWLINK asks for CAP_NET_ADMIN ' +
    'twice; message queues are looked up without a search of their directory; 7.3 asks bpf_prog_load in the verifier',
  'conformance/src/suites/selinux-ops.ts'),
  change('kernel', 'the system calls that came: they answer ENOSYS where the tables above have them absent. Seccomp ' +
    'filters see the same numbers on every release, and /proc has the same files'),
  change('kernel', 'layouts of `struct file` and `struct bpf_map` (BTF): an object is judged by types that you give',
    'packages/cli/src/commands/kernels/diff.test.ts'),
]

const proofText = ({ proof }: Change): string =>
  proof.length === 0 ? 'not modelled' : proof.map((file) => `[${file.split('/').at(-1)}](../${file})`).join(', ')

export const behaviourLines: readonly string[] = [
  '## Behaviour, and its proof',
  '',
  'Each row is a change of 6.18 or 7.3, and the test or the recorded suite that holds it. A suite is replayed on the',
  'answers of the real kernels ([fidelity](fidelity.md)). Debian\'s images have no Smack, SafeSetID and LoadPin: of',
  '7.3 a kernel built from its source was asked, of 6.18 none.',
  '',
  '| part | change | proof |',
  '|---|---|---|',
  ...behaviour.map((one) => `| ${one.area} | ${one.text} | ${proofText(one)} |`),
  '',
]
