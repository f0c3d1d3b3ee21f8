/** The services for programs on hooks (core's KernelServices), answered by this machine. */
import { EFAULT, EINVAL, EPERM, FMODE_CAN_READ, PF_EXITING, PF_KTHREAD, S_IFMT, S_IFREG } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { KernelServices } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import { signalOf } from '../state/task/thread.ts'
import { fileState } from '../state/vfs/state.ts'

const NANOSECONDS = 1e6
/** `_NSIG`. */
const MOST = 64

export const kernelServices = (machine: Machine): KernelServices => ({
  for_each_process: () => machine.tasks.processes,
  for_each_thread: (task) => signalOf(task).threads,
  access_process_vm: ({ mm }, address, bytes, isWrite) => {
    const memory = mm === null ? null : spaceOf(mm).memory
    if (memory === null) return -EFAULT
    if (isWrite) return memory.write(address, bytes) === bytes.length ? 0 : -EFAULT
    const read = memory.read(address, bytes.length)
    if (read.length < bytes.length) return -EFAULT
    bytes.set(read)
    return 0
  },
  contents_of: (file) => {
    const { i_mode, i_size } = file.f_inode
    const { read } = fileState(file).f_op
    if ((i_mode & S_IFMT) !== S_IFREG || (file.f_mode & FMODE_CAN_READ) === 0 || read === null) return null
    if (!machine.account.hasRoom(i_size)) return null
    const bytes = new Uint8Array(i_size)
    let done = 0
    while (done < bytes.length) {
      const count = read(file, bytes, done, bytes.length - done, done)
      if (count <= 0) return null
      done += count
    }
    return bytes
  },
  cgroups: machine.cgroups.programs,
  inode_permission: (inode, mask) => machine.vfs.inode_permission(nop_mnt_idmap, inode, mask),
  set_sock_option: (sk, name, value) => machine.net.programOptions.set(sk, name, value),
  get_sock_option: (sk, name, out) => machine.net.programOptions.get(sk, name, out),
  send_signal: (task, signal, thread) => {
    // process 1 and threads of the kernel are not for programs to end
    if (task.flags & (PF_KTHREAD | PF_EXITING) || task.pid === 1) return -EPERM
    if (signal < 0 || signal > MOST) return -EINVAL
    return signal === 0 ? 0 : machine.signals.send_kernel(signal, task, thread ? 'thread' : 'process')
  },
  ktime_get_ns: () => Math.round(machine.monotonic() * NANOSECONDS),
  call_later: (nanoseconds, run) => machine.hrtimers.start(nanoseconds / NANOSECONDS, run),
})
