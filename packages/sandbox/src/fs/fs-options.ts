/** Options of `box.fs`, those of `fs/promises` as far as they mean something here. */
import { aBoolean, checkOptions, oneOf, orNull, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

export type Encoding = 'utf8' | 'utf-8'

/** Of the host task, which follows no link out of what the policy names by itself. */
export interface FollowOptions {
  /** Whether it follows links wherever they lead (default: no). A program may have made them. */
  readonly follow?: boolean
}

export interface ReadFileOptions extends FollowOptions {
  readonly encoding?: Encoding | null
}
export interface WriteFileOptions extends FollowOptions {
  readonly encoding?: Encoding
  /** Of a file that is made (default 0o666). */
  readonly mode?: number
  /** `a` appends, `wx` is not for a file that is there. */
  readonly flag?: 'w' | 'a' | 'wx'
}
export interface MkdirOptions extends FollowOptions {
  readonly recursive?: boolean
  readonly mode?: number
}
export interface ReaddirOptions extends FollowOptions {
  readonly recursive?: boolean
  readonly withFileTypes?: boolean
}
export interface RmOptions extends FollowOptions {
  readonly recursive?: boolean
  readonly force?: boolean
}
export interface CpOptions extends FollowOptions {
  readonly recursive?: boolean
}

const anEncoding = oneOf('utf8', 'utf-8')
const aMode = wholeNumber(0, 0o7777)

export const fsOptions = {
  readFile: { encoding: orNull(anEncoding), follow: aBoolean } satisfies OptionRules<ReadFileOptions>,
  writeFile: {
    encoding: anEncoding, mode: aMode, flag: oneOf('w', 'a', 'wx'), follow: aBoolean,
  } satisfies OptionRules<WriteFileOptions>,
  mkdir: { recursive: aBoolean, mode: aMode, follow: aBoolean } satisfies OptionRules<MkdirOptions>,
  readdir: { recursive: aBoolean, withFileTypes: aBoolean, follow: aBoolean } satisfies OptionRules<ReaddirOptions>,
  rm: { recursive: aBoolean, force: aBoolean, follow: aBoolean } satisfies OptionRules<RmOptions>,
  cp: { recursive: aBoolean, follow: aBoolean } satisfies OptionRules<CpOptions>,
  with: { follow: aBoolean } satisfies OptionRules<FollowOptions>,
} as const

/** Throws OptionError. */
export const checkFsOptions = (of: keyof typeof fsOptions, options: object): void =>
  checkOptions<never>(options, fsOptions[of], `fs.${of}`)
