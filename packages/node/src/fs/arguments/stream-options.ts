/** Options of Node's file streams. Node checks the values; an option that leads past the task is refused. */
import { OptionError } from '@lsmkit/core/option-rules'
import type { OpenHandle } from '../open-handle.ts'
import { wrongType } from './argument-error.ts'

/** Reads and writes go through the task. */
export interface StreamOptions {
  readonly flags?: string | number
  readonly encoding?: BufferEncoding | null
  /** A descriptor of the task; the path is then not looked at. */
  readonly fd?: number | OpenHandle | null
  readonly mode?: number
  readonly autoClose?: boolean
  readonly emitClose?: boolean
  readonly start?: number
  readonly end?: number
  readonly highWaterMark?: number
  readonly flush?: boolean
  readonly signal?: AbortSignal | null
}
export type StreamArgument = StreamOptions | BufferEncoding | null

/** The options that are taken, and those that are refused with the reason. */
export const streamOptionNames = {
  takes: [
    'flags', 'encoding', 'fd', 'mode', 'autoClose', 'emitClose', 'start', 'end', 'highWaterMark', 'flush', 'signal',
  ],
  refuses: { fs: 'it would go past the task', windowsHandle: 'it would go past the task' },
} as const satisfies { takes: readonly (keyof StreamOptions)[]; refuses: Readonly<Record<string, string>> }

/** Each option read once. Throws OptionError for one that is refused. */
export const plainCopyOf = (options: unknown, place: string): Record<string, unknown> => {
  if (options === undefined || options === null) return {}
  if (typeof options === 'string') return { encoding: options }
  if (typeof options !== 'object') throw wrongType('options', ['string', 'Object'], options)
  const given = options as Record<string, unknown>
  for (const [name, why] of Object.entries(streamOptionNames.refuses)) {
    if (given[name] === undefined || given[name] === null) continue
    throw new OptionError('refused-option', `\`${name}\` is not taken: ${why}`, { place })
  }
  const copy: Record<string, unknown> = {}
  for (const name of streamOptionNames.takes) {
    const value = given[name]
    if (value !== undefined) copy[name] = value
  }
  return copy
}
