/** The fuzzers, one line each: what is tried, and where it is. */
import type { FuzzerTable } from './frame/fuzzer.ts'

export const fuzzers: FuzzerTable = {
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
  'kernel-memory': {
    does: 'guests under a small account: it is what a walk comes to, and where it was when they have ended',
    load: async () => (await import('./kernel/memory.ts')).memory,
  },
  dispatch: {
    does: 'hooks attached, detached and observed while they are called: every strategy as a plain model',
    load: async () => (await import('./dispatch/dispatch.ts')).dispatch,
  },
  syscalls: {
    does: 'system calls by confined tasks under each stack: no canary is read, no right gained, nested calls or not',
    load: async () => (await import('./syscalls/syscalls.ts')).syscalls,
  },
}
