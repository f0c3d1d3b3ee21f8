/** LSMs to stand beside the one under test: quiet ones, one that throws, one that refuses every allocation. */
import { ENOMEM } from '@lsmkit/abi'
import { defineBlob, defineLsm, hookDefs, hookNames } from '@lsmkit/core'
import type { BlobKind, HookFn, HookGroup, HookName, Lsm } from '@lsmkit/core'
import type { Trouble } from './world.ts'

const onHooks = (names: readonly HookName[], fn: (name: HookName) => HookFn): HookGroup =>
  Object.fromEntries(names.map((name) => [name, fn(name)])) as HookGroup

/** The attribute hooks belong to whoever is first on them: neighbours stay away. */
const attributeHooks: ReadonlySet<string> = new Set(['getselfattr', 'setselfattr', 'getprocattr', 'setprocattr'])
const crowded = hookNames.filter((name) => !attributeHooks.has(name))

const allocating = hookNames.filter((name) => hookDefs[name].allocates !== null)

const kinds: readonly BlobKind[] = [
  'cred', 'file', 'ib', 'inode', 'sock', 'superblock', 'ipc', 'key', 'msg_msg', 'perf_event', 'task', 'tun_dev', 'bdev',
]

/** On every hook with the answer that means nothing, and with state on every kind of object. */
export const passiveLsm = (name: string): Lsm =>
  defineLsm({
    name,
    abi: '1.0',
    blobs: Object.fromEntries(kinds.map((kind) => [kind, defineBlob(() => ({ of: name }))])),
    hooks: onHooks(crowded, (hook) => () => hookDefs[hook].default),
  })

/** Throws on every hook but the allocating ones while there is trouble. */
export const throwing = (name: string, trouble: Trouble): Lsm =>
  defineLsm({
    name,
    abi: '1.0',
    hooks: onHooks(crowded.filter((hook) => hookDefs[hook].allocates === null), (hook) => () => {
      if (trouble.on) throw new Error(`${name} has thrown on ${hook}`)
      return hookDefs[hook].default
    }),
  })

/** Refuses to let anything be allocated while there is trouble. */
export const refusing = (name: string, trouble: Trouble): Lsm =>
  defineLsm({
    name,
    abi: '1.0',
    hooks: onHooks(allocating, () => () => (trouble.on ? -ENOMEM : 0)),
  })
