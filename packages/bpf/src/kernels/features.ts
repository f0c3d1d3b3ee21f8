/**
 * Differences between the verifiers of the releases: one line a feature, with the release where it came or went. Code
 * of the verifier asks for a feature by name (`session.kernel.features.NAME`) and never for a release. A feature that
 * a series got by a stable update counts for the whole series.
 */
import type { KernelRelease, Span } from './releases.ts'
import { from, isWithin } from './releases.ts'

const spans = {
  // numbers
  /** Bounds of a number are kept through BPF_NEG. */
  negationBounds: from('6.18'),
  /** Bounds of a number are kept through division and modulo by a constant. */
  divisionBounds: from('7.3'),
  /** `(x & 15) - 1` has bounds as an offset: below 0 for a while is no error where the pointer moves up again. */
  subtractionBounds: from('7.3'),
  /** Scalars that differ by a constant are linked: a comparison of one narrows the other. */
  linkedOffsets: from('6.12'),
  /** Scalars stay linked through a negative constant. */
  linkedNegativeOffsets: from('7.3'),

  // instructions
  /** Jumps with a 32-bit offset, signed division, signed loads and moves, byte swaps: the set that is called v4. */
  isaV4: from('6.6'),
  mayGoto: from('6.12'),
  /** may_goto with offset 0 is a jump to the next instruction instead of an error. */
  mayGotoZero: from('6.18'),
  loadAcquire: from('6.18'),
  /** Indirect jumps through a table (gotox). */
  indirectJumps: from('7.3'),
  /** Pointers of an arena are cast by an instruction. */
  addrSpaceCast: from('6.12'),
  /** A move of the address of a per-CPU variable. */
  percpuMove: from('6.12'),

  // loops, calls, stack
  openCodedIterators: from('6.6'),
  exceptions: from('6.12'),
  /** Each frame of a kprobe program has a stack of its own. */
  kprobePrivateStack: from('6.18'),
  /** Recursion is found before any instruction is walked. */
  recursionFoundFirst: from('7.3'),
  fastcall: from('6.12'),

  // contexts
  /** Kprobe programs may store to their registers. */
  kprobeRegisterWrites: from('6.18'),
  /** A context pointer may have a constant added before it is read. */
  contextOffset: from('7.3'),
  /** Syscall programs may read their context at any offset. */
  unalignedSyscallContext: from('7.3'),

  // loading
  /** An attach type that the kernel does not know is refused for every type of program. */
  attachTypeChecked: from('7.3'),
  token: from('6.12'),
  signedPrograms: from('6.18'),

  // helpers, kfuncs, maps
  /** bpf_set_retval takes a number and nothing else. */
  setRetvalScalar: from('7.3'),
  /** Pointers that kfuncs take are trusted unless a flag or a name has it otherwise. */
  kfuncArgsTrusted: from('7.3'),
  /** The prototype of a called function is looked at before it is asked whether it is a kfunc. */
  kfuncPrototypeFirst: from('7.3'),
  /** Sleepable programs may use LPM tries and program arrays. */
  sleepableLpmAndProgArray: from('7.3'),
  /** Programs of sockets, tc and xdp may not delete from a sockmap. */
  sockmapDeleteRefused: from('7.3'),

  // the log
  /** Messages call an argument of a kfunc by its register (`R1`) instead of its place (`arg#0`). */
  argumentsByRegister: from('7.3'),
} satisfies Readonly<Record<string, Span>>

export type FeatureName = keyof typeof spans
export type Features = Readonly<Record<FeatureName, boolean>>

export const featureSpans: Readonly<Record<FeatureName, Span>> = spans

export const featureNames = Object.keys(spans) as readonly FeatureName[]

export const featuresOf = (release: KernelRelease): Features =>
  Object.fromEntries(featureNames.map((name) => [name, isWithin(spans[name], release)])) as Features
