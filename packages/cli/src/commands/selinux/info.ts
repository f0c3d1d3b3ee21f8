/** `lsm selinux info` and `diff`: what a policy has, and what changed between two. */
import { diffPolicies, nameKinds, policyInfo, policyNames, PolicyView } from '@lsmkit/selinux/query'
import type { NameKind } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { nearest } from '../../nearest.ts'
import { EXIT, printJson, table } from '../../output.ts'
import { policyOf } from './inputs.ts'

export interface InfoFlags {
  readonly list?: string
  readonly json?: boolean
}

export const infoCommand = (io: Io, name: string, { list, json }: InfoFlags): void => {
  const kind = list === undefined ? null : nameKinds.find((one) => one === list)
  if (kind === undefined) {
    throw new CommandError('usage', `\`${list}\` is no kind of names`,
      nearest(list!, nameKinds) ?? `known: ${nameKinds.join(', ')}`)
  }
  const policy = policyOf(io, name)
  if (kind !== null) return printNames(io, policyNames(new PolicyView(policy), kind), kind, json)
  const info = policyInfo(policy)
  if (json) return printJson(io, info)
  const mls = info.mls ? 'with' : 'without'
  io.print(`version ${info.version}, ${mls} MLS; unknown classes and permissions: ${info.handleUnknown}`)
  for (const line of table(Object.entries(info.counts).map(([what, count]) => [what, String(count)]))) io.print(line)
}

const printNames = (io: Io, names: readonly string[], kind: NameKind, json: boolean | undefined): void => {
  if (json) printJson(io, { [kind]: names })
  else for (const name of names) io.print(name)
}

/** Ends with 1 when there is a difference. */
export const diffCommand = (io: Io, before: string, after: string, { json }: { json?: boolean }): number => {
  const { added, removed, byKind } = diffPolicies(policyOf(io, before), policyOf(io, after))
  const same = added.length + removed.length === 0
  if (json) printJson(io, { same, added, removed, byKind })
  else {
    for (const line of removed) io.print(io.colors.red(`- ${line}`))
    for (const line of added) io.print(io.colors.green(`+ ${line}`))
    io.print(same ? 'no difference' : `${removed.length} removed, ${added.length} added`)
  }
  return same ? EXIT.ok : EXIT.denied
}
