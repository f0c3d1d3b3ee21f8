/** bpf(2), as the rest of the kernel sees it. */
import type { KernelProg } from '../state/bpf/objects.ts'
import type { FileSystem } from '../state/vfs/driver.ts'

/** null on a machine without it. */
export interface Bpf {
  call(cmd: number, given: unknown, size: number): number
  /** The file system of pinned objects. */
  readonly type: FileSystem
  /** A program by its descriptor. */
  progOf(fd: number): KernelProg | number
  put_prog(prog: KernelProg): void
}
