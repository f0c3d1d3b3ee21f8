/** The conversions of bpf_trace_printk and bpf_snprintf (kernel/trace/bpf_trace.c: bpf_bprintf_prepare). */
import { cString, given } from './helper-env.ts'
import type { HelperEnv } from './helper-env.ts'

const CONVERSION = /%([-+ #0]*)(\d*)(?:(p(?:ks|us|i4|I4|i6|I6|[BKsSx])?)|(s|c)|(l{0,2})([diuxX])|(%))/g

export const formatText = (env: HelperEnv, format: string, args: readonly bigint[]): string => {
  let next = 0
  return format.replaceAll(CONVERSION, (all, flags: string, width: string, pointer, text, long, kind, percent) => {
    if (percent !== undefined) return '%'
    const value = args[next++] ?? 0n
    const low = Number(BigInt.asUintN(32, value))
    const high = Number(BigInt.asUintN(32, value >> 32n))
    if (text === 's') return pad(cString(env, low, high), flags, width)
    if (text === 'c') return pad(String.fromCharCode(low & 0xff), flags, width)
    const p = pointer as string | undefined
    if (p !== undefined) return formatPointer(env, p, value, low, high)
    if (kind === undefined) return all
    return pad(formatNumber(long as string, kind as string, flags, value), flags, width)
  })
}

const formatNumber = (long: string, kind: string, flags: string, value: bigint): string => {
  const bits = long === '' ? 32 : 64
  if (kind === 'd' || kind === 'i') return BigInt.asIntN(bits, value).toString()
  const unsigned = BigInt.asUintN(bits, value)
  if (kind === 'u') return unsigned.toString()
  const hex = unsigned.toString(16)
  return `${flags.includes('#') ? '0x' : ''}${kind === 'X' ? hex.toUpperCase() : hex}`
}

const formatPointer = (env: HelperEnv, form: string, value: bigint, low: number, high: number): string => {
  if (/i4$/i.test(form)) return [...given(env, low, 4)].join('.')
  if (/i6$/i.test(form)) {
    return [...given(env, low, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('').replaceAll(/(....)(?=.)/g, '$1:')
  }
  if (form === 'pks' || form === 'pus') return cString(env, low, high)
  return value.toString(16).padStart(16, '0')
}

const pad = (text: string, flags: string, width: string): string => {
  const size = Number(width)
  if (flags.includes('-')) return text.padEnd(size)
  if (!flags.includes('0')) return text.padStart(size)
  const sign = text.startsWith('-') ? '-' : ''
  return sign + text.slice(sign.length).padStart(size - sign.length, '0')
}
