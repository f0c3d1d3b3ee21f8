/**
 * Access questions made by machine: rules, the task's own rules, privilege, onlycap and the unconfined label. Each is
 * asked with rules in the table and in the plain list.
 */
import { capByName } from '@lsmkit/abi'
import {
  parseLabelList, parseModes, Policy, RuleList, SET_FIELDS, taskAccess, verdictOf, writeLongRules,
} from '@lsmkit/smack/engine'
import type { Rules } from '@lsmkit/smack/engine'
import type { Row, Suite } from '../suite.ts'
import { played } from '../suite.ts'
import { dataLines } from '../tsv.ts'

const none = (cell: string): string => (cell === '-' ? '' : cell)
const items = (cell: string, separator: string): string[] => none(cell).split(separator).filter((item) => item !== '')

const load = (policy: Policy, rules: Rules, cell: string): void => {
  for (const rule of items(cell, '; ')) writeLongRules(policy.labels, rules, rule, SET_FIELDS)
}

/** `allow`, `allow(bringup)`, … or the errno. */
const verdictText = (decision: number): string => {
  const verdict = verdictOf(decision)
  if (verdict === 'deny') return 'EACCES'
  return verdict === 'allow' ? verdict : `allow(${verdict})`
}

const decide = (policy: Policy, cells: readonly string[]): string => {
  const [
    ,
    rules = '',
    selfRules = '',
    task = '',
    caps = '',
    onlycap = '',
    unconfined = '',
    object = '',
    request = '',
  ] = cells
  load(policy, policy.rules, rules)
  const own = policy.newSelfRules()
  load(policy, own, selfRules)
  policy.onlycap = parseLabelList(policy.labels, none(onlycap)) as number[]
  if (none(unconfined) !== '') policy.unconfined = policy.labels.import(unconfined)
  const label = policy.labels.import(task)
  const held = items(caps, ',').map((name) => capByName(`cap_${name}`))
  const actor = { kernelThread: false, label, holds: (cap: number) => held.includes(cap) }
  const subject = { label, rules: own.size === 0 ? null : own }
  return verdictText(taskAccess(policy, subject, policy.labels.import(object), parseModes(none(request)), actor))
}

/** The answer of both, or what each says when they differ. */
const answer = (cells: readonly string[]): string => {
  const table = decide(new Policy(), cells)
  const list = decide(new Policy({ rules: (limit) => new RuleList(limit) }), cells)
  return table === list ? table : `${table} by the table, ${list} by the list`
}

export const smackCorpus: Suite = {
  *run(inputs): Generator<Row> {
    for (const { text } of inputs) {
      for (const line of dataLines(text)) {
        const cells = line.split('\t')
        const got = cells.length === 10 ? played(() => answer(cells)) : `not played: ${cells.length} columns, not 10`
        yield { id: cells[0]!, got, expected: cells[9] ?? '' }
      }
    }
  },
}
