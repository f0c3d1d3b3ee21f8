/**
 * Operations that Lockdown, SafeSetID and LoadPin decide: process 1, and up to three children of it that make calls.
 * Their answers are numbers, errnos, `ok` and bytes in hexadecimal.
 */
import {
  AF_UNIX, AT_FDCWD, LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY,
  PERF_COUNT_SW_DUMMY, PERF_SAMPLE_REGS_INTR, PERF_TYPE_SOFTWARE, SCM_CREDENTIALS, SOCK_DGRAM, SOL_SOCKET,
} from '@lsmkit/abi'
import type { Lsm, Task } from '@lsmkit/core'
import { fdTable } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import type { Builtin, CMachine } from '../c/machine.ts'
import { bootOn, errnoOr, stackWith } from '../kernel.ts'
import { profileOf } from '../profile.ts'
import type { Options } from '../suite.ts'
import type { SessionActor, SessionKind, World } from './player.ts'

const FIRMWARE = '/sys/devices/virtual/misc/test_firmware/trigger_request'
const CAPABILITY_VERSION_3 = 0x20080522
/** Number of /dev/ram0. */
const RAM = 0x100000
/** Number of /dev/dm-0 on the recorder's kernel. */
const MAPPER = 254 * 0x100000

/** Files are opened first: their name, the flags in octal, and what is done with them. */
const OPENED = 'fd = opened(open(a, octal(b)));'
const operations = {
  open: `${OPENED} 0`,
  write: `${OPENED} write(fd, bytes(c), size(c))`,
  long: `${OPENED} write_long(fd, c, w, e)`,
  pwrite: `${OPENED} pwrite64(fd, bytes(d), size(d), z)`,
  pread: `${OPENED} show_bytes(pread64(fd, buf, w, z))`,
  lseek: `${OPENED} lseek(fd, z, SEEK_SET)`,
  twice: `${OPENED} write_twice(fd, c, d)`,
  finit: `${OPENED} finit_module(fd, "", z)`,
  kexecfile: `${OPENED} kexec_file_load(fd, fd, 1, "", z)`,
  digests: `${OPENED} trust_digests(fd, c)`,
  mkfile: 'fd = open(a, O_CREAT | O_TRUNC | O_WRONLY, 0644); write(fd, bytes(b), size(b))',
  chmod: 'chmod(a, octal(b))',
  mount: 'mount_disk(a, b, c, w, e)',
  umount: 'umount_disk(a)',
  log: 'log_lines(a)',
  init_module: 'init_module(zeros, x, "")',
  kexec_load: 'kexec_load(0, 0, NULL, x)',
  ioperm: 'ioperm(x, y, z)',
  iopl: 'iopl(x)',
  perf: 'open_clock(a)',
  ids: 'show_ids()',
  claim: 'claim(x, y)',
  caps: 'keep_caps(a)',
  securebits: 'prctl(PR_SET_SECUREBITS, x, 0, 0, 0)',
  setuid: 'setuid(x)',
  setreuid: 'setreuid(x, y)',
  setresuid: 'setresuid(x, y, z)',
  setfsuid: 'show_id(setfsuid(x))',
  setgid: 'setgid(x)',
  setregid: 'setregid(x, y)',
  setresgid: 'setresgid(x, y, z)',
  setfsgid: 'show_id(setfsgid(x))',
  setgroups: 'set_groups(a)',
}

const bytesOf = (hex: string): Uint8Array => (hex === '-' ? new Uint8Array(0) : Buffer.from(hex, 'hex'))
const idsOf = (text: string): number[] => (text === '-' ? [] : text.split(',').map(Number))
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const makeFile = ({ sys, init }: Kernel, path: string, data: Uint8Array): void => {
  const fd = sys.openat(init, AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, 0o644)
  sys.write(init, fd, data)
  sys.close(init, fd)
}

class SmallWorld implements World {
  readonly kernel: Kernel
  readonly first: Task
  readonly log: string[]
  /** Actors that their call has killed. */
  readonly dead = new Set<number>()

  constructor(lsm: Lsm, cmdline: string, log: string[], options: Options = {}) {
    this.kernel = bootOn(stackWith([lsm], { cmdline, profile: profileOf(options) }))
    this.first = this.kernel.init
    this.log = log
    const { sys, init } = this.kernel
    for (const dir of ['/tmp', '/a', '/b', '/c', '/d', '/e', '/lib', '/lib/firmware']) sys.mkdir(init, dir, 0o755)
    for (const place of 'abcde') sys.symlink(init, `/${place}`, `/lib/firmware/${place}`)
    makeFile(this.kernel, '/init', encode('\x7fELF'.padEnd(4096)))
  }
}
type SmallActor = SessionActor<SmallWorld>

/** A disk is a file system of memory that says it lies on one. */
const mountDisk = (kernel: Kernel, source: string, target: string, type: string, flags: number, root: string) => {
  const { sys, init, machine } = kernel
  const rc = sys.mount(init, source, target, 'tmpfs', 0, null)
  if (rc !== 0 || type === 'tmpfs') return rc
  makeFile(kernel, `${target}/m`, encode('not a module\n'))
  const name = source.replace('/dev/', '')
  const fd = sys.openat(init, AT_FDCWD, target, O_RDONLY, 0)
  const { mnt_sb } = fdTable(init).get(fd)!.f_path.mnt
  sys.close(init, fd)
  const device = { name, rdev: (root === '' ? RAM : MAPPER) + Number(name.at(-1)), readOnly: (flags & 1) !== 0 }
  machine.blockDevices.add(mnt_sb, root === '' ? device : { ...device, verityRoot: bytesOf(root) })
  return 0
}

const openClock = ({ sys }: SmallActor, how: string): number => {
  const attr = { type: PERF_TYPE_SOFTWARE, config: PERF_COUNT_SW_DUMMY, sample_period: 1 }
  const regs = { sample_type: PERF_SAMPLE_REGS_INTR, sample_regs_intr: 1 }
  const fd = sys.perf_event_open(how === 'regs' ? { ...attr, ...regs } : attr, 0, -1, -1, 0)
  if (fd >= 0) sys.close(fd)
  return Math.min(fd, 0)
}

/** Sends credentials over a socket. */
const claim = ({ sys }: SmallActor, uid: number, gid: number): number => {
  const pair: number[] = []
  sys.socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)
  const data = { pid: sys.getpid(), uid, gid }
  const rc = sys.sendmsg(pair[0]!, {
    msg_name: null, msg_iov: [new Uint8Array(1)], msg_flags: 0,
    msg_control: [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_CREDENTIALS, data }],
  }, 0)
  for (const fd of pair) sys.close(fd)
  return rc
}

const longText = (text: Uint8Array, length: number, fill: number): Uint8Array => {
  const bytes = new Uint8Array(Math.max(length, text.length)).fill(fill)
  bytes.set(text)
  return bytes.subarray(0, length)
}

const idText = ({ cred: { uid, euid, suid, fsuid, gid, egid, sgid, fsgid, group_info } }: Task): string => {
  const text = [[uid, euid, suid, fsuid], [gid, egid, sgid, fsgid]].map((ids) => ids.join()).join(' ')
  return group_info.gid.length === 0 ? text : `${text} ${group_info.gid.join()}`
}

/** `struct __user_cap_data_struct[2]`: effective, permitted, inheritable. */
const userCaps = (caps: readonly number[]): Uint8Array => {
  const words = new Uint32Array(6)
  for (const cap of caps) {
    const at = 3 * Math.floor(cap / 32)
    words[at]! |= 2 ** (cap % 32)
    words[at + 1] = words[at]!
  }
  return new Uint8Array(words.buffer)
}

const trustDigests = ({ sys }: SmallActor, fd: number, path: string): number => {
  const list = sys.openat(AT_FDCWD, path, O_RDONLY, 0)
  const rc = sys.ioctl(fd, LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, { value: list >>> 0 })
  sys.close(list)
  return rc
}

const helpers = (m: CMachine, actor: SmallActor): Record<string, Builtin> => {
  const { player, sys, task, kernel } = actor
  const { log } = player.world
  const text = (at: number): string => m.text(at)!
  return {
    bytes: (hex) => m.place(bytesOf(text(hex))),
    size: (hex) => bytesOf(text(hex)).length,
    show_bytes: (rc) => {
      const at = m.addressOf('buf')!
      return rc < 0 ? rc : player.say(`=${Buffer.from(m.bytes.slice(at, at + rc)).toString('hex')}`)
    },
    show_id: (id) => player.say(String(id >>> 0)),
    show_ids: () => player.say(idText(task)),
    write_long: (fd, hex, length, fill) => sys.write(fd, longText(bytesOf(text(hex)), length, Number(text(fill)))),
    write_twice: (fd, first, second) =>
      player.say([first, second].map((hex) => errnoOr(sys.write(fd, bytesOf(text(hex))), 'ok')).join(' ')),
    trust_digests: (fd, path) => trustDigests(actor, fd, text(path)),
    mount_disk: (source, target, type, flags, root) =>
      mountDisk(kernel, text(source), text(target), text(type), flags, text(root)),
    umount_disk: (target) => sys.umount2(text(target), 0),
    log_lines: () => player.say(log.splice(0).join('|')),
    open_clock: (how) => openClock(actor, text(how)),
    claim: (uid, gid) => claim(actor, uid, gid),
    keep_caps: (caps) => sys.capset({ version: CAPABILITY_VERSION_3, pid: 0 }, userCaps(idsOf(text(caps)))),
    set_groups: (ids) => sys.setgroups(idsOf(text(ids)).length, idsOf(text(ids))),
  }
}

/** What the driver of the recorder's kernel answers when a name of firmware is written to it. */
const firmware = ({ kernel }: SmallActor, hex: string): string => {
  const name = bytesOf(hex)
  const contents = kernel.machine.firmware.request_firmware(new TextDecoder().decode(name))
  return typeof contents === 'number' ? errnoOr(contents, '') : String(name.length)
}

/** An actor that its call has killed: by which signal, and `dead` from then on. */
const lastWords = ({ kernel, task, number, player, isDead }: SmallActor, answer: string): string => {
  if (number === 0 || !isDead) return answer
  const status = { value: 0 }
  kernel.sys.wait4(kernel.init, task.pid, status, 0, null)
  player.world.dead.add(number)
  return `killed ${status.value & 0x7f}`
}

const sessionsOf = (lsm: (printk: (line: string) => void) => Lsm): SessionKind<SmallWorld> => ({
  operations,
  helpers,
  options: ['kernel'],
  boot(parameters, options) {
    const log: string[] = []
    return new SmallWorld(lsm((line) => void log.push(line.replace(/ pid=.*$/s, ''))), parameters, log, options)
  },
  missing: (player, number) => player.add(number, player.actors.get(0)!.taskOf(player.actors.get(0)!.sys.fork())),
  around(actor, words, play) {
    if (actor.player.world.dead.has(actor.number)) return 'dead'
    if (words[0] === 'write' && words[1] === FIRMWARE) return firmware(actor, words[3] ?? '-')
    return lastWords(actor, play(words))
  },
})

export const lockdownSessions = sessionsOf(() => lockdown())
export const safesetidSessions = sessionsOf(() => safesetid())
export const loadpinSessions = sessionsOf((printk) => loadpin({ printk }))
