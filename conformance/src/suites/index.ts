/** The suites, one line each: what it reads, what it compares, where it is. */
import { sessionSuite } from '../sessions/suite.ts'
import type { SuiteEntry } from '../suite.ts'

export const suites: Readonly<Record<string, SuiteEntry>> = {
  'order-vectors': {
    files: 'golden/core/lsm-order-vectors.json',
    compares: 'everything under `expect`',
    load: async () => (await import('./order-vectors.ts')).orderVectors,
  },
  'dispatch-vectors': {
    files: 'golden/core/lsm-dispatch-vectors.json',
    compares: 'everything under `expect`, on every dispatch strategy',
    load: async () => (await import('./dispatch-vectors.ts')).dispatchVectors,
  },
  'lsm-order': {
    files: 'golden/lsm-order.tsv',
    compares: 'all columns but dmesg_debug',
    load: async () => (await import('./lsm-order.ts')).lsmOrder,
  },
  'lsm-syscalls': {
    files: 'golden/lsm-syscalls.tsv.gz',
    compares: 'return, errno, size_after, buffer',
    load: async () => (await import('./lsm-syscalls.ts')).lsmSyscalls,
  },
  'cap-text': {
    files: 'golden/cap-text.tsv',
    compares: 'text and the three masks, or errno',
    load: async () => (await import('./cap-text.ts')).capText,
  },
  'caps-exec': {
    files: 'golden/caps-exec.tsv',
    compares: 'errno and every post column, on the rules of 6.12',
    load: async () => (await import('./caps-exec.ts')).capsExec,
  },
  'caps-setuid': {
    files: 'golden/caps-setuid.tsv',
    compares: 'errno, retval and every post column, on the rules of 6.12',
    load: async () => (await import('./caps-calls.ts')).capsCalls,
  },
  'caps-prctl': {
    files: 'golden/caps-prctl.tsv',
    compares: 'errno, retval and every post column, on the rules of 6.12',
    load: async () => (await import('./caps-calls.ts')).capsCalls,
  },
  'capability-corpus': {
    files: 'golden/capability-kernel-corpus.tsv.gz',
    compares: 'expected, on the rules of 6.18',
    load: async () => (await import('./capability-corpus.ts')).capabilityCorpus,
  },
  'smack-transcript': {
    files: 'golden/smack-access.tsv.gz',
    compares: 'result of every write, question and read, in order, by the rules of `--kernel`',
    load: async () => (await import('./smack-transcript.ts')).smackTranscript,
  },
  'smack-corpus': {
    files: 'golden/smack-access-corpus.tsv.gz',
    compares: 'expected',
    load: async () => (await import('./smack-corpus.ts')).smackCorpus,
  },
  'smack-fs': {
    files: 'golden/smack-fs.tsv',
    compares: 'errno and what was made, of one operation a row, by the rules of `--kernel`',
    load: async () => (await import('./smack-fs.ts')).smackFs,
  },
  landlock: {
    files: 'golden/landlock-cases.tsv',
    compares: 'expected, with decisions remembered and with the plain walk',
    load: async () => (await import('./landlock.ts')).landlockCases,
  },
  'landlock-abi': {
    files: 'conformance/recorded/landlock-abi-7.3.tsv.gz',
    compares: 'errno and what comes of it, by the rules of `--kernel`',
    load: async () => (await import('./landlock-abi.ts')).landlockAbi,
  },
  'landlock-sessions': {
    files: 'conformance/recorded/landlock-sessions.tsv.gz',
    compares: 'what every operation under Landlock answers',
    load: async () => sessionSuite((await import('../sessions/landlock.ts')).landlockSessions),
  },
  'posix-sessions': {
    files: 'golden/posix-sessions.jsonl.gz',
    compares: 'every result, every observation and the final tree, session by session',
    load: async () => (await import('./posix-sessions.ts')).posixSessions(),
  },
  'overlay-sessions': {
    files: 'conformance/recorded/overlay-sessions.tsv.gz',
    compares: 'what every operation answers; the hooks of 61 of them',
    load: async () => sessionSuite((await import('../sessions/overlay.ts')).overlaySessions),
  },
  'lockdown-sessions': {
    files: 'conformance/recorded/lockdown-sessions.tsv.gz',
    compares: 'every operation\'s answer',
    load: async () => sessionSuite((await import('../sessions/small.ts')).lockdownSessions),
  },
  'safesetid-sessions': {
    files: 'conformance/recorded/safesetid-sessions.tsv.gz',
    compares: 'every operation\'s answer',
    load: async () => sessionSuite((await import('../sessions/small.ts')).safesetidSessions),
  },
  'loadpin-sessions': {
    files: 'conformance/recorded/loadpin-sessions.tsv.gz',
    compares: 'every operation\'s answer, and the lines of the log',
    load: async () => sessionSuite((await import('../sessions/small.ts')).loadpinSessions),
  },
  'cgroup-sessions': {
    files: 'conformance/recorded/cgroup-sessions.tsv.gz',
    compares: 'what every operation on control groups answers',
    load: async () => sessionSuite((await import('../sessions/cgroup.ts')).cgroupSessions),
  },
  'epoll-sessions': {
    files: 'conformance/recorded/epoll-sessions.tsv.gz',
    compares: 'the events that epoll and poll return, in order',
    load: async () => sessionSuite((await import('../sessions/epoll.ts')).epollSessions),
  },
  'selinux-ops': {
    files: 'golden/selinux-ops.tsv',
    compares: 'errno, result, checks in order, and what each missing permission changes',
    load: async () => (await import('./selinux-ops.ts')).selinuxOps,
  },
  'hook-trace': {
    files: 'golden/hook-trace.tsv',
    compares: 'errno and the hooks of each call, in order',
    load: async () => (await import('./hook-trace.ts')).hookTrace,
  },
  'bpf-hooks': {
    files: 'golden/bpf-hooks.tsv',
    compares: 'errnos of load and attach',
    load: async () => (await import('./bpf-hooks.ts')).bpfHooks,
  },
  'bpf-decide': {
    files: 'golden/bpf-decide.tsv',
    compares: 'errnos of load, attach and the operation',
    load: async () => (await import('./bpf-decide.ts')).bpfDecide,
  },
  'bpf-isa': {
    files: 'a folder of *.data cases',
    compares: 'r0 or error, on the compiler and on the interpreter',
    load: async () => (await import('./bpf-isa.ts')).bpfIsa,
  },
  'bpf-scalars': {
    files: 'golden/bpf/scalar-vectors.tsv.gz',
    compares: 'predicted branch and resulting numbers, to the last bit',
    load: async () => (await import('./bpf-scalars.ts')).bpfScalars,
  },
  'bpf-helpers': {
    files: 'recorded/bpf-helpers.tsv.gz',
    compares: 'which kinds of programs may call which of 211 helpers, by kernel release',
    load: async () => (await import('./bpf-helpers.ts')).bpfHelpers,
  },
  'bpf-sweep': {
    files: 'tables of record/bpf-sweep, with --btf VMLINUX',
    compares: 'verdict and errno of small programs of every kind; instructions walked and messages are counted',
    load: async () => (await import('./bpf-sweep.ts')).bpfSweep,
  },
  'bpf-verdicts': {
    files: 'golden/bpf/selftest-verdicts.tsv, with --objects DIR',
    compares: 'verdict of each program; messages and return values are counted',
    load: async () => (await import('./bpf-verdicts.ts')).bpfVerdicts,
  },
  'bpf-tags': {
    files: 'a folder of selftest objects and vmlinux.btf',
    compares: 'verdict of every program that has tags with its tags; messages and return values are counted',
    load: async () => (await import('./bpf-tags.ts')).bpfTags,
  },
  'bpf-object': {
    files: 'object files, with --btf VMLINUX, --inner-maps JSON, --hook SECTION=HOOK',
    compares: 'nothing: what became of each program is printed, and those that load are counted',
    load: async () => (await import('./bpf-object.ts')).bpfObject,
  },
  'apparmor-query': {
    files: 'golden/apparmor/apparmor-query.tsv.gz, with --policies DIR',
    compares: 'allow, deny, audit and quiet of each question, or its errno',
    load: async () => (await import('./apparmor-query.ts')).apparmorQuery,
  },
  'apparmor-load': {
    files: 'golden/apparmor/apparmor-load.tsv, with --policies DIR',
    compares: 'errno of each load in order, and the profiles in the binary',
    load: async () => (await import('./apparmor-load.ts')).apparmorLoad,
  },
  'apparmor-compile': {
    files: 'a profile, with --expect BINARY [-I DIR]… [--features FILE], or recorded texts',
    compares: 'the policy that each profile is compiled to, by meaning',
    load: async () => (await import('./apparmor-compile.ts')).apparmorCompile,
  },
  'apparmor-badpolicy': {
    files: 'golden/apparmor/apparmor-badpolicy.jsonl.gz, with --policies DIR',
    compares: 'errno, records and the profiles afterwards of each damaged binary',
    load: async () => (await import('./apparmor-badpolicy.ts')).apparmorBadpolicy,
  },
  'apparmor-sessions': {
    files: 'golden/apparmor/apparmor-sessions.jsonl.gz, with --policies DIR',
    compares: 'errno, result, labels and records of every operation, in order',
    load: async () => (await import('./apparmor-sessions.ts')).apparmorSessions(),
  },
  'selinux-tables': {
    files: 'golden/selinux/PREFIX-*.tsv.gz, with --policy P and --file-contexts F',
    compares: 'the answer columns of each table; of transitions both',
    load: async () => (await import('./selinux-tables.ts')).selinuxTables,
  },
  'selinux-transcript': {
    files: 'golden/selinux-access.tsv.gz, with --policies DIR',
    compares: 'the result of every load, read, write and question, in order',
    load: async () => (await import('./selinux-transcript.ts')).selinuxTranscript,
  },
  cil: {
    files: 'CIL sources, or a tar of them, with --expect POLICY or --verdicts TABLE',
    compares: 'the compiled policy with the binary of secilc, by name',
    load: async () => (await import('./cil.ts')).cil,
  },
  'cil-secilc': {
    files: 'a range of seeds: 1-200; needs secilc on the machine',
    compares: 'verdict, policy by name and file contexts of random policies with what secilc makes of them',
    load: async () => (await import('./cil-secilc.ts')).cilSecilc,
  },
  'selinux-diff': {
    files: 'two policies, or a range of seeds: 1-200; needs sediff on the machine',
    compares: 'what came, went and changed, section by section, beside sediff\'s output',
    load: async () => (await import('./selinux-diff.ts')).selinuxDiff,
  },
  'selinux-modules': {
    files: 'a folder of policy modules; needs libsepol\'s converter on the machine',
    compares: 'the policy that the modules make as CIL with what /usr/libexec/selinux/hll/pp makes of them',
    load: async () => (await import('./selinux-modules.ts')).selinuxModules,
  },
  'selinux-source': {
    files: 'conformance/recorded/selinux-source.jsonl.gz, or a folder of refpolicy with --built',
    compares: 'policy sources and macros with what checkmodule, semodule_package, m4 and make make of them',
    load: async () => (await import('./selinux-source.ts')).selinuxSource,
  },
  'selinux-upstream': {
    files: 'conformance/recorded/selinux-upstream.jsonl.gz, with --folder of libsepol\'s unpacked source package',
    compares: 'tests of libsepol with what checkmodule, semodule_package, m4 and secilc make of them',
    load: async () => (await import('./selinux-upstream.ts')).selinuxUpstream,
  },
  'selinux-lint': {
    files: 'conformance/recorded/selinux-lint.jsonl.gz, or the policy folder of refpolicy with --found',
    compares: 'findings in policy sources with those of selint: file, line, code',
    load: async () => (await import('./selinux-lint.ts')).selinuxLint,
  },
  'selinux-link': {
    files: 'conformance/recorded/selinux-link.jsonl.gz, or a folder of policy modules',
    compares: 'modules added to a binary policy with what semodule makes of both, or with all sources compiled',
    load: async () => (await import('./selinux-link.ts')).selinuxLink,
  },
  'selinux-learn': {
    files: 'an output of record/selinux-learn, --policy; needs selinux-policy-dev on the machine',
    compares: 'how much the interfaces allow that are learned from a log, with those of audit2allow -R',
    load: async () => (await import('./selinux-learn.ts')).selinuxLearn,
  },
  'selinux-paths': {
    files: 'a table of record/selinux-labels/paths.py, --file-contexts',
    compares: 'labels of paths of all kinds of files with those of matchpathcon',
    load: async () => (await import('./selinux-paths.ts')).selinuxPaths,
  },
  'selinux-labels': {
    files: 'recorded/selinux-labels.jsonl',
    compares: 'labels of paths and homes, local changes, translated levels and checks with the real tools',
    load: async () => (await import('./selinux-labels.ts')).selinuxLabels,
  },
  'selinux-flow': {
    files: 'conformance/recorded/selinux-flow.jsonl.gz',
    compares: 'flows of information and domain transitions beside the output of setools',
    load: async () => (await import('./selinux-flow.ts')).selinuxFlow,
  },
}
