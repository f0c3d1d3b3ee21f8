/** Instructions one behind the other, and labels that jumps name before or behind they are set. */
import {
  BPF_ALU, BPF_ALU64, BPF_CALL, BPF_DW, BPF_EXIT, BPF_IMM, BPF_JA, BPF_JMP, BPF_JMP32, BPF_K, BPF_LD, BPF_LDX, BPF_MEM,
  BPF_MEMSX, BPF_PSEUDO_CALL, BPF_ST, BPF_STX, BPF_X,
} from '@lsmkit/abi'
import { emptyCode } from '../insn/code.ts'
import type { Code } from '../insn/code.ts'

/** What stands on the right: a register or a constant. */
export type Right = { readonly register: number } | { readonly constant: number }

/** Whole registers, or their low halves. */
export type Bank = 'r' | 'w'

export type Label = number

/** A jump whose distance is not known yet. */
interface Open {
  readonly slot: number
  readonly label: Label
  readonly isFar: boolean
}

/** A place in memory: behind a register. */
export interface Place {
  readonly register: number
  readonly off: number
}

const FIELDS = 5

export class CodeWriter {
  /** op, dst, src, off, imm of each slot. */
  readonly #slots: number[] = []
  readonly #labels: number[] = []
  readonly #open: Open[] = []

  get length(): number {
    return this.#slots.length / FIELDS
  }

  label(): Label {
    return this.#labels.push(-1) - 1
  }

  /** The label is here. */
  mark(label: Label): void {
    this.#labels[label] = this.length
  }

  put(op: number, dst = 0, src = 0, off = 0, imm = 0): void {
    this.#slots.push(op, dst, src, off, imm)
  }

  /** `r1 += r2`; `off`: 1 for signed division, the bits of a move that extends a sign. */
  alu(bank: Bank, operation: number, dst: number, right: Right, off = 0): void {
    this.#sided((bank === 'w' ? BPF_ALU : BPF_ALU64) | operation, dst, off, right)
  }

  /** A 64-bit load; `src` says what the constant stands for. */
  wide(dst: number, low: number, high: number, src = 0): void {
    this.put(BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, low)
    this.put(0, 0, 0, 0, high)
  }

  load(size: number, dst: number, { register, off }: Place, isSigned = false): void {
    this.put(BPF_LDX | (isSigned ? BPF_MEMSX : BPF_MEM) | size, dst, register, off)
  }

  store(size: number, { register, off }: Place, right: Right): void {
    if ('register' in right) this.put(BPF_STX | BPF_MEM | size, register, right.register, off)
    else this.put(BPF_ST | BPF_MEM | size, register, 0, off, right.constant)
  }

  goto(label: Label, isFar = false): void {
    this.#open.push({ slot: this.length, label, isFar })
    this.put((isFar ? BPF_JMP32 : BPF_JMP) | BPF_JA)
  }

  /** `if r1 > r2 goto label`. */
  jump(bank: Bank, operation: number, dst: number, right: Right, label: Label): void {
    this.#open.push({ slot: this.length, label, isFar: false })
    this.#sided((bank === 'w' ? BPF_JMP32 : BPF_JMP) | operation, dst, 0, right)
  }

  /** Calls a subprogram. */
  callTo(label: Label): void {
    this.#open.push({ slot: this.length, label, isFar: true })
    this.put(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL)
  }

  /** Calls a helper, or with `src` a function of the kernel by its type. */
  call(id: number, src = 0): void {
    this.put(BPF_JMP | BPF_CALL, 0, src, 0, id)
  }

  exit(): void {
    this.put(BPF_JMP | BPF_EXIT)
  }

  code(): Code {
    const code = emptyCode(this.length)
    for (let slot = 0, at = 0; slot < code.length; slot++) {
      code.op[slot] = this.#slots[at++]!
      code.dst[slot] = this.#slots[at++]!
      code.src[slot] = this.#slots[at++]!
      code.off[slot] = this.#slots[at++]!
      code.imm[slot] = this.#slots[at++]!
    }
    for (const { slot, label, isFar } of this.#open) {
      (isFar ? code.imm : code.off)[slot] = this.#labels[label]! - slot - 1
    }
    return code
  }

  #sided(op: number, dst: number, off: number, right: Right): void {
    if ('register' in right) this.put(op | BPF_X, dst, right.register, off)
    else this.put(op | BPF_K, dst, 0, off, right.constant)
  }
}
