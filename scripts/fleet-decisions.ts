/**
 * `npm run -s fleet-decisions [-- --seconds N]`: decisions through a nats-server with spools in front. 10,000 a second
 * of one host in bounded memory; hosts that flood, and others that lose nothing; a host that is killed while it writes.
 * It needs nats-server (`NATS_SERVER` names another one), and ends with 77 where there is none.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DecisionRecorder } from '../packages/fleet/src/decisions/recorder.ts'
import { Sender } from '../packages/fleet/src/decisions/sender.ts'
import { nats, openSpool, readDecisions } from '../packages/fleet/src/index.ts'
import type { DecisionRecord, NatsStreams, Spool, Store } from '../packages/fleet/src/index.ts'
import { hasNatsServer, startNats } from '../packages/fleet/src/testing/nats-server.ts'

const home = mkdtempSync(join(tmpdir(), 'lsmkit-fleet-decisions-'))
const subject = {
  pid: 12, tid: 12, comm: 'cat', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0, ses: 0,
  label: 'staff_u:staff_r:staff_t:s0',
}
const record = (n: number): DecisionRecord => ({
  kind: 'denial', serial: n, time: Date.now(), hook: 'file_open', lsm: 'selinux', rc: -13, subject, args: {},
  object: { kind: 'file', path: `/srv/data/${n}`, dev: 'tmpfs', ino: n }, reason: 'no rule allows it', details: null,
})
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Host {
  readonly name: string
  readonly spool: Spool
  readonly recorder: DecisionRecorder
  readonly sender: Sender
}

const hostOf = async (name: string, store: Store, syncMs = 200): Promise<Host> => {
  const spool = await openSpool(join(home, name), { syncMs })
  const recorder = new DecisionRecorder(name, 'boot', spool, {})
  return { name, spool, recorder, sender: new Sender(store, name, spool) }
}
const closed = async ({ sender, spool }: Host): Promise<void> => {
  await sender.close(1000)
  await spool.close()
}
const decide = ({ recorder }: Host, n: number): void => recorder.add(record(n), { source: 'stack', bundle: null })
const drained = async ({ spool }: Host): Promise<void> => {
  await spool.flush()
  while (spool.status.acked < spool.status.durable) await pause(20)
}

interface Read {
  readonly serials: ReadonlyMap<string, number>
  readonly twice: number
  readonly missing: number
}

/** Decisions that a reader has, by host. */
const readAll = async (store: Store): Promise<Read> => {
  const serials = new Map<string, number>()
  const seen = new Set<string>()
  let [twice, missing] = [0, 0]
  for await (const one of readDecisions(store)) {
    if (one.kind === 'missing') missing += one.to - one.from + 1
    if (one.kind !== 'decision') continue
    const key = `${one.host} ${one.serial}`
    if (seen.has(key)) twice += 1
    seen.add(key)
    serials.set(one.host, (serials.get(one.host) ?? 0) + 1)
  }
  return { serials, twice, missing }
}

let [passed, total] = [0, 0]
const claim = (text: string, holds: boolean): void => {
  total += 1
  if (holds) passed += 1
  process.stdout.write(`${holds ? 'ok    ' : 'FAILED'} ${text}\n`)
}

const withStore = async (streams: NatsStreams, work: (store: Store) => Promise<void>): Promise<void> => {
  const server = await startNats()
  const store = nats({ servers: server.url, create: streams })
  try {
    await work(store)
  } finally {
    await store.close()
    await server.stop()
  }
}

const MB = 2 ** 20
const A_SECOND = 10_000

/** `A_SECOND` decisions a second, in steps of 10 ms. */
const rate = (seconds: number): Promise<void> => withStore({ mostHostMessages: 100_000 }, async (store) => {
  const host = await hostOf('rate', store)
  const before = process.memoryUsage().rss
  let [n, most] = [0, 0]
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  while (n < seconds * A_SECOND) {
    const due = Math.min(seconds * A_SECOND, Math.floor((performance.now() - start) * A_SECOND / 1000))
    while (n < due) decide(host, n += 1)
    most = Math.max(most, process.memoryUsage().rss)
    await pause(10)
  }
  await drained(host)
  const took = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const { lost } = host.spool.status
  await closed(host)
  const { serials, twice, missing } = await readAll(store)
  const grown = Math.round((most - before) / MB)
  const share = Math.round((user + system) / 1e4 / took)
  claim(`${n} decisions of one host in ${took.toFixed(1)} s (${Math.round(n / took)} a second, ${share} % of a ` +
    `processor), memory grew by ${grown} MB`, grown < 256 && took < seconds * 1.5)
  claim(`read: ${serials.get('rate') ?? 0} of ${n}, ${twice} twice, ${missing} missing, ${lost} lost on the host`,
    serials.get('rate') === n && twice === 0 && missing === 0 && lost === 0)
})

const FLOODERS = 100
const QUIET = 10

/** Less than the hosts send, and more than 110 hosts with 12 messages each have. */
const LOG: NatsStreams = { mostLogBytes: 128 * MB, mostHostMessages: 12 }

const flood = (): Promise<void> => withStore(LOG, async (store) => {
  const flooders = await Promise.all(Array.from({ length: FLOODERS }, (_, i) => hostOf(`flood-${i}`, store)))
  const quiet = await Promise.all(Array.from({ length: QUIET }, (_, i) => hostOf(`quiet-${i}`, store, 1000)))
  for (let round = 1; round <= 20; round += 1) {
    for (const host of flooders) for (let n = 0; n < 200; n += 1) decide(host, round * 1000 + n)
    for (const host of quiet) decide(host, round)
    await pause(50)
  }
  await Promise.all([...flooders, ...quiet].map(drained))
  await Promise.all([...flooders, ...quiet].map(closed))
  const { serials, twice } = await readAll(store)
  const whole = quiet.filter(({ name }) => serials.get(name) === 20).length
  const rest = flooders.reduce((sum, { name }) => sum + (serials.get(name) ?? 0), 0)
  claim(`${FLOODERS} hosts that flood: ${whole} of ${QUIET} other hosts have all their records; ${rest} of ` +
    `${FLOODERS * 4000} of theirs fit in the log, ${twice} twice`,
  whole === QUIET && twice === 0 && rest < FLOODERS * 4000)
})

const KILLS = 10

/** A process that writes to a spool until it is killed; it prints the serial up to which all is on the disk. */
const writer = async (folder: string): Promise<never> => {
  const spool = await openSpool(folder, { syncMs: 1, segmentBytes: 64 * 1024 })
  for (let n = 0; ; n += 1) {
    spool.push(JSON.stringify({ kind: 'decision', time: Date.now(), n, boot: 'b', bundle: null, source: 'stack',
      verdict: 'deny', sample: 1, masked: [], texts: [], record: record(n) }))
    if (n % 50 !== 0) continue
    await spool.flush()
    process.stdout.write(`${spool.status.durable}\n`)
  }
}

const killedAt = async (folder: string, lines: number): Promise<number> => {
  const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, '--writer', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  let [durable, seen] = [0, 0]
  for await (const line of createInterface({ input: child.stdout })) {
    durable = Number(line)
    seen += 1
    if (seen === lines) child.kill('SIGKILL')
  }
  await ended
  return durable
}

const kills = (): Promise<void> => withStore({ mostHostMessages: 100_000 }, async (store) => {
  let durable = 0
  for (let times = 1; times <= KILLS; times += 1) {
    durable = Math.max(durable, await killedAt(join(home, 'killed'), times * 3))
    // some of it is sent in between, and once more by the next that was not acknowledged
    const host = await hostOf('killed', store)
    await drained(host)
    await closed(host)
  }
  const found = new Set<number>()
  let twice = 0
  for await (const one of readDecisions(store)) {
    if (one.kind === 'missing' || one.kind === 'damaged') continue
    if (found.has(one.serial)) twice += 1
    found.add(one.serial)
  }
  let there = 0
  for (let serial = 1; serial <= durable; serial += 1) if (found.has(serial)) there += 1
  claim(`killed ${KILLS} times in mid-spool: ${there} of ${durable} serials that were on the disk are read, ` +
    `${twice} twice`, there === durable && twice === 0)
})

const args = process.argv.slice(2)
if (args[0] === '--writer') await writer(args[1]!)
if (!hasNatsServer()) {
  process.stderr.write('fleet-decisions: there is no nats-server; NATS_SERVER names one\n')
  process.exit(77)
}
const seconds = Number(args[args.indexOf('--seconds') + 1] ?? 10) || 10
try {
  await rate(seconds)
  await flood()
  await kills()
} finally {
  rmSync(home, { recursive: true, force: true })
}
process.stdout.write(`${passed} of ${total}\n`)
process.exit(passed === total ? 0 : 1)
