/** The root of procfs: processes by number, `self`, and files about the whole machine (fs/proc/root.c). */
import {
  CAP_OPT_NOAUDIT, CAP_SYS_RAWIO, CAP_SYSLOG, CLOCK_BOOTTIME, ENOENT, EPERM, FS_USERNS_MOUNT, LOCKDOWN_KCORE,
  PROC_SUPER_MAGIC,
} from '@lsmkit/abi'
import { capable, init_user_ns_of } from '@lsmkit/core'
import type { SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { isLeader, threadOf } from '../../state/task/thread.ts'
import { clockShift } from '../../task/time-ns.ts'
import { FILESYSTEM_MAX_STACK_DEPTH, superState } from '../../state/vfs/state.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { readText } from '../pseudo/nodes.ts'
import type { PseudoDir, PseudoLink, PseudoNode } from '../pseudo/nodes.ts'
import { nameToInt } from './fds.ts'
import { applyOptions, HIDEPID_INVISIBLE, HIDEPID_OFF, mayKnow, parseOption } from './instance.ts'
import type { ProcInstance } from './instance.ts'
import { pidDir } from './pid-dir.ts'
import { sysDir } from './sys.ts'
import { pseudoType } from '../pseudo/type.ts'

const link = (target: () => string | number): PseudoLink => ({ kind: 'link', mode: 0o777, target })

/** A file with a constant text, whose length is its size. */
const fixedLink = (text: string): PseudoLink => ({
  ...link(() => text),
  made(inode) {
    inode.i_size = text.length
    return 0
  },
})

/** `/proc/self`: the reader's process, if this mount shows it. */
const selfLinks = (machine: Machine, { ns }: ProcInstance): Readonly<Record<string, PseudoNode>> => {
  const { current } = machine
  const tgid = (): number => threadOf(current.task.group_leader!).pid.nr(ns)
  return {
    self: link(() => (tgid() === 0 ? -ENOENT : String(tgid()))),
    'thread-self': link(() => (tgid() === 0 ? -ENOENT : `${tgid()}/task/${threadOf(current.task).pid.nr(ns)}`)),
  }
}

/** Kernel addresses for readers who may read the kernel log, zeros for others (`kallsyms_show_value`). */
const kallsyms = (machine: Machine): PseudoNode => ({
  kind: 'text',
  mode: 0o444,
  open(io) {
    const { cred } = machine.current.task
    io.state = machine.lsm.capable.ask(cred, init_user_ns_of(cred.user_ns), CAP_SYSLOG, CAP_OPT_NOAUDIT) === 0
    return 0
  },
  text: ({ state }) => `${state === true ? 'ffffffff81000000' : '0'.repeat(16)} T _text\n`,
})

/** The memory of the machine: lockdown is asked first, and nothing is ever shown. */
const kcore = ({ lsm, current }: Machine): PseudoNode => ({
  kind: 'text',
  mode: 0o400,
  open() {
    const rc = lsm.locked_down.ask(LOCKDOWN_KCORE)
    if (rc !== 0) return rc
    return capable(lsm, current, CAP_SYS_RAWIO) ? 0 : -EPERM
  },
  text: () => '',
})

const filesystems = (machine: Machine): string =>
  [...machine.filesystems.values()].map(({ name, fs_flags }) => `${fs_flags & 1 ? '' : 'nodev'}\t${name}\n`).join('')

const machineFiles = (machine: Machine): Readonly<Record<string, PseudoNode>> => {
  const uptime = (): string => ((machine.monotonic() + clockShift(machine, CLOCK_BOOTTIME)) / 1000).toFixed(2)
  const { uts_ns } = threadOf(machine.current.task).nsproxy
  const running = (): number => machine.tasks.byPid.size
  return {
    cgroups: readText(machine.cgroups.controllersText),
    cmdline: readText(() => `${machine.cmdline}\n`),
    cpuinfo: readText(() => 'processor\t: 0\nvendor_id\t: lsmkit\nmodel name\t: lsmkit\n\n'),
    filesystems: readText(() => filesystems(machine)),
    kallsyms: kallsyms(machine),
    kcore: kcore(machine),
    ...(machine.without.has('keys') ? {} : {
      keys: readText(machine.keys.texts.keys),
      'key-users': readText(machine.keys.texts.keyUsers),
    }),
    loadavg: readText(() => `0.00 0.00 0.00 1/${running()} ${threadOf(machine.current.task).pid.ns.last}\n`),
    meminfo: readText(
      () => 'MemTotal:        8388608 kB\nMemFree:         4194304 kB\nMemAvailable:    4194304 kB\n',
    ),
    mounts: fixedLink('self/mounts'),
    ...(machine.without.has('net') ? {} : { net: fixedLink('self/net') }),
    stat: readText(
      () => `cpu  0 0 0 0 0 0 0 0 0 0\nbtime ${Math.floor(machine.bootTime / 1000)}\nprocesses ${running()}\n`,
    ),
    sys: sysDir(machine),
    ...(machine.without.has('sysvipc') ? {} : { sysvipc: sysvipcDir(machine) }),
    uptime: readText(() => `${uptime()} ${uptime()}\n`),
    version: readText(() => `${uts_ns.sysname} version ${uts_ns.release} ${uts_ns.version}\n`),
  }
}

/** System V IPC objects of the reader's namespace. */
const sysvipcDir = (machine: Machine): PseudoDir => {
  const { msg, sem, shm } = machine.ipc.texts
  const files: Readonly<Record<string, PseudoNode>> = { msg: readText(msg), sem: readText(sem), shm: readText(shm) }
  return {
    kind: 'dir',
    mode: 0o555,
    find: (name) => (Object.hasOwn(files, name) ? files[name]! : null),
    names: () => Object.keys(files),
  }
}

/** Processes that this mount shows to the reader, by number, from one on. */
function* visiblePids(
  machine: Machine, instance: ProcInstance, first: number,
): Generator<readonly [nr: number, name: string]> {
  for (const pid of instance.ns.numbers.values(first)) {
    const { task } = pid
    if (task === null || !isLeader(task) || !mayKnow(machine, instance, task, HIDEPID_INVISIBLE)) continue
    yield [pid.nr(instance.ns), String(pid.nr(instance.ns))]
  }
}

/** Positions below are those of names that are always there. */
const FIRST_PROCESS_ENTRY = 256

const rootDir = (machine: Machine, instance: ProcInstance): PseudoDir => {
  const fixed = { ...selfLinks(machine, instance), ...machineFiles(machine) }
  const shown = (): readonly string[] => (instance.pidonly ? ['self', 'thread-self'] : Object.keys(fixed))
  return {
    kind: 'dir',
    mode: 0o555,
    /** A thread's number finds its process's directory too, though no listing shows it. */
    find(name) {
      const pid = instance.ns.find(nameToInt(name))
      if (pid !== null && pid.task !== null) {
        if (instance.hidepid >= HIDEPID_INVISIBLE && !mayKnow(machine, instance, pid.task, HIDEPID_INVISIBLE))
          return -ENOENT
        return pidDir({ machine, instance, pid })
      }
      if (!shown().includes(name) || !Object.hasOwn(fixed, name as keyof typeof fixed)) return null
      return fixed[name as keyof typeof fixed]!
    },
    *namesFrom(pos) {
      const names = shown()
      for (let i = pos; i < names.length; i++) yield [i, names[i]!]
      for (const [nr, name] of visiblePids(machine, instance, Math.max(0, pos - FIRST_PROCESS_ENTRY)))
        yield [FIRST_PROCESS_ENTRY + nr, name]
    },
  }
}

export const procType = (machine: Machine, engine: PseudoEngine): FileSystem => {
  const instanceOf = (sb: SuperBlock): ProcInstance => superState(sb).fs as ProcInstance
  return pseudoType(engine, {
    name: 'proc',
    magic: PROC_SUPER_MAGIC,
    fs_flags: FS_USERNS_MOUNT,
    single: false,
    early: ['self', 'thread-self'],
    missing: 'error',
    owner: () => machine.tasks.activeNs.user_ns,
    options: parseOption,
    setup(sb, fc) {
      const instance: ProcInstance = { ns: machine.tasks.activeNs, hidepid: HIDEPID_OFF, gid: 0, pidonly: false }
      applyOptions(instance, fc)
      superState(sb).fs = instance
      superState(sb).s_stack_depth = FILESYSTEM_MAX_STACK_DEPTH
    },
    root: (sb) => rootDir(machine, instanceOf(sb)),
    reconfigure(fc) {
      applyOptions(instanceOf(fc.root!.d_sb), fc)
      return 0
    },
  })
}
