/** Addresses in stack traces, and the functions there: of programs, and of the kernel. */
import type { Btf } from '../btf/btf.ts'
import { kernelAddress, kernelFunctionAt } from '../btf/kernel-address.ts'
import type { ProgramSpec } from '../object/bpf-object.ts'
import type { CallSite } from '../helpers/run/stack-helpers.ts'
import { callChain } from './call-chain.ts'

/** Where modules and programs lie; an instruction of a program. */
const PROGRAMS = 0xffff_ffff_c000_0000n
const INSTRUCTION = 8n
/** A call at the beginning of a function, which every one that programs are attached to has. */
const ENTRY_CALL = 5n

interface Range {
  readonly from: bigint
  readonly to: bigint
  readonly name: string
}

export class Symbols {
  readonly #ranges: Range[] = []
  #end = PROGRAMS

  /** For a program's slots that call for a stack: where its functions lie, and who called it. */
  of({ name, code, subprograms, attachBtfId }: ProgramSpec, types: Btf | null): (slot: number) => CallSite {
    const base = this.#end
    this.#end += (BigInt(code.length) * INSTRUCTION + 63n) & ~63n
    for (const [at, { start, name: own }] of subprograms.entries()) {
      const end = subprograms[at + 1]?.start ?? code.length
      const [from, to] = [base + BigInt(start) * INSTRUCTION, base + BigInt(end) * INSTRUCTION]
      this.#ranges.push({ from, to, name: `bpf_prog_${at === 0 ? name : own}` })
    }
    const callers = types === null || attachBtfId === 0 ? [] : callersOf(types.name(attachBtfId)).flatMap((caller) => {
      const address = kernelAddress(types, caller)
      return address === null ? [] : [address + ENTRY_CALL]
    })
    return (slot) => {
      const own = callChain(code, subprograms, slot).map((frame) => base + BigInt(frame.slot) * INSTRUCTION)
      return { frames: [...own, ...callers], target: callers.length === 0 ? 0n : callers[0]! - ENTRY_CALL }
    }
  }

  /** The function that an address of a trace lies in; null when none does. */
  at(address: bigint, types: Btf | null): string | null {
    const own = this.#ranges.find(({ from, to }) => address >= from && address < to) ??
      // behind a call that is the last instruction
      this.#ranges.find(({ to }) => address === to)
    return own?.name ?? (types === null ? null : kernelFunctionAt(types, address))
  }
}

/** What calls a program on a hook: the LSM's function, and the framework's around it. */
const callersOf = (target: string): string[] =>
  target.startsWith('bpf_lsm_') ? [target, target.replace('bpf_lsm_', 'security_')] : [target]
