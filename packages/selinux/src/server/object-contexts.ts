/** Contexts of ports, interfaces, nodes, file systems and InfiniBand: first match in file order, or null. */
import type { Context, GenfsPath, Netif, Policydb } from '../policydb/policydb.ts'

export const findPort = ({ ports }: Policydb, protocol: number, port: number): Context | null =>
  ports.find((item) => item.protocol === protocol && item.low <= port && port <= item.high)?.context ?? null

/** `*` any text, `?` any character: with the capabilities netif_wildcard and genfs_seclabel_wildcard. */
const matchesWildcard = (pattern: string, name: string): boolean => {
  let [at, retry, mark] = [0, -1, 0]
  for (let i = 0; i < name.length;) {
    if (pattern[at] === '*') {
      retry = at++
      mark = i
    } else if (pattern[at] === '?' || pattern[at] === name[i]) {
      at++
      i++
    } else if (retry >= 0) {
      at = retry + 1
      i = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

export const findNetif = ({ netifs }: Policydb, name: string, wildcards: boolean): Netif | null =>
  netifs.find((item) => (wildcards ? matchesWildcard(item.name, name) : item.name === name)) ?? null

/** An address of 4 bytes or of 16, in network order. */
export const findNode = ({ nodes, nodes6 }: Policydb, address: Uint8Array): Context | null => {
  const list = address.length === 4 ? nodes : address.length === 16 ? nodes6 : []
  const found = list.find((node) => node.address.every((byte, i) => byte === (address[i]! & node.mask[i]!)))
  return found?.context ?? null
}

export const findIbPkey = ({ ibPkeys }: Policydb, subnetPrefix: Uint8Array, pkey: number): Context | null =>
  ibPkeys.find(
    ({ subnetPrefix: own, low, high }) =>
      low <= pkey && pkey <= high && own.every((byte, i) => byte === subnetPrefix[i]),
  )?.context ?? null

export const findIbEndport = ({ ibEndports }: Policydb, device: string, port: number): Context | null =>
  ibEndports.find((item) => item.name === device && item.port === port)?.context ?? null

export const findFsUse = ({ fsUses }: Policydb, fstype: string): { behavior: number; context: Context } | null =>
  fsUses.find(({ name }) => name === fstype) ?? null

const utf8 = new TextEncoder()

/** Paths of each type of file system, longest first, as the kernel sorts them when it reads a policy. */
export class GenfsTable {
  readonly #paths: ReadonlyMap<string, readonly GenfsPath[]>

  constructor({ genfs }: Policydb) {
    const sorted = (paths: readonly GenfsPath[]): GenfsPath[] =>
      paths.map((item) => ({ item, length: utf8.encode(item.path).length }))
        .sort((a, b) => b.length - a.length).map(({ item }) => item)
    this.#paths = new Map(genfs.filter(({ paths }) => paths.length > 0)
      .map(({ fstype, paths }) => [fstype, sorted(paths)]))
  }

  /**
   * The longest path that `path` begins with, letter by letter; with `wildcards` the longest pattern that it matches
   * as a whole. `tclass` is the policy's number, 0 for any.
   */
  find(fstype: string, path: string, tclass: number, wildcards: boolean): Context | null {
    const asked = path.replace(/^\/{2,}/, '/')
    const found = this.#paths
      .get(fstype)
      ?.find((item) => (item.tclass === 0 || item.tclass === tclass) &&
        (wildcards ? matchesWildcard(item.path, asked) : asked.startsWith(item.path)))
    return found?.context ?? null
  }
}
