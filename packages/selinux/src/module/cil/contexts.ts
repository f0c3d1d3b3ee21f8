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
  const written = ({ sens, cats }: Level): WrittenLevel =>
    ({ sens, cats: Array.from(cats, (bit) => [bit + 1, bit + 1] as const) })
  return rangeText(out, { low: written(low), high: written(high) })
}
