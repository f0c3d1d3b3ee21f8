/** The benches, one line each: the question it answers and where it is. */
import type { BenchEntry } from './harness/bench.ts'

const single: Readonly<Record<string, BenchEntry>> = {
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
    long: true,
    load: async () => (await import('./kernel-sweep/kernel-sweep.ts')).kernelSweep,
  },
  'syscall': {
    question: 'what a system call costs under a full stack and without one, beside other file systems in JavaScript',
    load: async () => (await import('./syscall/syscall.ts')).syscall,
  },
  wasi: {
    question: 'what a WASI program pays for calls, files of the host and in memory, and for starting, beside node:wasi',
    load: async () => (await import('./wasi/wasi.ts')).wasi,
  },
  bpf: {
    question: 'what a BPF program costs: instructions, look-ups, a hook, verifying, loading, attaching',
    load: async () => (await import('./bpf/bpf.ts')).bpf,
  },
  'bpf-system': {
    question: 'what BPF costs whole system calls of a booted kernel: not there, unused, with a program',
    load: async () => (await import('./bpf-system/bpf-system.ts')).bpfSystem,
  },
  'bpf-kernels': {
    question: 'what a verdict costs by kernel release, and three hundred programs on six of them',
    load: async () => (await import('./bpf-kernels/bpf-kernels.ts')).bpfKernels,
  },
  stacking: {
    question: 'what modules, the way they are called, and BPF cost whole system calls',
    load: async () => (await import('./stacking/stacking.ts')).stacking,
  },
  apparmor: {
    question: 'what AppArmor costs a file question, an open and a load of all profiles, beside C and a kernel without',
    load: async () => (await import('./apparmor/apparmor.ts')).apparmorBench,
  },
  landlock: {
    question: 'what layers of Landlock cost an open, beside a list of path prefixes, and what a hundred thousand rules',
    load: async () => (await import('./landlock/landlock.ts')).landlockBench,
  },
  sandbox: {
    question: 'what a box costs: made, run in, kept and dropped, beside quickjs-emscripten and just-bash',
    load: async () => (await import('./sandbox/sandbox.ts')).sandboxBench,
  },
  native: {
    question: 'what native programs pay behind the walls of the host: starts of lsm exec, a build, watched calls',
    load: async () => (await import('./native/native.ts')).nativeBench,
  },
  outside: {
    question: 'what users see of packed packages in an empty folder: starts of lsm, boxes, memory, lines of a shell',
    load: async () => (await import('./outside/outside.ts')).outside,
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

export const benches: Readonly<Record<string, BenchEntry>> = {
  ...single,
  all: {
    question: 'all of these, in their quick form unless `--full`; writes BENCHMARKS.md',
    load: async () => (await import('./report/all.ts')).all(single),
  },
}
