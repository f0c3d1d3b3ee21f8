/** Damaged policy binaries written to AppArmor's files: errno, records, and the profiles that are there afterwards. */
import { errnoName } from '@lsmkit/abi'
import { bytesName, nameBytes } from '@lsmkit/apparmor/policydb'
import { policyRecordText, PolicyStore, profileLines } from '@lsmkit/apparmor/query'
import { percentName, percentText } from '../apparmor/percent.ts'
import { plant } from '../apparmor/plant.ts'
import { openPolicies, readBase, printLeftOut } from '../apparmor/policies.ts'
import type { Policies } from '../apparmor/policies.ts'
import type { Options, Row, Suite } from '../suite.ts'

interface Write {
  readonly n: number
  readonly session: string
  readonly base: string
  readonly description: string
  readonly patch: readonly (readonly [offset: number, removed: number, hex: string])[]
  readonly file: string
  readonly errno: string
  readonly log: readonly string[]
  readonly profiles_after: string
}

const fromHex = (hex: string): readonly number[] => (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))

/** From the highest offset down; at equal offsets in the order of the list. */
const patched = (bytes: Uint8Array, patch: Write['patch']): Uint8Array => {
  const all = [...bytes]
  for (const [offset, removed, hex] of patch.toSorted(([a], [b]) => b - a)) all.splice(offset, removed, ...fromHex(hex))
  return Uint8Array.from(all)
}

const binaryOf = async (policies: Policies, { base, patch }: Write): Promise<Uint8Array | null> => {
  const parts = await Promise.all(base.split('+').map((name) => readBase(policies, name)))
  if (parts.includes(null)) return null
  return patched(Uint8Array.from(parts.flatMap((part) => [...part!])), patch)
}

const SUBJECT = ' profile="unconfined"'
const COMMON = ' pid=@0 comm="actor"'

const play = (store: PolicyStore, bytes: Uint8Array, file: string): string => {
  const log: string[] = []
  const rc = store.load(bytes, file === '.replace', {
    record: (record) => log.push(percentText(nameBytes(policyRecordText(record, SUBJECT, COMMON, true)), true)),
  })
  const profiles = percentText(nameBytes(profileLines(store.root)), true)
  return answerText(rc === 0 ? 'OK' : errnoName(rc), log, profiles)
}

const answerText = (errno: string, log: readonly string[], profiles: string): string =>
  `${errno} | ${log.join(' ; ')} | ${profiles}`

/** A store in the state before the row: that after the last one, or one put together where rows are missing. */
const storeFor = (row: Write, last: Write | null, store: PolicyStore): PolicyStore => {
  if (last !== null && last.session === row.session && last.n + 1 === row.n) return store
  const fresh = new PolicyStore()
  const replaced = row.log.some((line) => /"profile_replace"|already|can not be replaced/.test(line))
  plant(fresh, percentName(row.profiles_after), replaced || row.errno !== 'OK' ? [] : namesIn(row.log))
  return fresh
}

const LOADED = /operation="profile_load" .* name=(?:"(?<name>[^"]*)"|(?<hex>[\dA-F]+)) pid/

/** Profiles that the records call loaded: they were not there before. Odd names are written in hexadecimal. */
const namesIn = (log: readonly string[]): readonly string[] => log.flatMap((line) => {
  const { name, hex } = LOADED.exec(line)?.groups ?? {}
  if (hex !== undefined) return [bytesName(Uint8Array.from(fromHex(hex)))]
  return name === undefined ? [] : [name]
})

async function* replay(rows: readonly Write[], policies: Policies): AsyncGenerator<Row> {
  const absent = new Set<string>()
  let store = new PolicyStore()
  let last: Write | null = null
  let left = 0
  for (const row of rows) {
    const { n, session, base, description, file, errno, log, profiles_after: profiles } = row
    const bytes = await binaryOf(policies, row)
    if (bytes === null) {
      absent.add(base)
      left++
      continue
    }
    store = storeFor(row, last, store)
    last = row
    const got = play(store, bytes, file)
    yield { id: `${n} ${session} ${base}: ${description}`, expected: answerText(errno, log, profiles), got }
  }
  printLeftOut(left, absent)
}

export const apparmorBadpolicy: Suite = {
  options: ['policies'],
  async *run(inputs, options: Options): AsyncGenerator<Row> {
    const policies = await openPolicies(options, 'apparmor-badpolicy')
    for (const { text } of inputs) {
      const rows = text.split('\n').filter((line) => line !== '').map((line): Write => JSON.parse(line) as Write)
      yield* replay(rows, policies)
    }
  },
}
