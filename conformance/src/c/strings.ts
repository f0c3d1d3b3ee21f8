/** The C library's functions that make no call: on memory, as rows use them to make names and buffers. */
import { ownValue } from '@lsmkit/abi'
import type { Builtin, CMachine } from './machine.ts'

const RADIX: Readonly<Record<string, number>> = { d: 10, i: 10, u: 10, x: 16, X: 16, o: 8 }

export const stringCalls = (m: CMachine): Record<string, Builtin> => {
  const text = (at: number): string => m.text(at) ?? ''
  /** Writes a text and its NUL, of at most `room` bytes. */
  const put = (at: number, value: string, room = Infinity): number => {
    const kept = value.slice(0, Math.max(room - 1, 0))
    if (room > 0) m.bytes.set([...kept].map((char) => char.charCodeAt(0)).concat(0), at)
    return value.length
  }
  const format = (at: number, args: readonly number[]): string => {
    let next = 0
    return text(at).replace(/%(0?)(\d*)(?:l|ll|z|h|hh)?([diuxXocsp%])/g, (_all, zero: string, width: string, kind) => {
      if (kind === '%') return '%'
      const arg = args[next++] ?? 0
      const shown = kind === 's' ? text(arg) : kind === 'c' ? String.fromCharCode(arg) : kind === 'p'
        ? `0x${arg.toString(16)}`
        : arg.toString(ownValue(RADIX, kind as string))
      return shown.padStart(Number(width || 0), zero === '' ? ' ' : '0')
    })
  }
  return {
    sprintf: (at, pattern, ...args) => put(at, format(pattern, args)),
    snprintf: (at, room, pattern, ...args) => put(at, format(pattern, args), room),
    strlen: (at) => text(at).length,
    strcpy: (to, from) => (put(to, text(from)), to),
    strncpy: (to, from, room) => {
      m.bytes.fill(0, to, to + room)
      m.bytes.set([...text(from).slice(0, room)].map((char) => char.charCodeAt(0)), to)
      return to
    },
    strcat: (to, from) => (put(to + text(to).length, text(from)), to),
    strcmp: (a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0),
    atoi: (at) => Number.parseInt(text(at), 10) || 0,
    memcpy: (to, from, n) => {
      m.bytes.copyWithin(to, from, from + n)
      return to
    },
    memcmp: (a, b, n) => {
      for (let i = 0; i < n; i++) {
        const by = m.bytes[a + i]! - m.bytes[b + i]!
        if (by !== 0) return by
      }
      return 0
    },
    memset: (at, byte, n) => {
      m.bytes.fill(byte, at, at + n)
      return at
    },
    makedev: (major, minor) => (major << 8) | minor,
    malloc: (size) => m.alloc(size),
    calloc: (count, size) => m.alloc(count * size),
    free: () => 0,
  }
}
