/** The mounts of a box, as data: a folder of the host, or a file system in memory. */
import { aBoolean, aString, checkOptions, oneOf, optionsOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { builtin } from './node-host.ts'

export interface HostFolder {
  readonly kind: 'host-folder'
  /** As it is on the host. */
  readonly path: string
  /** Whether the folder itself may change; `allow.write` says who may change it. Default: no. */
  readonly writable?: boolean
  /**
   * Programs change a layer in memory, and the folder stays what it is until `box.apply` writes to it. `allow.write`
   * says who may change it. Default: no.
   */
  readonly copyOnWrite?: boolean
  /** Most descriptors of the host that the box may hold by it (default 512). */
  readonly descriptors?: number
  /** Whether the host is asked by native calls, which are quicker (default: no). Needs Linux and `koffi`. */
  readonly native?: boolean
  /**
   * Where labels of modules are kept on the host, so that they outlive the box: `user` in attributes
   * `user.lsmkit.NAME`, `security` in `security.NAME`, which needs a privileged process. Default: nowhere. Needs
   * `native`. With `copyOnWrite`, `box.apply` writes them.
   */
  readonly labels?: 'user' | 'security'
}

export interface Memory {
  readonly kind: 'memory'
}

export type Place = HostFolder | Memory

interface PathModule { readonly resolve: (path: string) => string }

const folderRules: OptionRules<HostFolder> = {
  kind: required(oneOf('host-folder')), path: required(aString), writable: aBoolean, copyOnWrite: aBoolean,
  descriptors: wholeNumber(0), native: aBoolean, labels: oneOf('user', 'security'),
}
const memoryRules: OptionRules<Memory> = { kind: required(oneOf('memory')) }

/** A folder of the host, from the directory that the process is in now. Needs Node. */
export const hostFolder = (path: string, options: Omit<HostFolder, 'kind' | 'path'> = {}): HostFolder => {
  const { kind: _, path: __, ...rules } = folderRules
  checkOptions(options, rules, 'hostFolder')
  return { kind: 'host-folder', path: builtin<PathModule>('node:path')?.resolve(path) ?? path, ...options }
}

/** An empty file system in memory, which anybody of the box may change that the policy lets. */
export const memory = (): Memory => ({ kind: 'memory' })

export const aPlace: OptionRule = {
  is: (value) => ['host-folder', 'memory'].includes((value as Place | null)?.kind ?? ''),
  what: 'a place',
  hint: `memory(), hostFolder('./data'), or { "kind": "host-folder", "path": "./data" }`,
  inside: (value, place) =>
    optionsOf<never>((value as Place).kind === 'memory' ? memoryRules : folderRules).inside?.(value, place),
}
