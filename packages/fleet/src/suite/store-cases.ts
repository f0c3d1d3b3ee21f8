/**
 * The cases that every driver of a store has to pass. Each case gets an empty store, and may open it several times, as
 * several processes would.
 */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { FleetError } from '../fleet-error.ts'
import { getLarge, putLarge } from '../store/large.ts'
import { bucketNames, buckets, MOST_RECORDS } from '../store/store.ts'
import type { Entry, LogRecord, Store } from '../store/store.ts'

export interface StoreContext {
  /** The store of this case, opened once more. The suite closes what it has opened. */
  readonly open: () => Store
}

export interface StoreCase {
  readonly name: string
  readonly run: (context: StoreContext) => Promise<void>
}

const text = new TextEncoder()
const bytesOf = (value: string): Uint8Array => text.encode(value)
const textOf = (entry: Entry | null): string | null => entry === null ? null : new TextDecoder().decode(entry.value)

const refuses = (what: Promise<unknown>, code: string): Promise<void> =>
  rejects(what, (error: unknown) => error instanceof FleetError && error.code === code)

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const recordOf = (n: number): { id: string; value: Uint8Array } => ({ id: `boot-${n}`, value: bytesOf(`record ${n}`) })
const numbersFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i)

const values: readonly StoreCase[] = [
  { name: 'a key without a value', async run({ open }) {
    equal(await open().get('want', 'web-1'), null)
    await open().remove('want', 'web-1')
  } },
  { name: 'a value is what was put, and its revisions rise', async run({ open }) {
    const store = open()
    const first = await store.put('want', 'web-1', bytesOf('a'))
    const second = await store.put('want', 'web-1', bytesOf('b'))
    ok(second > first && first > 0)
    const entry = await store.get('want', 'web-1', { least: second })
    deepEqual([textOf(entry), entry?.revision, entry?.key], ['b', second, 'web-1'])
  } },
  { name: 'what one has written another one reads', async run({ open }) {
    const revision = await open().put('have', 'web-1', bytesOf('a'))
    equal(textOf(await open().get('have', 'web-1', { least: revision })), 'a')
  } },
  { name: 'an empty value is a value', async run({ open }) {
    const revision = await open().put('have', 'web-1', new Uint8Array())
    equal((await open().get('have', 'web-1', { least: revision }))?.value.length, 0)
  } },
  { name: 'bytes that look like an answer of a server are a value', async run({ open }) {
    const odd = '{"error":{"code":503,"err_code":10059,"description":"x"}}'
    const revision = await open().put('have', 'web-1', bytesOf(odd))
    equal(textOf(await open().get('have', 'web-1', { least: revision })), odd)
  } },
  { name: 'the largest value of each bucket, and one byte more', async run({ open }) {
    for (const bucket of bucketNames) {
      const { mostBytes } = buckets[bucket]
      const revision = await open().put(bucket, 'large', new Uint8Array(mostBytes).fill(7))
      equal((await open().get(bucket, 'large', { least: revision }))?.value.length, mostBytes)
      await refuses(open().put(bucket, 'large', new Uint8Array(mostBytes + 1)), 'too-large')
    }
  } },
  { name: 'buckets do not know the keys of each other', async run({ open }) {
    const store = open()
    const revision = await store.put('want', 'web-1', bytesOf('a'))
    await store.get('want', 'web-1', { least: revision })
    equal(await store.get('have', 'web-1'), null)
  } },
  { name: 'capitals count in keys, and so do dots', async run({ open }) {
    const store = open()
    for (const key of ['web', 'Web', 'web.a', 'web.A', 'a=b_c-9']) await store.put('want', key, bytesOf(key))
    const found = await collect(store.list('want'))
    deepEqual(found.map((entry) => [entry.key, textOf(entry)]).sort(),
      ['Web', 'a=b_c-9', 'web', 'web.A', 'web.a'].map((key) => [key, key]))
  } },
  { name: 'a bad key is refused everywhere', async run({ open }) {
    const store = open()
    for (const key of ['', '.', 'a..b', '.a', 'a.', 'a/b', '../a', 'a*', '>', 'a b', 'ä', 'a\n', 'x'.repeat(121)]) {
      await refuses(store.get('want', key), 'bad-key')
      await refuses(store.put('want', key, bytesOf('a')), 'bad-key')
      await refuses(store.swap('want', key, bytesOf('a'), 0), 'bad-key')
      await refuses(store.remove('want', key), 'bad-key')
      await refuses(store.append('dec', key, []), 'bad-key')
      await refuses(collect(store.watch('want', key)), 'bad-key')
    }
    await refuses(store.get('secrets' as 'want', 'a'), 'bad-key')
    await refuses(store.put('__proto__' as 'want', 'a', bytesOf('a')), 'bad-key')
  } },
  { name: 'a revision that never comes is an error, and a signal ends the wait', async run({ open }) {
    const store = open()
    const revision = await store.put('want', 'web-1', bytesOf('a'))
    const signal = AbortSignal.timeout(50)
    await rejects(store.get('want', 'web-1', { least: revision + 1_000_000, signal }), { name: 'TimeoutError' })
  } },
]

const swaps: readonly StoreCase[] = [
  { name: 'swap writes at the revision that it names alone', async run({ open }) {
    const store = open()
    const first = await store.swap('rollout', 'r1', bytesOf('a'), 0)
    await refuses(store.swap('rollout', 'r1', bytesOf('x'), 0), 'conflict')
    await refuses(store.swap('rollout', 'r1', bytesOf('x'), first + 1), 'conflict')
    const second = await store.swap('rollout', 'r1', bytesOf('b'), first)
    await refuses(store.swap('rollout', 'r1', bytesOf('x'), first), 'conflict')
    equal(textOf(await store.get('rollout', 'r1', { least: second })), 'b')
  } },
  { name: 'of many that swap the same revision one succeeds, and no step is lost', async run({ open }) {
    const stores = numbersFrom(0, 8).map(open)
    await stores[0]!.swap('rollout', 'count', bytesOf('0'), 0)
    const step = async (store: Store): Promise<void> => {
      for (;;) {
        const entry = (await store.get('rollout', 'count'))!
        try {
          await store.swap('rollout', 'count', bytesOf(String(Number(textOf(entry)) + 1)), entry.revision)
          return
        } catch (error) {
          if (!(error instanceof FleetError) || error.code !== 'conflict') throw error
        }
      }
    }
    await Promise.all(stores.map(async (store) => {
      for (let n = 0; n < 5; n += 1) await step(store)
    }))
    const last = await collect(stores[0]!.list('rollout'))
    equal(textOf(last[0]!), '40')
  } },
  { name: 'after a removal the key is free, and its revisions still rise', async run({ open }) {
    const store = open()
    const first = await store.put('want', 'web-1', bytesOf('a'))
    await store.remove('want', 'web-1')
    await store.remove('want', 'web-1')
    await refuses(store.swap('want', 'web-1', bytesOf('b'), first), 'conflict')
    const second = await store.swap('want', 'web-1', bytesOf('c'), 0)
    ok(second > first)
    equal(textOf(await store.get('want', 'web-1', { least: second })), 'c')
  } },
  { name: 'a hundred writes to one key', async run({ open }) {
    const store = open()
    let last = 0
    for (const n of numbersFrom(1, 100)) last = await store.put('have', 'web-1', bytesOf(String(n)))
    equal(textOf(await open().get('have', 'web-1', { least: last })), '100')
  } },
]

const lists: readonly StoreCase[] = [
  { name: 'list has the keys with a value, by whole parts of the prefix', async run({ open }) {
    const store = open()
    for (const key of ['eu', 'eu.a', 'eu.b', 'europe', 'us.a', 'gone']) await store.put('want', key, bytesOf(key))
    await store.remove('want', 'gone')
    const keys = async (prefix?: string): Promise<string[]> => {
      const listed = await collect(store.list('want', prefix === undefined ? {} : { prefix, values: false }))
      return listed.map(({ key }) => key).sort()
    }
    deepEqual(await keys(), ['eu', 'eu.a', 'eu.b', 'europe', 'us.a'])
    deepEqual(await keys('eu'), ['eu', 'eu.a', 'eu.b'])
    deepEqual(await keys('asia'), [])
  } },
  { name: 'a large value comes back, from any number of writers', async run({ open }) {
    const bytes = new Uint8Array(1_300_000).map((_, i) => i * 7 >> 3)
    const digests = await Promise.all([open(), open()].map((store) => putLarge(store, bytes)))
    equal(digests[0], digests[1])
    deepEqual(await getLarge(open(), digests[0]!), bytes)
    equal((await getLarge(open(), await putLarge(open(), new Uint8Array()))).length, 0)
    await refuses(getLarge(open(), '0'.repeat(64), { patience: 20 }), 'not-there')
  } },
  { name: 'a large value whose pieces were altered is refused', async run({ open }) {
    const store = open()
    const digest = await putLarge(store, bytesOf('policy'))
    const revision = await store.put('bundle', `${digest}.0`, bytesOf('Policy'))
    await store.get('bundle', `${digest}.0`, { least: revision })
    await refuses(getLarge(store, digest), 'damaged')
  } },
]

const watches: readonly StoreCase[] = [
  { name: 'a watcher gets what is there, and then what comes', async run({ open }) {
    const [writer, reader] = [open(), open()]
    await writer.put('want', 'web-1', bytesOf('a'))
    const seen: string[] = []
    for await (const entry of reader.watch('want', 'web-1')) {
      seen.push(textOf(entry)!)
      if (seen.length === 3) break
      await writer.put('want', 'web-1', bytesOf(seen.length === 1 ? 'b' : 'c'))
    }
    deepEqual(seen, ['a', 'b', 'c'])
  } },
  { name: 'no last value is lost, whatever comes in between', async run({ open }) {
    const [writer, reader] = [open(), open()]
    const watched = (async () => {
      let before = 0
      for await (const { value, revision } of reader.watch('want', 'web-1')) {
        ok(revision > before)
        before = revision
        if (new TextDecoder().decode(value) === '50') return true
      }
      return false
    })()
    for (const n of numbersFrom(1, 50)) await writer.put('want', 'web-1', bytesOf(String(n)))
    equal(await watched, true)
  } },
  { name: 'a watcher sees its own key alone', async run({ open }) {
    const [writer, reader] = [open(), open()]
    await writer.put('want', 'web-2', bytesOf('other'))
    await writer.put('want', 'web-1.a', bytesOf('other'))
    await writer.put('want', 'web-1', bytesOf('own'))
    for await (const entry of reader.watch('want', 'web-1')) {
      equal(textOf(entry), 'own')
      break
    }
  } },
  { name: 'a watch ends with its signal, and with the store', async run({ open }) {
    const [one, other] = [open(), open()]
    await one.put('want', 'web-1', bytesOf('a'))
    const stop = new AbortController()
    const first = collect(one.watch('want', 'web-1', { signal: stop.signal }))
    const second = collect(other.watch('want', 'web-2'))
    setTimeout(() => stop.abort(), 30)
    await first
    await other.close()
    await second
    await refuses(other.get('want', 'web-1'), 'closed')
  } },
]

const logCases: readonly StoreCase[] = [
  { name: 'records come back in their order, with the key of the store', async run({ open }) {
    const store = open()
    equal((await collect(store.read('dec'))).length, 0)
    deepEqual(await store.append('dec', 'web-1', numbersFrom(1, 3).map(recordOf)), { added: 3, duplicates: 0 })
    deepEqual(await store.append('dec', 'web-2', [recordOf(4)]), { added: 1, duplicates: 0 })
    const found = await collect(open().read('dec'))
    deepEqual(found.map(({ key, id }) => [key, id]).sort(),
      [['web-1', 'boot-1'], ['web-1', 'boot-2'], ['web-1', 'boot-3'], ['web-2', 'boot-4']])
    ok(found.every(({ sequence }, i) => i === 0 || sequence > found[i - 1]!.sequence))
    ok(found.every(({ time }) => Math.abs(time - Date.now()) < 60_000))
  } },
  { name: 'an id is appended once, whoever tries again', async run({ open }) {
    await open().append('dec', 'web-1', [recordOf(1), recordOf(2)])
    deepEqual(await open().append('dec', 'web-1', [recordOf(1), recordOf(3)]), { added: 1, duplicates: 1 })
    deepEqual(await open().append('dec', 'web-1', [recordOf(1), recordOf(2)]), { added: 0, duplicates: 2 })
    deepEqual(await open().append('dec', 'web-1', []), { added: 0, duplicates: 0 })
    equal((await collect(open().read('dec'))).length, 3)
  } },
  { name: 'many that append lose no record, and double none', async run({ open }) {
    const done = await Promise.all(numbersFrom(0, 6).map(async (host) => {
      const store = open()
      let added = 0
      // every second batch is what another host appends too
      for (const n of numbersFrom(0, 6)) {
        const first = n % 2 === 0 ? 1000 * host + 10 * n : 100_000 + 10 * n
        added += (await store.append('dec', `web-${host}`, numbersFrom(first, 10).map(recordOf))).added
      }
      return added
    }))
    const found = await collect(open().read('dec'))
    equal(new Set(found.map(({ id }) => id)).size, 6 * 30 + 30)
    equal(found.length, 6 * 30 + 30)
    equal(done.reduce((sum, n) => sum + n, 0), found.length)
  } },
  { name: 'a reader goes on behind a sequence, and of one key', async run({ open }) {
    const store = open()
    await store.append('dec', 'web-1', numbersFrom(1, 5).map(recordOf))
    await store.append('dec', 'web-2', numbersFrom(6, 5).map(recordOf))
    const all = await collect(store.read('dec'))
    const rest = await collect(store.read('dec', { after: all[2]!.sequence }))
    deepEqual(rest.map(({ sequence }) => sequence), all.slice(3).map(({ sequence }) => sequence))
    equal((await collect(store.read('dec', { key: 'web-2' }))).length, 5)
    equal((await collect(store.read('dec', { key: 'web-3' }))).length, 0)
    equal((await collect(store.read('dec', { after: all.at(-1)!.sequence }))).length, 0)
  } },
  { name: 'a reader begins at a time', async run({ open }) {
    const store = open()
    await store.append('dec', 'web-1', numbersFrom(1, 3).map(recordOf))
    const first = await collect(store.read('dec'))
    equal((await collect(store.read('dec', { since: first[0]!.time }))).length, 3)
    equal((await collect(store.read('dec', { since: first.at(-1)!.time + 3_600_000 }))).length, 0)
    equal((await collect(store.read('dec', { since: 1, after: first[0]!.sequence }))).length, 2)
  } },
  { name: 'a live reader gets what is appended later, and ends with its signal', async run({ open }) {
    const [writer, reader] = [open(), open()]
    const stop = new AbortController()
    const found: LogRecord[] = []
    await writer.append('dec', 'web-1', [recordOf(1)])
    for await (const record of reader.read('dec', { live: true, signal: stop.signal })) {
      found.push(record)
      if (found.length === 3) stop.abort()
      else await writer.append('dec', 'web-1', [recordOf(found.length + 1)])
    }
    equal(found.length, 3)
  } },
  { name: 'one bad record refuses its whole batch', async run({ open }) {
    const store = open()
    const many = numbersFrom(0, MOST_RECORDS + 1).map(recordOf)
    await refuses(store.append('dec', 'web-1', many), 'too-large')
    await refuses(store.append('dec', 'web-1', [recordOf(1), { id: '', value: bytesOf('a') }]), 'bad-key')
    await refuses(store.append('dec', 'web-1', [recordOf(1), { id: 'a\r\nb', value: bytesOf('a') }]), 'bad-key')
    await refuses(store.append('dec', 'web-1', [{ id: 'a', value: new Uint8Array(64 * 1024 + 1) }]), 'too-large')
    equal((await collect(store.read('dec'))).length, 0)
  } },
]

/** All cases, to be run one after the other: `test.each(storeCases)('$name', …)`. */
export const storeCases: readonly StoreCase[] = [...values, ...swaps, ...lists, ...watches, ...logCases]

/**
 * Runs one case on a store that is empty. `open` opens it once more each time. Rejects with an AssertionError, and with
 * what the store threw.
 */
export const runStoreCase = async ({ run }: StoreCase, open: () => Store): Promise<void> => {
  const opened: Store[] = []
  try {
    await run({ open: () => {
      const store = open()
      opened.push(store)
      return store
    } })
  } finally {
    await Promise.all(opened.map((store) => store.close()))
  }
}
