/** Options of a line of `semanage`: what each record takes, checked by a table. */
import { LabelsError } from '../errors.ts'

export type Action = 'add' | 'modify' | 'delete' | 'deleteall'

export interface Options {
  readonly action: Action
  readonly values: ReadonlyMap<string, string>
  /** Words that are not options. */
  readonly names: readonly string[]
}

const actions: ReadonlyMap<string, Action> = new Map([
  ['-a', 'add'], ['--add', 'add'], ['-m', 'modify'], ['--modify', 'modify'], ['-d', 'delete'], ['--delete', 'delete'],
  ['-D', 'deleteall'], ['--deleteall', 'deleteall'],
])

/** Short and long forms of options with a value, by the name they have here. */
const valued: ReadonlyMap<string, string> = new Map([
  ['-t', 'type'], ['--type', 'type'], ['-r', 'range'], ['--range', 'range'], ['-s', 'seuser'], ['--seuser', 'seuser'],
  ['-p', 'proto'], ['--proto', 'proto'], ['-M', 'netmask'], ['--netmask', 'netmask'], ['-f', 'ftype'],
  ['--ftype', 'ftype'], ['-e', 'equal'], ['--equal', 'equal'], ['-R', 'roles'], ['--roles', 'roles'],
  ['-L', 'level'], ['--level', 'level'], ['-P', 'prefix'], ['--prefix', 'prefix'],
])

/** Options without a value that change nothing here, or are one. */
const flags: ReadonlyMap<string, readonly [name: string, value: string]> = new Map([
  ['-1', ['state', '1'] as const], ['--on', ['state', '1'] as const], ['-0', ['state', '0'] as const],
  ['--off', ['state', '0'] as const], ['-N', ['noreload', '1'] as const], ['--noreload', ['noreload', '1'] as const],
])

/** `-tname`, `--type=name` as an option and its value. */
const splitOption = (word: string): readonly [option: string, value: string | null] => {
  const equals = word.indexOf('=')
  if (word.startsWith('--')) return equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)]
  return word.length > 2 ? [word.slice(0, 2), word.slice(2)] : [word, null]
}

/** The words behind the kind of record. `takes` are the options that it has. Throws LabelsError. */
export const optionsOf = (words: readonly string[], takes: readonly string[], place: string): Options => {
  const values = new Map<string, string>()
  const names: string[] = []
  let action: Action | null = null
  const fail = (code: 'bad-line' | 'unknown-option', message: string, hint: string | null = null): never => {
    throw new LabelsError(code, message, place, hint)
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const asAction = actions.get(word)
    const flag = flags.get(word)
    if (asAction !== undefined) {
      if (action !== null) fail('bad-line', `\`${word}\` is a second action`)
      action = asAction
    } else if (flag !== undefined) values.set(...flag)
    else if (word.startsWith('-') && word !== '-') {
      const [option, value] = splitOption(word)
      const name = valued.get(option)
      if (name === undefined || !takes.includes(name)) {
        return fail('unknown-option', `\`${option}\` is not an option of this record`,
          `it takes ${takes.join(', ') || 'no options'}`)
      }
      const given = value ?? words[++at]
      if (given === undefined) return fail('bad-line', `\`${option}\` has no value`)
      values.set(name, given)
    } else names.push(word)
  }
  if (action === null && values.has('state')) action = 'modify'
  if (action === null) return fail('bad-line', 'the line has no action', 'one of -a, -m, -d, -D')
  return { action, values, names }
}
