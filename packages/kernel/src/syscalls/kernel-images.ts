/** Modules and kexec: makes all checks, but never runs the code (kernel/module, kernel/kexec.c). */
import {
  CAP_SYS_BOOT, CAP_SYS_MODULE, EBADF, EFAULT, EINVAL, EM_X86_64, ENOENT, ENOEXEC, EPERM, FMODE_READ,
  LOADING_KEXEC_IMAGE, LOADING_MODULE, LOCKDOWN_KEXEC, LOCKDOWN_MODULE_SIGNATURE, READING_KEXEC_IMAGE,
  READING_KEXEC_INITRAMFS, READING_MODULE,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import { kernelReads } from '../exec/kernel-read.ts'
import { copyIn } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'

/** sizeof(Elf64_Ehdr). */
const ELF_HEADER = 64
const MODULE_INIT_FLAGS = 7
const KEXEC_ON_CRASH = 1
const KEXEC_PRESERVE_CONTEXT = 2
const KEXEC_UPDATE_ELFCOREHDR = 4
const KEXEC_CRASH_HOTPLUG_SUPPORT = 8
const KEXEC_FLAGS =
  KEXEC_ON_CRASH | KEXEC_PRESERVE_CONTEXT | KEXEC_UPDATE_ELFCOREHDR | KEXEC_CRASH_HOTPLUG_SUPPORT
const KEXEC_ARCH_DEFAULT = 0
const KEXEC_ARCHES = [KEXEC_ARCH_DEFAULT, EM_X86_64 << 16]
const KEXEC_ARCH_MASK = 0xffff0000
const KEXEC_SEGMENT_MAX = 16
const KEXEC_FILE_UNLOAD = 1
const KEXEC_FILE_NO_INITRAMFS = 4

// offsets in the header and values there (Documentation/arch/x86/boot.rst)
const BOOT_FLAG = 0x1fe
const BOOT_MAGIC = 0xaa55
const HEADER = 0x202
/** `HdrS`. */
const HDRS = 0x48647253
const VERSION = 0x206
const LOADFLAGS = 0x211
const LOADED_HIGH = 1
const XLOADFLAGS = 0x236
const BOOT_SECTORS = 1024
/** The first version with 64-bit entry and loading above 4 GiB. */
const OLDEST_VERSION = 0x020c
/** XLF_KERNEL_64 and XLF_CAN_BE_LOADED_ABOVE_4G. */
const XLOADS = 3

/** As `bzImage64_probe`: a kernel for this kind of machine, by its header (Documentation/arch/x86/boot.rst). */
const isBzImage = (image: Uint8Array): boolean => {
  if (image.length < BOOT_SECTORS) return false
  const view = new DataView(image.buffer, image.byteOffset)
  return view.getUint16(BOOT_FLAG, true) === BOOT_MAGIC && view.getUint32(HEADER) === HDRS &&
    view.getUint16(VERSION, true) >= OLDEST_VERSION && (view.getUint8(LOADFLAGS) & LOADED_HIGH) !== 0 &&
    (view.getUint16(XLOADFLAGS, true) & XLOADS) === XLOADS
}

const kernel_read_file_from_fd = (machine: Machine, fd: number, id: number): Uint8Array | number =>
  kernelReads(machine.lsm, machine).kernel_read_file_from_fd(fd, id)

/** As `load_module`: an unsigned module has to pass lockdown. Then it is refused, because no code can run here. */
const load_module = (machine: Machine): number => machine.lsm.locked_down.ask(LOCKDOWN_MODULE_SIGNATURE) || -ENOEXEC

const init_module = (machine: Machine, image: GuestBytes | null, len: number, uargs: string | null): number => {
  if (!capable(machine.lsm, machine.current, CAP_SYS_MODULE)) return -EPERM
  if (len < ELF_HEADER) return -ENOEXEC
  let rc = machine.lsm.kernel_load_data.ask(LOADING_MODULE, true)
  if (rc !== 0) return rc
  if (image === null || image.length < len) return -EFAULT
  rc = machine.lsm.kernel_post_load_data.ask(copyIn(image, 0, len), len, LOADING_MODULE, 'init_module')
  if (rc !== 0) return rc
  return load_module(machine) || (uargs === null ? -EFAULT : 0)
}

const finit_module = (machine: Machine, fd: number, _uargs: string | null, flags: number): number => {
  if (!capable(machine.lsm, machine.current, CAP_SYS_MODULE)) return -EPERM
  if ((flags & ~MODULE_INIT_FLAGS) !== 0) return -EINVAL
  const file = fget(machine.current.task, fd)
  if (file === null || (file.f_mode & FMODE_READ) === 0) return -EBADF
  const image = kernel_read_file_from_fd(machine, fd, READING_MODULE)
  return typeof image === 'number' ? image : load_module(machine)
}

const delete_module = (machine: Machine, name: string | null, _flags: number): number => {
  if (!capable(machine.lsm, machine.current, CAP_SYS_MODULE)) return -EPERM
  return typeof name === 'string' ? -ENOENT : -EFAULT
}

/** Without segments it drops the image, and there is never one to drop. */
const kexec_load = (machine: Machine, _entry: number, segments: number, _list: unknown, flags: number): number => {
  if (!capable(machine.lsm, machine.current, CAP_SYS_BOOT)) return -EPERM
  let rc = machine.lsm.kernel_load_data.ask(LOADING_KEXEC_IMAGE, false)
  if (rc === 0) rc = machine.lsm.locked_down.ask(LOCKDOWN_KEXEC)
  if (rc !== 0) return rc
  if ((flags & ~KEXEC_ARCH_MASK & ~KEXEC_FLAGS) !== 0 || segments > KEXEC_SEGMENT_MAX) return -EINVAL
  if (!KEXEC_ARCHES.includes(flags & KEXEC_ARCH_MASK)) return -EINVAL
  return segments === 0 ? 0 : -EINVAL
}

/** Makes all checks and reads all files. Then it fails as for an image of another kind of machine. */
const kexec_file_load = (
  machine: Machine, kernel_fd: number, initrd_fd: number, len: number, cmdline: string | null, flags: number,
): number => {
  if (!capable(machine.lsm, machine.current, CAP_SYS_BOOT)) return -EPERM
  if ((flags & ~machine.rules.kexecFileFlags) !== 0) return -EINVAL
  if ((flags & KEXEC_FILE_UNLOAD) !== 0) return 0
  const image = kernel_read_file_from_fd(machine, kernel_fd, READING_KEXEC_IMAGE)
  if (typeof image === 'number') return image
  if (!isBzImage(image)) return -ENOEXEC
  // no signature is checked, so every image counts as unsigned
  if (machine.lsm.locked_down.ask(LOCKDOWN_KEXEC) !== 0) return -EPERM
  if ((flags & KEXEC_FILE_NO_INITRAMFS) === 0) {
    const initramfs = kernel_read_file_from_fd(machine, initrd_fd, READING_KEXEC_INITRAMFS)
    if (typeof initramfs === 'number') return initramfs
  }
  if (len > 0 && cmdline === null) return -EFAULT
  return -ENOEXEC
}

export const kernelImageSyscalls = { init_module, finit_module, delete_module, kexec_load, kexec_file_load }
