/** Plays recorded operations under Landlock in a kernel of ours: what recorder.c does on a real one, each answer. */
import {
  AT_EMPTY_PATH, AT_FDCWD, errnoName, F_SETFL, F_SETOWN, FIONBIO, FIONREAD, LANDLOCK_RULE_NET_PORT,
  LANDLOCK_RULE_PATH_BENEATH, MOVE_MOUNT_F_EMPTY_PATH, MS_BIND, MS_MOVE, MS_REMOUNT, MSG_DONTWAIT, MSG_NOSIGNAL,
  O_CLOEXEC, O_DIRECTORY, O_NONBLOCK, O_PATH, O_RDONLY, OPEN_TREE_CLONE, packLandlockNetPort,
  packLandlockPathBeneath, packLandlockRuleset, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, SIGCHLD, SIG_SETMASK,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, Kstat, sockaddrUn } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import type { LandlockOptions } from '@lsmkit/landlock'

const SLOTS = 8
const O_ASYNC = 0o20000
const TREE = '/s'
const EVERY_SIGNAL = (1n << 64n) - 1n

/** As strtoull with base 0. */
const number = (text = ''): number => (/^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text) || 0)

const told = (rc: number): string => (rc < 0 ? errnoName(rc) : 'ok')

/** A process with its own numbers of descriptors. */
class Actor {
  readonly task: Task
  readonly fds: number[]
  readonly rulesets: number[]

  constructor(task: Task, like?: Actor) {
    this.task = task
    this.fds = like === undefined ? Array<number>(SLOTS).fill(-1) : [...like.fds]
    this.rulesets = like === undefined ? Array<number>(SLOTS).fill(-1) : [...like.rulesets]
  }
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const unixAddress = (name: string): Uint8Array => sockaddrUn(name.replace(/^@/, '\0'))

export class LandlockPlayer {
  readonly #kernel: Kernel
  readonly #actors: (Actor | undefined)[] = []

  constructor(options: LandlockOptions = {}) {
    const module = landlock(options)
    const stack = createStack({ lsms: [capability(), module], onFault: 'throw', audit: { denials: false } })
    this.#kernel = bootKernel({
      stack,
      landlock: module.engine,
      // as Debian builds its kernels
      sysctl: { protected_hardlinks: 1, protected_symlinks: 1, protected_fifos: 0, protected_regular: 0 },
      onPanic: (call, cause) => {
        throw new Error(`${call} threw`, { cause })
      },
    })
    const { sys, init, machine } = this.#kernel
    sys.umask(init, 0)
    sys.mkdir(init, TREE, 0o777)
    sys.mount(init, 'none', TREE, 'tmpfs', 0, 'mode=777')
    const king = machine.tasks.find(sys.fork(init))!
    sys.rt_sigprocmask(king, SIG_SETMASK, EVERY_SIGNAL, null, 8)
    sys.rt_sigaction(king, SIGCHLD, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
    sys.setpgid(king, 0, 0)
    sys.chdir(king, TREE)
    this.#actors[0] = new Actor(king)
  }

  /** The answer to `ACTOR OPERATION ARGUMENTS`. */
  play(line: string): string {
    const actor = this.#actors[Number(line[0])]
    return actor === undefined ? 'absent' : this.#run(actor, line.slice(2).split(' '))
  }

  #run(actor: Actor, words: readonly string[]): string {
    const { sys } = this.#kernel
    const { task, fds, rulesets } = actor
    const [op = '', a = '', b = ''] = words
    const n = words.map(number)
    const [, x = 0, y = 0, z = 0] = n
    const slot = x & (SLOTS - 1)
    const fd = fds[slot]!
    switch (op) {
      case 'create': return this.#put(actor, rulesets, slot, this.#create(task, y, z, n[4] ?? 0))
      case 'rule': return this.#rule(task, rulesets[slot]!, y, words[3]!)
      case 'fdrule': return told(this.#addPath(task, rulesets[slot]!, z, fds[y & (SLOTS - 1)]!))
      case 'port':
        return told(sys.landlock_add_rule(
          task, rulesets[slot]!, LANDLOCK_RULE_NET_PORT, packLandlockNetPort(y, z), 0,
        ))
      case 'restrict': return told(sys.landlock_restrict_self(task, rulesets[slot]!, y))
      case 'nnp': return told(sys.prctl(task, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
      case 'user': return this.#becomeUser(task)
      case 'spawn': return this.#spawn(actor, x)
      case 'open': return this.#put(actor, fds, slot, sys.openat(task, AT_FDCWD, b, z | O_NONBLOCK, 0o777))
      case 'close': {
        const rc = sys.close(task, fd)
        fds[slot] = -1
        return told(rc)
      }
      case 'ftrunc': return told(sys.ftruncate(task, fd, y))
      case 'ioctl': return told(this.#ioctl(task, fd, y))
      case 'trunc': return told(sys.truncate(task, a, y))
      case 'mkdir': return told(sys.mkdir(task, a, 0o777))
      case 'rmdir': return told(sys.rmdir(task, a))
      case 'unlink': return told(sys.unlink(task, a))
      case 'mknod': return told(sys.mknodat(task, AT_FDCWD, a, y, z))
      case 'symlink': return told(sys.symlink(task, a, b))
      case 'link': return told(sys.link(task, a, b))
      case 'flink': return told(sys.linkat(task, fd, '', AT_FDCWD, b, AT_EMPTY_PATH))
      case 'rename': return told(sys.renameat2(task, AT_FDCWD, a, AT_FDCWD, b, z))
      case 'exec': return told(sys.execve(task, a, [a], []))
      case 'list': return this.#passing(task, sys.openat(task, AT_FDCWD, a, O_RDONLY | O_DIRECTORY, 0))
      case 'stat': return told(sys.stat(task, a, new Kstat()))
      case 'chdir': return told(sys.chdir(task, a))
      case 'chmod': return told(sys.chmod(task, a, y))
      case 'mount': return told(sys.mount(task, 'none', a, 'tmpfs', 0, 'mode=777'))
      case 'bind': return told(sys.mount(task, a, b, null, MS_BIND, null))
      case 'move': return told(sys.mount(task, a, b, null, MS_MOVE, null))
      case 'remount': return told(sys.mount(task, 'none', a, null, MS_REMOUNT, 'mode=777'))
      case 'umount': return told(sys.umount2(task, a, y))
      case 'tree': return this.#put(actor, fds, slot, sys.open_tree(task, AT_FDCWD, b, OPEN_TREE_CLONE))
      case 'attach': return told(sys.move_mount(task, fd, '', AT_FDCWD, b, MOVE_MOUNT_F_EMPTY_PATH))
      case 'fdopen': {
        const path = `/proc/self/fd/${fds[y & (SLOTS - 1)]}`
        return this.#put(actor, fds, slot, sys.openat(task, AT_FDCWD, path, z | O_NONBLOCK, 0))
      }
      case 'sock': return this.#put(actor, fds, slot, sys.socket(task, y, z, n[4] ?? 0))
      case 'sbind': return this.#withAddress(bytesOf(b), (address) => sys.bind(task, fd, address, address.length))
      case 'sconnect': return this.#withAddress(bytesOf(b), (address) => sys.connect(task, fd, address, address.length))
      case 'listen': return told(sys.listen(task, fd, 100))
      case 'ubind': return this.#withAddress(unixAddress(b), (address) => sys.bind(task, fd, address, address.length))
      case 'uconnect':
        return this.#withAddress(unixAddress(b), (address) => sys.connect(task, fd, address, address.length))
      case 'usendto':
        return this.#withAddress(unixAddress(b), (address) =>
          sys.sendto(task, fd, Uint8Array.of(120), 1, MSG_DONTWAIT, address, address.length))
      case 'usend': return told(sys.sendto(task, fd, Uint8Array.of(120), 1, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0))
      case 'pipe': return this.#pipe(actor, slot)
      case 'async': return told(sys.fcntl(task, fd, F_SETFL, O_NONBLOCK | O_ASYNC))
      case 'setown': return told(sys.fcntl(task, fd, F_SETOWN, b === 'g' ? -this.#pid(0) : this.#pid(y)))
      case 'write': return told(sys.write(task, fd, Uint8Array.of(120)))
      case 'kill': return told(sys.kill(task, this.#pid(x), y))
      case 'pending': return this.#pending(task)
      case 'robust': return told(sys.get_robust_list(task, this.#pid(x), { value: 0 }, { value: 0 }))
      case 'readvm': {
        const remote = [{ iov_base: 8, iov_len: 1 }]
        return told(sys.process_vm_readv(task, this.#pid(x), [new Uint8Array(1)], 1, remote, 1, 0))
      }
      default: return 'unknown'
    }
  }

  #pid(actor: number): number {
    return this.#actors[actor]?.task.pid ?? 0
  }

  #put({ task }: Actor, slots: number[], slot: number, fd: number): string {
    if (fd < 0) return told(fd)
    if (slots[slot]! >= 0) this.#kernel.sys.close(task, slots[slot]!)
    slots[slot] = fd
    return 'ok'
  }

  #passing(task: Task, fd: number): string {
    if (fd >= 0) this.#kernel.sys.close(task, fd)
    return told(fd)
  }

  #create(task: Task, fs: number, net: number, scoped: number): number {
    const attr = packLandlockRuleset({ handled_access_fs: fs, handled_access_net: net, scoped })
    return this.#kernel.sys.landlock_create_ruleset(task, attr, attr.length, 0)
  }

  #addPath(task: Task, ruleset: number, access: number, parent: number): number {
    const rule = packLandlockPathBeneath(access, parent)
    return this.#kernel.sys.landlock_add_rule(task, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
  }

  #rule(task: Task, ruleset: number, access: number, path: string): string {
    const { sys } = this.#kernel
    const at = sys.openat(task, AT_FDCWD, path, O_PATH | O_CLOEXEC, 0)
    if (at < 0) return `open ${errnoName(at)}`
    const rc = this.#addPath(task, ruleset, access, at)
    sys.close(task, at)
    return told(rc)
  }

  #becomeUser(task: Task): string {
    const { sys } = this.#kernel
    const rc = sys.setresgid(task, 1000, 1000, 1000) || sys.setresuid(task, 1000, 1000, 1000)
    sys.prctl(task, PR_SET_DUMPABLE, 1, 0, 0, 0)
    return told(rc)
  }

  #spawn(parent: Actor, name: number): string {
    if (this.#actors[name] !== undefined) return 'busy'
    const { sys, machine } = this.#kernel
    const pid = sys.fork(parent.task)
    this.#actors[name] = new Actor(machine.tasks.find(pid)!, parent)
    return 'ok'
  }

  #ioctl(task: Task, fd: number, cmd: number): number {
    const arg = cmd === FIONREAD || cmd === FIONBIO ? { value: 0 } : {}
    return this.#kernel.sys.ioctl(task, fd, cmd, arg)
  }

  #withAddress(address: Uint8Array, call: (address: Uint8Array) => number): string {
    return told(call(address))
  }

  #pipe(actor: Actor, slot: number): string {
    const ends: [number, number] = [-1, -1]
    const rc = this.#kernel.sys.pipe2(actor.task, ends, O_NONBLOCK)
    if (rc < 0) return told(rc)
    this.#put(actor, actor.fds, slot, ends[0])
    return this.#put(actor, actor.fds, (slot + 1) % SLOTS, ends[1])
  }

  #pending(task: Task): string {
    const { sys } = this.#kernel
    let text = ''
    for (;;) {
      const sig = sys.rt_sigtimedwait(task, EVERY_SIGNAL, null, { tv_sec: 0, tv_nsec: 0 }, 8)
      if (sig <= 0) return text === '' ? 'none' : text.trimEnd()
      if (sig !== SIGCHLD) text += `${sig} `
    }
  }
}
