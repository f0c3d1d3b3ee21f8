/** One verification: the program, what is known of each instruction, the path that is walked and those that wait. */
import { E2BIG, EACCES, EFAULT } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { HelperPrototype } from '../helpers/prototypes.ts'
import type { Code } from '../insn/code.ts'
import type { KernelProfile } from '../kernels/profile.ts'
import { disasmSlot } from '../insn/disasm.ts'
import type { BpfObject, ProgramSpec } from '../object/bpf-object.ts'
import { frameText } from './format.ts'
import type { Log } from './log.ts'
import type { VerifierMap } from './map.ts'
import { Refusal } from './refusal.ts'
import type { Frame, State } from './state.ts'
import { copyState } from './state.ts'
import type { Reg } from './reg.ts'
import type { Subprogram } from './subprogram.ts'
import type { TypedLoad } from '../vm/object-space.ts'
import type { Target } from './target.ts'
import { programLetter } from './context/program-kind.ts'

/** New state at every prune point. */
export const TEST_STATE_FREQ = 8
export const STRICT_ALIGNMENT = 1
/** A number whose views contradict each other fails the load instead of being forgotten. */
export const TEST_REG_INVARIANTS = 128

/** Bits of `Session.marks`. */
export const PRUNE_POINT = 1
export const JUMP_POINT = 2
export const FORCE_CHECKPOINT = 4
export const CALLS_CALLBACK = 8
export const ITER_NEXT = 16
export const MAY_GOTO = 32

/** The rights of a program's loader. */
export interface LoaderRights {
  /** CAP_BPF: calls, loops, most types of programs and helpers. */
  readonly bpf: boolean
  /** CAP_PERFMON: to learn addresses, and what lies in memory that the program has not written. */
  readonly perfmon: boolean
  /** Nobody minds what a processor runs ahead into: as CAP_PERFMON, and always on a machine without mitigations. */
  readonly bypass_spec: boolean
  /** As the hook of that name: 0, or -errno where the kernel is locked down for the reason; nothing is unless given. */
  readonly locked_down?: (what: number) => number
}

/** How one instruction of pointer arithmetic is masked, and how far the pointer may move. */
export interface Masking {
  readonly state: number
  readonly limit: number
}

interface Waiting {
  readonly state: State
  readonly insn: number
  readonly previous: number
  readonly logPosition: number
}

export interface Stored {
  readonly state: State
  hits: number
  misses: number
}

export class Session {
  readonly object: BpfObject
  readonly program: ProgramSpec
  /** The kernel that is asked: its features and limits. */
  readonly kernel: KernelProfile
  /** `kernel.limits.insns`, which every instruction is compared with. */
  readonly insnLimit: number
  readonly code: Code
  readonly kernelBtf: Btf | null
  readonly btf: Btf | null
  readonly maps: readonly VerifierMap[]
  readonly log: Log
  readonly flags: number
  readonly isGpl: boolean
  /** PRUNE_POINT and the other bits, by slot. */
  readonly marks: Uint8Array
  readonly seen: Uint8Array
  /** Spills and fills around calls that may be dropped, and how many pairs a call has. */
  readonly fastcallPairs: Uint8Array
  readonly fastcallSpills: Uint8Array
  /** First pointer type seen by each load and store; 0 when none yet. */
  readonly pointerTypes: Int32Array
  subprograms: Subprogram[] = []
  /** Prototypes that this program may call, by number. */
  readonly helpers = new Map<number, HelperPrototype>()
  /** The map of each helper call that takes one; null where paths differ. */
  readonly callMaps = new Map<number, VerifierMap | null>()
  /** Calls with a map whose maker is kept from speculation. */
  readonly maskedCalls = new Set<number>()
  /** Loads of members of the kernel's structs; null where paths differ. */
  readonly typedLoads = new Map<number, TypedLoad | null>()
  /** The callback of each bpf_loop call that may be compiled in place; -1 where it may not. */
  readonly inlineLoops = new Map<number, number>()
  usedMaps = new Set<VerifierMap>()
  arena: VerifierMap | null = null
  exceptionCallback = -1

  /** The target of the program; null for types that have none. */
  target: Target | null = null
  readonly letter: string
  /** Bytes of context that a syscall program touches. */
  contextEnd = 0
  state!: State
  insn = 0
  previous = 0
  /** Where the callback begins that the current call enters; -1 for none. */
  entered = -1
  /** Subprogram verified on its own now; 0 is the program. */
  entry = 0
  #waiting: Waiting[] = []
  /** Stored states by instruction, then by call site of the frame. */
  #explored: (Map<number, Stored[]> | undefined)[] = []
  ids = 0
  asyncEntries = 0
  processed = 0
  jumps = 0
  processedAtState = 0
  jumpsAtState = 0
  totalStates = 0
  peakStates = 0
  maxStatesPerInsn = 0
  longestMarkRead = 0
  /** The current instruction has an entry in the history. */
  noted = false
  scratchedRegs = 0
  scratchedSlots = new Uint8Array(64)
  anyScratchedSlot = false
  readonly strictAlignment: boolean
  readonly hasBpf: boolean
  readonly hasPerfmon: boolean
  readonly lockedDown: (what: number) => number
  readonly bypassesSpec: boolean
  /** By instruction, where what runs ahead is minded. */
  readonly maskings = new Map<number, Masking>()
  /** Instructions that no wrong guess reaches or passes: BEFORE and BEHIND. */
  readonly barriers: Uint8Array
  /** Scalars are compared to the last bit, so that paths which want other masks are found. */
  explorePaths = false
  readonly errorInjection: boolean

  constructor(object: BpfObject, program: ProgramSpec, kernelBtf: Btf | null, maps: readonly VerifierMap[], log: Log,
    flags: number, errorInjection: boolean, rights: LoaderRights, kernel: KernelProfile) {
    this.object = object
    this.program = program
    this.kernel = kernel
    this.insnLimit = kernel.limits.insns
    this.code = program.code
    this.kernelBtf = kernelBtf
    this.btf = object.btf
    this.maps = maps
    this.log = log
    this.flags = flags
    this.errorInjection = errorInjection
    this.hasBpf = rights.bpf
    this.hasPerfmon = rights.perfmon
    this.lockedDown = rights.locked_down ?? (() => 0)
    this.bypassesSpec = rights.bypass_spec
    this.strictAlignment = (flags & STRICT_ALIGNMENT) !== 0
    this.letter = programLetter(program)
    this.isGpl = isGplCompatible(object.license)
    this.marks = new Uint8Array(this.code.length)
    this.seen = new Uint8Array(this.code.length)
    this.barriers = new Uint8Array(kernel.features.speculationBarriers ? this.code.length : 0)
    this.fastcallPairs = new Uint8Array(this.code.length)
    this.fastcallSpills = new Uint8Array(this.code.length)
    this.pointerTypes = new Int32Array(this.code.length)
  }

  get frame(): Frame {
    return this.state.frames[this.state.frames.length - 1]!
  }

  newId(): number {
    return ++this.ids
  }

  /** Ends the verification; `text` becomes the last line of the log. */
  refuse(text: string, errno: number = -EACCES): never {
    this.say(text)
    throw new Refusal(errno, text)
  }

  /** Ends the verification where the text is in the log already. */
  end(errno: number): never {
    throw new Refusal(errno, 'refused')
  }

  say(text: string): void {
    this.log.write(`${text}\n`)
  }

  /** Changes a register; the log shows it after the instruction. */
  put(frame: Frame, number: number, reg: Reg): void {
    frame.regs[number] = reg
    this.scratchedRegs |= 1 << number
  }

  scratchReg(number: number): void {
    this.scratchedRegs |= 1 << number
  }

  scratchSlot(slot: number): void {
    this.scratchedSlots[slot] = 1
    this.anyScratchedSlot = true
  }

  scratchAll(): void {
    this.scratchedRegs = -1
    this.scratchedSlots.fill(1)
    this.anyScratchedSlot = true
  }

  clearScratches(): void {
    this.scratchedRegs = 0
    if (!this.anyScratchedSlot) return
    this.scratchedSlots.fill(0)
    this.anyScratchedSlot = false
  }

  /** Registers and slots that changed since they were last shown. */
  changesText(): string {
    const text =
      frameText(this.frame, (i) => (this.scratchedRegs & (1 << i)) !== 0, (slot) => this.scratchedSlots[slot] === 1,
        !this.hasBpf)
    this.clearScratches()
    return text
  }

  wholeText(frame: Frame = this.frame): string {
    return frameText(frame, always, always, !this.hasBpf)
  }

  get hasChanges(): boolean {
    return (this.scratchedRegs & 0x7ff) !== 0 || this.anyScratchedSlot
  }

  /** A copy of the current path waits at `insn`; returned so that the caller can change it. */
  push(insn: number, previous: number): State {
    const state = copyState(this.state)
    this.enqueue(state, insn, previous)
    if (state.parent !== null) state.parent.branches++
    return state
  }

  enqueue(state: State, insn: number, previous: number): void {
    this.#waiting.push({ state, insn, previous, logPosition: this.log.position })
    if (this.#waiting.length > this.kernel.limits.waitingPaths)
      this.refuse(`The sequence of ${this.#waiting.length} jumps is too complex.`,
        this.kernel.features.longSequenceErrno ? -E2BIG : -EFAULT)
  }

  /** The path that was put aside last becomes the current one; false when none waits. */
  pop(): boolean {
    const next = this.#waiting.pop()
    if (next === undefined) return false
    if (!this.log.verbose) this.log.cut(next.logPosition)
    this.state = next.state
    this.insn = next.insn
    this.previous = next.previous
    return true
  }

  forgetPaths(): void {
    this.#waiting = []
    this.#explored = []
  }

  /** States stored at `insn` for frames of the current one's call site, oldest first. */
  storedAt(insn: number): Stored[] {
    const sites = (this.#explored[insn] ??= new Map<number, Stored[]>())
    const { callsite } = this.frame
    let list = sites.get(callsite)
    if (list === undefined) sites.set(callsite, (list = []))
    return list
  }

  /** Name of what a pseudo call or load refers to, for the log. */
  insnText(slot: number): string {
    return disasmSlot(this.code, slot, {
      kfunc: (typeId) => (typeId === 0 || this.kernelBtf === null ? undefined : this.kernelBtf.name(typeId)),
    })
  }

  sourceLine(slot: number): void {
    const { lines } = this.program
    let low = 0
    let high = lines.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (lines[middle]!.slot <= slot) low = middle + 1
      else high = middle
    }
    const line = lines[low - 1]
    if (line === undefined) return
    const file = line.file.slice(line.file.lastIndexOf('/') + 1)
    this.log.source(low, `${line.text.trimStart()} @ ${file}:${line.line}`)
  }
}

const always = (): boolean => true

/** As `license_is_gpl_compatible`. */
export const isGplCompatible = (license: string): boolean => gplLicenses.has(license)

const gplLicenses =
  new Set(['GPL', 'GPL v2', 'GPL and additional rights', 'Dual BSD/GPL', 'Dual MIT/GPL', 'Dual MPL/GPL'])
