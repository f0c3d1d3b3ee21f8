/** Specs of the tools, resources and prompts of a guard: name, user and label, and path arguments. */
import { aBoolean, aFunction, aString, either, oneOf, optionsOf, recordOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { OptionShape } from '@lsmkit/core/plain-options'
import type { User } from '@lsmkit/sandbox'
import type { PathUse } from './open-file.ts'

/** The user, label and role that a tool runs with; the policy's unless given. */
export interface ToolChoice {
  readonly user?: User
  readonly label?: string
  /** A role of the box's policy, which narrows what the tool may do. */
  readonly role?: string
}

/** A path argument that may be left out: `opened` does not have it then. */
export interface OptionalPath {
  readonly use: PathUse
  readonly optional: boolean
}

export interface ToolSpec extends ToolChoice {
  readonly name: string
  /** Arguments that are paths, and what they are opened for. A call whose argument is not a string is refused. */
  readonly paths?: Readonly<Record<string, PathUse | OptionalPath>>
  /** Throws for arguments that the tool does not take. It is called before any path is opened. */
  readonly check?: (args: Readonly<Record<string, unknown>>) => void
}

/** A spec and what it is of, for sentences. */
export interface CallSpec extends ToolSpec {
  readonly kind?: 'tool' | 'resource' | 'prompt' | 'request'
}

export const choiceRules: OptionRules<ToolChoice> = {
  user: either(aString, { is: Number.isSafeInteger, what: 'a number' }), label: aString, role: aString,
}

const aUse = oneOf('read', 'write', 'append', 'directory')
const aPath = either(aUse, optionsOf<OptionalPath>({ use: required(aUse), optional: required(aBoolean) }))
export const specShape: OptionShape<ToolSpec> = {
  takes: { ...choiceRules, name: required(aString), paths: recordOf(aPath), check: aFunction },
}
