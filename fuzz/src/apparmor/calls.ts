/**
 * Calls of tasks under a profile: attributes written, policy files, execs, links and renames, with any arguments. An
 * errno or a number comes back, a policy that is refused changes nothing, and nobody leaves confinement: what the
 * profile denies, no task of it can read, and no task of it becomes unconfined.
 */
import {
  AT_FDCWD, errnoName, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, LSM_ID_APPARMOR, O_CREAT, O_PATH, O_RDONLY, O_RDWR,
  O_WRONLY, packLsmCtx, PF_EXITING,
} from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor'
import { writePolicy } from '@lsmkit/apparmor/policydb'
import { compileProfiles, kernelFeatures, memoryFiles } from '@lsmkit/apparmor/profile'
import { PolicyStore, profileLines } from '@lsmkit/apparmor/query'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { damagedBytes } from '../frame/damage.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const CALLS = 300
const SECRET = 'what the profile denies'
const ROOT = '/sys/kernel/security/apparmor'

/** Each may go to the others, and each denies the same. */
const RULES = `deny /secret rwklmx, /d/** rwkl, /bin/same rix, /bin/child rCx -> inner, /bin/other rPx, /proc/** rw,
  ${ROOT}/** rw, change_profile -> other, capability, deny capability mac_admin,
  signal, ptrace,`
const TEXT = `
profile outer {
  ${RULES}
  profile inner { ${RULES} }
  ^hat { ${RULES} }
}
profile other /bin/other { ${RULES} }
`

const binaryOf = (text: string): Uint8Array => writePolicy(compileProfiles('main', {
  files: memoryFiles({ main: text }), features: kernelFeatures('6.12'),
}).binary)

let policy: Uint8Array | null = null
const known = (): Uint8Array => policy ??= binaryOf(TEXT)

const PATHS = ['/d', '/d/a', '/d/b', '/secret', '/proc/self/fd', '/proc/self/root/secret', '/bin/same', '/d/../secret']
const PROGRAMS = ['/bin/same', '/bin/child', '/bin/other', '/d/a', '/secret']
const LABELS = [
  'outer', 'outer//inner', 'outer//hat', 'other', 'unconfined', ':root:unconfined', 'none', '&outer', 'a//b', ':x:', '',
  'other//&unconfined', 'outer//null-x', ':', '::', '\u0001', 'x'.repeat(5000),
]
const COMMANDS = ['changeprofile', 'permprofile', 'changehat', 'permhat', 'stack', 'exec', 'odd', '']
const TOKENS = ['0', '1', 'ffffffffffffffff', 'x', '-1', '']

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
  return rc
}

const isAnswer = (rc: unknown): boolean =>
  typeof rc === 'number' && Number.isInteger(rc) && (rc >= 0 || /^E[A-Z0-9]+$/.test(errnoName(rc)))

interface World {
  readonly kernel: Kernel
  readonly store: PolicyStore
  readonly tasks: Task[]
}

/** Process 1 sets up, and its child is put under the profile. */
const bootWorld = (thrown: string[]): World => {
  const store = new PolicyStore()
  must(store.load(known(), false), 'load')
  const kernel = bootKernel({
    stack: createStack({ lsms: [capability(), apparmor({ policy: store })] }),
    onPanic: (call, error) => thrown.push(`${call}: ${error instanceof Error ? error.stack : String(error)}`),
  })
  const { sys, init, machine } = kernel
  machine.exec.registerBinfmt(hostFormat(machine, 'any', () => true, () => 0))
  for (const dir of ['/d', '/bin']) must(sys.mkdir(init, dir, 0o777), dir)
  for (const file of ['/d/a', '/d/b', '/secret', '/bin/same', '/bin/child', '/bin/other']) {
    const fd = must(sys.openat(init, AT_FDCWD, file, O_CREAT | O_RDWR, 0o777), file)
    sys.write(init, fd, bytes(file === '/secret' ? SECRET : file))
    sys.close(init, fd)
  }
  const task = machine.tasks.find(must(sys.fork(init), 'fork'))!
  must(setSelf(kernel, task, LSM_ATTR_CURRENT, 'changeprofile outer'), 'changeprofile')
  return { kernel, store, tasks: [task] }
}

const setSelf = ({ sys }: Kernel, task: Task, attribute: number, text: string): number => {
  const ctx = bytes(`${text}\0`)
  const packed = packLsmCtx({ id: BigInt(LSM_ID_APPARMOR), flags: 0n, ctx })
  return sys.lsm_set_self_attr(task, attribute, packed, packed.length, 0)
}

const command = (random: Random): string => {
  const label = random.pick(LABELS)
  const word = random.pick(COMMANDS)
  return word.endsWith('hat') ? `${word} ${random.pick(TOKENS)}^${label}` : `${word} ${label}`
}

const writeFile = ({ sys }: Kernel, task: Task, path: string, data: Uint8Array): number => {
  const fd = sys.openat(task, AT_FDCWD, path, O_WRONLY, 0)
  if (fd < 0) return fd
  const rc = sys.write(task, fd, data)
  sys.close(task, fd)
  return rc
}

const attributeFile = (random: Random): string =>
  `/proc/self/attr/${random.oneIn(2) ? 'apparmor/' : ''}${random.pick(['current', 'exec', 'prev'])}`

/** Policy that would open everything, sound or damaged. */
const OPEN = 'profile outer flags=(unconfined) {}\nprofile other { file, }'
let open: Uint8Array | null = null
const openPolicy = (random: Random): Uint8Array => {
  open ??= binaryOf(OPEN)
  return random.oneIn(2) ? open : damagedBytes(open, random)
}

type Step = (world: World, task: Task, random: Random) => unknown

const steps: readonly Step[] = [
  ({ kernel }, task, random) =>
    setSelf(kernel, task, random.pick([LSM_ATTR_CURRENT, LSM_ATTR_EXEC, 101]), command(random)),
  ({ kernel }, task, random) =>
    writeFile(kernel, task, attributeFile(random), bytes(command(random))),
  ({ kernel }, task, random) => kernel.sys.execve(task, random.pick(PROGRAMS), ['x'], []),
  ({ kernel }, task, random) =>
    writeFile(kernel, task, `${ROOT}/${random.pick(['.load', '.replace'])}`, openPolicy(random)),
  ({ kernel }, task, random) =>
    writeFile(kernel, task, `${ROOT}/.remove`, bytes(random.pick(LABELS))),
  ({ kernel }, task, random) =>
    writeFile(kernel, task, `${ROOT}/.access`, bytes(`label\0${random.pick(LABELS)}\0\u0002/secret`)),
  ({ kernel: { sys } }, task, random) => sys.link(task, random.pick(PATHS), '/d/s'),
  ({ kernel: { sys } }, task, random) => sys.rename(task, random.pick(PATHS), random.pick(PATHS)),
  ({ kernel: { sys } }, task) => sys.symlink(task, '/secret', '/d/t'),
  ({ kernel: { sys } }, task, random) =>
    sys.openat(task, AT_FDCWD, random.pick(PATHS), random.pick([O_RDONLY, O_RDWR, O_PATH, O_CREAT | O_RDWR]), 0o777),
  ({ kernel: { sys } }, task, random) => sys.close(task, random.below(12)),
  ({ kernel: { sys } }, task) => sys.chroot(task, '/d'),
  ({ kernel: { sys } }, task) => sys.mount(task, '/secret', '/d/a', null, 4096, null),
  ({ kernel: { sys, machine }, tasks }, task) => {
    if (tasks.length > 5) return 0
    const pid = sys.fork(task)
    if (pid > 0) tasks.push(machine.tasks.find(pid)!)
    return pid < 0 ? pid : 0
  },
]

/** '' for what cannot be read. */
const contents = ({ sys }: Kernel, task: Task, path: string): string => {
  const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
  if (fd < 0) return ''
  const buffer = new Uint8Array(64)
  const length = sys.read(task, fd, buffer)
  sys.close(task, fd)
  return new TextDecoder().decode(buffer.subarray(0, Math.max(length, 0)))
}

const labelOf = ({ sys, init }: Kernel, task: Task): string => {
  const fd = sys.openat(init, AT_FDCWD, `/proc/${task.pid}/attr/current`, O_RDONLY, 0)
  if (fd < 0) return ''
  const buffer = new Uint8Array(9000)
  const length = sys.read(init, fd, buffer)
  sys.close(init, fd)
  return new TextDecoder().decode(buffer.subarray(0, Math.max(length, 0)))
}

const PLACES = [...PATHS, '/d/s', '/d/t', '/', '/s', '/t']

const leak = ({ kernel, tasks }: World): string | null => {
  for (const task of tasks.filter(isAlive)) {
    const label = labelOf(kernel, task)
    if (label.startsWith('unconfined')) return `task ${task.pid} is \`${label.trim()}\``
    const path = PLACES.find((each) => contents(kernel, task, each) === SECRET)
    if (path !== undefined) return `task ${task.pid}, \`${label.trim()}\`, reads the secret by ${path}`
  }
  return null
}

const isAlive = ({ flags }: Task): boolean => (flags & PF_EXITING) === 0

const play = (seed: number, count: (steps: number) => void): string | null => {
  const thrown: string[] = []
  const world = bootWorld(thrown)
  const random = new Random(seed)
  const loaded = profileLines(world.store.root)
  for (let i = 0; i < CALLS; i++) {
    // a wrong token of change_hat kills
    const living = world.tasks.filter(isAlive)
    if (living.length === 0) break
    const answer = random.pick(steps)(world, random.pick(living), random)
    if (thrown.length > 0) return `thrown: ${thrown[0]}`
    if (!isAnswer(answer)) return `call ${i} answered ${String(answer)}`
  }
  count(CALLS)
  if (profileLines(world.store.root).replace(/^.*null-.*\n/gm, '') !== loaded) return 'leak: the policy has changed'
  const found = leak(world)
  return found === null ? null : `leak: ${found}`
}

export const apparmorCalls = seedFuzzer((seed, session) => {
  const wrong = play(seed, (done) => { session.step(done) })
  if (wrong === null) return
  session.found(wrong.startsWith('leak') ? 'wrong-allow' : 'wrong-answer', `${seed}\n`, wrong)
})
