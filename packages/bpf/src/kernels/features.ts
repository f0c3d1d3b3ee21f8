/**
 * Differences between the verifiers of the releases: one line a feature, with the release where it came or went. Code
 * of the verifier asks for a feature by name (`session.kernel.features.NAME`) and never for a release. A feature that
 * a series got by a stable update counts for the whole series.
 */
import type { KernelRelease, Span } from './releases.ts'
import { between, from, isWithin } from './releases.ts'

const spans = {
  // numbers
  /** Bounds of a number are kept through BPF_NEG. */
  negationBounds: from('6.18'),
  /** A sum or difference keeps unsigned bounds where all of its values pass the largest number. */
  wrappedBounds: from('6.18'),
  /** Products of numbers that may be negative have bounds; the bits of a product are exact. */
  signedProducts: from('6.18'),
  /** Signed and unsigned bounds are one arc of the number circle: `(x & 15) - 1` has bounds as an offset. */
  arcBounds: from('7.3'),
  /** Bounds of a number are kept through division and modulo by a constant. */
  divisionBounds: from('7.3'),
  /** The bits of a number are kept through byte swaps. */
  swappedBits: from('7.3'),
  /** A side of a jump on which no number is left is not walked. */
  deadSides: from('7.3'),
  /** A jump that compares a register with itself is decided by its operation. */
  ownCompares: from('7.3'),
  /** Scalars that differ by a constant are linked: a comparison of one narrows the other. */
  linkedOffsets: from('6.12'),
  /** Scalars stay linked through negative constants, subtraction, and additions of 32 bits. */
  linkedNegativeOffsets: from('7.3'),

  /** The fixed part of a pointer's offset is in its bounds: a pointer before what it points to is not used. */
  offsetInBounds: from('7.3'),
  /** A 32-bit compare of a pointer with 0 is decided as one of 64 bits. */
  pointersByLowHalf: between('6.18', '7.3'),

  // instructions
  /** Jumps with a 32-bit offset, signed division, signed loads and moves, byte swaps: the set that is called v4. */
  isaV4: from('6.6'),
  /** Atomic operations beside an addition, and those that give the old value back. */
  atomics: from('5.15'),
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

  /** Reserved fields and numbers of registers are checked before any instruction is walked. */
  fieldsCheckedFirst: from('7.3'),
  /** What only a wrong guess of a processor reaches is not refused: a barrier stands before it. */
  speculationBarriers: from('6.18'),

  // loops, calls, stack
  openCodedIterators: from('6.6'),
  exceptions: from('6.12'),
  /** Large frames of programs that may run again while they run (probes, tracing) have a stack of their own. */
  privateStack: from('6.18'),
  /** Recursion is found before any instruction is walked. */
  recursionFoundFirst: from('7.3'),
  fastcall: from('6.12'),

  /** What lies below all that was written to a frame's stack may be read by loaders with CAP_PERFMON. */
  readsBelowStack: from('6.6'),

  /** A helper may write over a dynptr on the stack that holds no reference. */
  dynptrsOverwritten: from('7.3'),
  /** Global functions may return nothing. */
  voidGlobals: from('7.3'),

  // contexts
  /** Kprobe programs may store to their registers. */
  kprobeRegisterWrites: from('6.18'),
  /** A context pointer may have a constant added before it is read. */
  contextOffset: from('7.3'),
  /** Syscall programs may read their context at any offset. */
  unalignedSyscallContext: from('7.3'),

  /** Tracing programs that attach elsewhere than tracepoints and functions may end: they return 0 or 1. */
  otherTracingReturns: from('7.3'),

  // loading
  /** The function or hook to attach to is looked up after the instructions are checked, instead of before. */
  targetAfterInstructions: from('6.12'),
  /** Programs may sleep on more hooks than one. */
  sleepableHooks: from('5.15'),
  /** Some hooks take no programs. */
  disabledHooks: from('6.12'),
  /** Programs of hooks return what callers of the hook can take. */
  hookReturnRanges: from('6.12'),
  /** A returned number is compared by its bounds instead of by its known bits. */
  returnsByBounds: from('6.12'),
  /** Attach types for many functions at once are for tracing programs alone. */
  manyFunctions: from('7.3'),
  /** Arguments of hooks of block devices that are made or freed are not trusted. */
  untrustedDevices: from('7.3'),
  token: from('6.12'),
  signedPrograms: from('6.18'),

  // helpers, kfuncs, maps
  /** Helpers that sleep are refused for the place they are called at; before, for the type of the program. */
  sleepingHelpersAsked: from('6.6'),
  /** Programs of socket addresses have socket options at more attach types than connect. */
  addressSocketOptions: from('5.15'),
  /** Iterators may call bpf_d_path. */
  pathsOfIterators: from('5.15'),
  /** The number of the processor that a helper gives has a bound. */
  cpuNumberBounds: from('6.12'),
  /** A look-up in an array with a key that is known finds something. */
  constantKeyLookups: from('6.18'),
  /** bpf_set_retval takes a number and nothing else. */
  setRetvalScalar: from('7.3'),
  /** Pointers that kfuncs take are trusted unless a flag or a name has it otherwise. */
  kfuncArgsTrusted: from('7.3'),
  /** Kfuncs that need RCU are refused outside of it at once, instead of where their result is used. */
  rcuAtOnce: from('6.18'),
  /** Programs of socket operations call the kfuncs of control groups. */
  sockOpsKfuncs: from('6.18'),
  /** Programs that run in any context do not free objects with fields that may not be freed there. */
  dropsAsked: from('7.3'),
  /** The prototype of a called function is looked at before it is asked whether it is a kfunc. */
  kfuncPrototypeFirst: from('7.3'),
  /** Sleepable programs may use LPM tries and program arrays. */
  sleepableLpmAndProgArray: from('7.3'),
  /** Programs of sockets, tc and xdp may not delete from a sockmap. */
  sockmapDeleteRefused: from('7.3'),

  /** Programs of probes and tracepoints may use maps with timers and work. */
  tracingTimers: from('7.3'),

  // the log
  /** Messages call an argument of a kfunc by its register (`R1`) instead of its place (`arg#0`). */
  argumentsByRegister: from('7.3'),
  /** A helper that the type of program has not is told from one that there is not. */
  helperTypeMessage: from('6.12'),
} satisfies Readonly<Record<string, Span>>

export type FeatureName = keyof typeof spans
export type Features = Readonly<Record<FeatureName, boolean>>

export const featureSpans: Readonly<Record<FeatureName, Span>> = spans

export const featureNames = Object.keys(spans) as readonly FeatureName[]

export const featuresOf = (release: KernelRelease): Features =>
  Object.fromEntries(featureNames.map((name) => [name, isWithin(spans[name], release)])) as Features
