/**
 * Ways to write a hook call, as a change of the source: taken out, written by hand, or made through another
 * library.
 */
import { ownValue } from '@lsmkit/abi'

/** The text that stands for `lsm.HOOK.ask(ARGS)` or `.tell(ARGS)`. */
type Call = (hook: string, args: string, lsms: number) => string

const direct: Call = (hook, args, lsms) =>
  `(${Array.from({ length: lsms }, (_, i) => `m${i}_${hook}(${args})`).join(' || ') || '0'})`

export const calls: Readonly<Record<string, Call>> = {
  /** Compiled out. */
  noHooks: () => '0',
  /** Code that one would write by hand for exactly these modules. */
  direct,
  tapable: (hook, args) => `(lsm.${hook}.call(${args}) ?? 0)`,
  hookable: (hook, args) => `(lsm.callHookWith(bail, '${hook}', [${args}]) ?? 0)`,
  eventemitter3: (hook, args) => `(lsm.verdict.rc = 0, lsm.emit('${hook}', ${args}), lsm.verdict.rc)`,
}

/** End of the parenthesis that opens at `open`. */
const closing = (text: string, open: number): number => {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i
  }
  throw new Error('a hook call is not closed')
}

/** `lsm.HOOK.ask(`, with whatever leads to `lsm`: `machine.lsm`, `this.#machine.lsm`. */
const HOOK_CALL = /(?:(?:\b|#)\w+\.)*\blsm\.(\w+)!?\.(?:ask|tell)\(/g

/** `source` with every hook call written the other way. */
export const rewrite = (source: string, variant: string, lsms: number): string => {
  const call = ownValue(calls, variant)!
  let out = ''
  let at = 0
  for (const match of source.matchAll(HOOK_CALL)) {
    const open = match.index + match[0].length - 1
    const close = closing(source, open)
    out += source.slice(at, match.index) + call(match[1]!, source.slice(open + 1, close), lsms)
    at = close + 1
  }
  return out + source.slice(at)
}
