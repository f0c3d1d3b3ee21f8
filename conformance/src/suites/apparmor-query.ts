/** Questions to AppArmor's `.access` file, set by set, each set of policies loaded as the recording had it. */
import { errnoName } from '@lsmkit/abi'
import { PolicyStore, queryAccess } from '@lsmkit/apparmor/query'
import { namesBelow } from '../apparmor/names.ts'
import { percentBytes, percentName } from '../apparmor/percent.ts'
import { openPolicies, printLeftOut } from '../apparmor/policies.ts'
import type { Policies } from '../apparmor/policies.ts'
import { UsageError } from '../suite.ts'
import type { Options, Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'

const columns = ['set', 'label', 'class', 'as', 'query', 'allow', 'deny', 'audit', 'quiet']
const ANSWERS = ['allow', 'deny', 'audit', 'quiet'] as const

interface World {
  readonly store: PolicyStore
  readonly names: ReadonlySet<string>
}

const load = async (policies: Policies, set: string): Promise<World> => {
  const store = new PolicyStore()
  for (const name of await policies.names(set)) {
    const rc = store.load((await policies.read(set, name))!, true)
    if (rc < 0) throw new UsageError(`\`${set}/${name}.bin\` is refused: ${errnoName(rc)}`)
  }
  return { store, names: namesBelow(store.root) }
}

const encoder = new TextEncoder()

/** What was written to the file. */
const written = ({ label = '', query = '' }: TableRow): Uint8Array => {
  if (label === '-') return percentBytes(query)
  return Uint8Array.from([...encoder.encode('label\0'), ...percentBytes(label), 0, ...percentBytes(query)])
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const answer = ({ store }: World, row: TableRow): string => {
  const query = written(row)
  const got = queryAccess(store, { label: store.root.unconfined.label, owner: row.as === 'owner' }, query)
  if (typeof got === 'number') return errnoName(got)
  if (query[0] === 'd'.charCodeAt(0)) return `data:${hex(got)}`
  return [...new TextDecoder().decode(got).matchAll(/0x[\da-f]{8}/g)].join(' ')
}

/** A profile of the label that the recording kernel knew and that is not in the folder. */
const missing = ({ names }: World, { label = '', query = '', allow }: TableRow): string | null => {
  if (allow === 'ENOENT') return null
  const asked = label === '-' ? percentName(query).split('\0')[1] ?? '' : percentName(label)
  const parts = asked.split('//&').flatMap((part) => {
    const [, namespace = '', name = ''] = /^\s*(:[^:]+:)?(?:\/\/)?(.*)$/s.exec(part) ?? []
    return [namespace, name]
  })
  return parts.find((part) => /[^:]/.test(part) && !names.has(part) && !'unconfined'.startsWith(part)) ?? null
}

async function* replay(rows: readonly TableRow[], policies: Policies): AsyncGenerator<Row> {
  const worlds = new Map<string, World>()
  const absent = new Set<string>()
  let left = 0
  for (const [i, row] of rows.entries()) {
    const set = row.set ?? ''
    const world = worlds.get(set) ?? await load(policies, set)
    worlds.set(set, world)
    const without = missing(world, row)
    if (without !== null) {
      absent.add(`${set}/${without}`)
      left++
      continue
    }
    const expected = ANSWERS.map((column) => row[column]).filter((cell) => cell !== '').join(' ')
    yield { id: `${i + 1} ${set} ${row.label} ${row.as} ${row.query}`, expected, got: answer(world, row) }
  }
  printLeftOut(left, absent)
}

export const apparmorQuery: Suite = {
  options: ['policies'],
  async *run(inputs, options: Options): AsyncGenerator<Row> {
    const policies = await openPolicies(options, 'apparmor-query')
    for (const { text, path } of inputs) yield* replay(parseTable(text, path, columns), policies)
  },
}
