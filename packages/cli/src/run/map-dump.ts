/** The contents of maps, as lines: `denials[1] = 2`. */
import type { LoadedObject, MapContents } from '@lsmkit/bpf'
import { PerfEventArray } from '@lsmkit/bpf/maps'
import { CommandError } from '../command-error.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'

/** Records have no keys. */
const KEYLESS: ReadonlySet<string> = new Set(['ringbuf', 'queue', 'stack'])

const dueText = (due: number | null): string =>
  due === null ? 'is not armed' : `is due in ${(Math.max(0, due) / 1e6).toFixed(1)} ms`

/** A line for each entry, each timer and the note; one line for an empty map. */
export const contentsLines = ({ name, type, entries, timers, count, note }: MapContents): string[] => {
  const lines = [
    ...entries.map(([key, value]) => (KEYLESS.has(type) ? `${name}: ${value}` : `${name}[${key}] = ${value}`)),
    ...(count > entries.length && entries.length > 0 ? [`${name}: ${count - entries.length} more`] : []),
    ...timers.map(({ key, callback, due }) => `${name}[${key}]: timer of ${callback ?? 'no function'} ${dueText(due)}`),
    ...(note === null ? [] : [`${name}: ${note}`]),
  ]
  return lines.length === 0 ? [`${name}: empty`] : lines
}

/** Throws CommandError at once for a name that no object has, or a map whose contents nobody can read. */
export const mapDump = (loaded: readonly LoadedObject[], name: string): (() => string[]) => {
  const object = loaded.find(({ maps }) => maps.has(name))
  if (object === undefined) {
    const names = loaded.flatMap(({ maps }) => [...maps.keys()])
    throw new CommandError('usage', `no object has a map \`${name}\``,
      didYouMean(name, names) ?? `there are ${names.join(', ')}`)
  }
  if (object.maps.get(name)!.map instanceof PerfEventArray) {
    throw new CommandError('usage', `\`${name}\` keeps nothing: its events are gone when nobody reads them`)
  }
  return () => {
    const contents = object.contents({ most: Number.MAX_SAFE_INTEGER }).find((map) => map.name === name)!
    return contentsLines({ ...contents, note: null })
  }
}
