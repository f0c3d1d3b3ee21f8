/**
 * Plays sessions of Lockdown, SafeSetID and LoadPin as `record/small-sessions/player.c` does on a real kernel: process
 * 1, and up to three children of it that make calls.
 */
import {
  AF_UNIX, AT_FDCWD, errnoName, LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY,
  PERF_COUNT_SW_DUMMY, PERF_SAMPLE_REGS_INTR, PERF_TYPE_SOFTWARE, PF_EXITING, PR_SET_SECUREBITS, SCM_CREDENTIALS,
  SEEK_SET, SOCK_DGRAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, fdTable } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'

export type Kind = 'lockdown' | 'safesetid' | 'loadpin'

const FIRMWARE = '/sys/devices/virtual/misc/test_firmware/trigger_request'
const CAPABILITY_VERSION_3 = 0x20080522
/** Number of /dev/ram0. */
const RAM = 0x100000
/** Number of /dev/dm-0 on the recorder's kernel. */
const MAPPER = 254 * 0x100000
const DEAD = 'dead'

const errno = (rc: number): string => (rc < 0 ? errnoName(rc) : String(rc))
const done = (rc: number): string => (rc < 0 ? errno(rc) : 'ok')
const bytesOf = (hex: string): Uint8Array =>
  hex === '-' ? new Uint8Array(0) : Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
const hexOf = (bytes: Uint8Array): string => `=${Buffer.from(bytes).toString('hex')}`
const idsOf = (text: string): number[] => (text === '-' ? [] : text.split(',').map(Number))
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

export class SmallPlayer {
  readonly #kernel: Kernel
  readonly #actors = new Map<number, Task | typeof DEAD>()
  readonly #log: string[] = []

  /** `cmdline`: the boot parameters that stand behind the number of a session. */
  constructor(kind: Kind, cmdline: string) {
    const printk = (line: string): void => void this.#log.push(line.replace(/ pid=.*$/s, ''))
    const lsm = { lockdown: () => lockdown(), safesetid: () => safesetid(), loadpin: () => loadpin({ printk }) }[kind]()
    const stack = createStack({ lsms: [capability(), lsm], cmdline, audit: { denials: false } })
    const onPanic = (syscall: string, cause: unknown): never => {
      throw new Error(`${syscall} threw`, { cause })
    }
    this.#kernel = bootKernel({ stack, onPanic })
    const { sys, init } = this.#kernel
    for (const dir of ['/tmp', '/a', '/b', '/c', '/d', '/e', '/lib', '/lib/firmware']) sys.mkdir(init, dir, 0o755)
    for (const place of 'abcde') sys.symlink(init, `/${place}`, `/lib/firmware/${place}`)
    this.#make('/init', encode('\x7fELF'.padEnd(4096)))
  }

  /** `ACTOR OPERATION ARGUMENTS`: what the call answers. */
  play(line: string): string {
    const [number = '', operation = '', ...args] = line.split(' ')
    const actor = Number(number)
    const task = this.#taskOf(actor)
    if (task === DEAD) return DEAD
    const answer = this.#run(task, operation, args)
    if (actor === 0 || (task.flags & PF_EXITING) === 0) return answer
    this.#actors.set(actor, DEAD)
    return this.#wayOf(task)
  }

  #taskOf(actor: number): Task | typeof DEAD {
    const { sys, init, machine } = this.#kernel
    if (actor === 0) return init
    const known = this.#actors.get(actor)
    if (known !== undefined) return known
    const child = machine.tasks.find(sys.fork(init))!
    this.#actors.set(actor, child)
    return child
  }

  /** How a child ended. */
  #wayOf(task: Task): string {
    const status = { value: 0 }
    this.#kernel.sys.wait4(this.#kernel.init, task.pid, status, 0, null)
    return `killed ${status.value & 0x7f}`
  }

  #make(path: string, data: Uint8Array): number {
    const { sys, init } = this.#kernel
    const fd = sys.openat(init, AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY, 0o644)
    if (fd < 0) return fd
    const rc = sys.write(init, fd, data)
    sys.close(init, fd)
    return rc
  }

  #run(task: Task, operation: string, args: readonly string[]): string {
    const { sys } = this.#kernel
    const [a = '', b = '', c = '', d = '', e = ''] = args
    const [x, y, z] = [Number(a), Number(b), Number(c)]
    switch (operation) {
      case 'file': return this.#file(task, a, b, args.slice(2))
      case 'mkfile': return errno(this.#make(a, bytesOf(b)))
      case 'chmod': return errno(sys.chmod(task, a, Number.parseInt(b, 8)))
      case 'mount': return this.#mount(a, b, c, Number(d), e)
      case 'umount': return errno(sys.umount2(task, a, 0))
      case 'log': return this.#log.splice(0).join('|')
      case 'init_module': return errno(sys.init_module(task, new Uint8Array(4096), x, ''))
      case 'kexec_load': return errno(sys.kexec_load(task, 0, 0, null, x))
      case 'ioperm': return errno(sys.ioperm(task, x, y, z))
      case 'iopl': return errno(sys.iopl(task, x))
      case 'perf': return this.#perf(task, a)
      case 'ids': return idText(task)
      case 'claim': return this.#claim(task, x, y)
      case 'caps': return errno(sys.capset(task, { version: CAPABILITY_VERSION_3, pid: 0 }, userCaps(idsOf(a))))
      case 'securebits': return errno(sys.prctl(task, PR_SET_SECUREBITS, x, 0, 0, 0))
      case 'setuid': return errno(sys.setuid(task, x))
      case 'setreuid': return errno(sys.setreuid(task, x, y))
      case 'setresuid': return errno(sys.setresuid(task, x, y, z))
      case 'setfsuid': return String(sys.setfsuid(task, x) >>> 0)
      case 'setgid': return errno(sys.setgid(task, x))
      case 'setregid': return errno(sys.setregid(task, x, y))
      case 'setresgid': return errno(sys.setresgid(task, x, y, z))
      case 'setfsgid': return String(sys.setfsgid(task, x) >>> 0)
      case 'setgroups': return errno(sys.setgroups(task, idsOf(a).length, idsOf(a)))
      default: throw new Error(`no operation \`${operation}\``)
    }
  }

  #file(task: Task, operation: string, path: string, [flags = '', ...args]: readonly string[]): string {
    const { sys } = this.#kernel
    if (path === FIRMWARE) return this.#firmware(bytesOf(args[0] ?? ''))
    const fd = sys.openat(task, AT_FDCWD, path, Number.parseInt(flags, 8), 0)
    if (fd < 0) return `open ${errno(fd)}`
    const answer = this.#onFile(task, fd, operation, args)
    sys.close(task, fd)
    return answer
  }

  #onFile(task: Task, fd: number, operation: string, [a = '', b = '', c = '']: readonly string[]): string {
    const { sys } = this.#kernel
    switch (operation) {
      case 'open': return '0'
      case 'write': return errno(sys.write(task, fd, bytesOf(a)))
      case 'long': return errno(sys.write(task, fd, longText(bytesOf(a), Number(b), Number(c))))
      case 'pwrite': return errno(sys.pwrite64(task, fd, bytesOf(b), Number(a)))
      case 'pread': {
        const buf = new Uint8Array(Number(b))
        const rc = sys.pread64(task, fd, buf, Number(a))
        return rc < 0 ? errno(rc) : hexOf(buf.subarray(0, rc))
      }
      case 'lseek': return errno(sys.lseek(task, fd, Number(a), SEEK_SET))
      case 'twice':
        return [a, b].map((text) => done(sys.write(task, fd, bytesOf(text)))).join(' ')
      case 'finit': return errno(sys.finit_module(task, fd, '', Number(a)))
      case 'kexecfile': return errno(sys.kexec_file_load(task, fd, fd, 1, '', Number(a)))
      case 'digests': {
        const list = sys.openat(task, AT_FDCWD, a, O_RDONLY, 0)
        const rc = sys.ioctl(task, fd, LOADPIN_IOC_SET_TRUSTED_VERITY_DIGESTS, { value: list >>> 0 })
        sys.close(task, list)
        return errno(rc)
      }
      default: throw new Error(`no operation \`file ${operation}\``)
    }
  }

  /** A disk is a file system of memory that says it lies on one. */
  #mount(source: string, target: string, type: string, flags: number, root: string): string {
    const { sys, init, machine } = this.#kernel
    const rc = sys.mount(init, source, target, 'tmpfs', 0, null)
    if (rc !== 0 || type === 'tmpfs') return errno(rc)
    this.#make(`${target}/m`, encode('not a module\n'))
    const name = source.replace('/dev/', '')
    const fd = sys.openat(init, AT_FDCWD, target, O_RDONLY, 0)
    const { mnt_sb } = fdTable(init).get(fd)!.f_path.mnt
    sys.close(init, fd)
    const device = { name, rdev: (root === '' ? RAM : MAPPER) + Number(name.at(-1)), readOnly: (flags & 1) !== 0 }
    machine.blockDevices.add(mnt_sb, root === '' ? device : { ...device, verityRoot: bytesOf(root) })
    return '0'
  }

  /** The answer of the driver of the recorder's kernel to a request for firmware. */
  #firmware(name: Uint8Array): string {
    const contents = this.#kernel.machine.firmware.request_firmware(new TextDecoder().decode(name))
    return typeof contents === 'number' ? errno(contents) : String(name.length)
  }

  #perf(task: Task, how: string): string {
    const { sys } = this.#kernel
    const attr = { type: PERF_TYPE_SOFTWARE, config: PERF_COUNT_SW_DUMMY, sample_period: 1 }
    const regs = { sample_type: PERF_SAMPLE_REGS_INTR, sample_regs_intr: 1 }
    const fd = sys.perf_event_open(task, how === 'regs' ? { ...attr, ...regs } : attr, 0, -1, -1, 0)
    if (fd >= 0) sys.close(task, fd)
    return errno(Math.min(fd, 0))
  }

  /** Says over a socket that it is somebody. */
  #claim(task: Task, uid: number, gid: number): string {
    const { sys } = this.#kernel
    const pair: number[] = []
    sys.socketpair(task, AF_UNIX, SOCK_DGRAM, 0, pair)
    const data = { pid: sys.getpid(task), uid, gid }
    const rc = sys.sendmsg(task, pair[0]!, {
      msg_name: null, msg_iov: [new Uint8Array(1)], msg_flags: 0,
      msg_control: [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_CREDENTIALS, data }],
    }, 0)
    for (const fd of pair) sys.close(task, fd)
    return errno(rc)
  }
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
