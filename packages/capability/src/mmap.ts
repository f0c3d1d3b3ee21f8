/** The hooks on memory. */
import { cap_mmap_addr, cap_vm_enough_memory } from '@lsmkit/core'
import type { HookGroup, LsmContext } from '@lsmkit/core'

export const memoryHooks = (ctx: LsmContext): HookGroup => ({
  mmap_addr: (addr) => cap_mmap_addr(ctx.current.task, addr, ctx.host.dac_mmap_min_addr),
  mmap_file: () => 0,
  /** Negative withdraws the administrator's reserve, and nothing else. */
  vm_enough_memory: () => cap_vm_enough_memory(ctx.current.task.cred),
})
