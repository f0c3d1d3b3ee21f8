/** setools' answers to type enforcement queries: how many rules, their texts hashed, and the first forty. */
import { createHash } from 'node:crypto'
import { TeRules } from '@lsmkit/selinux/query'
import type { Pattern, TeRuleKind } from '@lsmkit/selinux/query'
import { readPolicy } from '@lsmkit/selinux/policydb'
import type { Row } from '../suite.ts'

/** Arguments of setools' TERuleQuery. */
interface Arguments {
  readonly ruletype?: TeRuleKind[]
  readonly source?: string
  readonly source_regex?: boolean
  readonly source_indirect?: boolean
  readonly target?: string
  readonly target_regex?: boolean
  readonly target_indirect?: boolean
  readonly tclass?: string[] | string
  readonly perms?: string[]
  readonly perms_equal?: boolean
  readonly perms_subset?: boolean
  readonly xperms?: [low: number, high: number][]
  readonly xperms_equal?: boolean
  readonly default?: string
  readonly boolean?: string[] | string
  readonly boolean_equal?: boolean
}

const FIRST = 40

const name = (text: string | undefined, regex: boolean | undefined): Pattern | undefined =>
  text !== undefined && regex === true ? new RegExp(text) : text

/** A text is an expression. */
const names = (asked: string[] | string | undefined): string[] | RegExp | undefined =>
  typeof asked === 'string' ? new RegExp(asked) : asked

const numbers = ([low, high]: [number, number]): number[] => Array.from({ length: high - low + 1 }, (_, i) => low + i)

export function* sesearchRows(rows: readonly string[][], bytes: Uint8Array): Generator<Row> {
  const rules = new TeRules(readPolicy(bytes))
  for (const [i, [written = '', count, hash, first = '[]']] of rows.entries()) {
    const asked = JSON.parse(written) as Arguments
    const texts = rules.texts({
      kinds: asked.ruletype,
      source: name(asked.source, asked.source_regex), sourceIndirect: asked.source_indirect,
      target: name(asked.target, asked.target_regex), targetIndirect: asked.target_indirect,
      classes: names(asked.tclass),
      permissions: asked.perms, permissionsEqual: asked.perms_equal, permissionsAll: asked.perms_subset,
      xperms: asked.xperms?.flatMap(numbers), xpermsEqual: asked.xperms_equal, result: asked.default,
      booleans: names(asked.boolean), booleansEqual: asked.boolean_equal,
    })
    const got = [texts.length, createHash('sha256').update(texts.join('\n')).digest('hex'), JSON.stringify(texts.slice(0, FIRST))]
    yield { id: `sesearch ${i + 1} ${written}`, expected: [count, hash, JSON.stringify(JSON.parse(first))].join(' '), got: got.join(' ') }
  }
}
