/** A program's streams between its kernel, which asks and never waits, and the caller, who answers when he can. */
import type { Sink, Source } from '@lsmkit/wasi'

/** Bytes that a program may have written and nobody has taken. */
const WINDOW = 65536

/** Asks for the next part when the last is used up. */
export const pullSource = (pull: () => Promise<Uint8Array | null>, stop: { readonly isOver: boolean }): Source => {
  let part: Uint8Array | null = null
  let isAsked = false
  let hasEnded = false
  const ask = async (): Promise<void> => {
    isAsked = true
    try {
      part = await pull()
    } catch {
      part = null
    }
    isAsked = false
    hasEnded = part === null
  }
  return (buffer) => {
    if (part === null || part.length === 0) {
      if (hasEnded || stop.isOver) return 0
      if (!isAsked) void ask()
      return null
    }
    const length = Math.min(part.length, buffer.length)
    buffer.set(part.subarray(0, length))
    part = part.subarray(length)
    return length
  }
}

/** Takes bytes as long as the window has room; null says that the program has to wait. */
export const pushSink = (push: (bytes: Uint8Array) => Promise<void>): Sink => {
  let outstanding = 0
  let hasFailed = false
  return (bytes) => {
    if (hasFailed) throw new Error('nobody takes what is written')
    if (outstanding > 0 && outstanding + bytes.length > WINDOW) return null
    outstanding += bytes.length
    push(bytes.slice()).then(
      () => void (outstanding -= bytes.length),
      () => void (hasFailed = true),
    )
    return undefined
  }
}
