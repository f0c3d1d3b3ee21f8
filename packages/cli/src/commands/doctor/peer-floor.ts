/** The lowest version of core that a package allows, against the first core that has its module ABI. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { firstCores, isAbiText } from '@lsmkit/core/module-abi'
import { ownValue } from '@lsmkit/abi'
import { CORE, manifestOf, ownFolder } from './installed.ts'
import type { Item } from './item.ts'

type Version = readonly [number, number, number]

const versionOf = (text: string): Version | null => {
  const [, major, minor, patch] = /^[\^~>=v\s]*(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text.trim()) ?? []
  return major === undefined ? null : [Number(major), Number(minor ?? 0), Number(patch ?? 0)]
}

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]

/** The lowest version that a range names; 0.0.0 for one without a lower end, such as `*` and `<2`. */
export const floorOf = (range: string): Version =>
  range.split('||').map((part) => versionOf(part) ?? [0, 0, 0] as const).sort(compare)[0]!

/** Null when the range begins at that core or later, or where this version does not know the ABI. */
export const floorFault = (range: string, abi: string): string | null => {
  const first = ownValue(firstCores, abi)
  if (first === undefined || compare(floorOf(range), versionOf(first)!) >= 0) return null
  return `allows ${CORE} \`${range}\`, and module ABI ${abi} begins with ${first}`
}

const SOURCE = /\.(?:ts|mts|js|mjs)$/
const ABI = /\babi:\s*['"]([^'"]+)['"]/g

/** The highest ABI that the sources of a package name. */
const abiInSources = (folder: string): string | null => {
  const found: string[] = []
  for (const place of ['src', 'lib', '.']) {
    let names: string[]
    try {
      names = readdirSync(join(folder, place), { recursive: place !== '.', encoding: 'utf8' })
    } catch {
      continue
    }
    for (const name of names.filter((one) => SOURCE.test(one) && !/(?:^|[/.])(?:test|node_modules)[/.]/.test(one))) {
      const path = join(folder, place, name)
      if (!statSync(path).isFile()) continue
      for (const [, abi] of readFileSync(path, 'utf8').matchAll(ABI)) if (isAbiText(abi)) found.push(abi)
    }
  }
  return found.sort((a, b) => compare(versionOf(a)!, versionOf(b)!)).at(-1) ?? null
}

/** Of the package that you are in: npm would let users have a core that refuses it. */
export const ownFloorItems = (cwd: string): Item[] => {
  const folder = ownFolder(cwd)
  const manifest = folder === null ? null : manifestOf(folder)
  const range = manifest?.peerDependencies?.[CORE]
  if (folder === null || typeof range !== 'string') return []
  const abi = abiInSources(folder)
  if (abi === null) return []
  const item = { part: 'modules', name: manifest!.name ?? folder } as const
  const fault = floorFault(range, abi)
  if (fault === null) return [{ ...item, state: 'ok', text: `your package: ABI ${abi}, ${CORE} ${range}` }]
  const hint = `npm pkg set 'peerDependencies.${CORE}=>=${ownValue(firstCores, abi)!}'`
  return [{ ...item, state: 'wrong', text: `your package ${fault}`, hint }]
}
