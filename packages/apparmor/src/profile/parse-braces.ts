/** Braces: how deep they are nested, and where they close. */
import { ProfileError } from './errors.ts'
import type { Parser } from './parser.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scan.ts'

const MOST_NESTED = 200

export const nested = (parser: Parser, place: Place, parse: () => void): void => {
  if (parser.depth >= MOST_NESTED) throw new ProfileError('too-deep', 'braces are nested too deep', place)
  parser.depth++
  parse()
  parser.depth--
}

/** Where the brace stands. */
export const closeBrace = (scanner: Scanner, open: Place): Place => {
  const token = scanner.next('rule')
  if (token.kind === '}') return scanner.place(token.start)
  throw new ProfileError('unclosed', 'the file ends before `}`', scanner.place(token.start), {
    related: [{ message: 'the brace opens here', place: open }],
  })
}
