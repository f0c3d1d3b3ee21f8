/** Helpers on text: numbers from text, comparison, formatted output. */
import { EINVAL, ERANGE } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { formatText } from './format-text.ts'
import { given, put64, textAt, wanted, wordsAt } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

/** Text to a 64-bit number; how many characters were used. Base from the text when `flags` says 0. */
const parseNumber = (
  env: HelperEnv, at: number, size: number, flags: number, high: number, to: number, isSigned: boolean,
): number => {
  const text = textAt(env, at, size)
  const base = flags & 31
  if (size >>> 0 === 0 || high !== 0 || flags & ~31 || ![0, 8, 10, 16].includes(base)) return -EINVAL
  const [, blank, sign, body] = /^(\s*)(-?)(.*)$/s.exec(text)!
  if (sign === '-' && !isSigned) return -EINVAL
  const isHex = /^0x[\da-f]/i.test(body!)
  const radix = base !== 0 ? base : isHex ? 16 : body!.startsWith('0') ? 8 : 10
  const skipped = radix === 16 && isHex ? 2 : 0
  const digits = (radix === 16 ? /^[\da-f]+/i : radix === 8 ? /^[0-7]+/ : /^\d+/).exec(body!.slice(skipped))?.[0] ?? ''
  if (digits === '') return -EINVAL
  let value = 0n
  for (const digit of digits) value = value * BigInt(radix) + BigInt(Number.parseInt(digit, radix))
  if (sign === '-') value = -value
  const limit = isSigned ? [-(1n << 63n), (1n << 63n) - 1n] : [0n, (1n << 64n) - 1n]
  if (value < limit[0]! || value > limit[1]!) return -ERANGE
  put64(env, to, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
  return blank!.length + sign!.length + skipped + digits.length
}

const strncmp = (env: HelperEnv, one = 0, size = 0, other = 0): number => {
  const left = given(env, one, size)
  const right = env.machine.memory.u8.subarray(other >>> 0, (other >>> 0) + left.length)
  for (let at = 0; at < left.length; at++) {
    const b = right[at] ?? 0
    if (left[at] !== b) return left[at]! - b
    if (b === 0) return 0
  }
  return 0
}

/** What was not printed for lack of room counts, as in C. */
const snprintf = (env: HelperEnv, to = 0, size = 0, format = 0, args = 0, length = 0): number => {
  const text = new TextEncoder().encode(formatText(env, textAt(env, format, 4096), wordsAt(env, args, length)))
  const bytes = wanted(env, to, size)
  if (bytes.length > 0) {
    const shown = text.subarray(0, bytes.length - 1)
    bytes.set(shown)
    bytes[shown.length] = 0
  }
  return text.length + 1
}

const trace = (env: HelperEnv, format: string, args: readonly bigint[]): number => {
  const text = formatText(env, format, args)
  env.host.trace?.(text.replace(/\n$/, ''))
  return new TextEncoder().encode(text).length
}

const join64 = (low = 0, high = 0): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

export const textHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_strtol, 'iili', 's', (env, at, size, flags, high, to) =>
    parseNumber(env, at!, size!, flags!, high!, to!, true)],
  [id.BPF_FUNC_strtoul, 'iili', 's', (env, at, size, flags, high, to) =>
    parseNumber(env, at!, size!, flags!, high!, to!, false)],
  [id.BPF_FUNC_strncmp, 'iii', 's', strncmp],
  [id.BPF_FUNC_snprintf, 'iiiii', 's', snprintf],
  [id.BPF_FUNC_trace_printk, 'iilll', 's', (env, format, size, a, ah, b, bh, c, ch) =>
    trace(env, textAt(env, format!, size!), [join64(a, ah), join64(b, bh), join64(c, ch)])],
  [id.BPF_FUNC_trace_vprintk, 'iiii', 's', (env, format, size, args, length) =>
    trace(env, textAt(env, format!, size!), wordsAt(env, args!, length!))],
]
