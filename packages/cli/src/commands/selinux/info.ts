/** `lsm selinux info`: what a policy has. */
import { nameKinds, policyInfo, policyNames, PolicyView } from '@lsmkit/selinux/query'
import type { NameKind } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { nearest } from '../../nearest.ts'
import { printJson, table } from '../../output.ts'
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
