/**
 * A folder of policy modules (.pp, .pp.bz2) as CIL, against what libsepol's converter makes of them on this machine:
 * all of them as one policy, compared as compiled, by name.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compileCil } from '@lsmkit/selinux/cil'
import type { CilSource } from '@lsmkit/selinux/cil'
import { packageToCil } from '@lsmkit/selinux/module'
import { differingLines, normalisePolicy, readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import { runProgram, unpackedPackage } from './packages.ts'
import { UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

const CONVERTER = '/usr/libexec/selinux/hll/pp'
const SHOWN = 3

/** Attributes that a converter makes up are known by their types. */
const generated = /_(type|role)attr_\d+$/

const compiled = (sources: readonly CilSource[]) => {
  const { policy, fileContexts } =
    compileCil(sources, { asSecilc: true, multipleDeclarations: true, disableNeverallow: true, version: 33 })
  return { lines: normalisePolicy(readPolicy(writePolicy(policy)), { generated }), fileContexts }
}

const compare = (folder: string): Row[] => {
  const names = readdirSync(folder).filter((name) => /\.pp(\.bz2)?$/.test(name)).sort()
  if (names.length === 0) throw new UsageError(`\`${folder}\` has no .pp in it`)
  const modules = names.map((name) => {
    const bytes = readFileSync(join(folder, name))
    return { name, bytes: unpackedPackage(name, bytes) }
  })
  const ours = compiled(modules.map(({ name, bytes }) => ({ name, text: packageToCil(bytes).text })))
  const theirs = compiled(modules.map(({ name, bytes }) => ({ name, text: runProgram(CONVERTER, [], bytes) })))
  const { onlyA, onlyB } = differingLines(ours.lines, theirs.lines)
  const lines = [...onlyA.slice(0, SHOWN).map((line) => `+ ${line}`),
    ...onlyB.slice(0, SHOWN).map((line) => `- ${line}`)]
  const got = onlyA.length + onlyB.length === 0 ? 'equal'
    : `${onlyA.length} lines only ours, ${onlyB.length} only theirs: ${lines.join(' | ')}`
  return [
    { id: `${folder}: policy of ${names.length} modules`, expected: 'equal', got },
    { id: `${folder}: file contexts`, expected: theirs.fileContexts, got: ours.fileContexts },
  ]
}

export const selinuxModules: Suite = {
  readsFiles: false,
  *run(_inputs, _options, paths) {
    for (const path of paths) yield* compare(resolve(process.env.INIT_CWD ?? process.cwd(), path))
  },
}
