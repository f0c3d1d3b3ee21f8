/** What is prepared for an operation, and on what the subject then acts. */
import { IPC_CREAT, IPC_PRIVATE, KEY_SPEC_PROCESS_KEYRING, KEYCTL_SETPERM } from '@lsmkit/abi'
import type { SmackWorld } from './world.ts'

/** A result, and the column `extra` of one that succeeded. */
export type Outcome = readonly [rc: number, extra?: string]
export type Operation = (world: SmackWorld) => Outcome
/** By name: the modes of a rule that it needs, and what it does. */
export type Siblings = Readonly<Record<string, readonly [needs: string, act: Operation]>>

/** On the file of the row's object, by its name. */
export const onFile = (act: (world: SmackWorld, path: string) => Outcome): Operation => (world) => {
  const path = world.file('object')
  world.start()
  return act(world, path)
}

/** On the same by a descriptor that somebody privileged has opened. */
export const onOpened = (act: (world: SmackWorld, fd: number) => Outcome): Operation => (world) => {
  const fd = world.opened(world.file('object'))
  world.start()
  return act(world, fd)
}

/** In a directory of the object's label. */
export const inDirectory = (act: (world: SmackWorld, dir: string) => Outcome): Operation => (world) => {
  const dir = world.directory('/w/dir')
  world.start()
  return act(world, dir)
}

/** On a task of the object's label, by its pid. */
export const onTask = (act: (world: SmackWorld, pid: number) => number): Operation => (world) => {
  const { pid } = world.other()
  world.start()
  return [act(world, pid)]
}

export const labelled = (world: SmackWorld, rc: number, path: string): Outcome =>
  rc < 0 ? [rc] : [rc, `label=${world.labelOf(path)}`]

/** On an object of System V IPC that a task of the object's label has made for everybody. */
export const onIpc = (
  make: (world: SmackWorld, task: ReturnType<SmackWorld['other']>) => number,
  act: (world: SmackWorld, id: number) => number,
): Operation => (world) => {
  const id = make(world, world.other())
  if (id < 0) throw new Error(`the object of IPC cannot be made: ${id}`)
  world.start()
  return [act(world, id)]
}
/** On a key that a task of the object's label has, and lets everybody use. */
export const onKey = (act: (world: SmackWorld, key: number) => number): Operation => (world) => {
  const { sys } = world.kernel
  const owner = world.other()
  const key = sys.add_key(owner, 'user', 'theirs', new Uint8Array(7), 7, KEY_SPEC_PROCESS_KEYRING)
  if (key < 0) throw new Error(`the key cannot be made: ${key}`)
  sys.keyctl(owner, KEYCTL_SETPERM, key, 0x3f3f3f3f, 0, 0)
  world.start()
  return [act(world, key)]
}

export const newSemaphores = ({ kernel }: SmackWorld, task: Parameters<typeof kernel.sys.semget>[0]): number =>
  kernel.sys.semget(task, IPC_PRIVATE, 1, IPC_CREAT | 0o666)
