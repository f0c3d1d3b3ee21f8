/** bpf(2) of one machine: its commands on what an engine keeps (kernel/bpf/syscall.c). */
import { EINVAL } from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import { bpffs } from './bpffs.ts'
import type { Bpf } from '../interfaces/bpf.ts'
import type { Machine } from '../machine.ts'
import { ATTR_SIZE, copyAttr } from './attr.ts'
import { batchCommands } from './batches.ts'
import { btfCommands } from './btfs.ts'
import type { BpfContext, Command } from './context.ts'
import { bpfDescriptors } from './descriptors.ts'
import { elementCommands, mapElements } from './elements.ts'
import type { BpfEngine } from '@lsmkit/core'
import { infoCommands } from './info.ts'
import { linkCommands } from './links.ts'
import { mapCommands } from './maps.ts'
import { KernelBtf, KernelMap, KernelProg } from '../state/bpf/objects.ts'
import type { Pinned } from './pinned.ts'
import { pinCommands } from './pins.ts'
import { programCommands } from './programs.ts'
import { bpfRights } from './rights.ts'
import { testRunCommands } from './test-run.ts'
import { tokenCommands } from './tokens.ts'

/** `makeEngine` is asked when the call is first made: an engine's memory is not small. */
export const createBpf = (lsm: KeyMap, machine: Machine, makeEngine: () => BpfEngine): Bpf => {
  const fds = bpfDescriptors(lsm, machine)
  let made: BpfEngine | null = null
  const engineOf = (): BpfEngine => {
    if (made !== null) return made
    made = makeEngine()
    // the kernel's own types have the first number
    fds.btfs.add(new KernelBtf(made.vmlinux))
    return made
  }
  const context: BpfContext = {
    lsm, machine, fds, rights: bpfRights(lsm, machine),
    get engine() {
      return engineOf()
    },
  }
  const put = (held: Pinned): void => {
    if (held instanceof KernelMap) fds.put_map_with_uref(held)
    else if (held instanceof KernelProg) fds.put_prog(held)
    else fds.put_link(held)
  }
  const fs = bpffs(lsm, machine, put)
  const elements = mapElements(context)
  const commands: Readonly<Record<number, Command>> = {
    ...mapCommands(context), ...elementCommands(elements), ...batchCommands(elements), ...programCommands(context),
    ...linkCommands(context), ...btfCommands(context), ...infoCommands(context), ...pinCommands(context, fs),
    ...tokenCommands(context, fs), ...testRunCommands(context),
  }

  /** `attr`: the command's fields by name, bytes and objects where it has pointers; answers are written into it. */
  const call = (cmd: number, given: unknown, size: number): number => {
    const attr = copyAttr(cmd, given, size)
    if (typeof attr === 'number') return attr
    const rc = lsm.bpf.ask(cmd, attr.values, Math.min(size, ATTR_SIZE))
    if (rc < 0) return rc
    engineOf()
    return commands[cmd]?.(attr) ?? -EINVAL
  }

  return { call, type: fs.type, fds }
}
