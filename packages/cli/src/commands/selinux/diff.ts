/** `lsm selinux diff`: what one policy says and another does not. */
import { diffKinds, diffLines, diffPolicies, teRuleText } from '@lsmkit/selinux/query'
import type { Differences, DiffKind, PolicyDiff, TeRule } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { EXIT, printLongJson } from '../../output.ts'
import { policiesOf } from './inputs.ts'
import type { LocalFlags } from './inputs.ts'

export interface DiffFlags extends LocalFlags {
  readonly kind?: readonly string[]
  readonly stats?: boolean
  readonly json?: boolean
}

const kindOf = (text: string): DiffKind => {
  const kind = diffKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new CommandError('usage', `\`${text}\` is nothing that is compared`,
    didYouMean(text, diffKinds) ?? `known: ${diffKinds.join(', ')}`)
}

/** Ends with 1 when there is a difference. */
export const diffCommand = (io: Io, before: string, after: string, flags: DiffFlags): number => {
  const { kind, stats, json } = flags
  const kinds = kind?.map(kindOf)
  const diff: Partial<PolicyDiff> = diffPolicies(...policiesOf(io, before, after, flags), kinds)
  const same = Object.values(diff).every(({ added, removed, modified }) =>
    added.length + removed.length + modified.length === 0)
  if (json) {
    const told = Object.entries(diff).map(([name, found]) => [name, stats ? countsOf(found) : itemsOf(found)])
    printLongJson(io, { same, diff: Object.fromEntries(told) })
  } else {
    for (const line of diffLines(diff, { stats: stats === true, all: kinds !== undefined })) {
      io.print(coloured(io, line))
    }
    if (same) io.print('no difference')
  }
  return same ? EXIT.ok : EXIT.denied
}

const coloured = ({ colors }: Io, line: string): string =>
  line.startsWith('  +') ? colors.green(line) : line.startsWith('  -') ? colors.red(line) : line

type Found = Differences<TeRule | string>

const countsOf = ({ added, removed, modified }: Found): object =>
  ({ added: added.length, removed: removed.length, modified: modified.length })

/** Lists that are made while they are printed. */
const itemsOf = ({ added, removed, modified }: Found): object =>
  ({ added: each(added, jsonOf), removed: each(removed, jsonOf), modified: each(modified, ({ item, changes }) =>
    ({ item: jsonOf(item), changes })) })

function* each<T>(items: Iterable<T>, map: (item: T) => unknown): Generator<unknown> {
  for (const item of items) yield map(item)
}

const jsonOf = (item: TeRule | string): unknown =>
  typeof item === 'string' ? item : { ...item, text: teRuleText(item) }
