/** Runs the reactor build of Ruby as if it were the command `ruby`: its initialisation, then one evaluation. */
import { parseRubyCommand } from './command-line.ts'
import { rubyMain } from './main-rb.ts'
import type { Program } from '../program.ts'

const INIT = 'ruby-init: func(args: list<string>) -> ()'
const EVAL = 'rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>'
/** Given to the interpreter instead of a program: with it, it is done when its options are. */
const NO_PROGRAM = '-e_=0'
/** Without a locale it would take source and files for ASCII. */
const ENCODING = '-EUTF-8'

/** The exports that are used on the way, as the module declares them. */
interface RubyExports {
  readonly memory: WebAssembly.Memory
  readonly cabi_realloc: (old: number, oldSize: number, align: number, size: number) => number
}

export const isRuby = ({ exports }: Program): boolean =>
  exports.some(({ name }) => name === INIT) && exports.some(({ name }) => name === EVAL)

/** A call of an export in which the program makes system calls; the driver makes it, and may suspend it. */
export type RubyCall = readonly [name: '_initialize' | typeof INIT | typeof EVAL, ...args: readonly number[]]

/**
 * The calls that make up a run, in order. It answers the exit status of a program that has not called proc_exit itself.
 * `complain` writes to its standard error.
 */
export function* rubyCalls(
  exports: WebAssembly.Exports, argv: readonly string[], complain: (text: string) => void,
): Generator<RubyCall, number, void> {
  const ruby = exports as unknown as RubyExports
  const command = parseRubyCommand(argv)
  if (command.kind === 'refused') {
    complain(command.message)
    return 1
  }
  const { options, script, args } = command
  const encoding = options.some((option) => /^-[EKU]|encoding/.test(option)) ? [] : [ENCODING]
  yield ['_initialize']
  const words = [argv[0] ?? 'ruby', ...options, ...encoding, NO_PROGRAM, '--', ...args]
  yield [INIT, listOf(ruby, words), words.length]
  if (script === null) return 0
  const { at, length } = store(ruby, rubyMain(script))
  yield [EVAL, at, length]
  // The program's text ends in exit!, so that coming back means that the evaluation itself has failed.
  return 1
}

/** Where the list of the words is. */
const listOf = (ruby: RubyExports, words: readonly string[]): number => {
  const stored = words.map((word) => store(ruby, `${word}\0`))
  const list = ruby.cabi_realloc(0, 0, 4, words.length * 8)
  const view = new DataView(ruby.memory.buffer)
  stored.forEach(({ at, length }, i) => {
    view.setUint32(list + i * 8, at, true)
    view.setUint32(list + i * 8 + 4, length, true)
  })
  return list
}

const store = (ruby: RubyExports, text: string): { at: number; length: number } => {
  const bytes = new TextEncoder().encode(text)
  const at = ruby.cabi_realloc(0, 0, 1, bytes.length)
  new Uint8Array(ruby.memory.buffer).set(bytes, at)
  return { at, length: bytes.length }
}
