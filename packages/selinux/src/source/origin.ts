/** From an offset in expanded text to the line that was written, and the interfaces in between. */
import type { Related } from '../cil/errors.ts'
import type { Place } from '../cil/sources.ts'
import { SourceError } from './errors.ts'
import type { SourceErrorCode } from './errors.ts'
import type { Files } from './files.ts'
import type { Calls } from './m4/calls.ts'
import { callAt, positionAt } from './m4/text.ts'
import type { Text } from './m4/text.ts'

/** Where a word is from: the line of the file that was compiled, and the way into what it called. */
export interface Traced {
  readonly place: Place | null
  readonly chain: readonly Related[]
}

export class Origin {
  readonly text: Text
  readonly files: Files
  readonly calls: Calls

  constructor(text: Text, files: Files, calls: Calls) {
    this.text = text
    this.files = files
    this.calls = calls
  }

  /** `statement` is where the statement begins: an argument may stand in the file, its statement in an interface. */
  trace(at: number, statement = at): Traced {
    const position = positionAt(this.text, at)
    const ownCall = callAt(this.text, at)
    const call = ownCall === 0 ? callAt(this.text, statement) : ownCall
    const chain = this.calls.inward(this.files, call, ownCall === 0 ? positionAt(this.text, statement) : position)
    if (ownCall === 0) return { place: this.files.placeOf(position), chain }
    return { place: this.files.placeOf(this.calls.positionOf(this.calls.outermost(call))), chain }
  }

  fail(
    code: SourceErrorCode, message: string, at: number, parts: { hint?: string | null; statement?: number } = {},
  ): never {
    const { place, chain } = this.trace(at, parts.statement)
    throw new SourceError(code, message, place, { hint: parts.hint ?? null, chain })
  }
}
