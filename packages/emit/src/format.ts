/** The shape of a format: it is written from a policy, read again from its text, asked, and made a policy again. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import type { Plain } from './plain.ts'
import type { Answers } from './question.ts'
import type { Unsaid } from './unsaid.ts'

/** A file that belongs to the text: a filter, a profile that the text names. */
export interface EmittedFile {
  readonly name: string
  readonly contents: string | Uint8Array
}

export interface Written {
  readonly text: string
  readonly files?: readonly EmittedFile[]
}

/** A policy that was read, and what of the file is not in it. */
export interface Taken {
  readonly policy: Policy
  readonly leftOut: readonly LeftOut[]
}

export interface LeftOut {
  /** `pathBeneath[2]`. */
  readonly place: string
  readonly text: string
  /** The policy permits more than the file below this path. */
  readonly path?: string
}

export interface Format {
  /** For people: `LandlockConfig, JSON`. */
  readonly title: string
  /** The usual name of the file. */
  readonly file: string
  write(plain: Plain): Written
  unsaid(plain: Plain): readonly Unsaid[]
  /** The answers of what was written, which is read again from its text. Throws EmitError. */
  answers(written: Written): Answers
  /** As the file has it; `takeFrom` makes it sound. Throws EmitError. */
  take(written: Written): Taken
}
