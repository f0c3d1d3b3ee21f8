/** The boot parameters `loadpin.enforce=` and `loadpin.exclude=`, as module parameters are read (kernel/params.c). */
import { kernelReadFileName, READING_MAX_ID, READING_UNKNOWN } from '@lsmkit/abi'
import { kstrtoint } from '@lsmkit/core'
import type { LoadPin } from './state.ts'

/** Kinds of files by the names that `loadpin.exclude=` has for them. */
export const kinds: ReadonlyMap<string, number> = new Map(
  Array.from({ length: READING_MAX_ID }, (_, id) => [kernelReadFileName(READING_UNKNOWN + id), id]),
)

/** As `parse_exclude`: names that are not kinds are left. */
export const exclude = (loadpin: LoadPin, names: readonly string[]): void => {
  for (const name of names) {
    const id = kinds.get(name)
    if (id === undefined) continue
    loadpin.printk(`LoadPin: excluding: ${name}`)
    loadpin.excluded.add(id)
  }
}

const invalid = ({ printk }: LoadPin, name: string, value: string | null): void =>
  printk(`Booting kernel: \`${value ?? ''}' invalid for parameter \`loadpin.${name}'`)

/** The built-in settings, and then those of the command line: the last one counts. */
export const bootSettings = (loadpin: LoadPin, enforce: boolean, builtIn: readonly string[]): void => {
  loadpin.enforce = Number(enforce)
  // an array of seven, filled anew from its start by each parameter
  const names: string[] = []
  for (const { name, value } of loadpin.ctx.bootParameters) {
    if (name === 'loadpin.enforce') {
      const number = value === null ? null : kstrtoint(value)
      if (number === null) invalid(loadpin, 'enforce', value)
      else loadpin.enforce = number
    } else if (name === 'loadpin.exclude') {
      const given = value?.split(',') ?? []
      for (const [i, one] of given.slice(0, READING_MAX_ID).entries()) names[i] = one
      if (value === null || given.length > READING_MAX_ID) invalid(loadpin, 'exclude', value)
    }
  }
  loadpin.printk(`LoadPin: ready to pin (currently ${loadpin.enforce === 0 ? 'not ' : ''}enforcing)`)
  exclude(loadpin, [...builtIn, ...names])
}
