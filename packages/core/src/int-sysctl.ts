/** A setting that is one int with limits, as `proc_dointvec_minmax` reads and writes it (kernel/sysctl.c). */
import { EINVAL, EPERM, PAGE_SIZE } from '@lsmkit/abi'
import { aFunction, aNumber, aString, checkOptions, required } from './option-rules.ts'
import type { OptionRules } from './option-rules.ts'
import type { PseudoFile } from './pseudo-fs.ts'

export interface IntSysctl {
  /** Path below /proc/sys: `kernel/yama/ptrace_scope`. */
  readonly name: string
  readonly get: () => number
  readonly set: (value: number) => void
  /** The allowed values, asked at each write. */
  readonly range: () => readonly [min: number, max: number]
  /** Permission bits; 0644 unless given. */
  readonly mode?: number
  /** Whether the reader may, beside the mode of the file; -EPERM when not. */
  readonly mayRead?: () => boolean
  /** Whether the writer may, beside the mode of the file; -EPERM when not. */
  readonly mayWrite?: () => boolean
}

/** One number, hexadecimal, octal or decimal by its prefix, that ends with a blank; blanks behind it are read too. */
const numberText = /^[ \t\n\v\f\r]*(-?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)(?:$|[ \t\n][ \t\n\v\f\r]*)/i
/** Longer digits are no number (TMPBUFLEN). */
const MAX_DIGITS = 20

/** The first number of a write and the bytes it took with the blanks around it; null when there is none. */
export const parseSysctlInt = (data: Uint8Array): { readonly value: number; readonly length: number } | null => {
  const text = String.fromCharCode(...data.subarray(0, PAGE_SIZE - 1))
  const match = numberText.exec(text)
  if (match === null) return null
  const [all, sign = '', digits = ''] = match
  if (sign.length + digits.length > MAX_DIGITS) return null
  const size = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return { value: sign === '-' && size !== 0 ? -size : size, length: all.length }
}

const rules: OptionRules<IntSysctl> = {
  name: required(aString), get: required(aFunction), set: required(aFunction), range: required(aFunction),
  mode: aNumber(0), mayRead: aFunction, mayWrite: aFunction,
}

/** The file: anybody reads it, root writes it, unless `mode` says otherwise. Throws OptionError. */
export const intSysctl = (given: IntSysctl): PseudoFile => {
  checkOptions(given, rules, 'intSysctl')
  return sysctlFile(given)
}

const always = (): boolean => true

const sysctlFile = (
  { name, mode = 0o644, get, set, range, mayRead = always, mayWrite = always }: IntSysctl,
): PseudoFile => ({
  name,
  mode,
  read: () => (mayRead() ? `${get()}\n` : -EPERM),
  /** Answers the bytes taken; what stands behind the number is left for the next write, which is ignored. */
  write(io, data) {
    if (!mayWrite()) return -EPERM
    // sysctl_writes_strict: only what is written at the beginning counts
    if (data.length === 0 || io.pos !== 0) return data.length
    const parsed = parseSysctlInt(data)
    const [min, max] = range()
    if (parsed === null || parsed.value < min || parsed.value > max) return -EINVAL
    set(parsed.value)
    return parsed.length
  },
})
