/** Versions, copies of core and peers: what npm only warns of, or does not see at all. */
import { CORE, abiOf, coresOf, installedFor } from './installed.ts'
import type { Installed } from './installed.ts'
import type { Item } from './item.ts'

export const packageItems = (cwd: string, packages: readonly Installed[]): Item[] => {
  if (packages.length === 0) {
    const text = `no package of lsmkit is installed for ${cwd}`
    return [{ part: 'packages', name: 'packages', state: 'note', text, hint: `npm install ${CORE}` }]
  }
  return [...packages.map(versionItem), ...copyItems(cwd, packages), ...packages.flatMap(peerItems)]
}

const versionItem = (one: Installed): Item => {
  const abi = one.name === CORE ? abiOf(one) : null
  const text = abi === null ? one.version : `${one.version}, module ABI ${abi}`
  return { part: 'packages', name: one.name, state: 'ok', text }
}

const copyItems = (cwd: string, packages: readonly Installed[]): Item[] => {
  const copies = [...coresOf(cwd, packages).values()]
  if (copies.length < 2) return []
  const each = copies.map(({ core, by }) => `${core.version} in ${core.folder} for ${by.join(', ')}`)
  return [{
    part: 'packages', name: CORE, state: 'wrong', text: `there are ${copies.length} copies: ${each.join('; ')}`,
    hint: '`npm dedupe`, or make the ranges of the packages meet: a stack is made of modules of one core',
  }]
}

const peerItems = ({ name, folder, manifest }: Installed): Item[] =>
  Object.keys(manifest.peerDependencies ?? {}).flatMap((peer): Item[] => {
    if (installedFor(folder, peer) !== null) return []
    const item = { part: 'packages', name: peer } as const
    if (manifest.peerDependenciesMeta?.[peer]?.optional === true) {
      return [{ ...item, state: 'absent', text: `optional peer of ${name}` }]
    }
    return [{ ...item, state: 'wrong', text: `${name} needs it, and it is not there`, hint: `npm install ${peer}` }]
  })
