/** Character devices that every program expects: null, zero, full, random, urandom, tty (drivers/char/mem.c). */
import {
  CAP_SYS_ADMIN, CAP_SYS_RAWIO, EINVAL, ENOSPC, ENXIO, EPERM, LOCKDOWN_DEV_MEM, PAGE_SIZE, VM_SHARED,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, Ref } from '@lsmkit/core'
import { clear, copyOut } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import { kmsgDevice } from '../../log/syslogs.ts'
import { signalOf } from '../../state/task/thread.ts'
import { endless_llseek } from '../../vfs/rw.ts'
import { fasync_helper, fileOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'

export const MKDEV = (major: number, minor: number): number => major * 0x100000 + minor

const MEM_MAJOR = 1
const TTYAUX_MAJOR = 5
export const MISC_MAJOR = 10

/** lseek on `/dev/null` always returns 0. */
const nullLseek = (file: File): number => {
  file.f_pos = 0
  return 0
}

const zeroes = (_file: File, buf: GuestBytes, off: number, len: number): number => {
  clear(buf, off, off + len)
  return len
}

const nullDevice = fileOperations({
  read: () => 0,
  write: (_file, _buf, _off, len) => len,
  llseek: nullLseek,
  uring_cmd: () => 0,
  splice: true,
})
/** Mapped shared it is a file without a name, as anonymous memory is. */
const zeroDevice = (machine: Machine): FileOperations => fileOperations({
  read: zeroes,
  write: (_file, _buf, _off, len) => len,
  llseek: nullLseek,
  mmap(_file, vma) {
    if ((vma.vm_flags & VM_SHARED) === 0) return 0
    const shared = machine.shmem.shmem_zero_setup(vma.vm_end - vma.vm_start)
    if (typeof shared === 'number') return shared
    // the mapping counts it
    shared.f_count--
    vma.vm_file = shared
    return 0
  },
  splice: true,
})
const fullDevice = fileOperations({ read: zeroes, write: () => -ENOSPC, llseek: nullLseek, splice: true })

const RNDGETENTCNT = 0x80045200
const RNDADDTOENTCNT = 0x40045201
/** RNDADDENTROPY, RNDZAPENTCNT, RNDCLEARPOOL, RNDRESEEDCRNG have no effect here. */
const POOL_COMMANDS = new Set([0x40085203, 0x5204, 0x5206, 0x5207])
const POOL_BITS = 256

/** The pool is always full. */
const randomIoctl = ({ lsm, current }: Machine, cmd: number, arg: unknown): number => {
  if (cmd === RNDGETENTCNT) {
    (arg as Ref<number>).value = POOL_BITS
    return 0
  }
  if (cmd !== RNDADDTOENTCNT && !POOL_COMMANDS.has(cmd)) return -EINVAL
  if (!capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
  return cmd === RNDADDTOENTCNT && (arg as Ref<number>).value < 0 ? -EINVAL : 0
}

const randomDevice = (machine: Machine): FileOperations => fileOperations({
  read(_file, buf, off, len) {
    for (let at = 0; at < len; at += PAGE_SIZE) copyOut(machine.random(Math.min(PAGE_SIZE, len - at)), buf, off + at)
    return len
  },
  write: (_file, _buf, _off, len) => len,
  llseek: endless_llseek,
  fasync: fasync_helper,
  ioctl: (_file, cmd, arg) => randomIoctl(machine, cmd, arg),
  splice: true,
})

/** `/dev/mem` and `/dev/port`: opened only with CAP_SYS_RAWIO and without lockdown; then nothing may be touched. */
const physicalMemory = (machine: Machine): FileOperations => fileOperations({
  open() {
    if (!capable(machine.lsm, machine.current, CAP_SYS_RAWIO)) return -EPERM
    return machine.lsm.locked_down.ask(LOCKDOWN_DEV_MEM)
  },
  read: () => -EPERM,
  write: () => -EPERM,
  llseek: endless_llseek,
})

/** Stands for the caller's controlling terminal. */
const ttyDevice = (machine: Machine): FileOperations => fileOperations({
  open(inode, file) {
    const { tty } = signalOf(machine.current.task)
    if (tty === 0) return -ENXIO
    return machine.chrdev(tty).open?.(inode, file) ?? 0
  },
})

export interface DeviceName {
  /** A path; directories on the way are made. */
  readonly name: string
  readonly rdev: number
  readonly mode: number
}

/** Its driver comes with the network. */
export const TUN_DEVICE: DeviceName = { name: 'net/tun', rdev: MKDEV(MISC_MAJOR, 200), mode: 0o666 }

const DEVICES: readonly DeviceName[] = [
  { name: 'null', rdev: MKDEV(MEM_MAJOR, 3), mode: 0o666 },
  { name: 'zero', rdev: MKDEV(MEM_MAJOR, 5), mode: 0o666 },
  { name: 'mem', rdev: MKDEV(MEM_MAJOR, 1), mode: 0o640 },
  { name: 'port', rdev: MKDEV(MEM_MAJOR, 4), mode: 0o640 },
  { name: 'kmsg', rdev: MKDEV(MEM_MAJOR, 11), mode: 0o644 },
  { name: 'full', rdev: MKDEV(MEM_MAJOR, 7), mode: 0o666 },
  { name: 'random', rdev: MKDEV(MEM_MAJOR, 8), mode: 0o666 },
  { name: 'urandom', rdev: MKDEV(MEM_MAJOR, 9), mode: 0o666 },
  { name: 'ptmx', rdev: MKDEV(TTYAUX_MAJOR, 2), mode: 0o666 },
  { name: 'tty', rdev: MKDEV(TTYAUX_MAJOR, 0), mode: 0o666 },
]

/** Devices in devtmpfs. */
export const deviceNames = ({ without }: Machine): readonly DeviceName[] =>
  (without.has('tun') || without.has('net') ? DEVICES : [...DEVICES, TUN_DEVICE])

/** Drivers by number; a host adds its own, consoles above all. */
export const memoryDevices = (machine: Machine): Map<number, FileOperations> => {
  const random = randomDevice(machine)
  return new Map([
    [MKDEV(MEM_MAJOR, 1), physicalMemory(machine)],
    [MKDEV(MEM_MAJOR, 3), nullDevice],
    [MKDEV(MEM_MAJOR, 4), physicalMemory(machine)],
    [MKDEV(MEM_MAJOR, 11), kmsgDevice(machine.lsm, machine)],
    [MKDEV(MEM_MAJOR, 5), zeroDevice(machine)],
    [MKDEV(MEM_MAJOR, 7), fullDevice],
    [MKDEV(MEM_MAJOR, 8), random],
    [MKDEV(MEM_MAJOR, 9), random],
    [MKDEV(TTYAUX_MAJOR, 0), ttyDevice(machine)],
  ])
}
