/** A hook with a program on it, asked from one place; beside it the same in TypeScript, and nothing. */
import { readFileSync } from 'node:fs'
import { bpf, kernelStructs } from '@lsmkit/bpf'
import type { BpfLsm } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { File, LsmTable, Stack } from '@lsmkit/core'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { walked } from './kernels.ts'
import { objectOf } from './machine.ts'

export interface HookArgs {
  readonly way: 'program' | 'fields' | 'typescript' | 'nothing' | 'load' | 'attach' | 'verify'
}

/** Twenty instructions as a policy has them: two pointers followed, flags tested, an answer. */
const policy = (at: Offsets): string => `r6 = *(u64 *)(r1 +0)
r7 = *(u64 *)(r1 +8)
if r7 != 0 goto out
r2 = *(u32 *)(r6 +${at.f_mode})
r2 &= 2
if r2 == 0 goto allow
r3 = *(u64 *)(r6 +${at.f_inode})
r4 = *(u16 *)(r3 +${at.i_mode})
r5 = r4
r5 &= 61440
if r5 != 32768 goto allow
r4 &= 73
if r4 == 0 goto allow
r5 = *(u64 *)(r3 +${at.i_sb})
r0 = *(u64 *)(r5 +${at.s_magic})
if r0 == 7 goto allow
r0 = -1
exit
out:
r0 = -1
exit
allow:
r0 = 0
exit`

/** Four fields over two hops. */
const fields = (at: Offsets): string => `r6 = *(u64 *)(r1 +0)
r0 = *(u32 *)(r6 +${at.f_flags})
r2 = *(u64 *)(r6 +${at.f_inode})
r3 = *(u16 *)(r2 +${at.i_mode})
r0 += r3
r3 = *(u64 *)(r2 +${at.i_sb})
r4 = *(u64 *)(r3 +${at.s_magic})
r0 += r4
if r0 == 12345678 goto no
r0 = 0
exit
no:
r0 = -1
exit`

type Field = 'f_mode' | 'f_flags' | 'f_inode' | 'i_mode' | 'i_sb' | 's_magic'
type Offsets = Readonly<Record<Field, number>>

const asked = (lsm: LsmTable, file: File) => (count: number): number => {
  let sum = 0
  for (let i = 0; i < count; i++) sum += lsm.file_open.ask(file)
  return sum
}

const CALLS = 20_000

/** What takes milliseconds is timed once a pass. */
const timedOnce = (operation: () => number): (() => number) => {
  let sink = 0
  return () => {
    const start = process.hrtime.bigint()
    sink ^= operation()
    const took = Number(process.hrtime.bigint() - start)
    if (sink === 0x7ffffffe) process.stderr.write('')
    return took
  }
}

export const cell = async ({ way }: HookArgs): Promise<Cell> => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs], objects: programs.objects })
  const { objects } = stack
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, stack.current.task.cred.user_ns)
  const inode = objects.inode(0o100644, sb, 12)
  const file = objects.file(2, 1, null as never, inode, stack.current.task.cred)
  const { file: f, inode: i, super_block: s } = kernelStructs()
  const offset = (struct: typeof f, field: Field) => struct!.fields[field]!.offset
  const at: Offsets = {
    f_mode: offset(f, 'f_mode'), f_flags: offset(f, 'f_flags'), f_inode: offset(f, 'f_inode'),
    i_mode: offset(i, 'i_mode'), i_sb: offset(i, 'i_sb'), s_magic: offset(s, 's_magic'),
  }
  if (way === 'load' || way === 'attach' || way === 'verify') return loading(way, programs, stack)
  if (way === 'program') programs.load(stack, objectOf(policy(at), 'file_open')).attachAll()
  if (way === 'fields') programs.load(stack, objectOf(fields(at), 'file_open')).attachAll()
  if (way === 'typescript') {
    stack.attach('file_open', ({ f_mode, f_inode: { i_mode, i_sb } }) => {
      if ((f_mode & 2) === 0 || (i_mode & 0o170000) !== 0o100000 || (i_mode & 0o111) === 0) return 0
      return i_sb.s_magic === 7 ? 0 : -1
    })
  }
  return { pass: timedPass(CALLS, asked(stack.lsm, file)), ask: { answer: () => stack.lsm.file_open.ask(file) } }
}

/** Bringing a program to its hook: the whole way, the last step, or what takes longest of it. */
const loading = (way: 'load' | 'attach' | 'verify', programs: BpfLsm, stack: Stack): Cell => {
  const deflector = new Uint8Array(readFileSync(new URL('../../../packages/bpf/objects/deflector.o', import.meta.url)))
  if (way === 'load') return { pass: timedOnce(() => programs.load(stack, deflector).programs.size) }
  if (way === 'verify') {
    const object = objectOf(walked, 'file_open')
    return {
      pass: timedOnce(() => programs.load(stack, object).program('program').verification.processed),
      ask: { processed: () => programs.load(stack, object).program('program').verification.processed },
    }
  }
  const program = programs.load(stack, deflector).program('deflect_open')
  return {
    pass: timedPass(1, () => {
      const link = program.attach()
      link.detach()
      return 1
    }),
  }
}
