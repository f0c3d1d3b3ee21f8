/** The checks of one operation under SELinux, beside those of a real kernel: each in its own kernel. */
import { errnoName } from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'
import { readPolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { readInput } from '../input.ts'
import type { Operation } from '../operations/operation.ts'
import { selinuxOperations } from '../operations/selinux.ts'
import { DIED } from '../selinux-ops/outcome.ts'
import type { Outcome } from '../selinux-ops/outcome.ts'
import { without } from '../selinux-ops/without.ts'
import { World } from '../selinux-ops/world.ts'
import { profileOf } from '../profile.ts'
import { UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'

/** `s_t o_t file read=EACCES`: what is taken away, and what then comes of it. */
const WITHOUT = /^(\w+) (\w+) (\w+) (\w+)=(.*)$/

const list = (cell: string): string[] => (cell === '-' || cell === '' ? [] : cell.split('; '))

const errnoOf = ({ rc }: Outcome): string => {
  if (rc === -DIED) return 'DIED'
  return rc >= 0 ? 'OK' : errnoName(rc).replace('ENOTSUP', 'EOPNOTSUPP')
}

/** Checks of the other process stand apart: when they happen is its own business. */
const ordered = (checks: readonly string[]): string => {
  const own = checks.filter((check) => !check.startsWith('p_t '))
  const others = [...new Set(checks.filter((check) => check.startsWith('p_t ')))].sort()
  return [...own, ...others].join('; ') || '-'
}

/** The kernel that answers, and the policy that it has from boot on. */
interface Asked {
  readonly policy: Uint8Array
  readonly db: Policydb
  readonly profile: Profile
}

/** Under the whole policy; with another, that one is loaded before the task acts. */
const play = ({ policy, profile }: Asked, operation: Operation, altered: Uint8Array | null = null) => {
  const world = new World(policy, profile)
  const outcome = world.play(operation, altered)
  return { outcome, checks: world.checks }
}

/** The outcome with a permission taken away, as the table writes it beside the outcome with all of them. */
const differing = (all: Outcome, one: Outcome): string => {
  const errno = errnoOf(one)
  if (errno === 'DIED') return 'DIED(died:signal=11,exit=0)'
  // an operation that fails has an outcome only where the answer of a ring is known
  if (errno !== 'OK') return (one.result ?? '-') === '-' ? errno : `${errno}(${one.result})`
  return one.result === all.result ? 'OK' : `OK(${one.result ?? '-'})`
}

const got = (asked: Asked, row: TableRow, operation: Operation): string => {
  const { outcome, checks } = play(asked, operation)
  const parts = [`${errnoOf(outcome)} ${outcome.result ?? '-'}`, ordered(checks)]
  const taken = list(row.without!).map((entry) => {
    const parsed = WITHOUT.exec(entry)
    if (parsed === null) return entry
    const [, source, target, tclass, perm] = parsed as unknown as [string, string, string, string, string]
    const one = play(asked, operation, without(asked.db, { source, target, tclass, perm })).outcome
    return `${source} ${target} ${tclass} ${perm}=${differing(outcome, one)}`
  })
  return [...parts, taken.join('; ') || '-'].join(' | ')
}

/** Without the recorder's remark that no record tells of the permission. */
const outcomeOnly = (entry: string): string => entry.replace(/\[not among the checks: [^\]]*\]/, '')

const expected = (row: TableRow): string =>
  [
    `${row.errno} ${row.result}`, ordered(list(row.checks!)), list(row.without!).map(outcomeOnly).join('; ') || '-',
  ].join(' | ')

const COLUMNS = ['n', 'operation', 'description', 'errno', 'result', 'checks', 'without']

/** Null: of that name there is none, or it is about what our kernel has not. */
const operationOf = (name: string): Operation | null => {
  const operation = Object.hasOwn(selinuxOperations, name) ? selinuxOperations[name]! : null
  return operation?.absent === undefined ? operation : null
}

let absent = 0

export const selinuxOps: Suite = {
  options: ['policy', 'kernel'],
  async *run(inputs, options) {
    const { policy: path } = options
    absent = 0
    if (path === undefined) throw new UsageError('selinux-ops needs `--policy FILE`', 'golden/selinux/ops-policy.bin')
    const { bytes: policy } = await readInput(path)
    const asked: Asked = { policy, db: readPolicy(policy), profile: profileOf(options) }
    for (const { text, path: table } of inputs) {
      for (const row of parseTable(text, table, COLUMNS)) {
        const operation = operationOf(row.operation!)
        if (operation === null) absent++
        yield {
          id: `${row.n} ${row.operation}`,
          expected: expected(row),
          got: operation === null ? 'absent' : attempt(() => got(asked, row, operation)),
        }
      }
    }
  },
  totals: () => [['absent', absent]],
}

/** A mistake in the scenario is a difference, and says so. */
const attempt = (body: () => string): string => {
  try {
    return body()
  } catch (error) {
    const { message, cause } = error as Error
    return cause instanceof Error ? `${message}: ${cause.message}` : message
  }
}
