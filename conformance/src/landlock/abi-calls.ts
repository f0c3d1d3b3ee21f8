/** The recorded calls of a later Landlock: attributes and flags bit by bit, no_new_privs, threads, UDP, quiet rules. */
import {
  AF_INET, AF_INET6, AT_FDCWD, AUDIT_LANDLOCK_ACCESS, CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD,
  CLONE_VM, errnoName, IPPROTO_TCP, IPPROTO_UDPLITE, LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE,
  LANDLOCK_ACCESS_FS_WRITE_FILE, LANDLOCK_ACCESS_NET_BIND_TCP, LANDLOCK_ACCESS_NET_BIND_UDP,
  LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, LANDLOCK_ADD_RULE_QUIET, LANDLOCK_RULE_NET_PORT, LANDLOCK_RULE_PATH_BENEATH,
  LANDLOCK_SCOPE_SIGNAL, O_CREAT, O_DIRECTORY, O_PATH, O_RDONLY, O_WRONLY, packLandlockNetPort,
  packLandlockPathBeneath, PFA_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Profile, Stack, Task } from '@lsmkit/core'
import { kernelRules } from '@lsmkit/core'
import { sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import { bootOn, stackWith } from '../kernel.ts'

const WORDS = [
  'handled_access_fs', 'handled_access_net', 'scoped', 'quiet_access_fs', 'quiet_access_net', 'quiet_scoped',
]

const okOr = (rc: number): string => (rc < 0 ? errnoName(rc) : 'OK')

/** A struct of six words, as far as `size` reaches; zero behind them. */
const attrOf = (values: readonly bigint[], size = 48): Uint8Array => {
  const bytes = new Uint8Array(Math.max(size, 48))
  values.forEach((value, i) => new DataView(bytes.buffer).setBigUint64(8 * i, value, true))
  return bytes.subarray(0, size)
}

/** A machine with files in /tmp/w, and a task that restricts itself. */
class AbiWorld {
  readonly kernel: Kernel
  readonly stack: Stack
  /** The task of the row. */
  subject: Task
  readonly profile: Profile

  constructor(profile: Profile) {
    const module = landlock()
    this.profile = profile
    this.stack = stackWith([module], { profile, audit: { denials: false } })
    this.kernel = bootOn(this.stack, { landlock: module.engine })
    const { sys, init, machine } = this.kernel
    sys.umask(init, 0)
    for (const dir of ['/tmp', '/tmp/w']) sys.mkdir(init, dir, 0o777)
    for (const file of ['a', 'b']) {
      const fd = sys.openat(init, AT_FDCWD, `/tmp/w/${file}`, O_CREAT | O_WRONLY, 0o666)
      sys.close(init, fd)
    }
    this.subject = machine.current.task
  }

  /** Runs a row as a task of its own. */
  play(run: () => string): string {
    const { kernel: { sys, init, machine } } = this
    this.subject = machine.tasks.find(sys.fork(init))!
    const outcome = run()
    sys.exit_group(this.subject, 0)
    sys.wait4(init, -1, null, 0, null)
    return outcome
  }

  create(words: readonly bigint[], size?: number): number {
    const attr = attrOf(words, size)
    return this.kernel.sys.landlock_create_ruleset(this.subject, attr, attr.length, 0)
  }
  addPath(fd: number, access: bigint, path: string, flags = 0): number {
    const { kernel: { sys }, subject } = this
    const at = sys.openat(subject, AT_FDCWD, path, O_PATH, 0)
    return sys.landlock_add_rule(subject, fd, LANDLOCK_RULE_PATH_BENEATH, packLandlockPathBeneath(access, at), flags)
  }
  addPort(fd: number, access: bigint, port: number, flags = 0): number {
    const { kernel: { sys }, subject } = this
    return sys.landlock_add_rule(subject, fd, LANDLOCK_RULE_NET_PORT, packLandlockNetPort(access, port), flags)
  }
  open(path: string, flags = O_RDONLY, task = this.subject): string {
    const fd = this.kernel.sys.openat(task, AT_FDCWD, path, flags, 0)
    if (fd >= 0) this.kernel.sys.close(task, fd)
    return okOr(fd)
  }
  /** With `uid 1000` an ordinary user. */
  become(who: string, noNewPrivs: boolean, task = this.subject): void {
    const { sys } = this.kernel
    if (who === 'uid 1000') {
      sys.setresgid(task, 1000, 1000, 1000)
      sys.setresuid(task, 1000, 1000, 1000)
    }
    if (noNewPrivs) sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
  }
  nnp(task = this.subject): number {
    return (task.atomic_flags & PFA_NO_NEW_PRIVS) === 0 ? 0 : 1
  }
  /** The descriptor that the row's restrict_self is given. */
  rulesetOf(text: string): number {
    if (text.endsWith('ruleset -1')) return -1
    if (text.endsWith('closed fd 77')) return 77
    if (text.endsWith('directory fd')) return this.kernel.sys.openat(this.subject, AT_FDCWD, '/tmp', O_DIRECTORY, 0)
    return this.create([BigInt(LANDLOCK_ACCESS_FS_READ_FILE)], 8)
  }
}

const bits = (count: number): bigint => (1n << BigInt(count)) - 1n
/** All rights of a kernel, as its ABI has them. */
const allHandled = (profile: Profile): readonly bigint[] =>
  kernelRules(profile).landlockAbi >= 10 ? [bits(17), bits(4), bits(2)] : [bits(16), bits(2), bits(2)]

type Play = (world: AbiWorld, setup: string, operation: string) => string

const created = (rc: number): string => (rc < 0 ? errnoName(rc) : 'fd')

const matched = (pattern: RegExp, text: string): readonly string[] => {
  const found = pattern.exec(text)
  if (found === null) throw new Error(`no such wording: ${text}`)
  return found.slice(1).map((one) => one ?? '')
}

const createFlags: Play = ({ kernel: { sys }, subject }, _setup, operation) => {
  const [attr, size, flags] = matched(/create_ruleset (NULL|\S+) (\d+) flags (\d+)/, operation)
  const rc = sys.landlock_create_ruleset(subject, attr === 'NULL' ? null : attrOf([4n]), Number(size), Number(flags))
  return rc < 0 ? errnoName(rc) : String(rc)
}

/** `handled_access_fs bit 3`: that word with that bit, beside `others`. */
const oneBit = (operation: string, others: readonly bigint[]): bigint[] => {
  const [word = '', bit] = matched(/(\w+) bit (\d+)/, operation)
  const words = [...others, ...WORDS.map(() => 0n)].slice(0, 6)
  words[WORDS.indexOf(word)]! |= 1n << BigInt(bit!)
  return words
}

const createSize: Play = (world, setup, operation) => {
  const [size] = matched(/size (\d+)/, operation)
  const words = setup.startsWith('every word') ? [1n, 1n, 1n, 1n, 1n, 1n] : [1n, 1n, 1n, 0n, 0n, 0n]
  return created(world.create(words, Number(size)))
}

const accesses: ReadonlyMap<string, bigint> = new Map([
  ['0', 0n], ['bit40', 1n << 40n], ['READ_FILE', BigInt(LANDLOCK_ACCESS_FS_READ_FILE)],
  ['READ_DIR', BigInt(LANDLOCK_ACCESS_FS_READ_DIR)], ['BIND_TCP', BigInt(LANDLOCK_ACCESS_NET_BIND_TCP)],
])

const addFlags: Play = (world, setup, operation) => {
  const all = allHandled(world.profile)
  const later = kernelRules(world.profile).landlockAbi >= 10
  const withQuiet = setup.endsWith('all quiet') && later ? [...all, ...all] : all
  const words = setup === 'READ_FILE handled only' ? [4n] : withQuiet
  const fd = world.create(words, later ? 48 : 24)
  if (fd < 0) return errnoName(fd)
  const [type, onFile, access, flags] = matched(
    /add_rule (path_beneath|net_port)( on a file)?.* access (\w+) flags (\d+)/, operation)
  const rights = accesses.get(access!)!
  return okOr(type === 'net_port' ? world.addPort(fd, rights, 80, Number(flags))
    : world.addPath(fd, rights, onFile === '' ? '/tmp/w' : '/tmp/w/a', Number(flags)))
}

const addFileRight: Play = (world, _setup, operation) => {
  const [bit] = matched(/fs bit (\d+)/, operation)
  const fd = world.create(allHandled(world.profile), 24)
  return okOr(world.addPath(fd, 1n << BigInt(bit!), '/tmp/w/a'))
}

const restrictFlags: Play = (world, setup, operation) => {
  const [who, nnp] = matched(/^(root|uid 1000), no_new_privs ([01]),/, setup)
  const [flags] = matched(/restrict_self flags (\d+)/, operation)
  const { kernel: { sys }, subject } = world
  const ruleset = world.rulesetOf(setup)
  world.become(who!, nnp === '1')
  const before = world.nnp()
  const rc = sys.landlock_restrict_self(subject, ruleset, Number(flags))
  return `${okOr(rc)} nnp ${before}->${world.nnp()} read=${world.open('/tmp/w/a')}`
}

/** A sibling thread, which may have restricted itself before. */
const tsync: Play = (world, setup, operation) => {
  const [who, nnp, sibling] = matched(/^(root|uid 1000), caller no_new_privs ([01]), sibling (.*), [^,]*$/, setup)
  const [flags] = matched(/restrict_self flags (\d+)/, operation)
  const { kernel: { sys, machine }, subject } = world
  const shared = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
  const thread = machine.tasks.find(sys.clone(subject, shared, 0, null, null, 0))!
  const ruleset = world.rulesetOf(setup)
  world.become(who!, false, thread)
  world.become(who!, nnp === '1')
  if (sibling!.includes('set no_new_privs')) world.become('', true, thread)
  let own = '-'
  if (sibling!.includes('restricted itself')) {
    const attr = attrOf([BigInt(LANDLOCK_ACCESS_FS_WRITE_FILE)], 8)
    own = okOr(sys.landlock_restrict_self(thread, sys.landlock_create_ruleset(thread, attr, 8, 0), 0))
  }
  const before = world.nnp(thread)
  const rc = sys.landlock_restrict_self(subject, ruleset, Number(flags))
  const may = (task: Task): string =>
    `read=${world.open('/tmp/w/a', O_RDONLY, task)} write=${world.open('/tmp/w/a', O_WRONLY, task)}`
  return `${okOr(rc)} | caller: nnp=${world.nnp()} ${may(subject)} | ` +
    `sibling: own=${own} nnp ${before}->${world.nnp(thread)} ${may(thread)}`
}

const PORTS = [45001, 45002] as const
const LOOPBACK6 = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0))

/** Calls of UDP on loopback, each by a fresh socket but for `preconnected`, which is connected before. */
const udp: Play = (world, setup) => {
  const [family, rights, rule] = matched(/^(IPv4|IPv6): (.*?)(?: handled)?, (.*)$/, setup)
  const { kernel: { sys }, subject } = world
  const af = family === 'IPv4' ? AF_INET : AF_INET6
  const at = (port: number): Uint8Array =>
    (af === AF_INET ? sockaddrIn('127.0.0.1', port) : sockaddrIn6(LOOPBACK6, port))
  const bind = (fd: number, port: number): number => sys.bind(subject, fd, at(port), at(port).length)
  const connect = (fd: number, to: Uint8Array): string => okOr(sys.connect(subject, fd, to, to.length))
  const sendto = (fd: number, to: Uint8Array | null): number =>
    sys.sendto(subject, fd, new Uint8Array(1), 1, 0, to, to?.length ?? 0)
  const preconnected = sys.socket(subject, af, SOCK_DGRAM, 0)
  connect(preconnected, at(PORTS[0]))
  const mask = BigInt((rights!.includes('BIND_UDP') ? LANDLOCK_ACCESS_NET_BIND_UDP : 0) |
    (rights!.includes('CONNECT') ? LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP : 0))
  const ruleset = world.create([0n, mask])
  if (ruleset < 0) return `create ${errnoName(ruleset)}`
  for (const [, port] of rule!.matchAll(/port (\d+)/g)) world.addPort(ruleset, mask, Number(port))
  world.become('', true)
  sys.landlock_restrict_self(subject, ruleset, 0)

  const out = [`preconnected=OK/send=${sendto(preconnected, null)}`]
  const probe = (run: (fd: number) => string, type = SOCK_DGRAM): void => {
    const fd = sys.socket(subject, af, type, 0)
    out.push(run(fd))
    sys.close(subject, fd)
  }
  const unspec = new Uint8Array(at(0).length)
  for (const port of [...PORTS, 0]) probe((fd) => `bind${port}=${okOr(bind(fd, port))}`)
  for (const port of PORTS) {
    probe((fd) =>
      `connect${port}=${connect(fd, at(port))}/send=${okOr(sendto(fd, null))}/unspec=${connect(fd, unspec)}`)
  }
  for (const port of PORTS) probe((fd) => `sendto${port}=${okOr(sendto(fd, at(port)))}`)
  for (const port of PORTS.toReversed()) {
    probe((fd) => (bind(fd, PORTS[0]), `bound${PORTS[0]}/sendto${port}=${okOr(sendto(fd, at(port)))}`))
  }
  const message = { msg_name: at(PORTS[0]), msg_iov: [new Uint8Array(1)], msg_control: null, msg_flags: 0 }
  probe((fd) => `sendmsg${PORTS[0]}=${okOr(sys.sendmsg(subject, fd, message, 0))}`)
  probe((fd) => `sendto_unspec=${okOr(sendto(fd, unspec))}`)
  probe((fd) => `sendto_short=${okOr(sendto(fd, at(PORTS[0]).subarray(0, 4)))}`)
  probe((fd) => `tcp_bind${PORTS[0]}=${okOr(bind(fd, PORTS[0]))}`, SOCK_STREAM)
  out.push(`udplite=${okOr(sys.socket(subject, af, SOCK_DGRAM, IPPROTO_UDPLITE))}`)
  return out.join(' ')
}

const audit: Play = (world, setup) => {
  const { kernel: { sys, init }, subject, stack } = world
  const right = (text: string): bigint =>
    BigInt((text.includes('READ') ? LANDLOCK_ACCESS_FS_READ_FILE : 0) |
      (text.includes('WRITE') ? LANDLOCK_ACCESS_FS_WRITE_FILE : 0))
  const word = (name: string): string => new RegExp(`${name}=(\\S+?)(?:,|$)`).exec(setup)?.[1] ?? ''
  const handled = [6n, BigInt(LANDLOCK_ACCESS_NET_BIND_TCP), BigInt(LANDLOCK_SCOPE_SIGNAL)]
  const quiet = [
    right(word('quiet_access_fs')), word('quiet_access_net') === '' ? 0n : BigInt(LANDLOCK_ACCESS_NET_BIND_TCP),
    word('quiet_scoped') === '' ? 0n : BigInt(LANDLOCK_SCOPE_SIGNAL),
  ]
  const hasWords = kernelRules(world.profile).landlockAbi >= 10
  const fd = world.create(hasWords ? [...handled, ...quiet] : handled, hasWords ? 48 : 24)
  if (fd < 0) return `create ${errnoName(fd)}`
  const rule = /(QUIET )?rule (\S+)(?: with access 0)? on (\S+)/.exec(setup)
  if (rule !== null) {
    const rc = world.addPath(fd, right(rule[2]!), rule[3]!, rule[1] === undefined ? 0 : LANDLOCK_ADD_RULE_QUIET)
    if (rc < 0) return `rule ${errnoName(rc)}`
  }
  world.become('', true)
  sys.landlock_restrict_self(subject, fd, 0)
  const counted = (run: () => string): string => {
    const count = (): number => stack.audit.records.filter((one) =>
      one.kind === 'text' && one.type === AUDIT_LANDLOCK_ACCESS).length
    const before = count()
    return `${run()}/${count() - before}`
  }
  const socket = sys.socket(subject, AF_INET, SOCK_STREAM, IPPROTO_TCP)
  const port = sockaddrIn('127.0.0.1', 45003)
  return `read=${counted(() => world.open('/tmp/w/a'))}-record ` +
    `write=${counted(() => world.open('/tmp/w/a', O_WRONLY))} ` +
    `kill-parent=${counted(() => okOr(sys.kill(subject, init.pid, 10)))} ` +
    `bind_tcp=${counted(() => okOr(sys.bind(subject, socket, port, port.length)))}`
}

const plays: ReadonlyMap<string, Play> = new Map<string, Play>([
  ['create-flags', createFlags],
  ['create-bit', (world, _setup, operation) => created(world.create(oneBit(operation, [])))],
  ['create-quiet-bit', (world, _setup, operation) =>
    created(world.create(oneBit(operation, allHandled(world.profile))))],
  ['create-size', createSize], ['add-flags', addFlags], ['add-file-right', addFileRight],
  ['restrict-flags', restrictFlags], ['tsync', tsync], ['udp', udp], ['audit', audit],
])

/** One machine a kernel: what a row does ends with its task. */
const worlds = new Map<Profile, AbiWorld>()

/** The outcome of one recorded row. Throws for one that cannot be played. */
export const abiOutcome = (profile: Profile, id: string, setup: string, operation: string): string => {
  const play = plays.get(id)
  if (play === undefined) throw new Error(`no such row: ${id}`)
  let world = worlds.get(profile)
  if (world === undefined) worlds.set(profile, (world = new AbiWorld(profile)))
  return world.play(() => play(world, setup, operation))
}
