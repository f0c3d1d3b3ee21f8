/**
 * The files that may print, and the classes that may be the base of errors. Names of strangers stand in what is
 * printed, so each way out makes its text safe (`safe-text` of @lsmkit/abi) at one place. The lint rule
 * `lsmkit/printers` reads this table.
 */

/** Files that write to the streams of the process, and what makes their lines safe. */
export const sinks: ReadonlyMap<string, string> = new Map([
  ['packages/cli/src/io.ts', 'every line comes through safe-output.ts'],
  ['packages/cli/src/safe-output.ts', 'makes lines safe'],
  ['packages/create-lsmkit/src/create-lsmkit.ts', 'replaces what acts on a terminal'],
  ['packages/mcp/src/lsmkit-mcp.ts', 'oneLine'],
  ['packages/node/src/register.ts', 'oneLine'],
  ['apps/console/src/server/main.ts', 'addresses and words of its own command line'],
  ['apps/console/src/server/site.ts', 'words of its own command line'],
  ['apps/demo/src/main.ts', 'names that the tour has chosen itself'],
  ['apps/demo/src/ask-stack.ts', 'names of modules'],
  ['apps/demo/src/progress.ts', 'names of its own steps'],
])

/** Classes right on top of Error, whose messages people read. All others extend one of them. */
export const errorBases: ReadonlySet<string> = new Set([
  'packages/apparmor/src/errors.ts', 'packages/apparmor/src/profile/errors.ts', 'packages/bpf/src/error.ts',
  'packages/bpf/src/insn/asm.ts',
  'packages/bpf/src/lsm/load-error.ts', 'packages/cli/src/command-error.ts', 'packages/cli/src/run/subject.ts',
  'packages/core/src/errors.ts', 'packages/kernel/src/files/file-error.ts', 'packages/kernel/src/state/boot-error.ts',
  'packages/node/src/fs/system-error.ts', 'packages/selinux/src/cil/errors.ts', 'packages/selinux/src/policydb/errors.ts',
  'packages/selinux/src/source/errors.ts', 'packages/selinux/src/query/errors.ts', 'packages/selinux/src/server/file-contexts/errors.ts',
  'packages/wasi/src/errors.ts',
])

/** Errors with only our own words, or that never get out of their package. */
export const ownWords: ReadonlyMap<string, string> = new Map([
  ['apps/console/src/page/kernel-client.ts', 'shown as text of an element'],
  ['packages/apparmor/src/dfa/build.ts', 'caught by the compiler'],
  ['packages/apparmor/src/dfa/regex.ts', 'caught by the compiler'],
  ['packages/apparmor/src/policydb/read-pdb.ts', 'caught by the reader'],
  ['packages/apparmor/src/profile/glob.ts', 'caught by the compiler'],
  ['packages/bpf/src/helpers/run/type-helpers.ts', 'caught by the helper'],
  ['packages/bpf/src/verifier/refusal.ts', 'lines of the log, which are printed one by one'],
  ['packages/bpf/src/vm/fault.ts', 'sentences of a table'],
  ['packages/bpf/src/vm/memory-error.ts', 'numbers'],
  ['packages/cli/src/option-row.ts', 'sentences of a table'],
  ['packages/create-lsmkit/src/make-project.ts', 'printed by create-lsmkit.ts'],
  ['packages/create-lsmkit/src/program.ts', 'printed by create-lsmkit.ts'],
  ['packages/node/src/fs/arguments/argument-error.ts', 'one sentence'],
  ['packages/selinux/src/server/file-contexts/automaton.ts', 'caught by the matcher'],
])
