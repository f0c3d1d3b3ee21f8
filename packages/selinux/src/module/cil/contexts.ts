/** Levels, ranges and contexts. */
import type { Context, Level, Range } from '../../policydb/policydb.ts'
import type { ModuleUser, WrittenLevel } from '../module.ts'
import { joined } from './text.ts'
import type { CilWriter } from './writer.ts'

export const levelText = (out: CilWriter, { sens, cats }: WrittenLevel): string => {
  const names = cats.map(([low, high]) => {
    const [from, to] = [out.nameOf('categories', low), out.nameOf('categories', high)]
    return low === high ? from : `(range ${from} ${to})`
  })
  return `(${out.nameOf('sensitivities', sens)}${names.length === 0 ? '' : ` (${names.join(' ')})`})`
}

export const rangeText = (out: CilWriter, { low, high }: ModuleUser['range']): string => {
  return `(${levelText(out, low)} ${levelText(out, high)})`
}

export const contextText = (out: CilWriter, { user, role, type, range }: Context): string => {
  const names = [out.nameOf('users', user), out.nameOf('roles', role), out.nameOf('types', type)]
  return joined([...names, kernelRange(out, range)])
}

const kernelRange = (out: CilWriter, { low, high }: Range): string => {
  if (!out.module.mls) return '(systemlow systemlow)'
  return rangeText(out, { low: writtenLevel(low), high: writtenLevel(high) })
}

/** A level with its categories as runs: `c0.c5` is one pair. */
export const writtenLevel = ({ sens, cats }: Level): WrittenLevel => {
  const runs: [number, number][] = []
  cats.forEach((bit) => {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === bit) last[1] = bit + 1
    else runs.push([bit + 1, bit + 1])
  })
  return { sens, cats: runs }
}
