/** System V IPC, mounts, selinuxfs and what takes a capability, as descriptions name them. */
import {
  AT_FDCWD, BPF_K, BPF_RET, IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, MAP_ANONYMOUS,
  MAP_PRIVATE, MOVE_MOUNT_F_EMPTY_PATH, MS_BIND, O_RDONLY, O_RDWR, O_WRONLY, PROT_READ, PROT_WRITE, RLIMIT_MEMLOCK,
  SECCOMP_RET_ALLOW, SECCOMP_SET_MODE_FILTER,
} from '@lsmkit/abi'
import { labelled } from '../directories.ts'
import { domain, encode, object } from '../world.ts'
import type { Calls } from '../world.ts'
import type { Reader } from './file-calls.ts'
import type { Scene } from './scene.ts'
import { flagsIn, needNumber, numberOf, unquoted } from './words.ts'

const done = (rc: number): number => Math.min(rc, 0)
const KEY = 0x4b45
const ADJ_OFFSET = 1
const PAGE = 4096
const message = () => ({ mtype: 1, mtext: encode('x') })
const owner = () => ({ uid: 0, gid: 0, mode: 0o666, msg_qbytes: 100 })

/** An object of the other process under KEY, or a new one of the task's own. */
const made = (make: (sys: Calls, key: number, flags: number) => number) =>
  (run: (sys: Calls, id: number, args: readonly string[]) => number): Reader => (scene, args) => {
    const other = scene.world.calls(scene.world.taskOf(scene.other))
    const id = scene.world.must(make(other, KEY, IPC_CREAT | 0o666), 'an IPC object')
    return (sys) => done(run(sys, id, args))
  }
const get = (make: (sys: Calls, key: number, flags: number) => number): Reader => (scene, args, note) =>
  /IPC_CREAT|IPC_PRIVATE/.test(args.join(' '))
    ? (sys) => done(make(sys, IPC_PRIVATE, IPC_CREAT | 0o600))
    : made(make)((sys) => make(sys, KEY, 0o666))(scene, args, note)

const shm = (sys: Calls, key: number, flags: number): number => sys.shmget(key, PAGE, flags)
const sem = (sys: Calls, key: number, flags: number): number => sys.semget(key, 1, flags)
const queue = (sys: Calls, key: number, flags: number): number => sys.msgget(key, flags)
const full = (sys: Calls, key: number, flags: number): number => {
  const id = sys.msgget(key, flags)
  return sys.msgsnd(id, message(), 1, 0) || id
}
/** Commands that are asked by place, and not by number: the first object. */
const BY_INDEX = /_INFO|_STAT/
const isByIndex = (command: string): boolean => BY_INDEX.test(command) && command !== 'IPC_STAT'

const semArg = (command: string): unknown => {
  if (command === 'SETALL' || command === 'GETALL') return [0]
  return command === 'SETVAL' ? 1 : command === 'IPC_SET' ? owner() : {}
}

const ipcCalls: Readonly<Record<string, Reader>> = {
  shmget: get(shm),
  shmat: made(shm)((sys, id, args) => sys.shmat(id, null, flagsIn(args.join(' '), 'SHM_'))),
  shmctl: made(shm)((sys, id, [command = '']) =>
    sys.shmctl(isByIndex(command) ? 0 : id, needNumber(command), command === 'IPC_SET' ? owner() : {})),
  semget: get(sem),
  semop: made(sem)((sys, id, [op = '0']) =>
    sys.semop(id, [{ sem_num: 0, sem_op: Number(op), sem_flg: IPC_NOWAIT }], 1)),
  semctl: made(sem)((sys, id, [command = '']) =>
    sys.semctl(isByIndex(command) ? 0 : id, 0, needNumber(command), semArg(command) as never)),
  msgget: get(queue),
  msgsnd: made(queue)((sys, id) => sys.msgsnd(id, message(), 1, 0)),
  msgrcv: made(full)((sys, id, args) =>
    sys.msgrcv(id, { mtype: 0, mtext: new Uint8Array(16) }, 16, 0, IPC_NOWAIT | flagsIn(args.join(' '), 'MSG_'))),
  msgctl: made(queue)((sys, id, [command = '']) =>
    sys.msgctl(isByIndex(command) ? 0 : id, needNumber(command), command === 'IPC_SET' ? owner() : {})),
}

const mounted = (scene: Scene): void => {
  scene.make('m')
  scene.make('d')
  scene.world.label('d', 'o_t')
  scene.world.must(scene.world.root.mount('tmpfs', 'm', 'tmpfs', 0, null), 'mount')
}

/** `mount tmpfs fscontext=mf_t`: options with a type become contexts. */
export const mountStep: Reader = (scene, [type = 'tmpfs', ...words]) => {
  scene.make('m')
  const options = words.filter((word) => word.includes('=')).map((word) => {
    const [name, value = ''] = word.split('=')
    return `${name}=${value.endsWith('_t') ? object(value) : value}`
  })
  return (sys) => {
    const rc = sys.mount(type, 'm', type, 0, options.join(',') || null)
    return options.some((option) => option.startsWith('rootcontext')) ? labelled(scene.world, 'm', rc) : rc
  }
}

const mountCalls: Readonly<Record<string, Reader>> = {
  mount: (scene, args) => {
    const flags = flagsIn(args.join(' '), 'MS_')
    const [first = '"m"', second] = args.filter((arg) => arg.startsWith('"')).map(unquoted)
    if ((flags & ~0x1000) === 0 && flags === 0) {
      scene.make('m')
      return (sys) => sys.mount(first, second ?? 'm', first, 0, null)
    }
    if ((flags & MS_BIND) !== 0 && (flags & 0x20) === 0) {
      scene.make('m')
      return (sys) => sys.mount(first === 'm' ? '/w' : first, 'm', null, flags, null)
    }
    mounted(scene)
    return (sys) => sys.mount(second === undefined ? null : first, second ?? first, null, flags, null)
  },
  umount: (scene, args) => {
    mounted(scene)
    return (sys) => sys.umount2('m', flagsIn(args.join(' '), 'MNT_'))
  },
  pivot_root: (scene) => {
    mounted(scene)
    return (sys) => sys.pivot_root('m', 'm')
  },
  fsopen: (scene, [type = '"tmpfs"']) => {
    scene.make('m')
    return (sys) => (scene.second = sys.fsopen(unquoted(type), 0))
  },
  fsconfig: (scene) => (sys) => sys.fsconfig(scene.second, 6, null, null, 0),
  fsmount: (scene) => (sys) => (scene.fd = sys.fsmount(scene.second, 0, 0)),
  fspick: (scene) => {
    mounted(scene)
    return (sys) => (scene.second = sys.fspick(AT_FDCWD, 'm', 0))
  },
  open_tree: (scene) => {
    mounted(scene)
    return (sys) => (scene.fd = sys.open_tree(AT_FDCWD, 'm', 1))
  },
  move_mount: (scene) => (sys) => sys.move_mount(scene.fd, '', AT_FDCWD, 'm', MOVE_MOUNT_F_EMPTY_PATH),
}

const notifyCalls: Readonly<Record<string, Reader>> = {
  fanotify_init: (scene, args) => (sys) =>
    (scene.fd = sys.fanotify_init(flagsIn(args.join(' '), 'FAN_'), O_RDONLY)),
  fanotify_mark: (scene, [how = '', ...events]) => (sys) => {
    const path = unquoted(events.find((arg) => arg.startsWith('"')) ?? '"f"')
    return sys.fanotify_mark(scene.fd, flagsIn(how, 'FAN_MARK_'), flagsIn(events.join(' '), 'FAN_'), AT_FDCWD, path)
  },
  inotify_init1: (scene) => (sys) => (scene.fd = sys.inotify_init1(0)),
  inotify_add_watch: (scene, args) => (sys) => {
    const path = unquoted(args.find((arg) => arg.startsWith('"')) ?? '"f"')
    return done(sys.inotify_add_watch(scene.fd, path, flagsIn(args.join(' '), 'IN_')))
  },
}

const ROOT = '/sys/fs/selinux'
const FILE_CLASS = 7
const pair = `${domain('s_t')} ${object('o_t')} ${FILE_CLASS}`
const QUESTIONS: Readonly<Record<string, string>> = {
  user: `${domain('s_t')} u`,
  context: domain('s_t'),
  validatetrans: `${object('o_t')} ${object('l_t')} ${FILE_CLASS} ${domain('s_t')}`,
}

/** `selinuxfs access`: written to and read; `invalid`: a context that the policy does not know. */
export const questionStep: Reader = (_scene, [name = '', words = '']) => {
  const text = /invalid/.test(words) ? domain('nosuch_t') : (QUESTIONS[name] ?? pair)
  return (sys) => {
    const fd = sys.open(`${ROOT}/${name}`, name === 'validatetrans' ? O_WRONLY : O_RDWR, 0)
    if (fd < 0) return fd
    const rc = sys.write(fd, encode(text))
    return rc < 0 || name === 'validatetrans' ? done(rc) : done(sys.read(fd, new Uint8Array(4096)))
  }
}

const writeSelinuxfs = (sys: Calls, name: string, data: Uint8Array): number => {
  const fd = sys.open(`${ROOT}/${name}`, O_WRONLY, 0)
  return fd < 0 ? fd : done(sys.write(fd, data))
}

/** `write selinuxfs NAME VALUE`. */
export const selinuxfsWriteStep: Reader = (scene, [name = '', value = '']) => {
  if (name === 'load') {
    if (/zero bytes/.test(scene.text)) return (sys) => writeSelinuxfs(sys, name, new Uint8Array(16))
    scene.world.file('/policy', 'root_t', scene.world.policy)
    const fd = scene.world.fd('/policy', O_RDONLY)
    return (sys) => {
      const bytes = new Uint8Array(scene.world.policy.length)
      sys.read(fd, bytes)
      return writeSelinuxfs(sys, name, bytes)
    }
  }
  return (sys) => writeSelinuxfs(sys, name, encode(value || '1'))
}

/** `open selinuxfs NAME`, and `read`. */
export const selinuxfsOpenStep: Reader = (scene, [name = '', how = 'open']) => (sys) => {
  scene.fd = sys.open(`${ROOT}/${name}`, O_RDONLY, 0)
  return scene.fd < 0 || how === 'open' ? scene.fd : done(sys.read(scene.fd, new Uint8Array(4096)))
}

const adminCalls: Readonly<Record<string, Reader>> = {
  sethostname: () => (sys) => sys.sethostname('h', 1),
  setdomainname: () => (sys) => sys.setdomainname('h', 1),
  setgroups: () => (sys) => sys.setgroups(0, []),
  settimeofday: () => (sys) => sys.settimeofday({ tv_sec: 1, tv_usec: 0 }, null),
  clock_settime: () => (sys) => sys.clock_settime(0, { tv_sec: 1, tv_nsec: 0 }),
  adjtimex: () => (sys) => done(sys.adjtimex({ modes: ADJ_OFFSET } as never)),
  init_module: () => (sys) => sys.init_module(new Uint8Array(8), 8, ''),
  kexec_load: () => (sys) => sys.kexec_load(0, 0, [], 0),
  setns: () => (sys) => {
    const fd = sys.open('/proc/self/ns/net', O_RDONLY, 0)
    return fd < 0 ? fd : sys.setns(fd, 0)
  },
  reboot: (_scene, [how = 'CAD_OFF']) => (sys) =>
    sys.reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, needNumber(how), null),
  syslog: (_scene, args) => (sys) => {
    const action = flagsIn(args.join(' '), 'SYSLOG_')
    const needsBuffer = action === 2 || action === 3 || action === 4
    if (needsBuffer) return done(sys.syslog(action, new Uint8Array(64), 64))
    return done(sys.syslog(action, null, numberOf(args[1] ?? '') ?? 0))
  },
  setrlimit: (scene, [what = '', value = '']) => {
    const resource = needNumber(what.startsWith('RLIMIT_') ? what : `RLIMIT_${what}`)
    const { rlim_cur, rlim_max } = scene.world.actor.signal!.rlim[resource]!
    if (/raised/.test(value)) return (sys) => sys.setrlimit(resource, { rlim_cur: 100, rlim_max: rlim_max + 1 })
    const limit = numberOf(value) ?? rlim_cur
    const hard = resource === RLIMIT_MEMLOCK ? limit : rlim_max
    return (sys) => sys.setrlimit(resource, { rlim_cur: limit, rlim_max: hard })
  },
  mlock: () => (sys) => {
    const at = sys.mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return at < 0 ? at : sys.mlock(at, PAGE)
  },
  pipe: (scene) => (sys) => {
    const fds: number[] = []
    const rc = sys.pipe(fds)
    scene.second = fds[0] ?? -1
    scene.fd = fds[1] ?? -1
    return rc
  },
  signalfd: () => (sys) => done(sys.signalfd4(-1, 1n, 8, 0)),
  seccomp: () => (sys) => {
    const filter = [{ code: BPF_RET | BPF_K, jt: 0, jf: 0, k: SECCOMP_RET_ALLOW }]
    return sys.seccomp(SECCOMP_SET_MODE_FILTER, 0, { len: 1, filter })
  },
}

export const otherCalls: Readonly<Record<string, Reader>> = {
  ...ipcCalls, ...mountCalls, ...notifyCalls, ...adminCalls,
}

/** Any other call whose arguments are numbers, names and nothing else. */
export const plainCall = (name: string): Reader | null => (scene, args) => {
  const values = args.map((arg): unknown => {
    if (arg === 'NULL') return null
    if (arg === 'p') return scene.other
    return arg.startsWith('"') ? scene.path(arg) : needNumber(arg)
  })
  return (sys) => {
    const call = (sys as unknown as Record<string, ((...all: unknown[]) => number) | undefined>)[name]
    if (call === undefined) throw new Error(`there is no call \`${name}\``)
    return done(call(...values))
  }
}
