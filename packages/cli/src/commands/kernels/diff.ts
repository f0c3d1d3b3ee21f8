/** `lsm kernels diff FROM TO`: what another kernel release changes, and for which modules of a stack. */
import type { Profile } from '@lsmkit/core'
import type { Io } from '../../io.ts'
import { composeStack, profileNamed } from '../../modules.ts'
import { printJson } from '../../output.ts'
import type { Output } from '../../output.ts'
import { kernelChanges } from './changes.ts'
import type { ChangedHook, KernelChanges } from './changes.ts'

interface DiffOptions {
  readonly lsm?: string
  readonly json?: boolean
}

/** The hooks of one module that the second kernel asks in another way, or that only one of the two asks. */
interface ModuleChanges {
  readonly module: string
  readonly asked: readonly string[]
  readonly notAsked: readonly string[]
  readonly translated: readonly string[]
}

type Members = ReadonlyMap<string, ReadonlySet<string>>

/** By module, the hooks that it is on. */
const membersOf = async (kernel: Profile, lsm: string): Promise<Members> => {
  const { hooks } = (await composeStack({ kernel, lsm })).explain().toJSON()
  const members = new Map<string, Set<string>>()
  for (const { hook, members: names } of hooks) {
    for (const name of names) members.set(name, (members.get(name) ?? new Set<string>()).add(hook))
  }
  return members
}

const modulesOf = async ({ from, to, signatures }: KernelChanges, lsm: string): Promise<ModuleChanges[]> => {
  const [before, after] = [await membersOf(from, lsm), await membersOf(to, lsm)]
  const changed = new Set(signatures.map(({ hook }) => hook))
  return [...before].map(([module, hooks]) => {
    const later = after.get(module) ?? new Set<string>()
    return {
      module,
      asked: [...later].filter((hook) => !hooks.has(hook)),
      notAsked: [...hooks].filter((hook) => !later.has(hook)),
      translated: [...hooks].filter((hook) => later.has(hook) && changed.has(hook)),
    }
  })
}

const printChanged = (out: Output, heading: string, rows: readonly ChangedHook[]): void => {
  if (rows.length === 0) return
  out.print('')
  out.print(heading)
  for (const { hook, before, after } of rows) {
    const isPrototype = before.includes(hook)
    if (isPrototype) for (const line of [`  - ${before}`, `  + ${after}`]) out.print(line)
    else out.print(`  ${hook}: ${before} -> ${after}`)
  }
}

const print = (out: Output, changes: KernelChanges, modules: readonly ModuleChanges[]): void => {
  const { from, to, came, left, signatures, defaults, programs, rules } = changes
  out.print(`from Linux ${from} to ${to}: ${came.length} hooks came, ${left.length} left, ${signatures.length} changed`)
  for (const hook of left) out.print(`  - ${hook}`)
  for (const hook of came) out.print(`  + ${hook}`)
  printChanged(out, 'other signatures', signatures)
  printChanged(out, 'other defaults', defaults)
  printChanged(out, 'programs that a hook takes', programs)
  if (rules.length > 0) out.print('')
  if (rules.length > 0) out.print('rules')
  for (const { rule, before, after } of rules) out.print(`  ${rule}: ${before} -> ${after}`)
  for (const { module, asked, notAsked, translated } of modules) {
    out.print('')
    out.print(`${module}: needs no change`)
    if (asked.length > 0) out.print(`  asked now: ${asked.join(', ')}`)
    if (notAsked.length > 0) out.print(`  not asked any more: ${notAsked.join(', ')}`)
    if (translated.length > 0) out.print(`  translated: ${translated.join(', ')}`)
  }
}

/** Throws a usage error for a release or a module that there is not. */
export const kernelsDiffCommand = async (
  io: Io, from: string, to: string, { lsm, json = false }: DiffOptions,
): Promise<void> => {
  const changes = kernelChanges(profileNamed(from), profileNamed(to))
  const modules = lsm === undefined ? [] : await modulesOf(changes, lsm)
  if (json) return printJson(io, { ...changes, modules })
  print(io, changes, modules)
}
