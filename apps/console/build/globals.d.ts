/** The globals of the worker that a module runs in, for the editor of modules. Nothing else reads this file. */

interface Console {
  debug(...data: readonly unknown[]): void
  error(...data: readonly unknown[]): void
  info(...data: readonly unknown[]): void
  log(...data: readonly unknown[]): void
  warn(...data: readonly unknown[]): void
}
/** Writes to the console of the browser's own tools. */
declare const console: Console

/** Makes UTF-8 of text. */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}

/** Makes text of bytes; UTF-8 unless a label says otherwise. */
declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean })
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { readonly stream?: boolean }): string
}

/** Milliseconds since the worker began: `performance.now()`. A module's clock is `now` of its context. */
declare const performance: { now(): number }

declare const crypto: {
  /** Fills an array with random bytes. */
  getRandomValues<T extends ArrayBufferView>(array: T): T
  /** A random UUID, version 4. */
  randomUUID(): string
}

/** A deep copy. */
declare function structuredClone<T>(value: T): T
