/**
 * Differences between the verifiers of the releases: one line a feature, with the release where it came or went. Code
 * of the verifier asks for a feature by name (`session.kernel.features.NAME`) and never for a release. A feature that
 * a series got by a stable update counts for the whole series.
 */
import type { KernelRelease, Span } from './releases.ts'
import { between, from, isWithin } from './releases.ts'

const spans = {
  // numbers
  /** Bounds of a number are learnt across its halves, and from ranges that cross no sign. */
  crossedBounds: from('6.12'),
  /** Bits of the lower half are learnt from the bounds of the whole. */
  narrowBitsFromWide: from('6.1'),
  /** A shift by 32 to the left keeps the signs of the lower half. */
  shiftedSigns: from('6.1'),
  /** The bits of a product come from a long multiplication. */
  longProducts: from('5.15'),
  /** Compares of two numbers teach, whether one is a constant or not. */
  rangeCompares: from('6.12'),
  /** Registers that are linked become precise together. */
  linkedHistory: from('6.6'),
  /** A pointer to a key of a map is known not to be NULL. */
  keysNotNull: from('5.15'),
  /** A pointer that equals one which is not NULL is not NULL either. */
  equalPointersNotNull: from('6.6'),
  /** A number whose views contradict each other loses its bounds. */
  invariantsChecked: from('6.12'),
  /** Products, shifts and other operations keep bounds where the right side is no constant. */
  variableOperands: from('6.12'),
  /** A mask over a number that is -1 or 0 is tried with both. */
  maskForks: from('6.12'),
  /** A move of 32 bits links two registers where the source has no more. */
  narrowMovesLink: from('6.6'),
  /** Any number that is saved on the stack is found there again, also in parts. */
  savedNumbers: from('6.12'),
  /** Bounds of a number are kept through BPF_NEG. */
  negationBounds: from('6.18'),
  /** A sum or difference keeps unsigned bounds where all of its values pass the largest number. */
  wrappedBounds: from('6.18'),
  /** Bounds of the low half that overlap at one end only are not joined. */
  lowHalvesApart: between('6.18', '7.3'),
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
  /** Jumps with a 32-bit offset: a stable update gave them to 6.1. */
  longJumps: from('6.1'),
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

  /** Reserved fields and numbers of registers are checked before any instruction is walked. */
  fieldsCheckedFirst: from('7.3'),
  /** What only a wrong guess of a processor reaches is not refused: a barrier stands before it. */
  speculationBarriers: from('6.18'),

  // loops, calls, stack
  openCodedIterators: from('6.6'),
  exceptions: from('6.12'),
  /** Large frames of programs that may run again while they run (probes, tracing) have a stack of their own. */
  privateStack: from('6.18'),
  fastcall: from('6.12'),

  /** What lies below all that was written to a frame's stack may be read by loaders with CAP_PERFMON. */
  readsBelowStack: from('6.6'),

  /** Arguments of global functions may point to memory. */
  globalMemory: from('5.15'),
  /** Arguments of global functions have tags. */
  globalTags: from('6.12'),
  /** Global functions are walked after the program, where it calls them. */
  globalsLast: from('6.12'),
  /** A callback is walked once more for every round, and its call may have no round at all. */
  callbackRounds: from('6.6'),
  /** Too many paths that wait are E2BIG instead of EFAULT. */
  longSequenceErrno: from('6.12'),
  /** The flow graph may lead back by any instruction, instead of by jumps alone. */
  anyBackEdge: from('6.12'),
  /** A number of 4 bytes on the stack learns with the registers that it is linked to. */
  narrowSpillsLinked: from('6.12'),
  /** A function may take a lock, or begin an RCU section, that its caller ends. */
  sectionsAcrossFunctions: from('6.12'),
  /** Functions of the program itself may be called while a lock is held. */
  callsUnderLock: from('6.12'),
  /** A loop is endless where all of two states is the same, instead of what the way out depends on. */
  exactLoops: from('6.6'),
  /** A helper may write over a dynptr on the stack that holds no reference. */
  dynptrsOverwritten: from('7.3'),
  /** Global functions may return nothing. */
  voidGlobals: from('7.3'),

  // contexts
  /** Constants may be stored into a context. */
  constantsToContext: from('6.6'),
  /** Pointers to any number are numbers in a context, instead of those to bytes alone. */
  numberPointers: from('6.1'),
  /** Pointers to `const void` are numbers in a context, as those to `void` are. */
  constVoidPointers: from('6.18'),
  /** Pointers in a context are numbers unless they point to a struct: also those to pointers. */
  structPointersAlone: from('7.3'),
  /** Pointers in a context are read whole. */
  wholePointers: from('6.6'),
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
  /** Functions that take structs by value may be traced. */
  structArguments: from('6.1'),
  /** Writable tracepoints count as tracing: their programs hold no locks. */
  writableTracepointsTrace: from('6.1'),
  /** A jump reads its operand before its reserved fields are looked at. */
  jumpReadsFirst: from('6.1'),
  /** Whether a program may sleep depends on its attach type. */
  sleepByAttachType: from('6.6'),
  /** A program that sleeps is refused on tracepoints that may not, whatever its type. */
  faultableTracepoints: from('7.3'),
  /** Probes may sleep. */
  sleepableProbes: from('6.1'),
  /** Programs may sleep on more hooks than one. */
  sleepableHooks: from('5.15'),
  /** Programs for bind return two bits. */
  bindReturns: from('5.15'),
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

  // helpers, kfuncs, maps
  /** What a helper only reads on the stack stays known: its prototype has where it writes. */
  helperReadsKeep: from('6.18'),
  /** RCU locks nest, and what RCU kept is void where no section is left that keeps it. */
  nestedRcu: from('7.3'),
  /** Programs of raw tracepoints call the kfuncs of tracing programs. */
  rawTracepointKfuncs: from('7.3'),
  /** Memory that a helper or a global function takes is asked as a load and a store would be. */
  helperMemoryAsked: from('7.3'),
  /** The result of a hook that a program loads keeps bounds of what the register held before. */
  resultShowsThrough: between('6.18', '7.3'),
  /** Programs call functions of the kernel. */
  kfuncs: from('5.15'),
  /** Programs load the addresses of functions of the kernel, beside those of its variables. */
  kernelFunctionAddresses: from('6.1'),
  /** Programs give helpers functions of their own. */
  functionPointers: from('5.15'),
  /** Memory that a helper reads may be a struct of the kernel. */
  structBytes: from('6.6'),
  /** Memory that a helper reads may be a context that is not translated. */
  contextBytes: from('6.1'),
  /** What is wrong with a lock or a timer has its own errno, instead of EACCES. */
  lockErrnos: from('6.6'),
  timers: from('5.15'),
  workQueues: from('6.12'),
  /** Objects that programs make themselves, with lists, trees and counters of references. */
  localObjects: from('6.6'),
  /** Pointers of the kernel are kept in maps. */
  kptrs: from('6.1'),
  /** A kept pointer that is not trusted has a tag of its own; before, one that is a reference. */
  kptrTagsByTrust: from('6.6'),
  percpuKptrs: from('6.12'),
  /** Sleepable programs may use maps with a lock. */
  sleepableLocks: from('6.12'),
  /** Sleepable programs may use per-CPU maps, maps of maps and ring buffers. */
  sleepablePercpuMaps: from('5.15'),
  /** Sleepable programs may use local storage. */
  sleepableStorage: from('6.1'),
  /** Sleepable programs may use queues, storage of control groups, and hash maps that allocate at run time. */
  sleepableQueues: from('6.6'),
  /** Programs that interrupt others, or sleep, may use hash maps that allocate at run time. */
  runtimeHashes: from('6.1'),
  /** A dynptr may be made over another one that holds no reference. */
  dynptrsReplaced: from('6.6'),
  /** Helpers that sleep are refused for the place they are called at; before, for the type of the program. */
  sleepingHelpersAsked: from('6.6'),
  /** The size that bpf_check_mtu compares with was written before the call. */
  mtuWritten: from('6.12'),
  /** What bpf_get_task_stack gives has bounds. */
  taskStackBounds: from('5.15'),
  /** Programs of socket addresses have socket options at more attach types than connect. */
  addressSocketOptions: from('5.15'),
  /** Iterators may call bpf_d_path. */
  pathsOfIterators: from('5.15'),
  /** The number of the processor that a helper gives has a bound. */
  cpuNumberBounds: from('6.12'),
  /** A look-up in an array with a key that is known finds something. */
  constantKeyLookups: from('6.18'),
  /** bpf_set_retval takes a number that callers of the hook or system call can take, and nothing else. */
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
  /** A number 0 that an argument takes as NULL is precise. */
  nullsPrecise: from('7.3'),
  /** An argument that is not NULL (`arg:nonnull`) takes no number 0. */
  zeroIsNull: from('7.3'),
  /** A global function that may change the packet takes no pointer into it. */
  packetsFollowed: from('7.3'),
  /** A function that calls itself is refused before the walk, instead of where its frames are too many. */
  recursionFirst: from('7.3'),
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
