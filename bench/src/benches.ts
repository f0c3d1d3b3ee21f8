/** The benches, one line each: the question it answers and where it is. */
import type { BenchResult } from './harness/result.ts'

export interface BenchOptions {
  /** Ends within a minute. */
  readonly quick: boolean
  /** The product of all factors, and what needs long runs. */
  readonly full: boolean
  /** A command that runs the same programs elsewhere, for benches that know how to ask it. */
  readonly rival?: string | undefined
  progress(line: string): void
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>

export interface BenchEntry {
  readonly question: string
  load(): Promise<Bench>
}

export const benches: Readonly<Record<string, BenchEntry>> = {
  dispatch: {
    question: 'what a hook costs that nobody uses, and one that modules use',
    load: async () => (await import('./dispatch/dispatch.ts')).dispatch,
  },
  'kernel-scale': {
    question: 'whether system calls notice how much there is, what it takes, and what is left of what has gone',
    load: async () => (await import('./kernel-scale/kernel-scale.ts')).kernelScale,
  },
  'kernel-sweep': {
    question: 'whether any system call holds the machine, amid many objects of any kind it can touch',
    load: async () => (await import('./kernel-sweep/kernel-sweep.ts')).kernelSweep,
  },
  'syscall': {
    question: 'what a system call costs under a full stack and without one, beside other file systems in JavaScript',
    load: async () => (await import('./syscall/syscall.ts')).syscall,
  },
  bpf: {
    question: 'what a BPF program costs: instructions, look-ups, a hook, verifying, loading, attaching',
    load: async () => (await import('./bpf/bpf.ts')).bpf,
  },
  smack: {
    question: 'what a Smack decision costs with ten rules and with a hundred thousand, and what having them costs',
    load: async () => (await import('./smack/smack.ts')).smack,
  },
  selinux: {
    question: 'whether SELinux decides faster here than in C: decisions, the cache, loading, labels of files',
    load: async () => (await import('./selinux/selinux.ts')).selinux,
  },
}
