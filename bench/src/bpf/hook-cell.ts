/** A hook with a program on it, asked from one place; beside it the same in TypeScript, and nothing. */
import { readFileSync } from 'node:fs'
import { bpf } from '@lsmkit/bpf'
import type { BpfLsm } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { File, LsmTable, Stack } from '@lsmkit/core'
import { timedOnce, timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { walked } from './kernels.ts'
import { arrayOf1024, objectOf } from './machine.ts'
import { fields, FILE, policy } from './policy.ts'

export interface HookArgs {
  readonly way: 'program' | 'interpreter' | 'fields' | 'typescript' | 'nothing' | 'load' | 'attach' | 'verify'
}

const asked = (lsm: LsmTable, file: File) => (count: number): number => {
  let sum = 0
  for (let i = 0; i < count; i++) sum += lsm.file_open.ask(file)
  return sum
}

const CALLS = 20_000

export const cell = async ({ way }: HookArgs): Promise<Cell> => {
  const programs = bpf({ engine: way === 'interpreter' ? 'interpreter' : 'jit' })
  const stack = createStack({ lsms: [capability(), programs] })
  const { objects } = stack
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, stack.current.task.cred.user_ns)
  sb.s_magic = FILE.s_magic
  const inode = objects.inode(FILE.i_mode, sb, 12)
  const file = objects.file(FILE.f_mode, FILE.f_flags, null as never, inode, stack.current.task.cred)
  if (way === 'load' || way === 'attach' || way === 'verify') return loading(way, programs, stack)
  if (way === 'program' || way === 'interpreter') {
    const loaded = programs.load(stack, objectOf(policy, 'file_open', [arrayOf1024]))
    const map = loaded.maps.get('map')!
    for (let key = 0; key < 1024; key++) map.set(key, key)
    loaded.attachAll()
  }
  if (way === 'fields') programs.load(stack, objectOf(fields, 'file_open')).attachAll()
  if (way === 'typescript') {
    const map = Float64Array.from({ length: 1024 }, (_, key) => key)
    stack.attach('file_open', ({ f_mode, f_inode: { i_mode, i_sb } }) =>
      ((f_mode & 2) !== 0 && map[i_mode & 511] === i_sb.s_magic ? -1 : 0))
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
