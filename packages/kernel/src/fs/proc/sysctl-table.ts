/** The settings under /proc/sys: names, limits, and rights to write them (kernel/sysctl.c, fs/, kernel/). */
import { CAP_LAST_CAP, CAP_SYS_ADMIN, CAP_SYS_RAWIO, EINVAL, EPERM, hexText } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { OptionalSubsystem } from '../../state/optional.ts'
import { pingGroupRange, setPingGroupRange } from '../../net/inet/ping.ts'
import { threadOf } from '../../state/task/thread.ts'

/** One setting; without `set` it is read-only whatever its mode. */
export interface SysctlEntry {
  readonly mode: number
  readonly get: () => string
  /** 0 or -errno; the text is without its newline. */
  readonly set?: (text: string) => number
}

type NumberName = {
  [N in keyof Machine['sysctl']]: Machine['sysctl'][N] extends number ? N : never
}[keyof Machine['sysctl']]

type IpcLimit =
  | 'msg_ctlmax' | 'msg_ctlmnb' | 'msg_ctlmni' | 'shm_ctlmax' | 'shm_ctlall' | 'shm_ctlmni' | 'mq_queues_max' | 'mq_msg_max'
  | 'mq_msgsize_max'

interface NumberRule {
  readonly min?: number
  readonly max?: number
  readonly mode?: number
  /** Needed to write, on top of being root. */
  readonly cap?: number
}

const NUMBERS: Readonly<Record<string, readonly [name: NumberName, rule: NumberRule]>> = {
  'fs/protected_hardlinks': ['protected_hardlinks', { min: 0, max: 1 }],
  'fs/protected_symlinks': ['protected_symlinks', { min: 0, max: 1 }],
  'fs/protected_regular': ['protected_regular', { min: 0, max: 2 }],
  'fs/protected_fifos': ['protected_fifos', { min: 0, max: 2 }],
  'fs/suid_dumpable': ['suid_dumpable', { min: 0, max: 2 }],
  'fs/nr_open': ['nr_open', { min: 64, max: 2147483584 }],
  'fs/file-max': ['file_max', { min: 0 }],
  'fs/pipe-max-size': ['pipe_max_size', { min: 4096 }],
  'fs/mount-max': ['mount_max', { min: 1 }],
  'fs/epoll/max_user_watches': ['max_user_watches', { min: 0 }],
  'kernel/pid_max': ['pid_max', { min: 301, max: 4194304 }],
  'kernel/ngroups_max': ['ngroups_max', { mode: 0o444 }],
  'kernel/overflowuid': ['overflowuid', { min: 0, max: 65535 }],
  'kernel/overflowgid': ['overflowgid', { min: 0, max: 65535 }],
  'kernel/dmesg_restrict': ['dmesg_restrict', { min: 0, max: 1, cap: CAP_SYS_ADMIN }],
  'kernel/kptr_restrict': ['kptr_restrict', { min: 0, max: 2, cap: CAP_SYS_ADMIN }],
  'kernel/printk_ratelimit': ['printk_ratelimit', { min: 0 }],
  'kernel/printk_ratelimit_burst': ['printk_ratelimit_burst', { min: 0 }],
  'kernel/io_uring_disabled': ['io_uring_disabled', { min: 0, max: 2 }],
  'kernel/io_uring_group': ['io_uring_group', { min: -1 }],
  'kernel/perf_event_paranoid': ['perf_event_paranoid', { min: -1 }],
  'kernel/unprivileged_userns_clone': ['unprivileged_userns_clone', { min: 0, max: 1 }],
  'dev/tty/legacy_tiocsti': ['legacy_tiocsti', { min: 0, max: 1 }],
  'kernel/keys/maxkeys': ['keys_maxkeys', { min: 1, max: 0x7fffffff }],
  'kernel/keys/maxbytes': ['keys_maxbytes', { min: 1, max: 0x7fffffff }],
  'kernel/keys/root_maxkeys': ['keys_root_maxkeys', { min: 1, max: 0x7fffffff }],
  'kernel/keys/root_maxbytes': ['keys_root_maxbytes', { min: 1, max: 0x7fffffff }],
  'kernel/keys/gc_delay': ['keys_gc_delay', { min: 0, max: 0x7fffffff }],
  'kernel/keys/persistent_keyring_expiry': ['persistent_keyring_expiry', { min: 0, max: 0x7fffffff }],
  'vm/overcommit_memory': ['overcommit_memory', { min: 0, max: 2 }],
  'vm/unprivileged_userfaultfd': ['unprivileged_userfaultfd', { min: 0, max: 1 }],
  'vm/mmap_min_addr': ['mmap_min_addr', { min: 0, cap: CAP_SYS_RAWIO }],
}

const numberEntry = (machine: Machine, name: NumberName, { min, max, mode = 0o644, cap }: NumberRule): SysctlEntry => {
  const { sysctl, lsm, current } = machine
  const get = (): string => String(sysctl[name])
  if ((mode & 0o200) === 0) return { mode, get }
  return {
    mode,
    get,
    set(text) {
      if (cap !== undefined && !capable(lsm, current, cap)) return -EPERM
      const value = parseNumber(text)
      if (value === null || value < (min ?? -0x80000000) || value > (max ?? Number.MAX_SAFE_INTEGER)) return -EINVAL
      sysctl[name] = value
      return 0
    },
  }
}

/** Settings of kernels with bpf(2). Once it is 1, unprivileged BPF stays off (`bpf_unpriv_handler`). */
const bpfSettings = (machine: Machine): Readonly<Record<string, SysctlEntry>> => {
  if (machine.bpf === null) return {}
  const { sysctl } = machine
  const entry = numberEntry(machine, 'unprivileged_bpf_disabled', { min: 0, max: 2, cap: CAP_SYS_ADMIN })
  return {
    'kernel/unprivileged_bpf_disabled': {
      ...entry,
      set(text) {
        const wasLocked = sysctl.unprivileged_bpf_disabled === 1
        const rc = entry.set!(text)
        if (rc !== 0 || !wasLocked || sysctl.unprivileged_bpf_disabled === 1) return rc
        sysctl.unprivileged_bpf_disabled = 1
        return -EPERM
      },
    },
  }
}

/** Decimal, octal with a leading 0, or 0x; null for anything else. */
const parseNumber = (text: string): number | null => {
  const word = text.trim()
  if (/^[+-]?\d{1,15}$/.test(word)) return /^[+-]?0\d/.test(word) ? parseInt(word, 8) : Number(word)
  return /^0x[0-9a-f]{1,12}$/i.test(word) ? Number(word) : null
}

const uuid = (machine: Machine): string => {
  const bytes = machine.random(16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return hexText(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Limits of the writer's ipc namespace. */
const ipcSettings = (machine: Machine): Readonly<Record<string, SysctlEntry>> => {
  const ns = () => machine.ipc.namespaces.own()
  const number = (name: IpcLimit): SysctlEntry => ({
    mode: 0o644,
    get: () => String(ns()[name]),
    set(text) {
      const value = parseNumber(text)
      if (value === null || value < 0) return -EINVAL
      ns()[name] = value
      return 0
    },
  })
  const numbers: readonly (readonly [path: string, name: IpcLimit])[] = [
    ['kernel/msgmax', 'msg_ctlmax'], ['kernel/msgmnb', 'msg_ctlmnb'], ['kernel/msgmni', 'msg_ctlmni'],
    ['kernel/shmmax', 'shm_ctlmax'], ['kernel/shmall', 'shm_ctlall'], ['kernel/shmmni', 'shm_ctlmni'],
    ['fs/mqueue/queues_max', 'mq_queues_max'], ['fs/mqueue/msg_max', 'mq_msg_max'],
    ['fs/mqueue/msgsize_max', 'mq_msgsize_max'],
  ]
  return {
    ...Object.fromEntries(numbers.map(([path, name]) => [path, number(name)])),
    'kernel/sem': {
      mode: 0o644,
      get: () => ns().sem_ctls.join('\t'),
      set(text) {
        const values = text.trim().split(/\s+/).map(parseNumber)
        const [semmsl = -1, semmns = -1, semopm = -1, semmni = -1] = values.map((value) => value ?? -1)
        if (values.length !== 4 || Math.min(semmsl, semmns, semopm, semmni) < 0) return -EINVAL
        ns().sem_ctls = [semmsl, semmns, semopm, semmni]
        return 0
      },
    },
  }
}

/** Groups of the writer's network namespace that may ping. */
const pingGroups = ({ current }: Machine): SysctlEntry => {
  const net = () => threadOf(current.task).nsproxy.net_ns
  return {
    mode: 0o644,
    get: () => pingGroupRange(net()).join('\t'),
    set(text) {
      const [low = null, high = null, ...more] = text.trim().split(/\s+/).map(parseNumber)
      if (low === null || high === null || more.length > 0 || Math.min(low, high) < 0) return -EINVAL
      setPingGroupRange(net(), [low, high])
      return 0
    },
  }
}

/** Settings of optional subsystems, by how their paths begin. */
const OPTIONAL_SETTINGS: readonly (readonly [prefix: string, of: OptionalSubsystem])[] = [
  ['fs/mqueue/', 'mqueue'], ['kernel/keys/', 'keys'], ['kernel/msg', 'sysvipc'], ['kernel/perf_event_', 'perf'],
  ['kernel/io_uring_', 'io-uring'],
  ['kernel/sem', 'sysvipc'], ['kernel/shm', 'sysvipc'], ['net/', 'net'],
]

/** All settings of the kernel by path, without those of subsystems that are left out. */
export const sysctlTable = (machine: Machine): Readonly<Record<string, SysctlEntry>> => {
  const absent = OPTIONAL_SETTINGS.filter(([, of]) => machine.without.has(of))
  const isAbsent = (path: string): boolean => absent.some(([prefix]) => path.startsWith(prefix))
  return Object.fromEntries(Object.entries(allSettings(machine)).filter(([path]) => !isAbsent(path)))
}

const allSettings = (machine: Machine): Readonly<Record<string, SysctlEntry>> => {
  const uts = () => threadOf(machine.current.task).nsproxy.uts_ns
  const text = (get: () => string): SysctlEntry => ({ mode: 0o444, get })
  const name = (field: 'nodename' | 'domainname'): SysctlEntry => ({
    mode: 0o644,
    get: () => uts()[field],
    set(value) {
      uts()[field] = value.slice(0, 64)
      return 0
    },
  })
  const boot_id = uuid(machine)
  return {
    ...Object.fromEntries(Object.entries(NUMBERS).map(([path, [field, rule]]) => [path, numberEntry(machine, field, rule)])),
    ...ipcSettings(machine),
    ...bpfSettings(machine),
    'net/ipv4/ping_group_range': pingGroups(machine),
    'kernel/ostype': text(() => uts().sysname),
    'kernel/osrelease': text(() => uts().release),
    'kernel/version': text(() => uts().version),
    'kernel/hostname': name('nodename'),
    'kernel/domainname': name('domainname'),
    'kernel/cap_last_cap': text(() => String(CAP_LAST_CAP)),
    'kernel/random/boot_id': text(() => boot_id),
    'kernel/random/uuid': text(() => uuid(machine)),
    'kernel/random/entropy_avail': text(() => '256'),
    'kernel/random/poolsize': text(() => '256'),
  }
}
