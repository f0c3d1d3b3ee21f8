/** `lsm selinux compile FILE.te…|policy.conf|FOLDER`: modules (.pp, CIL) of sources, a binary policy of a whole one. */
import { join } from 'node:path'
import { compiledPackage, compiledToCil, compileTe } from '@lsmkit/selinux/source'
import type { CompiledTe, RefpolicyTree, SourceWarning } from '@lsmkit/selinux/source'
import { compileCil } from '@lsmkit/selinux/cil'
import type { CilSource } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { CommandError } from '../../command-error.ts'
import { isFolder } from '../../host-file.ts'
import { refuseIdle } from '../../idle-options.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { writeFiles } from '../../output-files.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { compileOptionsOf, OF_CIL, OF_HEADERS } from './compile-flags.ts'
import type { CompileFlags } from './compile-flags.ts'
import { withCommandErrors } from './errors.ts'
import { orRefusal, sourceCheck, warningFinding } from './source-errors.ts'
import { ModuleList, OF_FOLDERS } from './module-choice.ts'
import { headersOf, isConf, isTe, isTree, source, teOf, treeOf } from './source-inputs.ts'
import type { HeaderFlags } from './source-inputs.ts'

/** What is told of each module that was compiled. */
interface Told {
  readonly name: string
  readonly version: string
  readonly blocks: number
  readonly rules: number
  readonly types: number
}

const told = ({ module, version }: CompiledTe): Told => ({
  name: module.name, version, blocks: module.blocks.length,
  rules: module.blocks.reduce((sum, { rules }) => sum + rules.length, 0),
  types: [...module.declaredIn.types.keys()].length,
})

/** Those of the files that have a name. */
const write = (io: Io, files: readonly (readonly [name: string | undefined, contents: string | Uint8Array])[]): void =>
  writeFiles(io, files.flatMap(([name, contents]) => (name === undefined ? [] : [{ name, contents }])))

const success = (
  names: readonly string[], modules: readonly Told[], warnings: readonly SourceWarning[], output: string | undefined,
): Outcome => ({
  code: EXIT.ok,
  checks: [sourceCheck(names, warnings.map(warningFinding))],
  json: (out) => printJson(out, { valid: true, output: output ?? null, modules, warnings }),
  pretty(out) {
    for (const { message, place } of warnings) {
      const spot = place === null ? '' : `${place.file}:${place.line}: `
      out.note(`${spot}${out.colors.yellow('warning')}: ${message}`)
    }
    for (const { name, version, types, rules, blocks } of modules) {
      out.print(`${version === '' ? name : `${name} ${version}`}: ${types} types, ${rules} rules, ` +
        `${blocks - 1} optional blocks`)
    }
  },
})

/** `.te` files as CIL, for policies that are put together of them and others. Throws SourceError. */
export const teSources = (io: Io, names: readonly string[], flags: HeaderFlags): CilSource[] => {
  const headers = headersOf(io, names, flags)
  return names.map((name) => {
    const { te, ...parts } = teOf(io, name)
    const compiled = compileTe(te, { ...parts, ...(headers === undefined ? {} : { headers }) })
    return { name, text: withCommandErrors(() => compiledToCil(compiled)) }
  })
}

/** Whether the command line names sources alone, whose modules go into CIL or are checked only. */
export const areSources = (io: Io, names: readonly string[], output: string | undefined): boolean =>
  names.some((name) => isTree(io, name)) || names.every(isConf) ||
  (names.every(isTe) && (output === undefined || /\.(cil|pp)$/.test(output)))

/** Ends with 3 when a source is wrong; without an output it only checks. */
export const compileSourcesCommand = (io: Io, names: readonly string[], flags: CompileFlags): number =>
  reported(io, 'selinux compile', flags, () => orRefusal(names, () => {
    const whole = names.find((name) => isConf(name) || isTree(io, name))
    if (whole === undefined) return compileModules(io, names, flags)
    if (names.length > 1) {
      throw new CommandError('usage', 'a whole policy is compiled by itself', `name \`${whole}\` alone`)
    }
    return isTree(io, whole) ? compileTree(io, whole, flags) : compileConf(io, whole, flags)
  }))

const compileModules = (io: Io, names: readonly string[], flags: CompileFlags): Outcome => {
  refuseIdle(flags, 'on modules', OF_CIL, 'it is of a policy: -o policy.33, with the files that a whole policy has')
  refuseIdle(flags, 'on files', ['modules'], OF_FOLDERS)
  const headers = headersOf(io, names, flags)
  const mls = flags.mls === undefined ? {} : { mls: flags.mls }
  const compiled = names.map((name) => {
    const { te, ...parts } = teOf(io, name)
    return compileTe(te, { ...parts, ...(headers === undefined ? {} : { headers }), ...mls })
  })
  const isPackage = flags.output?.endsWith('.pp') === true
  if (isPackage && compiled.length > 1) {
    throw new CommandError('usage', 'a package holds one module', 'name one .te file, or -o NAME.cil')
  }
  write(io, [
    [flags.output, isPackage ? compiledPackage(compiled[0]!) : compiled.map(cilOf).join('')],
    [flags.fileContexts, compiled.map(({ fileContexts }) => fileContexts).join('')],
  ])
  const warnings = [...headers?.warnings ?? [], ...compiled.flatMap((one) => one.warnings)]
  return success(names, compiled.map(told), warnings, flags.output)
}

const cilOf = (compiled: CompiledTe): string => withCommandErrors(() => compiledToCil(compiled))

/** Each module by itself without an output, or with a folder for its packages; else one policy of all. */
const compileTree = (io: Io, folder: string, flags: CompileFlags): Outcome => {
  refuseIdle(flags, 'on a whole policy', ['mls'], 'TYPE in its build.conf: standard, mcs or mls')
  refuseIdle(flags, 'on a whole policy', OF_HEADERS, 'its own interfaces count')
  const { output } = flags
  if (output === undefined || !isPolicyName(io, output)) {
    refuseIdle(flags, 'on modules', OF_CIL, 'it is of a policy: -o policy.33')
  }
  const tree = treeOf(io, folder, flags.modules === undefined ? undefined : new ModuleList(io, flags.modules))
  if (output === undefined || isFolder(io, output)) {
    refuseIdle(flags, 'on modules by themselves', ['fileContexts'], 'it is of a whole policy: -o policy.33')
    return compileParts(io, folder, tree, output)
  }
  const whole = tree.whole()
  write(io, [
    [output, isPolicyName(io, output) ? policyOf(whole, flags) : cilOf(whole)],
    [flags.fileContexts, whole.fileContexts],
  ])
  return success([folder], [told(whole)], [...tree.headers.warnings, ...whole.warnings], flags.output)
}

/** One policy; without an output it is made all the same, as neverallow rules are checked then. */
const compileConf = (io: Io, name: string, flags: CompileFlags): Outcome => {
  refuseIdle(flags, 'on a policy.conf', [...OF_HEADERS, 'modules', 'fileContexts'], 'it has all in one file')
  const { output, mls, handleUnknown } = flags
  const isModule = output !== undefined && /\.(cil|pp)$/.test(output)
  if (isModule) {
    refuseIdle(flags, 'on a base module', OF_CIL.filter((option) => option !== 'handleUnknown'),
      'it is of a policy: -o policy.33')
  }
  const compiled = compileTe(source(io, name), {
    ...(mls === undefined ? {} : { mls }), ...(handleUnknown === undefined ? {} : { handleUnknown }),
  })
  if (compiled.version !== '') {
    throw new CommandError('badInput', `\`${name}\` is a module, not a whole policy`, 'name it NAME.te')
  }
  const contents = output?.endsWith('.pp') === true ? withCommandErrors(() => compiledPackage(compiled))
    : isModule ? cilOf(compiled) : policyOf(compiled, flags)
  write(io, [[output, contents]])
  return success([name], [told(compiled)], compiled.warnings, output)
}

/** A binary policy, not CIL and not a folder for packages. */
const isPolicyName = (io: Io, output: string): boolean => !output.endsWith('.cil') && !isFolder(io, output)

const policyOf = (whole: CompiledTe, flags: CompileFlags): Uint8Array => withCommandErrors(() => {
  const cil = { name: 'policy.cil', text: compiledToCil(whole) }
  // Names that interfaces declare more than once are checked where the module is made.
  return writePolicy(compileCil([cil], { ...compileOptionsOf(flags), multipleDeclarations: true }).policy)
})

const compileParts = (io: Io, folder: string, tree: RefpolicyTree, output: string | undefined): Outcome => {
  const modules: Told[] = []
  const warnings: SourceWarning[] = [...tree.headers.warnings]
  const packages: [name: string, contents: Uint8Array][] = []
  const take = (compiled: CompiledTe): void => {
    modules.push(told(compiled))
    if (output !== undefined) packages.push([join(output, `${compiled.module.name}.pp`), compiledPackage(compiled)])
    warnings.push(...compiled.warnings)
  }
  take(tree.base())
  for (const name of tree.choice.modules) take(tree.module(name))
  write(io, packages)
  return success([folder], modules, warnings, output)
}
