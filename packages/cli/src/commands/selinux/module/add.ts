/** `lsm selinux module add BASE FILE…`: modules onto a binary policy, or into a store. */
import { CilError } from '@lsmkit/selinux/cil'
import { linkModules } from '@lsmkit/selinux/module'
import type { Linked } from '@lsmkit/selinux/module'
import { CommandError } from '../../../command-error.ts'
import { isFolder, statIfAny } from '../../../host-file.ts'
import { refuseIdle } from '../../../idle-options.ts'
import type { Io } from '../../../io.ts'
import { EXIT, noteLines, printJson } from '../../../output.ts'
import { policyOf, textOf } from '../inputs.ts'
import type { HeaderFlags } from '../source-inputs.ts'
import { localChanges, localContexts, withChanges } from '../local.ts'
import { buildStore, writeBuilt } from './build.ts'
import type { Built } from './build.ts'
import { linkedModule, storedModule } from './inputs.ts'
import { changing, isOwnStore, openStore, saveStore } from './store-folder.ts'

export interface AddFlags extends HeaderFlags {
  readonly output?: string
  readonly policy?: string
  readonly fileContexts?: string
  readonly baseContexts?: string
  readonly policyVersion?: number
  readonly priority?: number
  readonly attribute?: readonly string[]
  readonly literal?: boolean
  readonly exact?: boolean
  readonly multipleDecls?: boolean
  readonly neverallow: boolean
  readonly optimise?: boolean
  readonly local?: readonly string[]
  readonly json?: boolean
}

/** Ends with 1 where `--exact` asks for a policy that the binary does not suffice for. */
export const addCommand = (io: Io, base: string, files: readonly string[], flags: AddFlags): number => {
  if (base !== '-' && statIfAny(io, base) === null) {
    throw new CommandError('badInput', `there is no policy and no store \`${base}\``)
  }
  return isFolder(io, base) ? addToStore(io, base, files, flags) : addToPolicy(io, base, files, flags)
}

const addToStore = (io: Io, base: string, files: readonly string[], flags: AddFlags): number => {
  refuseIdle(flags, 'on a store', ['baseContexts', 'attribute', 'literal', 'exact', 'multipleDecls', 'local'])
  const opened = openStore(io, base)
  const output = outputOf(io, base, flags)
  const priority = flags.priority ?? 400
  const store = changing(() => files.reduce((before, file) => before.add(storedModule(io, file, priority, flags)),
    opened))
  const built = buildStore(io, base, store, { ...flags, optimise: flags.optimise ?? true })
  saveStore(io, output, store)
  writeBuilt(io, built, flags)
  if (flags.json) printJson(io, { store: output, modules: store.list, warnings: built.warnings })
  return EXIT.ok
}

/** A store of others is never written: `-o` names one of ours. */
export const outputOf = (io: Io, base: string, { output }: { readonly output?: string }): string => {
  if (output !== undefined) return output
  if (isOwnStore(io, base)) return base
  throw new CommandError('usage', `\`${base}\` is a store of libsemanage, which is only read`,
    'name a folder for the changed store: -o STORE')
}

const addToPolicy = (io: Io, base: string, files: readonly string[], flags: AddFlags): number => {
  refuseIdle(flags, 'on a binary policy', ['priority', 'policy', 'policyVersion'])
  const policy = policyOf(io, base)
  const modules = files.map((file) => linkedModule(io, file, flags))
  const linked = linking(() => linkModules(policy, modules, {
    name: base, disableNeverallow: !flags.neverallow, literal: flags.literal ?? false,
    multipleDeclarations: flags.multipleDecls ?? false, optimise: flags.optimise ?? false,
    ...(flags.attribute === undefined ? {} : { attributes: flags.attribute }),
    ...(flags.baseContexts === undefined ? {} : { fileContexts: textOf(io, flags.baseContexts) }),
  }))
  const doubts = doubtsOf(linked)
  const isRefused = flags.exact === true && doubts.length > 0
  if (flags.json) {
    const { recovered, missing, warnings } = linked
    printJson(io, { added: !isRefused, output: flags.output ?? null, recovered, missing, warnings })
  }
  for (const { code, message, place } of linked.warnings) {
    io.note(`${place.file}:${place.line}:${place.column}: ${io.colors.yellow('warning')}: ${message} [${code}]`)
  }
  for (const doubt of doubts) io.note(`${io.colors.yellow('not in the binary')}: ${doubt}`)
  if (isRefused) {
    noteLines(io, 'nothing is written: the binary policy does not have all that the modules need (--exact)\n' +
      '  give the store of the policy instead, as /var/lib/selinux/default')
    return EXIT.denied
  }
  const { output, fileContexts } = flags
  writeBuilt(io, withLocalChanges(io, linked, flags.local), { ...(output === undefined ? {} : { policy: output }),
    ...(fileContexts === undefined ? {} : { fileContexts }) })
  return EXIT.ok
}

/** As semodule does it: after the modules are linked. */
const withLocalChanges = (io: Io, { policy, fileContexts }: Linked, local?: readonly string[]): Built => {
  if (local === undefined) return { policy, fileContexts }
  const changes = localChanges(io, local)
  return { policy: withChanges(policy, changes), fileContexts, beside: localContexts(changes, policy.mls) }
}

const linking = (work: () => Linked): Linked => {
  try {
    return work()
  } catch (error) {
    if (error instanceof CilError) throw CommandError.inSource(error, error.code)
    throw error
  }
}

/** What differs, or may differ, from a policy that is built of all modules. */
const doubtsOf = ({ recovered, missing }: Linked): string[] => {
  const lists = missing.map(({ kind, name, place, isOptional }) => {
    const where = `${place.file}:${place.line}`
    if (kind === 'role') return `role attribute ${name} (${where}): roles that the policy has in it are not known`
    const kept = isOptional ? '; the optional block that names it stays, as the policy has its other names' : ''
    return `attribute ${name} (${where}): the policy has no rule for it and lists no type of it${kept}`
  })
  const types = new Map<string, Map<string, number>>()
  for (const { type, because } of recovered) {
    const counts = types.get(type) ?? new Map<string, number>()
    types.set(type, counts)
    counts.set(because, (counts.get(because) ?? 0) + 1)
  }
  for (const [type, counts] of types) {
    const parts = Array.from(counts, ([name, count]) => `${count} by ${name}`)
    lists.push(`${type} gets what all types of its attributes have: ${parts.join(', ')} (--literal leaves it out)`)
  }
  return lists
}
