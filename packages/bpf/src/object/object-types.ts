/** The object's `.BTF`, made whole: compilers leave places of variables and sizes of sections to the linker. */
import { BTF_INFO_KIND, BTF_INFO_VLEN, BTF_KIND_DATASEC } from '@lsmkit/abi'
import { Btf } from '../btf/btf.ts'
import { layoutBtf } from '../btf/layout.ts'
import type { Elf } from '../elf/elf.ts'
import { BpfError } from '../error.ts'

/** Null when the object was compiled without `-g`. Throws BpfError for invalid types. */
export const readObjectTypes = (elf: Elf): Btf | null => {
  const section = elf.section('.BTF')
  if (!section || section.data.length === 0) return null
  const bytes = section.data.slice()
  const view = new DataView(bytes.buffer)
  for (const { offset, symbol } of elf.relocationsOf(section)) {
    if (offset + 4 > bytes.length) throw new BpfError('bad-relocation', 'reaches beyond the section', '.BTF')
    view.setUint32(offset, view.getUint32(offset, true) + symbol.value, true)
  }
  finishSections(bytes, elf)
  return new Btf(bytes)
}

/** Sizes of DATASECs from their sections, their variables in the order of place. */
const finishSections = (bytes: Uint8Array, elf: Elf): void => {
  const { words, at, strings } = layoutBtf(bytes)
  for (let id = 1; id < at.length; id++) {
    const start = at[id]!
    const info = words[start + 1]!
    if (BTF_INFO_KIND(info) !== BTF_KIND_DATASEC) continue
    const from = words[start]!
    const name = new TextDecoder().decode(strings.subarray(from, strings.indexOf(0, from)))
    words[start + 2] = elf.section(name)?.size ?? words[start + 2]!
    const entries: number[][] = []
    for (let index = 0; index < BTF_INFO_VLEN(info); index++) {
      entries.push([...words.subarray(start + 3 + index * 3, start + 6 + index * 3)])
    }
    entries.sort((one, other) => one[1]! - other[1]!)
    words.set(entries.flat(), start + 3)
  }
}
