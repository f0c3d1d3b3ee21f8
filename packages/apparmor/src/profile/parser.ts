/** The state of the parser: files, variables, aliases, the abi, and its warnings. */
import type { Alias, ProfileNode } from './ast.ts'
import type { ProfileWarning } from './errors.ts'
import { parseFeatures, type Features } from './features.ts'
import type { Token } from './lex.ts'
import type { Place, SourceText } from './place.ts'
import { Scanner } from './scan.ts'
import type { Sources } from './sources.ts'
import { Symbols } from './symbols.ts'
import { meaningOf } from './unescape.ts'

export class Parser {
  readonly sources: Sources
  readonly symbols = new Symbols()
  readonly aliases: Alias[] = []
  readonly profiles: ProfileNode[] = []
  readonly warnings: ProfileWarning[] = []
  /** Features that the policy was written for; null without an `abi` rule. */
  policyFeatures: Features | null = null
  /** The meaning of `abi <kernel>`. */
  readonly kernelFeatures: Features
  /** Blocks, conditions and profiles that are open. */
  depth = 0

  constructor(sources: Sources, kernelFeatures: Features) {
    this.sources = sources
    this.kernelFeatures = kernelFeatures
  }

  warn(code: ProfileWarning['code'], message: string, place: Place | null): void {
    this.warnings.push({ code, message, place })
  }
}

/** The name in an `include` or `abi` rule, and whether it is looked for in folders. */
const takeFileName = (scanner: Scanner): { name: string, search: boolean, place: Place } => {
  const token = scanner.next('file')
  if (token.kind !== 'search' && token.kind !== 'value') throw scanner.wants('a file name', token)
  const search = token.kind === 'search'
  const name = meaningOf((search ? token.text.slice(1, -1) : token.text).trim())
  return { name, search, place: scanner.place(token.start) }
}

/** `token` is `include` or `include if exists`; `read` reads each file. */
export const parseInclude = (
  parser: Parser, scanner: Scanner, token: Token, read: (inner: Scanner) => void,
): void => {
  scanner.at = token.start + token.text.length
  const { name, search, place } = takeFileName(scanner)
  for (const source of parser.sources.include(name, search, token.kind === 'include-if-exists', place)) {
    parser.sources.during(source, place, () => read(new Scanner(source)))
  }
}

/** `abi` was read. */
export const parseAbi = (parser: Parser, scanner: Scanner, inPreamble: boolean): void => {
  const { name, search, place } = takeFileName(scanner)
  scanner.expect('end', ',', 'a comma behind the abi')
  const features = search && name === 'kernel'
    ? parser.kernelFeatures
    : featuresOf(parser.sources.abi(name, search, place))
  if (features === null || parser.policyFeatures !== null) return
  // Behind the preamble it is settled what the policy was written for.
  if (inPreamble) parser.policyFeatures = features
  else parser.warn('ignored-rule', 'an abi inside a profile comes too late to count', place)
}

const featuresOf = (source: SourceText | null): Features | null =>
  source === null ? null : parseFeatures(source.text, source.file)
