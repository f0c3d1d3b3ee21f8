/** Operations of hook-trace.tsv: looking into other tasks. */
import { PR_SET_DUMPABLE, PTRACE_ATTACH, PTRACE_PEEKDATA, PTRACE_TRACEME } from '@lsmkit/abi'
import type { Operation } from './world.ts'

const MADV_COLD = 20
const PAGE = 0x10000

export const ptraceOperations: Readonly<Record<string, Operation>> = {
  ptrace_traceme: ({ sys }) => () => sys.ptrace(PTRACE_TRACEME, 0, 0, 0),
  ptrace_attach: (world) => {
    const kid = world.kid()
    return () => world.sys.ptrace(PTRACE_ATTACH, kid, 0, 0)
  },
  ptrace_same_user: (world) => {
    const kid = world.kid(1000)
    world.user()
    world.sys.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    return () => world.sys.ptrace(PTRACE_ATTACH, kid, 0, 0)
  },
  ptrace_dac: (world) => {
    const kid = world.kid()
    world.user()
    return () => world.sys.ptrace(PTRACE_ATTACH, kid, 0, 0)
  },
  ptrace_self: ({ sys }) => () => sys.ptrace(PTRACE_ATTACH, sys.getpid(), 0, 0),
  ptrace_peek: (world) => {
    const buf = world.buffer(PAGE)
    const kid = world.kid()
    world.sys.ptrace(PTRACE_ATTACH, kid, 0, 0)
    world.must(world.sys.wait4(kid, null, 0, null), 'wait4')
    return () => world.sys.ptrace(PTRACE_PEEKDATA, kid, buf, { value: 0n })
  },
  vm_readv_self: (world) => {
    const buf = world.buffer(PAGE)
    return () =>
      world.sys.process_vm_readv(world.sys.getpid(), [new Uint8Array(8)], 1, [{ iov_base: buf, iov_len: 8 }], 1, 0)
  },
  vm_writev: (world) => {
    const buf = world.buffer(PAGE)
    const kid = world.kid()
    return () => world.sys.process_vm_writev(kid, [new Uint8Array(8)], 1, [{ iov_base: buf, iov_len: 8 }], 1, 0)
  },
  process_madvise_: (world) => {
    // as the recorded buffer, which is not on a page boundary
    const buf = world.buffer(PAGE) + 64
    const f = world.sys.pidfd_open(world.kid(), 0)
    return () => world.sys.process_madvise(f, [{ iov_base: buf, iov_len: 4096 }], 1, MADV_COLD, 0)
  },
  kcmp_: ({ sys }) => () => sys.kcmp(sys.getpid(), sys.getpid(), 0, 0, 1),
}
