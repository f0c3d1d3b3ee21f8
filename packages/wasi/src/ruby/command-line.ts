/** The command line of `ruby`: what its own option parser gets, and which program runs after it. */
import type { RubyScript } from './main-rb.ts'

export type RubyCommand =
  /** `options` are for ruby-init, `script` runs afterwards; null when the options were all there is (`--version`). */
  | {
    readonly kind: 'run'
    readonly options: readonly string[]
    readonly script: RubyScript | null
    readonly args: readonly string[]
  }
  | { readonly kind: 'refused'; readonly message: string }

/** Long options of which the value may be the next word. */
const LONG_WITH_VALUE = ['--encoding', '--external-encoding', '--internal-encoding', '--enable', '--disable']
/** Options that take their value from the same word or the next one. */
const WITH_VALUE = new RegExp(`^-[IECK]|^(?:${LONG_WITH_VALUE.join('|')})$`)
/** Options passed on as they are. */
const PLAIN = new RegExp(
  `^-[wdUW]|^(?:${[...LONG_WITH_VALUE, '--verbose', '--debug', '--parser'].join('|')})(?:[=-]|$)`,
)
/** Options that print something and end. */
const TELLS = /^(?:--version|--copyright|--help|-h)$/

/** `argv` with the name of the program in front. */
export const parseRubyCommand = (argv: readonly string[]): RubyCommand => {
  const words = argv.slice(1)
  const options: string[] = []
  const libraries: string[] = []
  const texts: string[] = []
  let tells = false
  const value = (word: string, from: number): string | undefined =>
    word.length > from ? word.slice(from) : words.shift()
  while (words[0]?.startsWith('-') === true && words[0] !== '-') {
    const word = words.shift() as string
    if (word === '--') break
    if (word.startsWith('-e') || word.startsWith('-r')) {
      const text = value(word, 2)
      if (text === undefined) return refused(`missing argument for ${word}`)
      if (word.startsWith('-e')) texts.push(text)
      else libraries.push(text)
    } else if (TELLS.test(word) || word === '-v') {
      options.push(word)
      tells = true
    } else if (WITH_VALUE.test(word)) {
      options.push(word)
      const next = word.length > 2 && !word.startsWith('--') ? null : words.shift()
      if (next === undefined) return refused(`missing argument for ${word}`)
      if (next !== null) options.push(next)
    } else if (PLAIN.test(word)) options.push(word)
    else return refused(`invalid option ${word}  (not one of those this host knows)`)
  }
  const only = tells && options.some((word) => TELLS.test(word))
  if (only || (tells && texts.length === 0 && words.length === 0))
    return { kind: 'run', options, script: null, args: words }
  if (texts.length > 0) return run(options, { kind: 'text', name: '-e', text: texts.join('\n'), libraries }, words)
  const [file, ...args] = words
  if (file === undefined || file === '-') return run(options, { kind: 'stdin', name: '-', text: '', libraries }, args)
  return run(options, { kind: 'file', name: file, text: '', libraries }, args)
}

const run = (options: readonly string[], script: RubyScript, args: readonly string[]): RubyCommand => ({
  kind: 'run', options, script, args,
})

/** As the interpreter words it. */
const refused = (what: string): RubyCommand => ({ kind: 'refused', message: `ruby: ${what} (RuntimeError)\n` })
