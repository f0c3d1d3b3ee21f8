/** bpf(2) of one machine: its commands on what an engine keeps (kernel/bpf/syscall.c). */
import { EINVAL } from '@lsmkit/abi'
import type { BpfEngine } from '@lsmkit/core'
import type { Bpf } from '../interfaces/bpf.ts'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import { BpfTable } from '../state/bpf/table.ts'
import { ATTR_SIZE, copyAttr } from './attr.ts'
import { batchCommands } from './batches.ts'
import { bpffsDir } from './bpffs.ts'
import { bpffsSuper, bpffsType } from './bpffs-mount.ts'
import { btfCommands } from './btfs.ts'
import { cgroup_bpf_release } from './cgroup-lists.ts'
import type { BpfCommands } from './context.ts'
import { descriptorOperations, progOf } from './descriptors.ts'
import { elementCommands } from './elements.ts'
import { infoCommands } from './info.ts'
import { linkCommands } from './links.ts'
import { mapCommands } from './maps.ts'
import { pinCommands } from './pins.ts'
import { programCommands } from './programs.ts'
import { put_prog } from './references.ts'
import { testRunCommands } from './test-run.ts'
import { tokenCommands, tokenOperations } from './tokens.ts'

const commands: BpfCommands = {
  ...mapCommands, ...elementCommands, ...batchCommands, ...programCommands, ...linkCommands, ...btfCommands,
  ...infoCommands, ...pinCommands, ...tokenCommands, ...testRunCommands,
}

/** `given`: the command's fields by name, bytes and objects where it has pointers; answers are written into it. */
const call = (machine: Machine, cmd: number, given: unknown, size: number): number => {
  const attr = copyAttr(cmd, given, size)
  if (typeof attr === 'number') return attr
  const rc = machine.lsm.bpf.ask(cmd, attr.values, Math.min(size, ATTR_SIZE), false)
  if (rc < 0) return rc
  machine.bpfTable.start()
  return commands[cmd]?.(machine, attr) ?? -EINVAL
}

/** `makeEngine` is called at the first bpf(2). */
export const createBpf = (machine: Machine, makeEngine: () => BpfEngine): Bpf => {
  const type = bpffsType(machine)
  machine.bpfTable = new BpfTable(makeEngine, {
    ...descriptorOperations(machine),
    token_fops: tokenOperations(machine),
    dirInode: bpffsDir(machine),
    bpffsSuper: bpffsSuper(machine),
  })
  machine.cgroups.onOffline.push((cgrp) => cgroup_bpf_release(machine, cgrp))
  return { type, ...bound(machine, { call, progOf, put_prog }) }
}
