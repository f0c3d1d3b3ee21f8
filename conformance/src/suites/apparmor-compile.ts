/**
 * Profile texts against the binaries that apparmor_parser made of them: one text with `--expect BINARY`, or recorded
 * ones. Two policies are equal when their fields are, and their automata allow the same for every string.
 */
import { compileProfiles, kernelFeatures, parseFeatures, ProfileError } from '@lsmkit/apparmor/profile'
import type { CompileResult, Features, ProfileFiles } from '@lsmkit/apparmor/profile'
import { readUncheckedPolicy, type PolicyBinary } from '@lsmkit/apparmor/policydb'
import { parserDifferences } from '@lsmkit/apparmor/query'
import type { PolicyDifference } from '@lsmkit/apparmor/query'
import { diskFiles } from '../apparmor/profile-files.ts'
import { readInput } from '../input.ts'
import { parseJsonLines } from '../json.ts'
import { UsageError } from '../suite.ts'
import type { Input, Options, Row, Suite } from '../suite.ts'

const symbolText = (symbol: number): string => {
  if (symbol > 0x20 && symbol < 0x7f) return String.fromCharCode(symbol)
  return symbol > 255 ? '<out of band>' : `\\x${symbol.toString(16).padStart(2, '0')}`
}

const symbolsText = (symbols: readonly number[]): string => symbols.map(symbolText).join('')

const differenceText = ({ where, left, right, example }: PolicyDifference): string => {
  const string = example === null ? '' : ` of ${symbolsText(example)}`
  return `${where}${string}: apparmor_parser ${left}, lsmkit ${right}`
}

const attempt = (compile: () => CompileResult): CompileResult | ProfileError => {
  try {
    return compile()
  } catch (error) {
    if (error instanceof ProfileError) return error
    throw error
  }
}

/** A row a profile of the binary. */
const profileRows = function* (name: string, theirs: PolicyBinary, ours: CompileResult | ProfileError): Generator<Row> {
  const refused = ours instanceof ProfileError ? `refused: ${ours.place ?? ''} ${ours.message}` : null
  const differences = ours instanceof ProfileError ? [] : parserDifferences(theirs, ours)
  const whole = differences.find(({ profile }) => profile === '')
  for (const profile of theirs.profiles) {
    const own = whole ?? differences.find((one) => one.profile === profile.name)
    yield {
      id: `${name} ${profile.name}`, expected: 'equal',
      got: refused ?? (own === undefined ? 'equal' : differenceText(own)),
    }
  }
}

interface RecordedText {
  readonly seed: number
  readonly features: string
  readonly text: string
  /** Null: apparmor_parser refused it. */
  readonly binary: string | null
}

const oneFile = (text: string): ProfileFiles => {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
  return { read: (path) => path === 'text' ? bytes : null, list: () => null }
}

interface RecordedFeatures {
  /** Texts of features files by their names. */
  readonly features: Readonly<Record<string, string>>
}

const replay = function* (input: Input): Generator<Row> {
  const features = new Map<string, Features>()
  for (const row of parseJsonLines<RecordedText | RecordedFeatures>(input)) {
    if (!('seed' in row)) {
      for (const [name, text] of Object.entries(row.features)) features.set(name, parseFeatures(text, name))
      continue
    }
    const kernel = features.get(row.features)
    if (kernel === undefined) throw new UsageError(`\`${input.path}\` has no features \`${row.features}\``)
    const ours = attempt(() => compileProfiles('text', { files: oneFile(row.text), features: kernel }))
    const name = `seed ${row.seed}`
    if (row.binary !== null) yield* profileRows(name, readUncheckedPolicy(Buffer.from(row.binary, 'base64')), ours)
    else yield { id: name, expected: 'refused', got: ours instanceof ProfileError ? 'refused' : 'compiled' }
  }
}

const compileOne = async (input: Input, expect: string, options: Options): Promise<Iterable<Row>> => {
  const theirs = readUncheckedPolicy((await readInput(expect)).bytes)
  const features = options.features === undefined
    ? kernelFeatures('6.12')
    : parseFeatures((await readInput(options.features)).text, options.features)
  const include = options.include?.split(':') ?? []
  // The text itself may be packed; what it includes is read as it is.
  const files: ProfileFiles = { ...diskFiles, read: (path) => path === input.path ? input.bytes : diskFiles.read(path) }
  return profileRows(input.path, theirs, attempt(() => compileProfiles(input.path, { files, include, features })))
}

export const apparmorCompile: Suite = {
  options: ['expect', 'features'],
  lists: { include: 'I' },
  verb: 'equal',
  async *run(inputs, options): AsyncGenerator<Row> {
    if (options.expect === undefined) {
      for (const input of inputs) yield* replay(input)
      return
    }
    if (inputs.length !== 1) throw new UsageError('one binary is expected of one text', '--expect BINARY TEXT')
    yield* await compileOne(inputs[0]!, options.expect, options)
  },
}
