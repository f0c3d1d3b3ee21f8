/** The kernel command line, cut as lib/cmdline.c cuts it, and what of it ordering looks at. */
import { kstrtoull } from '../kstrto.ts'

/** One `name=value` or bare `name`. */
export interface BootParameter {
  readonly name: string
  readonly value: string | null
}

export interface BootArguments {
  readonly lsmParam: string | null
  readonly securityParam: string | null
  /** `NAME=0` and `NAME=1` for LSMs that have an enabled variable of their own. */
  readonly enabled: ReadonlyMap<string, boolean>
}

/** As next_arg: blanks separate, double quotes hold together and vanish around a value; `--` ends the kernel's part. */
export const splitCommandLine = (text: string): BootParameter[] => {
  const parameters: BootParameter[] = []
  if (text === '') return parameters
  for (const [word] of text.matchAll(/(?:"[^"]*(?:"|$)|[^\s"])+/g)) {
    if (word === '--') break
    parameters.push(parameter(word))
  }
  return parameters
}

const parameter = (word: string): BootParameter => {
  const bare = word.startsWith('"') ? word.slice(1).replace(/"$/, '') : word
  const at = bare.indexOf('=')
  if (at < 0) return { name: bare, value: null }
  const value = bare.slice(at + 1)
  return { name: bare.slice(0, at), value: value.startsWith('"') ? value.slice(1).replace(/"$/, '') : value }
}

/** The last `lsm=` and `security=` win. `own` are the names of LSMs that have an enabled variable. */
export const bootArguments = (text: string, own: readonly string[] = []): BootArguments => {
  let lsmParam: string | null = null
  let securityParam: string | null = null
  const enabled = new Map<string, boolean>()
  for (const { name, value } of splitCommandLine(text)) {
    if (value === null) continue
    if (name === 'lsm') lsmParam = value
    else if (name === 'security') securityParam = value
    else {
      const lsm = own.find((candidate) => sameParameter(candidate, name))
      const number = kstrtoull(value)
      if (lsm !== undefined && number >= 0) enabled.set(lsm, number !== 0)
    }
  }
  return { lsmParam, securityParam, enabled }
}

/** As parameq: dash and underscore are one. */
const sameParameter = (a: string, b: string): boolean => a.replaceAll('-', '_') === b.replaceAll('-', '_')
