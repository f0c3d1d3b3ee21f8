/** `lsm selinux info`: what a policy has. */
import { nameKinds, policyInfo, policyNames, policyStatements, PolicyView } from '@lsmkit/selinux/query'
import type { NameKind } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { printJson, table } from '../../output.ts'
import { policyOf } from './inputs.ts'

export interface InfoFlags {
  readonly list?: string
  readonly name?: string
  readonly expand?: boolean
  readonly local?: readonly string[]
  readonly json?: boolean
}

const kindOf = (text: string): NameKind => {
  const kind = nameKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new CommandError('usage', `\`${text}\` is not a kind of names`,
    didYouMean(text, nameKinds) ?? `known: ${nameKinds.join(', ')}`)
}

export const infoCommand = (io: Io, name: string, flags: InfoFlags): void => {
  const kind = flags.list === undefined ? null : kindOf(flags.list)
  const policy = policyOf(io, name, flags.local)
  if (kind !== null) {
    listNames(io, new PolicyView(policy), kind, flags)
    return
  }
  const info = policyInfo(policy)
  if (flags.json) {
    printJson(io, info)
    return
  }
  const mls = info.mls ? 'with' : 'without'
  io.print(`version ${info.version}, ${mls} MLS; unknown classes and permissions: ${info.handleUnknown}`)
  for (const line of table(Object.entries(info.counts).map(([what, count]) => [what, String(count)]))) io.print(line)
}

const listNames = (io: Io, view: PolicyView, kind: NameKind, { name, expand, json }: InfoFlags): void => {
  const names = name === undefined && expand !== true ? policyNames(view, kind) : policyStatements(view, kind, name)
  if (json) printJson(io, { [kind]: names })
  else for (const text of names) io.print(oneLine(text))
}

/** A statement of several lines in one, because a line break inside of a printed line is shown as an escape. */
const oneLine = (statement: string): string => statement.replaceAll(/\s*\n\s*/g, ' ').trimEnd()
