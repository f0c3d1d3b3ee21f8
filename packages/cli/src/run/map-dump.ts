/** The contents of a map, as lines: `denials[1] = 2`. */
import { BpfError } from '@lsmkit/bpf/btf'
import type { LoadedObject } from '@lsmkit/bpf'
import { PerfEventArray, RingBuffer } from '@lsmkit/bpf/maps'
import { CommandError } from '../command-error.ts'
import { valueText } from '../commands/bpf/maps.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'

/** Throws CommandError at once for a name that no object has, or a map whose contents nobody can read. */
export const mapDump = (loaded: readonly LoadedObject[], name: string): (() => string[]) => {
  const handle = loaded.map(({ maps }) => maps.get(name)).find((map) => map !== undefined)
  if (handle === undefined) {
    const names = loaded.flatMap(({ maps }) => [...maps.keys()])
    throw new CommandError('usage', `no object has a map \`${name}\``,
      didYouMean(name, names) ?? `there are ${names.join(', ')}`)
  }
  if (handle.map instanceof PerfEventArray) {
    throw new CommandError('usage', `\`${name}\` keeps nothing: its events are gone when nobody reads them`)
  }
  return () => {
    if (handle.map instanceof RingBuffer) return handle.consume().map((record) => `${name}: ${valueText(record)}`)
    try {
      return [...handle].map(([key, value]) => `${name}[${valueText(key)}] = ${valueText(value)}`)
    } catch (error) {
      if (error instanceof BpfError) return [`${name}: ${error.message}`]
      throw error
    }
  }
}
