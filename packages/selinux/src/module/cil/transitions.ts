/** Transitions of roles, of types by name and of ranges, and which role may become which. */
import type { Declaration } from '../module.ts'
import { rangeText } from './contexts.ts'
import { quoted } from './text.ts'
import type { CilWriter } from './writer.ts'

export const writeTransitions = (
  out: CilWriter, { roleTransitions, roleAllows, nameTransitions, rangeTransitions }: Declaration,
): void => {
  for (const { roles, types, classes, newRole } of roleTransitions) {
    for (const role of out.rolesOf(roles)) {
      for (const type of out.typesOf(types)) {
        for (const bit of classes) {
          const tclass = out.nameOf('classes', bit + 1)
          out.say(`(roletransition ${role} ${type} ${tclass} ${out.nameOf('roles', newRole)})`)
        }
      }
    }
  }
  for (const { roles, newRoles } of roleAllows) {
    for (const role of out.rolesOf(roles)) {
      for (const other of out.rolesOf(newRoles)) out.say(`(roleallow ${role} ${other})`)
    }
  }
  for (const { name, sources, targets, tclass, type, flags } of nameTransitions) {
    for (const source of out.typesOf(sources)) {
      for (const target of out.targets(targets, flags)) {
        out.say(`(typetransition ${source} ${target} ${out.nameOf('classes', tclass)} ${quoted(name)} ` +
          `${out.nameOf('types', type)})`)
      }
    }
  }
  for (const { sources, targets, classes, range } of rangeTransitions) {
    for (const source of out.typesOf(sources)) {
      for (const target of out.typesOf(targets)) {
        for (const bit of classes) {
          out.say(`(rangetransition ${source} ${target} ${out.nameOf('classes', bit + 1)} ${rangeText(out, range)})`)
        }
      }
    }
  }
}
