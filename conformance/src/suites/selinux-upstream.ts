/**
 * Tests of libsepol's source package: modules and base modules with the bytes of checkmodule and semodule_package,
 * their macros with m4's text, CIL with secilc's verdict and file contexts. The recorded rows have digests alone:
 * `--folder` names the unpacked source package.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import type { CompileOptions } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { compiledPackage, compiledToCil, compileTe, expandMacros, SourceError } from '@lsmkit/selinux/source'
import { played, UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

interface Case {
  readonly file: string
  readonly mls?: boolean
  readonly text?: string
  readonly switches?: readonly string[]
  /** SHA-256, or `refused`. */
  readonly expect: string
}

const SUPPORT = 'tests/policies/support/misc_macros.spt'

const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

const refusedOr = (work: () => string): string => played(() => {
  try {
    return work()
  } catch (error) {
    if (error instanceof SourceError || error instanceof CilError) return 'refused'
    throw error
  }
})

/** checkmodule checks the assertions of a base module; here the compiler of its CIL does. */
const packageOf = (name: string, text: string, mls: boolean): string => {
  const compiled = compileTe({ name, text }, { mls })
  if (compiled.module.isBase && /^\s*neverallow/m.test(text)) compileCil([{ name, text: compiledToCil(compiled) }])
  return digest(compiledPackage(compiled))
}

const optionsOf = ([flag, value]: readonly string[]): CompileOptions => {
  switch (flag) {
    case '-M': return { mls: value === 'true' }
    case '-N': return { disableNeverallow: true }
    case '-O': return { optimise: true }
    case '-m': return { multipleDeclarations: true }
    case '-P': return { preserveTunables: true }
    case '-D': return { disableDontaudit: true }
    case '-X': return { expandSize: Number(value) }
    default: return {}
  }
}

const contextsOf = (name: string, text: string, switches: readonly string[]): string => {
  const { policy, fileContexts } = compileCil([{ name, text }], { ...optionsOf(switches), asSecilc: true })
  writePolicy(policy)
  return digest(fileContexts)
}

function* rowsOf(folder: string, { file, mls = false, text: macros, switches, expect }: Case): Generator<Row> {
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  if (switches !== undefined) {
    const id = [file, ...switches].join(' ')
    yield { id, expected: expect, got: refusedOr(() => contextsOf(file, read(file), switches)) }
    return
  }
  const id = `${file} ${mls ? 'with MLS' : 'without MLS'}`
  const defined = mls ? 'define(`enable_mls\')dnl\n' : ''
  const expanded = expandMacros({ name: file, text: defined + read(SUPPORT) + read(file) })
  yield { id: `${id}: m4`, expected: macros ?? '', got: digest(expanded) }
  yield { id, expected: expect, got: refusedOr(() => packageOf(file, expanded, mls)) }
}

export const selinuxUpstream: Suite = {
  options: ['folder'],
  *run(inputs, { folder }) {
    if (folder === undefined) {
      throw new UsageError('the texts are not recorded', '--folder DIR: libsepol\'s source package, unpacked')
    }
    const found = resolve(process.env.INIT_CWD ?? process.cwd(), folder)
    for (const { text } of inputs) {
      for (const line of text.split('\n')) if (line !== '') yield* rowsOf(found, JSON.parse(line) as Case)
    }
  },
}
