/** The fuzzers, one line each: what is tried, and where it is. */
import type { FuzzerTable } from './frame/fuzzer.ts'

export const fuzzers: FuzzerTable = {
  'apparmor-binary': {
    does: 'compiled policies of AppArmor, sound and damaged: loaded whole or not at all, matched alike by both ways',
    load: async () => (await import('./apparmor/binary.ts')).apparmorBinary,
  },
  'apparmor-calls': {
    does: 'calls of tasks under a profile of AppArmor: nobody leaves it, and what is refused changes nothing',
    load: async () => (await import('./apparmor/calls.ts')).apparmorCalls,
  },
  'apparmor-text': {
    does: 'profile texts, damaged: compiled to a policy that a kernel takes, or refused with a typed error',
    load: async () => (await import('./apparmor/text.ts')).apparmorText,
  },
  'audit-lines': {
    does: 'lines of logs, damaged and endless: read once, and what is learnt of them is CIL',
    load: async () => (await import('./selinux/texts.ts')).auditLines,
  },
  'selinux-source': {
    does: 'policy sources with macros, damaged: a module that reads back, or a typed error',
    load: async () => (await import('./selinux/texts.ts')).selinuxSource,
  },
  'selinux-if': {
    does: 'interface files, damaged: outlined, linted, and compiled or refused with a typed error',
    load: async () => (await import('./selinux/texts.ts')).selinuxInterfaces,
  },
  'selinux-fc': {
    does: 'file contexts with macros, damaged: linted, and taken or refused with a typed error',
    load: async () => (await import('./selinux/texts.ts')).selinuxFileContexts,
  },
  'bpf-changed': {
    does: 'programs changed after they were verified: stopped where they go wrong',
    load: async () => (await import('./bpf/changed.ts')).changed,
  },
  'bpf-engines': {
    does: 'random programs: the compiler and the interpreter come to the same',
    load: async () => (await import('./bpf/engines.ts')).engines,
  },
  'bpf-loads': {
    does: 'random typed loads: both engines read of kernel objects what their layout says',
    load: async () => (await import('./bpf/loads.ts')).loads,
  },
  'bpf-objects': {
    does: 'damaged object files: refused with a typed error, or whole',
    load: async () => (await import('./bpf/objects.ts')).objects,
  },
  'bpf-programs': {
    does: 'random and damaged programs: what is verified runs to its end, on both engines alike',
    load: async () => (await import('./bpf/programs.ts')).programs,
  },
  bytes: {
    does: 'memory of guests that changes during a call, by threads and by hooks: what hooks have seen takes effect',
    load: async () => (await import('./bytes/bytes.ts')).bytes,
  },
  cil: {
    does: 'policy source, damaged, from its grammar, and bombs: compiled, or refused with a typed error',
    load: async () => (await import('./selinux/texts.ts')).cil,
  },
  components: {
    does: 'damaged components: refused with a typed error, or run to their end, and no task is left',
    load: async () => (await import('./wasi/components.ts')).components,
  },
  contexts: {
    does: 'security contexts: those taken have one canonical text',
    load: async () => (await import('./selinux/texts.ts')).contexts,
  },
  cow: {
    does: 'folders copied on write, changed by guests and the host: whole lists of changes, apply is all or nothing',
    load: async () => (await import('./cow/cow.ts')).cow,
  },
  dispatch: {
    does: 'hooks attached, detached and observed while they are called: every strategy as a plain model',
    load: async () => (await import('./dispatch/dispatch.ts')).dispatch,
  },
  emit: {
    does: 'policies in every format of other walls: each difference has a name, there and on the way back',
    load: async () => (await import('./emit/emit.ts')).emitted,
  },
  'file-contexts': {
    does: 'patterns and paths that would go back for ever: one answer, or a typed error',
    load: async () => (await import('./selinux/texts.ts')).fileContexts,
  },
  fleet: {
    does: 'bundles damaged, spliced, of other keys, epochs, tenants and times: none is taken, all errors are typed',
    load: async () => (await import('./fleet/fleet.ts')).fleet,
  },
  hosts: {
    does: 'rules, names and addresses of hosts as strangers write them: named and led as a plain model says',
    load: async () => (await import('./hosts/hosts.ts')).hosts,
  },
  'kernel-memory': {
    does: 'guests under a small account: it is what a walk comes to, and where it was when they have ended',
    load: async () => (await import('./kernel/memory.ts')).memory,
  },
  landlock: {
    does: 'any argument of the three Landlock calls: an errno or a number, both walks alike, and no layer ever goes',
    load: async () => (await import('./landlock/calls.ts')).landlockCalls,
  },
  packed: {
    does: 'gzip and bzip2, damaged and swollen: no more comes out than may, or a typed error, at once',
    load: async () => (await import('./packed/packed.ts')).packed,
  },
  policydb: {
    does: 'damaged and swollen binary policies: refused, and the old one decides; or loaded, asked, compared',
    load: async () => (await import('./selinux/texts.ts')).policydb,
  },
  native: {
    does: 'commands of native boxes (watched, mediated too) under random policies: no canary read, nobody stays behind',
    load: async () => (await import('./native/native.ts')).native,
  },
  'pseudo-files': {
    does: 'anything written to smackfs and selinuxfs: what is refused changes nothing, nor does a confined user',
    load: async () => (await import('./pseudo-files/pseudo-files.ts')).pseudoFiles,
  },
  sandbox: {
    does: 'boxes, links, permits and restores: no canary outside of allow is read or written, by guests or over links',
    load: async () => (await import('./sandbox/sandbox.ts')).sandbox,
  },
  scenario: {
    does: 'damaged scenarios: refused with a typed error, or run',
    load: async () => (await import('./scenario/scenario.ts')).scenario,
  },
  'selinux-tools': {
    does: 'checks of sechecker, setrans.conf and inspected containers, damaged: taken, or refused with a typed error',
    load: async () => (await import('./selinux/texts.ts')).selinuxTools,
  },
  'selinux-labels': {
    does: 'local changes, accounts and homes of SELinux, damaged: applied to a policy, or refused with a typed error',
    load: async () => (await import('./selinux/texts.ts')).selinuxLabels,
  },
  selinuxfs: {
    does: 'any bytes to any file of selinuxfs: a count or an errno, and nothing half done',
    load: async () => (await import('./selinux/texts.ts')).selinuxfs,
  },
  shell: {
    does: 'command lines without end under random limits: each ends, prints what it may, and no neighbour waits',
    load: async () => (await import('./shell/shell.ts')).shell,
  },
  spool: {
    does: 'folders of a spool damaged on the disk: it opens, alters no record, and gives no serial twice',
    load: async () => (await import('./spool/spool.ts')).spool,
  },
  syscalls: {
    does: 'system calls by confined tasks under each stack: no canary is read, no right gained, nested calls or not',
    load: async () => (await import('./syscalls/syscalls.ts')).syscalls,
  },
  wasi: {
    does: 'random modules and calls under random limits: each ends in time, and holds no more than it may',
    load: async () => (await import('./wasi/wasi.ts')).wasi,
  },
}
