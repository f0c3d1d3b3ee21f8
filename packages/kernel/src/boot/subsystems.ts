/**
 * The parts of one machine, in the order in which they are set up: each finds those above it in the machine, and puts
 * its own there. Two of one name are an error. `bootKernel({ without })` leaves out optional ones (state/optional.ts),
 * and those in boot/chosen come with the kernel's entry; system calls that every kernel has are in syscalls/calls.ts.
 */
import { SB_NOUSER } from '@lsmkit/abi'
import { createCgroups } from '../cgroup/cgroups.ts'
import { cgroup2 } from '../cgroup/cgroup2.ts'
import { createExec } from '../exec/exec.ts'
import { firmwareLoader } from '../exec/firmware.ts'
import { programFormats } from '../exec/formats.ts'
import { scriptFormat } from '../exec/script.ts'
import { blockDevices } from '../fs/block-devices.ts'
import { memoryDevices, MISC_MAJOR, MKDEV } from '../fs/dev/chrdev.ts'
import { devtmpfs } from '../fs/dev/devtmpfs.ts'
import { LOOP_CONTROL_MINOR, loopControl } from '../fs/dev/loop-control.ts'
import { createNsfs } from '../fs/ns/nsfs.ts'
import { declaredDir, mergedEntries } from '../fs/pseudo/declared.ts'
import { PseudoEngine } from '../fs/pseudo/engine.ts'
import { pseudoType } from '../fs/pseudo/type.ts'
import { ramfs } from '../fs/ramfs/ramfs.ts'
import { securityfs } from '../fs/security/securityfs.ts'
import { createSysfs } from '../fs/sysfs/sysfs.ts'
import { noIpc } from '../ipc/no-ipc.ts'
import { noKeys } from '../keys/no-keys.ts'
import { landlockHost } from '../landlock/host.ts'
import type { Machine } from '../machine.ts'
import { createAdvice } from '../mm/advice.ts'
import { createMmaps } from '../mm/mmap.ts'
import { createMms } from '../mm/mms.ts'
import { createShmem } from '../mm/shmem.ts'
import { noNet } from '../net/no-net.ts'
import { seccompNotify } from '../seccomp/notify.ts'
import { threadOf } from '../state/task/thread.ts'
import { noDevice } from '../state/vfs/no-device.ts'
import { SeccompGate } from '../syscalls/syscall-filter.ts'
import { createCreds } from '../task/creds.ts'
import { createDeadlines } from '../task/deadlines.ts'
import { createDelivery } from '../task/delivery.ts'
import { createExits } from '../task/exits.ts'
import { createForks } from '../task/fork.ts'
import { createNamespaces } from '../task/nsproxy.ts'
import { createPidfds } from '../task/pidfd.ts'
import { createPtrace } from '../task/ptrace.ts'
import { createSignals } from '../task/signals.ts'
import { createTimers } from '../task/timers.ts'
import { createUserNs } from '../task/user-ns.ts'
import { createVfs } from '../vfs/vfs.ts'
import { kernMount, mountRoot, must, setUpTmpfs } from './first-mounts.ts'
import { lsmHost } from './host.ts'
import { setUpIdle } from './init.ts'
import { PseudoPlaces } from './pseudo-places.ts'
import { kernelSeccomp } from './seccomp.ts'
import { typeOf } from './subsystem.ts'
import type { BootParts, ChosenName, HostParts, Subsystem } from './subsystem.ts'

/** Trees that are merged into file systems of the kernel's own rather than mounted. */
const MERGED = ['securityfs', 'sysctl']

/** A type for each tree that an LSM declares. */
const setUpDeclared = (machine: Machine, { pseudo }: BootParts): void => {
  const { pseudoFs } = machine.stack
  const places = new PseudoPlaces(machine, pseudo())
  machine.pseudoPath = (place) => places.pathOf(place)
  for (const { type, magic, mountPoint } of new Map(pseudoFs.map((fs) => [fs.type, fs])).values()) {
    if (MERGED.includes(type)) continue
    const root = declaredDir(machine, mergedEntries(pseudoFs, type))
    const made = pseudoType(pseudo(), { name: type, magic, single: true, root: () => root })
    if (mountPoint === '') places.add(made)
    else machine.registerFilesystem(made)
  }
}

/** The root file system, and the task that the kernel itself is. */
const setUpRoot = (machine: Machine, { root, hostname }: BootParts): void => {
  const mnt_ns = mountRoot(machine, root)
  const idle = setUpIdle(machine, mnt_ns, hostname)
  machine.idle = idle
  const at = machine.vfs.rootOf(mnt_ns)
  idle.fs = machine.vfs.new_fs_struct(at, at, 0o022)
}

/** Nobody can mount it: its files have no paths for an LSM. */
const setUpPipefs = (machine: Machine): void => {
  machine.pipe_mnt = kernMount(machine, machine.vfs.pipefs)
  machine.pipe_mnt.mnt_sb.s_flags |= SB_NOUSER
}

const setUpExec = (machine: Machine): void => {
  machine.exec = createExec(machine)
  machine.exec.registerBinfmt(scriptFormat(machine.exec.open_exec))
  for (const format of programFormats(machine)) machine.exec.registerBinfmt(format)
}

const setUpSignals = (machine: Machine): void => {
  machine.signals = createSignals(machine)
  machine.delivery = createDelivery(machine)
  machine.sendSignal = (task, sig) => machine.signals.send_kernel(sig, task)
}

const setUpSysfs = (machine: Machine): void => {
  machine.sysfs = createSysfs(machine)
  machine.registerFilesystem(machine.sysfs.type)
}

const setUpDevices = (machine: Machine): void => {
  const devices = memoryDevices(machine)
  devices.set(MKDEV(MISC_MAJOR, LOOP_CONTROL_MINOR), loopControl(machine))
  machine.chrdev = (rdev) => devices.get(rdev) ?? noDevice
  machine.registerChrdev = (rdev, fops) => void devices.set(rdev, fops)
}

const setUpLandlock = (machine: Machine, { landlock }: BootParts): void => {
  if (landlock === undefined) return
  must(landlock.boot(landlockHost(machine)), 'landlock: the engine serves another kernel')
  machine.landlock = landlock
}

/** What a new namespace of a kind is filled with, and the queues of the first. */
const setUpNewNamespaces = (machine: Machine): void => {
  must(machine.ipc.setup_ipc_ns(threadOf(machine.idle).nsproxy.ipc_ns), 'mqueue')
  machine.onNewNamespace = (ns) => {
    if (ns.kind === 'net') return machine.net.setup_net(ns)
    return ns.kind === 'ipc' ? machine.ipc.setup_ipc_ns(ns) : 0
  }
}

const setUpSeccomp = (machine: Machine, { syscallFilter }: BootParts): void => {
  machine.seccompNotify = seccompNotify(machine)
  machine.syscallFilter = syscallFilter ?? kernelSeccomp(machine)
  machine.gate = new SeccompGate(machine)
}

/** The place of a subsystem that a kernel is given or not (boot/chosen). */
const chosen = (name: ChosenName, instead: (machine: Machine) => void = () => {}): Subsystem => ({
  name,
  setUp(machine, parts) {
    const given = parts.chosen.get(name)
    if (given === undefined) instead(machine)
    else given.setUp(machine, parts)
  },
  instead,
})

/** The place of its second step. */
const mounted = (name: string, of: ChosenName): Subsystem => ({
  name, setUp: (machine, parts) => parts.chosen.get(of)?.mount?.(machine, parts),
})

export const subsystems: readonly Subsystem[] = [
  { name: 'block', setUp: (m) => void (m.blockDevices = blockDevices(m.lsm)) },
  { name: 'creds', setUp: (m) => void (m.creds = createCreds(m)) },
  { name: 'vfs', setUp: (m) => void (m.vfs = createVfs(m)) },
  { name: 'user-ns', setUp: (m) => void (m.userNs = createUserNs(m)) },
  { name: 'cgroup', setUp: (m) => void (m.cgroups = createCgroups(m)) },
  { name: 'mm', setUp: (m) => void (m.mms = createMms(m)) },
  { name: 'signal', setUp: setUpSignals },
  { name: 'ptrace', setUp: (m) => void (m.ptrace = createPtrace(m)) },
  { name: 'exit', setUp: (m) => void (m.exits = createExits(m)) },
  { name: 'namespaces', setUp: (m) => void (m.namespaces = createNamespaces(m)) },
  { name: 'pidfd', setUp: (m) => void (m.pidfds = createPidfds(m)) },
  { name: 'nsfs', setUp: (m) => void (m.nsfs = createNsfs(m)) },
  { name: 'fork', setUp: (m) => void (m.forks = createForks(m)) },
  { name: 'shmem', setUp: (m) => void (m.shmem = createShmem(m)) },
  { name: 'mmap', setUp: (m) => void (m.mmaps = createMmaps(m)) },
  { name: 'advice', setUp: (m) => void (m.advice = createAdvice(m)) },
  { name: 'timers', setUp: (m) => void (m.timers = createTimers(m)) },
  { name: 'deadlines', setUp: (m) => void (m.deadlines = createDeadlines(m)) },
  chosen('io-uring'),
  chosen('ipc', (m) => void (m.ipc = noIpc(m))),
  chosen('keys', (m) => void (m.keys = noKeys)),
  chosen('net', (m) => void (m.net = noNet(m))),
  { name: 'exec', setUp: setUpExec },
  { name: 'lsm-host', setUp: (m, { stack }) => void ('host' in stack && (stack.host = lsmHost(m))) },
  { name: 'tmpfs', setUp: setUpTmpfs },
  { name: 'pipefs', setUp: setUpPipefs },
  { name: 'anon-inodes', setUp: (m) => m.vfs.setUpAnonInodes() },
  { name: 'root', setUp: setUpRoot },
  { name: 'firmware', setUp: (m) => void (m.firmware = firmwareLoader(m.lsm, m)) },
  { name: 'landlock', setUp: setUpLandlock },
  chosen('bpf'),
  { name: 'devices', setUp: setUpDevices },
  chosen('binder'),
  { name: 'shmem-mount', setUp: (m) => m.shmem.setUp() },
  { name: 'pidfs', setUp: (m) => m.pidfds.setUp() },
  { name: 'nsfs-mount', setUp: (m) => m.nsfs.setUp() },
  mounted('sockfs', 'net'),
  chosen('proc'),
  { name: 'sysfs', setUp: setUpSysfs },
  { name: 'cgroup2', setUp: typeOf((m) => cgroup2(m)) },
  { name: 'ramfs', setUp: typeOf(ramfs) },
  { name: 'devtmpfs', setUp: typeOf(devtmpfs) },
  chosen('devpts'),
  mounted('mqueue', 'ipc'),
  { name: 'securityfs', setUp: typeOf((m, pseudo) => securityfs(m, pseudo)) },
  chosen('tracing'),
  chosen('overlay'),
  { name: 'bpffs', setUp: (m) => void (m.bpf !== null && m.registerFilesystem(m.bpf.type)) },
  { name: 'declared', setUp: setUpDeclared },
  { name: 'new-namespaces', setUp: setUpNewNamespaces },
  { name: 'seccomp', setUp: setUpSeccomp },
]

/** Throws where two subsystems have one name: leaving one out would leave out the other too. */
export const checkNames = (list: readonly Subsystem[]): void => {
  const seen = new Set<string>()
  for (const { name } of list) {
    if (seen.has(name)) throw new Error(`two subsystems have the name ${name}`)
    seen.add(name)
  }
}

/** Sets up all subsystems except those that the machine is built without. */
export const setUpSubsystems = (machine: Machine, given: HostParts, list = subsystems): void => {
  checkNames(list)
  let engine: PseudoEngine | null = null
  const parts: BootParts = { ...given, pseudo: () => (engine ??= new PseudoEngine(machine)) }
  const without: ReadonlySet<string> = machine.without
  for (const { name, setUp, instead } of list) {
    if (without.has(name)) instead?.(machine)
    else setUp(machine, parts)
  }
}
