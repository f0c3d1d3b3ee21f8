/** Operations on control groups by up to five processes; their answers are numbers, `ok`, errnos and texts of files. */
import {
  CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, SIGCHLD, WNOHANG,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import type { Builtin, CMachine } from '../c/machine.ts'
import { bootOn, stackWith } from '../kernel.ts'
import { profileOf } from '../profile.ts'
import type { Options } from '../suite.ts'
import type { SessionActor, SessionKind, World } from './player.ts'

const ROOT = '/sys/fs/cgroup'
const CLONE_ARGS_SIZE = 88
const decoder = new TextDecoder()

const operations = {
  mkdir: 'mkdir(path(a), octal(b))',
  rmdir: 'rmdir(path(a))',
  rename: 'rename(path(a), path(b))',
  chown: 'chown(path(a), y, y)',
  chmod: 'chmod(path(a), octal(b))',
  unlink: 'unlink(path(a))',
  create: 'fd = open(path(a), O_CREAT | O_WRONLY, 0644); 0',
  write: 'fd = opened(open(path(a), O_WRONLY)); expand(note, b); done(write(fd, note, strlen(note)))',
  read: 'fd = opened(open(path(a), O_RDONLY)); show_text(path(a), read(fd, buf, 65535))',
  stat: 'show_stat(path(a))',
  setxattr: 'setxattr(path(a), b, c, strlen(c), 0)',
  getxattr: 'rc = getxattr(path(a), b, buf, 100); buf[rc] = 0; say(buf)',
  listxattr: 'show_names(listxattr(path(a), buf, 4095))',
  removexattr: 'removexattr(path(a), b)',
  fork: 'make(x, 0, 0)',
  nfork: 'make(x, CLONE_NEWCGROUP, 0)',
  cfork: 'fd = opened(open(path(a), O_RDONLY | O_CLOEXEC)); make(y, CLONE_INTO_CGROUP, fd)',
  thread: 'start_thread()',
  wait: 'reap(x)',
  exit: 'leave()',
  setuid: 'setgroups(0, NULL), setgid(x), setuid(x)',
  unshare: 'unshare(CLONE_NEWCGROUP)',
}

export class CgroupWorld implements World {
  readonly kernel: Kernel
  readonly first: Task
  /** The second thread of each actor. */
  readonly threads = new Map<number, Task>()

  constructor(options: Options = {}) {
    this.kernel = bootOn(stackWith([], { profile: profileOf(options) }))
    this.first = this.kernel.init
    // as the recorder, whose root was other sessions' as well
    this.kernel.sys.chmod(this.first, ROOT, 0o755)
  }
}

type Player = SessionActor<CgroupWorld>['player']

/** Whether an actor can make a call: it lives, and nobody has frozen it. */
export const isReady = ({ actors }: Player, number: number): boolean => {
  const actor = actors.get(number)
  return actor !== undefined && !actor.isDead && !(actor.task.thread as { frozen: boolean }).frozen
}

/** `@1` is the number of a process, `@1t` that of its other thread; `_` and `$` are a blank and a new line. */
const expanded = ({ actors, world }: Player, pattern: string): string =>
  pattern.replace(/@(\d)(t?)/g, (_, n: string, t: string) => {
    const task = t === '' ? actors.get(Number(n))?.task : world.threads.get(Number(n))
    return String(task?.pid ?? 0)
  }).replaceAll('_', ' ').replaceAll('$', '\n')

/** Processes by their actors; others, as threads of the kernel, are left out. */
const names = ({ actors, world }: Player, text: string): string => {
  const pids = new Set(text.split('\n').map(Number))
  const found = [
    ...[...actors].filter(([, { task }]) => pids.has(task.pid)).map(([n]) => `@${n};`),
    ...[...world.threads].filter(([, task]) => pids.has(task.pid)).map(([n]) => `@${n}t;`),
  ]
  return found.sort().join('')
}

/** What both kernels count: the recorded one has more controllers, and lets go of groups later. */
const comparable = (path: string, text: string): string => {
  if (!path.endsWith('cgroup.stat')) return text
  return text.split('\n').filter((line) => /^nr_(?:descendants|subsys_pids) /.test(line)).map((l) => `${l}\n`).join('')
}

const textOf = (player: Player, path: string, text: string): string =>
  (/(?:procs|threads)$/.test(path) ? names(player, text)
    : comparable(path, text).replaceAll('\n', ';').replaceAll(' ', '_'))

const startThread = (actor: SessionActor<CgroupWorld>): number => {
  const { player, number, sys } = actor
  const rc = sys.clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0)
  player.world.threads.delete(number)
  if (rc < 0) return rc
  player.world.threads.set(number, actor.taskOf(rc))
  return player.say('ok')
}

const helpers = (m: CMachine, actor: SessionActor<CgroupWorld>): Record<string, Builtin> => {
  const { player, sys } = actor
  const { threads } = player.world
  const buffer = (size: number): string => {
    const at = m.addressOf('buf')!
    return decoder.decode(m.bytes.slice(at, at + size))
  }
  const sayOf = (rc: number, text: (size: number) => string): number => (rc < 0 ? rc : player.say(text(rc)))
  return {
    path: (at) => {
      const place = m.text(at)!
      return m.string(place.startsWith('/') ? place : `${ROOT}/${place}`)
    },
    expand: (to, pattern) => m.callNamed('strcpy', [to, m.string(expanded(player, m.text(pattern)!))]),
    show_text: (path, rc) => sayOf(rc, (size) => textOf(player, m.text(path)!, buffer(size))),
    show_names: (rc) => sayOf(rc, (size) => `[${buffer(size).replaceAll('\0', ';')}]`),
    show_stat: (path) => {
      const stat = new Kstat()
      const rc = sys.stat(m.text(path)!, stat)
      return sayOf(rc, () => `${stat.mode.toString(8)}_${stat.uid}_${stat.gid}_${stat.nlink}`)
    },
    make: (number, flags, cgroup) => {
      const group = cgroup === 0 ? {} : { cgroup }
      const rc = sys.clone3({ exit_signal: SIGCHLD, flags, ...group }, CLONE_ARGS_SIZE)
      if (rc < 0) return rc
      player.add(number, actor.taskOf(rc))
      threads.delete(number)
      return player.say('ok')
    },
    start_thread: () => startThread(actor),
    reap: (number) => {
      const rc = sys.wait4(player.actors.get(number)?.task.pid ?? 0, null, WNOHANG, null)
      if (rc <= 0) return rc
      player.actors.delete(number)
      threads.delete(number)
      return player.say('ok')
    },
    leave: () => {
      sys.exit_group(0)
      return player.say('ok')
    },
  }
}

export const cgroupSessions: SessionKind<CgroupWorld> = {
  operations,
  helpers,
  options: ['kernel'],
  boot: (_parameters, options) => new CgroupWorld(options),
  missing: () => 'absent',
  // the recorder waits in vain
  around: (actor, words, play) => (actor.isDead ? 'timeout' : play(words)),
}
