/**
 * CIL: all files as one policy against the binary that secilc made of them (`--expect`), or each by itself against
 * secilc's verdicts (`--verdicts`), with the binaries that lie beside the sources.
 */
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import type { CilSource, CompileOptions } from '@lsmkit/selinux/cil'
import { differingLines, normalisePolicy, readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { readInput } from '../input.ts'
import { UsageError } from '../suite.ts'
import type { Input, Row, Suite } from '../suite.ts'
import { isTar, untar } from '../tar.ts'

/** Attributes that secilc makes up, or that a compiler before it did: called by their members. */
const generated = /^(base_typeattr|deny_rule_attr)_\d+$/
const SHOWN = 3

const sourcesOf = (inputs: readonly Input[]): CilSource[] => inputs.flatMap(({ path, bytes }) => isTar(bytes)
  ? untar(bytes).filter(({ name }) => name.endsWith('.cil')).map(({ name, bytes: text }) => ({ name, text }))
  : [{ name: path, text: bytes }])

/** The policy of the sources, written and read again, so that the writer is in it too. */
const compiled = (sources: readonly CilSource[], options: CompileOptions): Policydb =>
  readPolicy(writePolicy(compileCil(sources, { ...options, asSecilc: true }).policy))

const compare = (ours: Policydb, theirs: Policydb): string => {
  const { onlyA, onlyB } = differingLines(normalisePolicy(ours, { generated }), normalisePolicy(theirs, { generated }))
  if (onlyA.length + onlyB.length === 0) return 'equal'
  const lines = [...onlyA.slice(0, SHOWN).map((line) => `+ ${line}`),
    ...onlyB.slice(0, SHOWN).map((line) => `- ${line}`)]
  return `${onlyA.length} lines only ours, ${onlyB.length} only theirs: ${lines.join(' | ')}`
}

const attempt = (compile: () => Policydb): Policydb | CilError => {
  try {
    return compile()
  } catch (error) {
    if (error instanceof CilError) return error
    throw error
  }
}

const errorText = (error: CilError): string => `error ${error.code}: ${error.message}`

/** Neverallow checks off, MLS and version as the binary has them, declarations in several modules allowed. */
const whole = async (inputs: readonly Input[], expect: string): Promise<Row> => {
  const theirs = readPolicy((await readInput(expect)).bytes)
  const ours = attempt(() => compiled(sourcesOf(inputs), {
    version: theirs.version, mls: theirs.mls, multipleDeclarations: true, disableNeverallow: true,
  }))
  return { id: expect, expected: 'equal', got: ours instanceof CilError ? errorText(ours) : compare(ours, theirs) }
}

const baseName = (path: string): string => path.replace(/^.*\//, '').replace(/\.cil$/, '')

/** As secilc runs without options. */
const oneByOne = async function* (inputs: readonly Input[], verdicts: string): AsyncIterable<Row> {
  const rows = (await readInput(verdicts)).text.split('\n').filter((line) => line.includes('\t'))
    .map((line) => line.split('\t'))
  for (const input of inputs) {
    const name = baseName(input.path)
    const row = rows.find(([id]) => id === name)
    if (row === undefined) throw new UsageError(`\`${verdicts}\` says nothing of \`${name}\``)
    const ours = attempt(() => compiled(sourcesOf([input]), {}))
    yield { id: `${name} verdict`, expected: row[1]!, got: ours instanceof CilError ? 'error' : 'ok' }
    if (row[1] !== 'ok') continue
    const binary = input.path.replace(/\.cil$/, '.34.gz')
    const got = ours instanceof CilError ? errorText(ours) : compare(ours, readPolicy((await readInput(binary)).bytes))
    yield { id: `${name} binary`, expected: 'equal', got }
  }
}

export const cil: Suite = {
  options: ['expect', 'verdicts'],
  async *run(inputs, options) {
    if (options.expect !== undefined) yield await whole(inputs, options.expect)
    else if (options.verdicts !== undefined) yield* oneByOne(inputs, options.verdicts)
    else throw new UsageError('what is expected?', '--expect POLICY, or --verdicts TABLE')
  },
}
