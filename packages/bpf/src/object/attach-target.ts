/** The target of a program: its section's name taken apart and looked up in the kernel's types. */
import { BTF_KIND_FUNC, BTF_KIND_TYPEDEF } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import type { ProgramSpec } from './bpf-object.ts'
import { sectionKind } from './sections.ts'

export type Attachment =
  Pick<ProgramSpec, 'type' | 'expectedAttachType' | 'sleepable' | 'flags' | 'attachTo' | 'attachBtfId'>

/** Type 0 for a section that no table has: such a program must be given its type before it is loaded. */
export const attachmentOf = (section: string, kernel: Btf | null): Attachment => {
  const found = sectionKind(section)
  if (!found) return { type: 0, expectedAttachType: 0, sleepable: false, flags: 0, attachTo: null, attachBtfId: 0 }
  const { kind, attachTo } = found
  return {
    type: kind.type,
    expectedAttachType: kind.attachType,
    sleepable: kind.sleepable,
    flags: kind.flags,
    attachTo,
    attachBtfId: kind.btf && kernel && attachTo ? kernel.find(kind.btf.prefix + attachTo, kind.btf.kind) : 0,
  }
}

/**
 * Gives a program another section before it is loaded: `lsm/generic_hook` becomes `lsm/file_open`.
 * Throws BpfError `unknown-section`, and `no-target` when the kernel's types do not have what it names.
 */
export const renameSection = (program: ProgramSpec, section: string, kernel: Btf | null): void => {
  if (!sectionKind(section)) throw new BpfError('unknown-section', `no program type has a section \`${section}\``)
  const attachment = attachmentOf(section, kernel)
  if (attachment.attachBtfId === 0 && attachment.attachTo !== null && kernel && sectionKind(section)!.kind.btf) {
    const { prefix, kind } = sectionKind(section)!.kind.btf!
    throw new BpfError('no-target', `the kernel's types have no \`${attachment.attachTo}\` to attach to`, section,
      didYouMean(attachment.attachTo, targetNames(kernel, kind, prefix)))
  }
  Object.assign(program, attachment, { section })
}

/** Names that a program can attach to in these types, without their prefix. */
export const targetNames = (types: Btf, kind: 'func' | 'typedef', prefix: string): string[] => {
  const wanted = kind === 'func' ? BTF_KIND_FUNC : BTF_KIND_TYPEDEF
  const names: string[] = []
  for (let id = 1; id < types.count; id++) {
    if (types.kindNumber(id) !== wanted) continue
    const name = types.name(id)
    if (name.startsWith(prefix)) names.push(name.slice(prefix.length))
  }
  return names
}
