/**
 * The folders that a program finds open: `--mount HOST:GUEST[:OPTIONS]`, a folder of the host in the kernel's tree, and
 * `--dir PATH`, a directory that is there. OPTIONS are `rw`, `native`, `labels` and `labels=security`, by commas.
 */
import { resolve } from 'node:path'
import type { BootMount } from '@lsmkit/kernel'
import type * as hostFolders from '@lsmkit/kernel/hostfs'
import type { HostfsOptions } from '@lsmkit/kernel/hostfs'
import { CommandError } from '../command-error.ts'
import { reading } from '../host-file.ts'

/** Where a folder lies that the program sees as `/`: the tree needs its own root. */
const ROOT_PLACE = '/host'

export interface Places {
  readonly mounts: readonly BootMount[]
  /** Name that the program sees to directory of the tree. */
  readonly preopens: Readonly<Record<string, string>>
}

/**
 * All of it belongs to `uid`; the host asks what its own user may. Throws a usage error for a text of another shape or
 * two of one name, and `badInput` for a folder that cannot be opened.
 */
export const openPlaces = async (
  mounts: readonly string[], dirs: readonly string[], cwd: string, uid: number,
): Promise<Places> => {
  const parts = mounts.map((text) => split(text))
  const preopens = [
    ...parts.map(({ target }) => [target, target === '/' ? ROOT_PLACE : target] as const),
    ...dirs.map((path) => [absolute(path), path] as const),
  ]
  preopens.forEach(([name], i) => {
    if (preopens.findIndex(([other]) => other === name) === i) return
    throw new CommandError('usage', `\`${name}\` is open twice`)
  })
  const named = Object.fromEntries(preopens)
  if (parts.length === 0) return { mounts: [], preopens: named }
  const { hostfs } = await import('@lsmkit/kernel/hostfs')
  return { mounts: parts.map((part, i) => bootMount(hostfs, part, i, cwd, uid)), preopens: named }
}

/** The mounts as given, with folders of the host as absolute paths. Throws as openPlaces does. */
export const mountParts = (mounts: readonly string[], cwd: string): Part[] =>
  mounts.map((text) => split(text)).map((part) => ({ ...part, host: resolve(cwd, part.host) }))

interface Part {
  readonly host: string
  readonly target: string
  readonly options: MountOptions
}

type MountOptions = Pick<HostfsOptions, 'writable' | 'native' | 'labels'>

const bootMount = (
  hostfs: typeof hostFolders.hostfs, { host, target, options }: Part, index: number, cwd: string, uid: number,
): BootMount => {
  const path = resolve(cwd, host)
  const type = index === 0 ? 'hostfs' : `hostfs${index}`
  const folder = reading(host, () => hostfs({ path, type, uid, gid: uid, ...options }), 'mounted')
  // as what programs see it: where it lies on the host is none of their business
  return { type: folder, target: target === '/' ? ROOT_PLACE : target, source: target }
}

const absolute = (path: string): string => {
  if (!path.startsWith('/')) throw new CommandError('usage',
    `\`${path}\` is not a directory`, 'from the root: --dir /tmp')
  return path
}

const mountOptions: ReadonlyMap<string, MountOptions> = new Map<string, MountOptions>([
  ['ro', {}], ['rw', { writable: true }], ['native', { native: true }],
  ['labels', { native: true, labels: 'user' }], ['labels=security', { native: true, labels: 'security' }],
])

const split = (text: string): Part => {
  const [, host, target, mode = 'ro'] = /^(.+?):(\/[^:]*)(?::([^:]*))?$/.exec(text) ?? []
  if (host === undefined || target === undefined) {
    const hint = 'HOST:GUEST:ro, with GUEST from the root: --mount ./data:/data:ro'
    throw new CommandError('usage', `\`${text}\` is not a mount`, hint)
  }
  const words = mode.split(',')
  const wrong = words.find((word) => !mountOptions.has(word))
  if (wrong !== undefined) {
    throw new CommandError('usage', `a mount has no option \`${wrong}\``,
      `${[...mountOptions.keys()].join(', ')}: ${host}:${target}:ro`)
  }
  const options = Object.assign({}, ...words.map((word) => mountOptions.get(word))) as MountOptions
  return { host, target: target === '/' ? target : target.replace(/\/+$/, ''), options }
}
