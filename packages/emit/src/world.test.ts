/**
 * The answers that the proofs rest on, against the real thing: a box of the sandbox, and tasks that restrict themselves
 * by what was emitted for Landlock, make the system calls that the questions are about.
 */
import {
  AF_INET, AF_UNIX, AT_FDCWD, EACCES, ENOSYS, EPERM, EROFS, EXDEV, O_DIRECTORY, O_RDONLY, O_WRONLY, S_IFCHR, S_IFIFO,
  S_IFREG, SOCK_STREAM,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, sockaddrIn } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock, ruleset } from '@lsmkit/landlock'
import { createSandbox } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import { expect, test } from 'vitest'
import { specialCalls } from './calls.ts'
import { boxAnswers } from './decision.ts'
import { landlockJson } from './formats/landlockconfig.ts'
import { plainOf } from './plain.ts'
import { parentOf, questionText } from './question.ts'
import type { PathQuestion, Question } from './question.ts'
import { questionsOf } from './questions.ts'
import { randomPolicy } from './testing/random-policy.ts'

const GUEST = 1000

const REFUSALS = new Set([-EACCES, -EPERM, -EROFS, -EXDEV, -ENOSYS])

/** A kernel, and the task whose rights are asked about. Root makes what an act needs, and takes away what it made. */
interface World {
  readonly kernel: Kernel
  readonly task: Task
}

const folder = ({ kernel: { sys, init } }: World, path: string): void => {
  if (path === '/') return
  folder({ kernel: { sys, init } } as unknown as World, parentOf(path))
  sys.mkdir(init, path, 0o777)
  // modes decide nothing here
  sys.chmod(init, path, 0o777)
}

const isThere = ({ kernel: { sys, init } }: World, path: string): boolean => sys.access(init, path, 0) === 0

const file = ({ kernel: { sys, init } }: World, path: string): void => {
  if (sys.mknod(init, path, S_IFREG | 0o777, 0) !== 0) return
  sys.chmod(init, path, 0o777)
  // the owner alone changes a mode
  sys.chown(init, path, GUEST, GUEST)
}

const acts: Readonly<Record<PathQuestion['right'], (world: World, path: string) => number>> = {
  read: ({ kernel: { sys }, task }, path) => sys.openat(task, AT_FDCWD, path, O_RDONLY, 0),
  list: ({ kernel: { sys }, task }, path) => sys.openat(task, AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0),
  write: ({ kernel: { sys }, task }, path) => sys.openat(task, AT_FDCWD, path, O_WRONLY, 0),
  truncate: ({ kernel: { sys }, task }, path) => sys.truncate(task, path, 0),
  make: ({ kernel: { sys }, task }, path) => sys.mknod(task, path, S_IFREG | 0o666, 0),
  'make-dir': ({ kernel: { sys }, task }, path) => sys.mkdir(task, path, 0o777),
  'make-link': ({ kernel: { sys }, task }, path) => sys.symlink(task, 'x', path),
  'make-pipe': ({ kernel: { sys }, task }, path) => sys.mknod(task, path, S_IFIFO | 0o666, 0),
  'make-device': ({ kernel: { sys }, task }, path) => sys.mknod(task, path, S_IFCHR | 0o666, 0x103),
  remove: ({ kernel: { sys }, task }, path) => sys.unlink(task, path),
  'remove-dir': ({ kernel: { sys }, task }, path) => sys.rmdir(task, path),
  move: ({ kernel: { sys }, task }, path) => sys.rename(task, path, `${parentOf(path)}/.other/x`.replace('//', '/')),
  attributes: ({ kernel: { sys }, task }, path) => sys.chmod(task, path, 0o777),
  execute: ({ kernel: { sys }, task }, path) => sys.execve(task, path, [path], []),
}

const folders: ReadonlySet<string> = new Set(['list', 'remove-dir'])
const made: ReadonlySet<string> = new Set(['make', 'make-dir', 'make-link', 'make-pipe', 'make-device'])

/** Null for what cannot be asked at this path. */
const askPath = (world: World, { right, path }: PathQuestion): boolean | null => {
  const { kernel: { sys, init }, task } = world
  if (path === '/' || path.startsWith('/proc') || path.startsWith('/dev')) return null
  folder(world, parentOf(path))
  const was = isThere(world, path)
  if (was && !folders.has(right)) return null
  if (folders.has(right)) folder(world, path)
  else if (!made.has(right)) file(world, path)
  const other = `${parentOf(path)}/.other`.replace('//', '/')
  if (right === 'move') folder(world, other)
  const rc = acts[right](world, path)
  if (rc >= 0 && ['read', 'list', 'write'].includes(right)) sys.close(task, rc)
  if (right === 'move') {
    sys.unlink(init, `${other}/x`)
    sys.rmdir(init, other)
  }
  if (!was) {
    sys.unlink(init, path)
    sys.rmdir(init, path)
  }
  return !REFUSALS.has(rc)
}

const askPort = ({ kernel: { sys }, task }: World, kind: 'connect' | 'listen', port: number): boolean => {
  const fd = sys.socket(task, AF_INET, SOCK_STREAM, 0)
  if (fd < 0) return false
  const rc = sys[kind === 'connect' ? 'connect' : 'bind'](task, fd, sockaddrIn('127.0.0.1', port) as never, 16)
  sys.close(task, fd)
  return !REFUSALS.has(rc)
}

const askSocket = ({ kernel: { sys }, task }: World, question: Question & { kind: 'socket' }): boolean | null => {
  const rc = sys.socket(task, question.family, question.type, question.protocol)
  if (rc >= 0) sys.close(task, rc)
  // a family that the kernel does not have says nothing about who may make one
  return rc >= 0 || (REFUSALS.has(rc) ? false : null)
}

const askPair = ({ kernel: { sys }, task }: World, { type }: Question & { kind: 'pair' }): boolean | null => {
  const fds: number[] = []
  const rc = sys.socketpair(task, AF_UNIX, type, 0, fds)
  for (const fd of fds) sys.close(task, fd)
  return rc >= 0 || (REFUSALS.has(rc) ? false : null)
}

/** Null for a question that this does not ask. */
const ask = (world: World, question: Question): boolean | null => {
  switch (question.kind) {
    case 'path': return askPath(world, question)
    // port 0 is any port that is free, and low ones are for root
    case 'connect': case 'listen': return question.port < 1024 ? null : askPort(world, question.kind, question.port)
    case 'socket': return askSocket(world, question)
    case 'pair': return askPair(world, question)
    default: return null
  }
}

const compared = (world: World, questions: readonly Question[], answers: (question: Question) => boolean) => {
  let asked = 0
  const differing = questions.flatMap((question) => {
    const real = ask(world, question)
    if (real === null) return []
    asked++
    return real === answers(question) ? [] : [`${questionText(question)}: ${real ? 'done' : 'refused'}`]
  })
  return { asked, differing }
}

/** All in memory: the rights of folders of the host are those of their mounts. */
const inMemory = (seed: number): Policy => {
  const { mounts: _, user: __, ...policy } = randomPolicy(seed)
  void [_, __]
  return { ...policy, allow: { ...policy.allow, hosts: [] } }
}

test('a box does what its answers say', async () => {
  let all = 0
  for (let seed = 1; seed <= 4; seed++) {
    const policy = inMemory(seed)
    const box = await createSandbox({ ...policy, inline: true })
    const inside = insideOf(box)
    const world = { kernel: inside.kernel, task: inside.task() }
    const plain = plainOf(policy)
    const { asked, differing } = compared(world, questionsOf(plain, { count: 900, seed }), boxAnswers(plain))
    expect({ seed, policy, differing: differing.slice(0, 5) }).toEqual({ seed, policy, differing: [] })
    all += asked
    await box.close()
  }
  expect(all).toBeGreaterThan(1_500)
})

test('a box refuses special calls', async () => {
  const box = await createSandbox({ allow: { read: ['/'] }, inline: true })
  const inside = insideOf(box)
  const task = inside.task()
  const args: Readonly<Record<string, readonly unknown[]>> = {
    mount: ['none', '/', 'tmpfs', 0, null], umount2: ['/', 0], pivot_root: ['/', '/'],
    swapon: ['/x', 0], swapoff: ['/x'],
    sethostname: ['x', 1], setdomainname: ['x', 1], reboot: [0xfee1dead, 672274793, 0, null], chroot: ['/'],
    acct: [null], unshare: [0x10000000], vhangup: [], ioperm: [0, 1, 1], iopl: [3],
    settimeofday: [{ tv_sec: 1, tv_usec: 0 }, null],
    io_uring_setup: [1, null], init_module: [new Uint8Array(4), 4, ''], delete_module: ['x', 0],
  }
  const answers = Object.entries(args).map(([name, given]) => {
    const rc = inside.kernel.syscall(task, name as never, ...given as never[]) as number
    return [name, specialCalls.has(name), REFUSALS.has(rc) ? 'refused' : rc]
  })
  expect(answers).toEqual(Object.keys(args).map((name) => [name, true, 'refused']))
  await box.close()
})

test('Landlock does what the answers of its configuration say', () => {
  let all = 0
  for (let seed = 1; seed <= 4; seed++) {
    const plain = plainOf(inMemory(seed))
    const written = landlockJson.write(plain)
    const { pathBeneath = [], netPort = [] } = JSON.parse(written.text) as {
      pathBeneath?: { allowedAccess: string[]; parent: string[] }[]
      netPort?: { allowedAccess: string[]; port: number[] }[]
    }
    const lsm = landlock()
    const kernel = bootKernel({ stack: createStack({ lsms: [capability(), lsm] }), landlock: lsm.engine })
    const { sys, init, machine } = kernel
    const task = machine.as(init, () => machine.tasks.findByVpid(sys.fork(init))) as Task
    const world = { kernel, task }
    for (const { parent } of pathBeneath) for (const path of parent) folder(world, path)
    sys.setresuid(task, GUEST, GUEST, GUEST)
    const ports = (right: string): number[] =>
      netPort.filter(({ allowedAccess }) => allowedAccess.includes(right)).flatMap(({ port }) => port)
    const granted = pathBeneath.flatMap(({ parent, allowedAccess }) => parent.map((path) => [path, allowedAccess]))
    ruleset({
      paths: Object.fromEntries(granted) as Record<string, string[]>, bind: ports('bind_tcp'),
      connect: ports('connect_tcp'), scope: ['signal', 'abstract_unix_socket'], abi: 6,
    }).restrict(kernel, task)
    // sockets of every kind may be made, and devices by those with a capability alone
    const questions = questionsOf(plain, { count: 900, seed })
      .filter((one) => !(one.kind === 'path' && one.right === 'make-device') && !['socket', 'pair'].includes(one.kind))
    const { asked, differing } = compared(world, questions, landlockJson.answers(written))
    expect({ seed, text: written.text, differing: differing.slice(0, 5) }).toMatchObject({ seed, differing: [] })
    all += asked
  }
  expect(all).toBeGreaterThan(1_000)
})
