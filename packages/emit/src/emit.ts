/** `emit` and `importPolicy`: a policy for another wall, and a file of one as a policy. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { didYouMean } from '@lsmkit/core'
import { ownValue } from '@lsmkit/abi'
import { EmitError } from './emit-error.ts'
import type { EmittedFile, Format, LeftOut } from './format.ts'
import { formatNames, formats } from './formats/index.ts'
import type { FormatName } from './formats/index.ts'
import { plainOf } from './plain.ts'
import { prove as proveFormat } from './prove.ts'
import type { Proof } from './prove.ts'
import type { QuestionOptions } from './questions.ts'
import { takeFrom } from './taken.ts'
import type { Effect } from './unsaid.ts'

/** A line of the policy that the format cannot say. */
export interface UnsaidItem {
  /** A name for `accept`: all items of one kind have the same. */
  readonly id: string
  /** The line: `allow: hosts[1]`. */
  readonly place: string
  readonly text: string
  /** `wider`: the wall lets more pass. `narrower`: it refuses more. `lost`: it is not about access. */
  readonly effect: Effect
}

export interface Emitted {
  readonly format: FormatName
  /** The usual name of a file with this text. */
  readonly file: string
  readonly text: string
  /** Files that belong to the text, by the names that it gives them. */
  readonly files: readonly EmittedFile[]
  readonly unsaid: readonly UnsaidItem[]
}

export const formatNamed = (name: string): Format => {
  const format = ownValue<Format>(formats, name)
  if (format !== undefined) return format
  throw new EmitError('unknown-format', `\`${name}\` is not a format`, {
    hint: didYouMean(name, formatNames) ?? formatNames.join(', '),
  })
}

const itemOf = ({ id, place, text, effect }: UnsaidItem): UnsaidItem => ({ id, place, text, effect })

/**
 * A policy as another wall takes it, with all that it cannot say. Throws EmitError, and the errors of `checkPolicy`.
 */
export const emit = (policy: Policy, format: FormatName): Emitted => {
  const { file, write, unsaid } = formatNamed(format)
  const plain = plainOf(policy)
  const { text, files = [] } = write(plain)
  return { format, file, text, files, unsaid: unsaid(plain).map(itemOf) }
}

/** Asks the policy and what was emitted of it the same questions. An item of `because` names each difference. */
export const prove = (policy: Policy, format: FormatName, options: QuestionOptions = {}): Proof => {
  const [form, plain] = [formatNamed(format), plainOf(policy)]
  return proveFormat(plain, form, form.write(plain), options)
}

export interface Imported {
  readonly format: FormatName
  readonly policy: Policy
  /** Parts of the file that are not in the policy. */
  readonly leftOut: readonly LeftOut[]
}

/** A file of another wall as a policy. Throws EmitError with the place of the mistake. */
export const importPolicy = (
  text: string, from: FormatName, files: readonly EmittedFile[] = [],
): Imported => ({ format: from, ...takeFrom(formatNamed(from), { text, files }) })
