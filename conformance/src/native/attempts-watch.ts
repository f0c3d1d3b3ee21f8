/** Attempts on the one that watches: arguments that change, its process, its descriptors, filters, magic links. */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { endChild, executedBy, executionCode, placed, startCopying } from './machine-code.ts'
import { AT_FDCWD, abstractAddress, contents, openAt, text, unixAddress, words } from './target.ts'
import type { Attempt, Outcome, Target } from './target.ts'

const TRIES = 4000
/** Milliseconds before which tries go on, so that the racer is there, and after which there is no further one. */
const LEAST = 300
const MOST = 6000
const SIZE = 256

/** Beside the bundle of the attempts. */
const racingThread = new URL('./racing-thread.js', import.meta.url)

/** Who changes the memory: another thread, or a process that shares it. */
type Racer = 'thread' | 'process'

/** Starts to write the texts to the memory by turns; answers what ends that. */
const startRacer = async (
  t: Target, racer: Racer, shared: Uint8Array, texts: readonly Uint8Array[],
): Promise<() => unknown> => {
  if (racer === 'process') {
    const child = startCopying(t, shared, texts)
    return () => child > 0 && endChild(t, child)
  }
  const thread = new Worker(racingThread, { workerData: { shared, texts } })
  await new Promise((done) => thread.once('online', done))
  return () => thread.terminate()
}

/** Makes a call with memory that somebody else changes between two texts, until it gets out. */
const race = async (
  t: Target, racer: Racer, texts: readonly [Uint8Array, Uint8Array], step: (memory: Uint8Array) => boolean,
): Promise<boolean> => {
  const shared = new Uint8Array(new SharedArrayBuffer(SIZE))
  const both = texts.map((one) => Buffer.concat([one, new Uint8Array(SIZE - one.length)]))
  shared.set(both[0]!)
  const end = await startRacer(t, racer, shared, both)
  await new Promise((done) => setTimeout(done, 30))
  const from = performance.now()
  try {
    for (let i = 0, past = 0; (i < TRIES || past < LEAST) && past < MOST; i++, past = performance.now() - from) {
      if (step(shared)) return true
    }
    return false
  } finally {
    await end()
  }
}

const own = (t: Target, name: string): string => {
  const path = join(t.work, name)
  rmSync(path, { recursive: true, force: true })
  return path
}
const file = (t: Target, name: string): string => {
  const path = own(t, name)
  writeFileSync(path, 'plain')
  return path
}
const unixSocket = (t: Target): number => t.sys.call('socket', 1, 1, 0)

/** Connects a new socket, which is closed again. */
const connects = (t: Target, address: Uint8Array, length: number): boolean => {
  const fd = unixSocket(t)
  const rc = t.sys.call('connect', fd, address, length)
  t.sys.call('close', fd)
  return rc === 0
}

const races: readonly (readonly [string, (t: Target, racer: Racer) => Promise<boolean>])[] = [
  ['the name of an open', (t, racer) => race(t, racer, [text(file(t, 'plain')), text(t.secret)], (memory) =>
    contents(t, t.sys.call('openat', AT_FDCWD, memory, 0, 0)).includes(t.canary))],
  ['the name of an openat2', (t, racer) => race(t, racer, [text(file(t, 'plain')), text(t.secret)], (memory) =>
    contents(t, t.sys.call('openat2', AT_FDCWD, memory, words(0, 0, 0), 24)).includes(t.canary))],
  ['the target of a rename', (t, racer) => {
    const plain = own(t, 'renamed')
    return race(t, racer, [text(plain), text(join(t.outside, 'renamed'))], (memory) => {
      t.sys.call('rename', text(file(t, 'to-rename')), memory)
      return t.sys.call('access', text(join(t.outside, 'renamed')), 0) === 0
    })
  }],
  ['the name of a mkdir', (t, racer) => {
    const evil = text(join(t.outside, 'made'))
    return race(t, racer, [text(join(t.work, 'made')), evil], (memory) => {
      t.sys.call('mkdir', memory, 0o700)
      return t.sys.call('access', evil, 0) === 0
    })
  }],
  ['the target of a link', (t, racer) => race(t, racer, [text(file(t, 'plain')), text(t.secret)], (memory) => {
    const to = own(t, 'linked')
    t.sys.call('link', memory, text(to))
    return contents(t, openAt(t, to)).includes(t.canary)
  })],
  ['the address of a connect', (t, racer) => {
    const size = Math.max(t.unix.length, join(t.work, 'nobody').length) + 3
    const [plain, evil] = [join(t.work, 'nobody'), t.unix].map((path) => unixAddress(path))
    return race(t, racer, [plain!, evil!], (memory) => connects(t, memory, size))
  }],
  ['the address of a bind', (t, racer) => {
    const [plain, evil] = [join(t.work, 'bound'), join(t.outside, 'bound')]
    const size = evil.length + 3
    return race(t, racer, [unixAddress(plain), unixAddress(evil)], (memory) => {
      own(t, 'bound')
      const fd = unixSocket(t)
      t.sys.call('bind', fd, memory, size)
      t.sys.call('close', fd)
      return t.sys.call('access', text(evil), 0) === 0
    })
  }],
  // the shared memory is a child's that executes: its parent waits until it has
  ['the name of an execve', (t, racer) => {
    const args = placed(t, words(placed(t, text('program')), 0))
    let code = 0
    return race(t, racer, [text('/bin/false'), text(join(t.outside, 'program'))], (memory) => {
      if (code === 0) code = executionCode(t, t.sys.address(memory), args)
      return executedBy(t, code) === 0
    })
  }],
]

/** A name whose folder becomes a link to the outside between look-up and use. */
const swaps = async (t: Target, step: (path: string) => boolean): Promise<boolean> => {
  const [folder, away] = [own(t, 'swapped'), own(t, 'away')]
  mkdirSync(folder)
  writeFileSync(join(folder, 'secret'), 'plain')
  const link = own(t, 'link')
  symlinkSync(t.outside, link)
  for (let i = 0; i < 50; i++) {
    renameSync(folder, away)
    renameSync(link, folder)
    const isOut = step(join(folder, 'secret'))
    renameSync(folder, link)
    renameSync(away, folder)
    if (isOut) return true
  }
  return false
}

/** `struct sock_fprog` with a filter that gives one answer to getppid, and lets all else be. */
const nested = (t: Target, answer: number): number => {
  const step = (code: number, jt: number, jf: number, k: number): Uint8Array => {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setUint16(0, code, true)
    bytes.set([jt, jf], 2)
    view.setUint32(4, k, true)
    return bytes
  }
  const number = t.sys.number('openat')
  const program = Buffer.concat([
    step(0x20, 0, 0, 0), step(0x15, 0, 1, number), step(0x06, 0, 0, answer), step(0x06, 0, 0, 0x7fff_0000),
  ])
  t.sys.call('prctl', 38, 1, 0, 0, 0)
  return t.sys.call('seccomp', 1, 0, words(4, t.sys.address(program)))
}

const filters: readonly (readonly [string, number])[] = [
  ['USER_NOTIF', 0x7fc0_0000], ['TRACE', 0x7ff0_0000], ['LOG', 0x7ffc_0000], ['ALLOW', 0x7fff_0000],
  ['ERRNO 0', 0x0005_0000],
]

const magic: readonly (readonly [string, (t: Target) => string])[] = [
  ...['/proc/self/fd', '/dev/fd', '/proc/thread-self/fd'].map((folder): readonly [string, (t: Target) => string] =>
    [folder, () => folder]),
  ['/proc of its starter', (t) => `/proc/${t.supervisor}/fd`],
  ['/proc of a process outside', (t) => `/proc/${t.sleeper}/fd`],
  ['a thread of its starter', (t) => `/proc/${t.supervisor}/task/${t.supervisor}/fd`],
]

/** Whether a descriptor that the process does not have is opened by its number. */
const foreign = (t: Target, folder: string): Outcome => {
  for (let fd = 0; fd < 64; fd++) {
    const isOthers = folder.startsWith(`/proc/${t.supervisor}`) || folder.startsWith(`/proc/${t.sleeper}`)
    if (!isOthers && t.sys.call('fcntl', fd, 1, 0) >= 0) continue
    for (const flags of [0, 1, 2, 0o4000]) {
      const got = openAt(t, `${folder}/${fd}`, flags | 0o4000)
      if (got < 0) continue
      t.sys.call('close', got)
      return true
    }
  }
  return false
}

const resolving: Readonly<Record<string, number>> = {
  'no flags': 0, 'NO_XDEV': 1, 'NO_SYMLINKS': 4, 'CACHED': 0x20, 'NO_MAGICLINKS': 2,
}

const supervisorSignals: Readonly<Record<string, number>> = { SIGCONT: 18, SIGURG: 23 }

export const watchAttempts: readonly Attempt[] = [
  ...races.map(([name, run]): Attempt => ({ name: `race: ${name}`, alone: true, run: (t) => run(t, 'thread') })),
  ...races.map(([name, run]): Attempt => ({
    name: `race by a process in the same memory: ${name}`, alone: true, run: (t) => run(t, 'process'),
  })),
  { name: 'swap a folder: open', run: (t) => swaps(t, (path) => contents(t, openAt(t, path)).includes(t.canary)) },
  {
    name: 'swap a folder: openat2',
    run: (t) => swaps(t, (path) =>
      contents(t, t.sys.call('openat2', AT_FDCWD, text(path), words(0, 0, 0), 24)).includes(t.canary)),
  },
  {
    name: 'swap a folder: truncate',
    run: (t) => swaps(t, (path) => t.sys.call('truncate', text(path.replace('secret', 'loose')), 1) === 0),
  },
  {
    name: 'swap a folder: connect', run: (t) => swaps(t, (path) => {
      const address = unixAddress(path.replace('secret', 'socket'))
      return connects(t, address, address.length)
    }),
  },
  ...filters.map(([name, answer]): Attempt => ({
    name: `nested filter: ${name}`, alone: true, run: (t) => {
      const rc = nested(t, answer)
      const found = contents(t, openAt(t, t.secret))
      // calls that the filter answers need no file: what counts is what is read by the others
      return rc < 0 ? rc : found.includes(t.canary) ||
        contents(t, t.sys.call('open', text(t.secret), 0)).includes(t.canary)
    },
  })),
  ...magic.map(([name, folder]): Attempt => ({
    name: `another process's descriptor by ${name}`, run: (t) => foreign(t, folder(t)),
  })),
  {
    name: "another process's descriptor by a link of its own", run: (t) => {
      const link = own(t, 'descriptors')
      symlinkSync(`/proc/${t.supervisor}/fd`, link)
      return foreign(t, link) === true || [...Array(64).keys()].some((fd) => openAt(t, `${link}/${fd}`, 0o4000) >= 0)
    },
  },
  ...Object.entries(resolving).map(([name, flags]): Attempt => ({
    name: `openat2 with ${name}`,
    run: (t) => contents(t, t.sys.call('openat2', AT_FDCWD, text(t.secret), words(0, 0, flags), 24)),
  })),
  {
    name: 'openat2 with IN_ROOT of the outside',
    run: (t) => contents(t, t.sys.call('openat2', openAt(t, t.outside, 0o200000), text('/secret'),
      words(0, 0, 0x10), 24)),
  },
  {
    name: 'openat2 with BENEATH of the outside',
    run: (t) => contents(t, t.sys.call('openat2', openAt(t, t.outside, 0o10000000), text('secret'),
      words(0, 0, 8), 24)),
  },
  ...Object.entries(supervisorSignals).map(([name, signal]): Attempt => ({
    name: `${name} to the watching process`, run: (t) => t.sys.call('kill', t.supervisor, signal),
  })),
  {
    name: 'SIGCONT to a thread of the watching process', run: (t) =>
      readdirSync(`/proc/${t.supervisor}/task`)
        .some((tid) => t.sys.call('tgkill', t.supervisor, Number(tid), 18) === 0),
  },
  {
    name: 'an abstract socket, connected without waiting', run: (t) => {
      const address = abstractAddress(t.abstract)
      return t.sys.call('connect', t.sys.call('socket', 1, 0o4001, 0), address, address.length)
    },
  },
  {
    name: 'a device that the watcher makes', run: (t) => {
      const path = own(t, 'device')
      return t.sys.call('mknod', text(path), 0o20666, (1 << 8) | 5)
    },
  },
  {
    name: 'a file for somebody else', run: (t) => t.sys.call('chown', text(file(t, 'given')), 65534, 65534),
  },
  {
    name: 'a file of somebody else', run: (t) => t.sys.call('chmod', text(join(t.work, 'others')), 0o777),
  },
]
