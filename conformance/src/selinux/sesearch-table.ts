/** setools' answers to type enforcement queries: how many rules, their texts hashed, and the first forty. */
import { createHash } from 'node:crypto'
import { TeRules } from '@lsmkit/selinux/query'
import type { TeRuleKind } from '@lsmkit/selinux/query'
import { readPolicy } from '@lsmkit/selinux/policydb'
import type { Row } from '../suite.ts'

/** Arguments of setools' TERuleQuery. */
interface Arguments {
  readonly ruletype?: TeRuleKind[]
  readonly source?: string
  readonly source_indirect?: boolean
  readonly target?: string
  readonly target_indirect?: boolean
  readonly tclass?: string[]
  readonly perms?: string[]
  readonly perms_equal?: boolean
  readonly default?: string
  readonly boolean?: string[]
  readonly boolean_equal?: boolean
}

const FIRST = 40

export function* sesearchRows(rows: readonly string[][], bytes: Uint8Array): Generator<Row> {
  const rules = new TeRules(readPolicy(bytes))
  for (const [i, [written = '', count, hash, first = '[]']] of rows.entries()) {
    const asked = JSON.parse(written) as Arguments
    const texts = rules.texts({
      kinds: asked.ruletype, source: asked.source, sourceIndirect: asked.source_indirect, target: asked.target,
      targetIndirect: asked.target_indirect, classes: asked.tclass, permissions: asked.perms,
      permissionsEqual: asked.perms_equal, result: asked.default, booleans: asked.boolean, booleansEqual: asked.boolean_equal,
    })
    const got = [texts.length, createHash('sha256').update(texts.join('\n')).digest('hex'), JSON.stringify(texts.slice(0, FIRST))]
    yield { id: `sesearch ${i + 1} ${written}`, expected: [count, hash, JSON.stringify(JSON.parse(first))].join(' '), got: got.join(' ') }
  }
}
