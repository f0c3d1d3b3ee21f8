/** Attempts by descriptors that are passed, datagrams with addresses, rings, and programs that change who they are. */
import { spawnSync } from 'node:child_process'
import { steady } from './machine-code.ts'
import { AT_FDCWD, abstractAddress, contents, inet, openAt, text, unixAddress, words } from './target.ts'
import type { Attempt, Outcome, Target } from './target.ts'

const O_PATH = 0o10000000
const DGRAM = 2
const MSG_DONTWAIT = 0x40
const EAGAIN = -11
const SCM_RIGHTS = 1

const pair = (t: Target, type: number): readonly [number, number] => {
  const fds = new Int32Array(2).fill(-1)
  t.sys.call('socketpair', 1, type, 0, new Uint8Array(fds.buffer))
  return [fds[0]!, fds[1]!]
}

/** `struct cmsghdr` with one descriptor. */
const rights = (fd: number): Uint8Array => {
  const bytes = new Uint8Array(24)
  new BigUint64Array(bytes.buffer, 0, 1)[0] = 20n
  new Int32Array(bytes.buffer, 8, 3).set([1, SCM_RIGHTS, fd])
  return bytes
}

/** `struct msghdr` of one byte, with what it points to. */
const message = (t: Target, address: Uint8Array | null, control: Uint8Array | null): readonly Uint8Array[] => {
  const data = steady(256)
  const vector = words(t.sys.address(data), 1)
  const header = words(
    address === null ? 0 : t.sys.address(address), address?.length ?? 0, t.sys.address(vector), 1,
    control === null ? 0 : t.sys.address(control), control?.length ?? 0, 0)
  return [header, vector, data]
}

/** The descriptor, sent to and received from the other end of a pair: a new number, or -errno. */
const passed = (t: Target, fd: number): number => {
  if (fd < 0) return fd
  const [to, from] = pair(t, 1)
  const control = rights(fd)
  const sent = message(t, null, control)
  const rc = t.sys.call('sendmsg', to, sent[0]!, 0)
  if (rc < 0) return rc
  const room = rights(-1)
  const received = message(t, null, room)
  t.sys.call('recvmsg', from, received[0]!, 0)
  return new Int32Array(room.buffer, 16, 1)[0]!
}

const passing: readonly (readonly [string, (t: Target) => Outcome])[] = [
  ['a file by its name', (t) => contents(t, passed(t, openAt(t, t.secret)))],
  ['a file that is opened again', (t) =>
    contents(t, openAt(t, `/proc/self/fd/${passed(t, openAt(t, t.secret, O_PATH))}`))],
  ['a file that is opened again by its thread', (t) =>
    contents(t, openAt(t, `/proc/thread-self/fd/${passed(t, openAt(t, t.secret, O_PATH))}`))],
  ['a folder', (t) =>
    contents(t, t.sys.call('openat', passed(t, openAt(t, t.outside, O_PATH)), text('secret'), 0, 0))],
  ['a folder that becomes the current one', (t) => {
    const before = process.cwd()
    t.sys.call('fchdir', passed(t, openAt(t, t.outside, O_PATH)))
    const found = contents(t, openAt(t, 'secret'))
    process.chdir(before)
    return found
  }],
  ['a folder that is written to', (t) =>
    t.sys.call('mkdirat', passed(t, openAt(t, t.outside, O_PATH)), text(`passed-${process.pid}`), 0o700)],
  ['a descriptor of a process', (t) =>
    t.sys.call('pidfd_send_signal', passed(t, t.sys.call('pidfd_open', t.sleeper, 0)), 28, null, 0)],
  ['a file of a process', (t) => contents(t, passed(t, t.sys.call('pidfd_getfd',
    t.sys.call('pidfd_open', t.sleeper, 0), 0, 0)))],
  ['memory of a process', (t) => passed(t, openAt(t, `/proc/${t.sleeper}/mem`))],
]

/** Whether a message has arrived, or would have: nobody reads them. */
const arrived = (rc: number): boolean => rc >= 0 || rc === EAGAIN

const server = (t: Target): Uint8Array => unixAddress(t.datagrams)

const datagrams: readonly (readonly [string, (t: Target) => boolean])[] = [
  ['sendto', (t) => arrived(
    t.sys.call('sendto', pair(t, DGRAM)[0], text('x'), 1, MSG_DONTWAIT, server(t), server(t).length))],
  ['connect', (t) => {
    const [fd] = pair(t, DGRAM)
    return t.sys.call('connect', fd, server(t), server(t).length) === 0 &&
      arrived(t.sys.call('sendto', fd, text('x'), 1, MSG_DONTWAIT, null, 0))
  }],
  ['sendmsg', (t) => {
    const parts = message(t, server(t), null)
    return arrived(t.sys.call('sendmsg', pair(t, DGRAM)[0], parts[0]!, MSG_DONTWAIT))
  }],
  ['sendmsg with a descriptor', (t) => {
    const parts = message(t, server(t), rights(0))
    return arrived(t.sys.call('sendmsg', pair(t, DGRAM)[0], parts[0]!, MSG_DONTWAIT))
  }],
  ['the second message of sendmmsg', (t) => {
    const [plain, evil] = [message(t, null, null), message(t, server(t), null)]
    const both = steady(256)
    both.set(plain[0]!, 0)
    both.set(evil[0]!, 64)
    const sent = t.sys.call('sendmmsg', pair(t, DGRAM)[0], both, 2, MSG_DONTWAIT)
    return sent === 2
  }],
  ['an abstract name', (t) => {
    const address = abstractAddress(`${t.abstract}-datagrams`)
    return arrived(t.sys.call('sendto', pair(t, DGRAM)[0], text('x'), 1, MSG_DONTWAIT, address, address.length))
  }],
]

const udp: readonly (readonly [string, (t: Target) => boolean])[] = [
  ['the second message of sendmmsg', (t) => {
    const fd = t.sys.call('socket', 2, DGRAM, 0)
    const first = message(t, inet(t.udp), null)
    const second = message(t, inet(t.udp), null)
    const both = steady(256)
    both.set(first[0]!, 0)
    both.set(second[0]!, 64)
    return t.sys.call('sendmmsg', fd, both, 2, 0) > 0
  }],
]

const NO_MMAP = 0x4000
const NO_SQARRAY = 0x1_0000
const PAGE = 4096
const SQE = 64

/** Has a ring of one page make one call: its result, or -errno. `fields` are those of `struct io_uring_sqe`. */
const byRing = (t: Target, fields: (sqe: DataView) => void): number => {
  const memory = steady(4 * PAGE)
  const start = Number(t.sys.address(memory))
  const skip = (PAGE - (start % PAGE)) % PAGE
  const rings = new DataView(memory.buffer, skip, PAGE)
  const sqe = new DataView(memory.buffer, skip + PAGE, SQE)
  const params = steady(256)
  const view = new DataView(params.buffer)
  view.setUint32(8, NO_MMAP | NO_SQARRAY, true)
  view.setBigUint64(72, BigInt(start + skip + PAGE), true)
  view.setBigUint64(112, BigInt(start + skip), true)
  const fd = t.sys.call('io_uring_setup', 1, params)
  if (fd < 0) return fd
  fields(sqe)
  // tail of the submissions, then the first completion
  rings.setUint32(view.getUint32(44, true), 1, true)
  const entered = t.sys.call('io_uring_enter', fd, 1, 1, 1, null, 0)
  if (entered < 0) return entered
  return rings.getInt32(view.getUint32(100, true) + 8, true)
}

const named = (t: Target, code: number, path: Uint8Array, length: number, flags: number) => (sqe: DataView): void => {
  sqe.setUint8(0, code)
  sqe.setInt32(4, AT_FDCWD, true)
  sqe.setBigUint64(16, t.sys.address(path), true)
  sqe.setUint32(24, length, true)
  sqe.setUint32(28, flags, true)
}

const held = (path: string): Uint8Array => {
  const bytes = steady(256)
  bytes.set(text(path))
  return bytes
}

const rings: readonly (readonly [string, (t: Target) => Outcome])[] = [
  ['an open', (t) => contents(t, byRing(t, named(t, 18, held(t.secret), 0, 0)))],
  ['a new folder', (t) => byRing(t, named(t, 37, held(`${t.outside}/by-ring-${process.pid}`), 0o700, 0))],
  ['a removal', (t) => {
    const rc = byRing(t, named(t, 36, held(`${t.outside}/by-ring-none`), 0, 0))
    return rc === -2
  }],
  ['a socket', (t) => byRing(t, (sqe) => {
    sqe.setUint8(0, 45)
    sqe.setInt32(4, 2, true)
    sqe.setBigUint64(8, 1n, true)
  })],
]

/** Each prints the secret where it works. */
const programs: readonly (readonly [string, (t: Target) => readonly [string, ...string[]]])[] = [
  ['su', (t) => ['su', '-c', `cat ${t.secret}`]],
  ['sg', (t) => ['sg', 'root', '-c', `cat ${t.secret}`]],
  ['setpriv', (t) => ['setpriv', '--reset-env', 'cat', t.secret]],
  ['unshare of users', (t) => ['unshare', '-Ur', 'cat', t.secret]],
  ['unshare of users, mounts and processes', (t) =>
    ['unshare', '-Urmpf', '--mount-proc', 'cat', t.secret]],
  ['a bind mount in a namespace of users', (t) =>
    ['unshare', '-Urm', 'sh', '-c', `mount --bind ${t.outside} ${t.work} && cat ${t.work}/secret`]],
  ['an overlay in a namespace of users', (t) =>
    ['unshare', '-Urm', 'sh', '-c',
      `mount -t overlay -o lowerdir=${t.outside}:${t.outside}/folder none ${t.work} && cat ${t.work}/secret`]],
  ['another root in a namespace of users', (t) =>
    ['unshare', '-Urm', '--root=/', 'cat', t.secret]],
  ['nsenter', (t) => ['nsenter', '-t', String(t.sleeper), '-m', '-p', 'cat', t.secret]],
  ['nsenter by the folder', (t) =>
    ['nsenter', '-t', String(t.sleeper), '-m', `--wd=${t.outside}`, 'cat', 'secret']],
  ['chroot', (t) => ['chroot', '/', 'cat', t.secret]],
  ['a copy with the bit of its owner', (t) =>
    ['sh', '-c', `cp /bin/cat ${t.work}/suid && chmod 4755 ${t.work}/suid && ${t.work}/suid ${t.secret}`]],
  ['start-stop-daemon', (t) =>
    ['start-stop-daemon', '--start', '--exec', '/bin/cat', '--', t.secret]],
  ['a shell in the background of a session', (t) => ['setsid', '-w', 'cat', t.secret]],
]

export const passingAttempts: readonly Attempt[] = [
  ...passing.map(([name, run]): Attempt => ({ name: `passed on: ${name}`, run })),
  ...datagrams.map(([name, run]): Attempt => ({ name: `a socket of a pair: ${name}`, run })),
  ...udp.map(([name, run]): Attempt => ({ name: `UDP: ${name}`, run })),
  ...rings.map(([name, run]): Attempt => ({ name: `io_uring: ${name}`, alone: true, run })),
  ...programs.map(([name, command]): Attempt => ({
    name: `program: ${name}`, run: (t) => {
      const [program, ...args] = command(t)
      return spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 }).stdout ?? ''
    },
  })),
]
