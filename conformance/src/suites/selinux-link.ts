/**
 * Modules linked onto binary policies. A recorded file (`record/selinux-link`) has what semodule made of small policies
 * of ours with each module. A folder of packages has a whole policy: each third module is added to it once more, under
 * other names, and compared with the policy that is compiled of all sources.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import { linkModules, packageToCil } from '@lsmkit/selinux/module'
import type { Linked, LinkedModule, ModuleText } from '@lsmkit/selinux/module'
import { differingLines, normalisePolicy, readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { unpackedPackage } from './packages.ts'
import { parseJsonLines } from '../json.ts'
import { played, UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

const SHOWN = 3
const options = { version: 33, disableNeverallow: true, multipleDeclarations: true } as const

const textOf = (a: readonly string[], b: readonly string[]): string => {
  const { onlyA, onlyB } = differingLines(a, b)
  const lines = [
    ...onlyA.slice(0, SHOWN).map((line) => `+ ${line}`), ...onlyB.slice(0, SHOWN).map((line) => `- ${line}`),
  ]
  return onlyA.length + onlyB.length === 0 ? 'equal'
    : `${onlyA.length} lines only ours, ${onlyB.length} only theirs: ${lines.join(' | ')}`
}

const generated = /_typeattr_\d+$/
const linesOf = (policy: Policydb): string[] => normalisePolicy(readPolicy(writePolicy(policy)), { generated })

interface BaseLine {
  /** Base64 of gzip. */
  readonly base: string
}

interface ModuleLine {
  readonly id: string
  readonly module: string
  /** The policy with the module, or null where semodule refuses it. */
  readonly after: string | null
}

const binary = (text: string): Policydb => readPolicy(new Uint8Array(gunzipSync(Buffer.from(text, 'base64'))))

function* recorded(path: string, text: string): Iterable<Row> {
  let base: Policydb | null = null
  for (const line of parseJsonLines<BaseLine | ModuleLine>({ path, text })) {
    if ('base' in line) {
      base = binary(line.base)
      continue
    }
    if (base === null) throw new UsageError('the first line of a recorded file is a policy')
    const policy = base
    const { id, module, after } = line
    yield { id, expected: after === null ? 'refused' : 'equal', got: played(() => linkedAs(policy, module, after)) }
  }
}

const linkedAs = (base: Policydb, text: string, after: string | null): string => {
  try {
    const { policy, missing } = linkModules(base, [{ name: 'module.cil', text }], {
      disableNeverallow: true, multipleDeclarations: true,
    })
    // All attributes of the recorded policies are in the binary: another one is a mistake of the module.
    if (missing.length > 0) return 'refused'
    return after === null ? 'linked' : textOf(linesOf(policy), linesOf(binary(after)))
  } catch (error) {
    if (error instanceof CilError) return 'refused'
    throw error
  }
}

/** A module under other names; its labels of files are left out, as each path has one. */
const renamed = ({ name, text, attributes, roleAttributes }: ModuleText): LinkedModule => {
  const declared = /\((?:type|typeattribute|typealias|role|roleattribute|user|boolean|tunable|optional) ([\w-]+)/g
  const own = new Set(Array.from(text.matchAll(declared), ([, word]) => word!))
  const other = (word: string): string => own.has(word) ? `my_${word}` : word
  return {
    name: `my_${name}.cil`, text: text.replace(/\(filecon .*\n/g, '').replace(/[A-Za-z][\w-]*/g, other),
    attributes: attributes.map(other), roleAttributes: roleAttributes.map(other),
  }
}

function* ofFolder(folder: string): Iterable<Row> {
  const names = readdirSync(folder).filter((name) => /\.pp(\.bz2)?$/.test(name)).sort()
  if (names.length === 0) throw new UsageError(`\`${folder}\` has no .pp in it`)
  const modules = names.map((name) => packageToCil(unpackedPackage(name, readFileSync(join(folder, name)))))
  const sources = modules.map(({ name, text }) => ({ name, text }))
  const base = readPolicy(writePolicy(compileCil(sources, options).policy))
  for (const [i, module] of modules.entries()) {
    if (i % 3 !== 0 || module.name === 'base') continue
    const added = renamed(module)
    let whole: Policydb
    try {
      whole = compileCil([...sources, added], options).policy
    } catch (error) {
      // Its transitions by name give another result than those of the module itself.
      if (error instanceof CilError) continue
      throw error
    }
    const got = played(() => {
      const linked = linkModules(base, [added], { disableNeverallow: true, multipleDeclarations: true })
      const text = textOf(linesOf(linked.policy), linesOf(whole))
      tally(text, linked)
      return text
    })
    yield { id: module.name, expected: 'equal', got }
  }
}

/** Of whole policies: results that differ, and whether the linker says that the binary does not have all. */
const counts = { 'differ, and it is said': 0, 'differ in silence': 0 }

const tally = (text: string, { missing, recovered }: Linked): void => {
  if (text === 'equal') return
  counts[missing.length + recovered.length > 0 ? 'differ, and it is said' : 'differ in silence']++
}

const textIn = (bytes: Buffer): string => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()

export const selinuxLink: Suite = {
  readsFiles: false,
  verb: 'equal',
  totals: () => Object.entries(counts),
  *run(_inputs, _options, paths) {
    for (const path of paths) {
      const from = resolve(process.env.INIT_CWD ?? process.cwd(), path)
      if (statSync(from, { throwIfNoEntry: false }) === undefined) throw new UsageError(`cannot read \`${path}\``)
      if (statSync(from).isDirectory()) yield* ofFolder(from)
      else yield* recorded(path, textIn(readFileSync(from)))
    }
  },
}
