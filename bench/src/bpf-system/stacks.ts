/** The stacks that are compared, by name: without BPF, with it, and with a program or the same in TypeScript. */
import { readFileSync } from 'node:fs'
import { EPERM, FMODE_WRITE, S_IFMT, S_IFREG, S_IXUGO } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { File, Inode, Stack, Task } from '@lsmkit/core'

const fromHere = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, import.meta.url)))
const DEFLECTOR = '../../../packages/bpf/objects/deflector.o'
const WALK = './objects/walk.o'
const STORAGE = './objects/storage.o'

const withoutBpf = (): Stack => createStack({ lsms: [capability()] })

const withBpf = (): Stack => createStack({ lsms: [capability(), bpf()] })

/** A stack with the programs of an object on their hooks; `set` are values of its variables. */
const withObject = (path: string, set: Readonly<Record<string, number>> = {}): Stack => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs] })
  const loaded = programs.load(stack, fromHere(path))
  for (const [name, value] of Object.entries(set)) loaded.maps.get('.data')!.set(0, { [name]: value })
  loaded.attachAll()
  return stack
}

/** Deflector's rule for file_open, written in TypeScript. */
const deflectOpen = ({ f_mode, f_inode: { i_mode } }: File): number =>
  ((f_mode & FMODE_WRITE) === 0 || (i_mode & S_IFMT) !== S_IFREG || (i_mode & S_IXUGO) === 0 ? 0 : -EPERM)

const withHook = (hook: (stack: Stack) => (file: File) => number): Stack => {
  const stack = withBpf()
  stack.attach('file_open', hook(stack))
  return stack
}

/** Counts opens by task and by inode, as storage.c does. */
const countInMaps = ({ current }: Stack): ((file: File) => number) => {
  const byTask = new Map<Task, { opens: number }>()
  const byInode = new Map<Inode, { opens: number }>()
  const counterOf = <K>(map: Map<K, { opens: number }>, key: K): { opens: number } => {
    let counter = map.get(key)
    if (counter === undefined) map.set(key, (counter = { opens: 0 }))
    return counter
  }
  return (file) => {
    counterOf(byTask, current.task).opens++
    counterOf(byInode, file.f_inode).opens++
    return 0
  }
}

export const stacks = {
  'without': withoutBpf,
  'unused': withBpf,
  'program': () => withObject(DEFLECTOR),
  'typescript': () => withHook(() => deflectOpen),
  'walk 32': () => withObject(WALK),
  'walk 0': () => withObject(WALK, { levels: 0 }),
  'storage': () => withObject(STORAGE),
  'maps': () => withHook(countInMaps),
} satisfies Record<string, () => Stack>
export type StackName = keyof typeof stacks
