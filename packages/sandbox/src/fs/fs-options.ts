/** Options of `box.fs`, those of `fs/promises` as far as they mean something here. */
import { aBoolean, checkOptions, oneOf, orNull, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

export type Encoding = 'utf8' | 'utf-8'

export interface ReadFileOptions {
  readonly encoding?: Encoding | null
}
export interface WriteFileOptions {
  readonly encoding?: Encoding
  /** Of a file that is made (default 0o666). */
  readonly mode?: number
  /** `a` appends, `wx` is not for a file that is there. */
  readonly flag?: 'w' | 'a' | 'wx'
}
export interface MkdirOptions {
  readonly recursive?: boolean
  readonly mode?: number
}
export interface ReaddirOptions {
  readonly recursive?: boolean
  readonly withFileTypes?: boolean
}
export interface RmOptions {
  readonly recursive?: boolean
  readonly force?: boolean
}
export interface CpOptions {
  readonly recursive?: boolean
}

const anEncoding = oneOf('utf8', 'utf-8')
const aMode = wholeNumber(0, 0o7777)

export const fsOptions = {
  readFile: { encoding: orNull(anEncoding) } satisfies OptionRules<ReadFileOptions>,
  writeFile: {
    encoding: anEncoding, mode: aMode, flag: oneOf('w', 'a', 'wx'),
  } satisfies OptionRules<WriteFileOptions>,
  mkdir: { recursive: aBoolean, mode: aMode } satisfies OptionRules<MkdirOptions>,
  readdir: { recursive: aBoolean, withFileTypes: aBoolean } satisfies OptionRules<ReaddirOptions>,
  rm: { recursive: aBoolean, force: aBoolean } satisfies OptionRules<RmOptions>,
  cp: { recursive: aBoolean } satisfies OptionRules<CpOptions>,
} as const

/** Throws OptionError. */
export const checkFsOptions = (of: keyof typeof fsOptions, options: object): void =>
  checkOptions<never>(options, fsOptions[of], `fs.${of}`)
