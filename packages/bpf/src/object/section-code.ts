/** A section's instructions with its CO-RE records resolved, before functions are taken out of it. */
import type { Btf } from '../btf/btf.ts'
import type { BtfExt } from '../btf/btf-ext.ts'
import type { Elf, ElfRelocation, ElfSection } from '../elf/elf.ts'
import { BpfError } from '../error.ts'
import { decodeCode } from '../insn/code.ts'
import type { Code } from '../insn/code.ts'
import { findCandidates, patch, poison, resolveCore } from '../relo/index.ts'

export interface SectionCode {
  readonly code: Code
  readonly relocations: ReadonlyMap<number, ElfRelocation>
  /** Slots poisoned, and why. */
  readonly poisoned: ReadonlyMap<number, string>
}

/** Kernel types by the id of the local type, kept over all records of an object. */
export type Candidates = Map<number, number[]>

/** Throws BpfError for records that do not fit the section. */
export const readSectionCode = (
  elf: Elf, section: ElfSection, types: Btf | null, ext: BtfExt | null, kernel: Btf | null, candidates: Candidates,
): SectionCode => {
  const code = decodeCode(section.data)
  const relocations = new Map<number, ElfRelocation>()
  for (const relocation of elf.relocationsOf(section)) {
    if (relocation.offset % 8 !== 0 || relocation.offset / 8 >= code.length) {
      throw new BpfError('bad-relocation', 'is at no instruction', `${section.name}+${relocation.offset}`)
    }
    relocations.set(relocation.offset / 8, relocation)
  }
  const poisoned = new Map<number, string>()
  for (const record of ext?.relocations.get(section.name) ?? []) {
    if (record.slot >= code.length) {
      throw new BpfError('bad-relocation', 'a CO-RE record is at no instruction', `${section.name}+${record.slot}`)
    }
    let known = candidates.get(record.type)
    if (!known) candidates.set(record.type, (known = findCandidates(types!, record.type, kernel)))
    const why = apply(code, record.slot, () => resolveCore(types!, record, kernel, known))
    if (why === null) continue
    poison(code, record.slot)
    poisoned.set(record.slot, why)
  }
  return { code, relocations, poisoned }
}

/** Why the record could not be applied, or null. A record at odds with its instruction poisons it as well. */
const apply = (code: Code, slot: number, resolve: () => ReturnType<typeof resolveCore>): string | null => {
  try {
    const resolution = resolve()
    return 'why' in resolution ? resolution.why : patch(code, slot, resolution)
  } catch (error) {
    if (error instanceof BpfError) return error.message
    throw error
  }
}
