/** `lsm selinux restorecon PATH…` and `setfiles`: labels of host folders, or of our kernel's tree, by file_contexts. */
import { resolve } from 'node:path'
import { errnoName } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { BootMount } from '@lsmkit/kernel'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { everySubsystem } from '@lsmkit/kernel/subsystems'
import { selinux } from '@lsmkit/selinux'
import { writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { relabelTree } from '@lsmkit/selinux/relabel'
import type { LabelChange, RelabelOptions, RelabelReport } from '@lsmkit/selinux/relabel'
import { CommandError } from '../../../command-error.ts'
import { isFolder, readHostText, reading } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { counted, EXIT, printJson } from '../../../output.ts'
import { mountParts } from '../../../run/mounts.ts'
import { withCommandErrors } from '../errors.ts'
import { fileContextsOf, policyOf, serverOf } from '../inputs.ts'
import { hostLabels } from './host-tree.ts'
import { listedPaths } from './listed-paths.ts'

export interface RestoreFlags {
  readonly file: string
  readonly policy?: string
  readonly recursive?: boolean
  readonly force?: boolean
  readonly dryRun?: boolean
  readonly apply?: boolean
  readonly verbose?: boolean
  readonly exclude?: readonly string[]
  readonly root?: string
  readonly oneFileSystem?: boolean
  readonly ignoreMissing?: boolean
  readonly from?: string
  readonly customizable?: string
  readonly local?: readonly string[]
  readonly mount?: readonly string[]
  readonly json?: boolean
}

const wordsOf = (text: string): string[] =>
  text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))

const pathsOf = (io: Io, paths: readonly string[], flags: RestoreFlags): string[] => {
  const all = paths.concat(listedPaths(io, flags.from, /[\0\n]/))
  if (all.length === 0) throw new CommandError('usage', 'there is no path to label', 'PATH…, or --from FILE')
  return all
}

const optionsOf = (io: Io, paths: readonly string[], flags: RestoreFlags): RelabelOptions => {
  const place = (path: string): string => resolve(io.cwd, path)
  return {
    paths, recursive: flags.recursive === true, force: flags.force === true, dryRun: flags.apply !== true,
    oneFileSystem: flags.oneFileSystem === true, exclude: (flags.exclude ?? []).map(place),
    ...(flags.root === undefined ? {} : { root: place(flags.root) }),
    ...(flags.customizable === undefined ? {} : { customizableTypes: wordsOf(readHostText(io, flags.customizable)) }),
  }
}

/** The folder that is the root in file_contexts has to be there, and to have the paths below it. */
const checkRoot = (io: Io, paths: readonly string[], typed: string | undefined): void => {
  if (typed === undefined) return
  if (!isFolder(io, typed)) throw new CommandError('badInput', `\`${typed}\` is not a folder`, '--root FOLDER')
  const root = resolve(io.cwd, typed)
  const outside = paths.find((path) => root !== '/' && path !== root && !path.startsWith(`${root}/`))
  if (outside !== undefined) throw new CommandError('usage', `\`${outside}\` is not below \`${root}\``, '--root FOLDER')
}

/** Files of the host. A policy says which contexts there are. */
const relabelHost = (io: Io, paths: readonly string[], flags: RestoreFlags): RelabelReport => {
  checkRoot(io, paths.map((path) => resolve(io.cwd, path)), flags.root)
  const server = flags.policy === undefined ? null : serverOf(policyOf(io, flags.policy, flags.local))
  return relabelTree(hostLabels(), fileContextsOf(io, flags.file, false, flags.local), {
    ...optionsOf(io, paths.map((path) => resolve(io.cwd, path)), flags),
    ...(server === null ? {} : { isValid: (context: string) => server.contextToSid(context) > 0 }),
  })
}

const XATTR = 1

/** Folders as file systems on which the policy keeps labels. The host keeps them in attributes of everybody. */
const labelledMounts = (io: Io, policy: Policydb, texts: readonly string[]): BootMount[] => {
  const types = policy.fsUses.filter(({ behavior }) => behavior === XATTR).map((use) => use.name)
    .sort((a, b) => Number(b === 'hostfs') - Number(a === 'hostfs'))
  return mountParts(texts, io.cwd).map(({ host, target, options: given }, i) => {
    const type = types[i]
    if (type === undefined) {
      throw new CommandError('badInput', `the policy keeps labels on ${types.length} kinds of file systems alone`,
        '(fsuse xattr hostfs CONTEXT)')
    }
    const options = { labels: 'user', ...given, path: host, type, uid: 0, gid: 0, native: true } as const
    const folder = reading(host, () => hostfs(options), 'mounted')
    return { type: folder, target, source: target }
  })
}

/** The tree of our kernel, with folders of the host in it. Its SELinux decides whether process 1 may label a file. */
const relabelKernel = async (io: Io, paths: readonly string[], flags: RestoreFlags): Promise<RelabelReport> => {
  const { boot } = await import('../../run.ts')
  const name = flags.policy
  if (name === undefined) throw new CommandError('usage', 'the tree of a kernel needs a policy', '--policy POLICY')
  const policy = withCommandErrors(() => policyOf(io, name, flags.local))
  const mounts = labelledMounts(io, policy, flags.mount ?? [])
  const lsm = withCommandErrors(() => selinux({
    policy: writePolicy(policy), enforcing: false, fileContexts: fileContextsOf(io, flags.file, false, flags.local),
  }))
  const kernel = boot(io, createStack({ lsms: [capability(), lsm] }), mounts, {}, { subsystems: everySubsystem })
  return lsm.relabel(kernel, { ...optionsOf(io, paths, flags), dryRun: flags.apply !== true })
}

const line = (verb: string, { path, from, to }: LabelChange): string =>
  `${verb} ${path} from ${from ?? '<no context>'} to ${to}`

/** By type, for a reader who wants to know what changes and not where. */
const summary = (changed: readonly LabelChange[]): string[] => {
  const counts = new Map<string, number>()
  for (const { from, to } of changed) {
    const words = `${from === null ? 'no label' : from.split(':')[2] ?? from} -> ${to.split(':')[2] ?? to}`
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([words, count]) => `  ${words}: ${counted(count, 'file')}`)
}

const print = (io: Io, report: RelabelReport, flags: RestoreFlags): void => {
  const { seen, changed, kept, failed } = report
  const isApplied = flags.apply === true
  for (const change of changed) {
    if (!isApplied || flags.verbose === true) io.print(line(isApplied ? 'Relabeled' : 'Would relabel', change))
  }
  if (flags.verbose === true) {
    for (const { path, from } of kept) io.print(`${path} keeps ${from ?? ''}: its type is customizable`)
  }
  for (const { path, to, rc } of failed) {
    io.note(`lsm: \`${path}\` cannot be ${to === null ? 'read' : `labelled ${to}`}: ${errnoName(rc)}`)
  }
  const did = isApplied ? 'relabelled' : 'to relabel'
  io.print(`${counted(seen, 'file')}, ${changed.length} ${did}, ${kept.length} kept, ${failed.length} failed`)
  for (const words of summary(changed)) io.print(words)
  if (!isApplied && changed.length > 0) io.note('lsm: nothing was written; --apply writes the labels')
}

/**
 * Nothing is written without `--apply`. Ends with 1 where a label is wrong and was not set, or something failed; a path
 * that is not there counts as failed unless `ignoreMissing`.
 */
export const restoreconCommand = async (io: Io, typed: readonly string[], flags: RestoreFlags): Promise<number> => {
  const paths = pathsOf(io, typed, flags)
  const all = flags.mount === undefined
    ? withCommandErrors(() => relabelHost(io, paths, flags))
    : await relabelKernel(io, paths, flags)
  const failed = all.failed.filter(({ to, rc }) =>
    flags.ignoreMissing !== true || to !== null || errnoName(rc) !== 'ENOENT')
  const report = { ...all, failed }
  if (flags.json === true) {
    printJson(io, {
      ...report, failed: failed.map(({ path, to, rc }) => ({ path, to, error: errnoName(rc) })),
      applied: flags.apply === true,
    })
  } else print(io, report, flags)
  const isClean = failed.length === 0 && (flags.apply === true || report.changed.length === 0)
  return isClean ? EXIT.ok : EXIT.denied
}
