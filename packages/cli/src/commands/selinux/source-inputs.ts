/** Policy sources as the commands take them: `.te` files with what is beside them, headers, and whole policies. */
import { readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import {
  interfaceGrants, isPolicyFile, ownSupport, PolicyHeaders, readBuildConf, RefpolicyTree, SourceError,
} from '@lsmkit/selinux/source'
import type { BuildConf, InterfaceGrants, SourceFile } from '@lsmkit/selinux/source'
import { CommandError } from '../../command-error.ts'
import { isFile, isFolder, reading, statIfAny } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import type { ModuleList } from './module-choice.ts'
import { textOf } from './inputs.ts'

export interface HeaderFlags {
  readonly interfaces?: readonly string[]
  readonly devel?: string | boolean
}

const DEVEL = '/usr/share/selinux/devel'
/** Files of one policy, and folders inside one another: no policy comes near. */
const MOST_FILES = 20_000
const DEEPEST = 12

export const isTe = (name: string): boolean => name.endsWith('.te')

/** A whole policy in one file, as checkpolicy takes it. */
export const isConf = (name: string): boolean => name.endsWith('.conf')

/** A folder with refpolicy's layout. */
export const isTree = (io: Io, name: string): boolean =>
  isFolder(io, name) && isFolder(io, join(name, 'policy/modules')) && isFolder(io, join(name, 'policy/support'))

/** Paths of files within a folder, in the order of their names. */
const filesWithin = (io: Io, folder: string, isWanted: (path: string) => boolean): string[] => {
  const found: string[] = []
  const walk = (within: string, depth: number): void => {
    const entries = reading(folder, () => readdirSync(resolve(io.cwd, folder, within))).sort()
    for (const entry of entries) {
      const path = within === '' ? entry : `${within}/${entry}`
      const is = statIfAny(io, join(folder, path))
      if (is?.isDirectory() === true) {
        if (depth < DEEPEST && !entry.startsWith('.')) walk(path, depth + 1)
      } else if (is?.isFile() === true && isWanted(path)) found.push(path)
      if (found.length > MOST_FILES) {
        throw new CommandError('badInput', `\`${folder}\` has more than ${MOST_FILES} files`)
      }
    }
  }
  walk('', 0)
  return found
}

export const source = (io: Io, name: string): SourceFile => ({ name, text: textOf(io, name) })

const sourcesWithin = (io: Io, folder: string, end: string): SourceFile[] =>
  filesWithin(io, folder, (path) => path.endsWith(end)).map((path) => source(io, join(folder, path)))

export interface Headers {
  readonly support: SourceFile[]
  readonly interfaces: SourceFile[]
  readonly build?: BuildConf
}

const develHeaders = (io: Io, folder: string): Headers => {
  const include = isFolder(io, join(folder, 'include')) ? join(folder, 'include') : folder
  if (!isFolder(io, join(include, 'support'))) {
    throw new CommandError('badInput', `\`${folder}\` has no headers of a policy`,
      'Debian has them in selinux-policy-dev, Fedora in selinux-policy-devel')
  }
  const conf = join(include, 'build.conf')
  return {
    support: sourcesWithin(io, join(include, 'support'), '.spt'), interfaces: sourcesWithin(io, include, '.if'),
    ...(isFile(io, conf) ? { build: readBuildConf(source(io, conf)) } : {}),
  }
}

/** The interfaces of a `.if` file, of a folder, or of a whole policy with those that its build generates. */
export const interfacesOf = (io: Io, name: string): readonly SourceFile[] => {
  if (isTree(io, name)) return treeOf(io, name).interfaces
  return isFolder(io, name) ? sourcesWithin(io, name, '.if') : [source(io, name)]
}

/** The interfaces of the headers of a policy, by default those that the distribution installed. */
export const develInterfaces = (io: Io, folder = DEVEL): readonly SourceFile[] => develHeaders(io, folder).interfaces

const beside = (io: Io, te: string, end: string): SourceFile[] => {
  const name = join(dirname(te), `${basename(te, '.te')}${end}`)
  return isFile(io, name) ? [source(io, name)] : []
}

/** Are headers or folders of interfaces named? */
const namesHeaders = ({ devel, interfaces = [] }: HeaderFlags): boolean =>
  devel !== undefined && devel !== false || interfaces.length > 0

/** The headers that are named, with files of one's own in place of those in the folders. */
const namedHeaders = (io: Io, { devel: flag, interfaces: folders = [] }: HeaderFlags, own: SourceFile[]): Headers => {
  const devel = flag === undefined || flag === false ? null
    : develHeaders(io, typeof flag === 'string' ? flag : DEVEL)
  const named = new Set(own.map(({ name }) => resolve(io.cwd, name)))
  const more = folders.flatMap((folder) => sourcesWithin(io, folder, '.if'))
    .filter(({ name }) => !named.has(resolve(io.cwd, name)))
  return {
    support: [...devel?.support ?? [ownSupport()], ...folders.flatMap((folder) => sourcesWithin(io, folder, '.spt'))],
    interfaces: [...devel?.interfaces ?? [], ...more, ...own],
    ...(devel?.build === undefined ? {} : { build: devel.build }),
  }
}

/** The headers that `.te` files are compiled with; undefined for files without macros. Throws SourceError. */
export const headersOf = (io: Io, tes: readonly string[], flags: HeaderFlags): PolicyHeaders | undefined => {
  const own = tes.flatMap((te) => beside(io, te, '.if'))
  return own.length === 0 && !namesHeaders(flags) ? undefined : new PolicyHeaders(namedHeaders(io, flags, own))
}

/** The grants of the interfaces of the named headers; undefined where no headers are named. */
export const grantsOf = (io: Io, flags: HeaderFlags): InterfaceGrants[] | undefined => {
  if (!namesHeaders(flags)) return undefined
  const files = namedHeaders(io, flags, [])
  try {
    return interfaceGrants(new PolicyHeaders(files), files.interfaces)
  } catch (error) {
    if (error instanceof SourceError) throw CommandError.inSource(error)
    throw error
  }
}

/** A `.te` file, and the `.fc` file beside it. */
export const teOf = (io: Io, name: string): { readonly te: SourceFile; readonly fileContexts?: SourceFile } => {
  const [fileContexts] = beside(io, name, '.fc')
  return { te: source(io, name), ...(fileContexts === undefined ? {} : { fileContexts }) }
}

/** `.te`, `.if` and `.fc` files: those that are named, and those within folders that are. */
export const lintedSources = (io: Io, names: readonly string[]): SourceFile[] => names.flatMap((name) => {
  if (isFolder(io, name)) {
    return filesWithin(io, name, (path) => /\.(te|if|fc)$/.test(path)).map((path) => source(io, join(name, path)))
  }
  if (!/\.(te|if|fc)$/.test(name)) {
    throw new CommandError('badInput', `\`${name}\` is not a policy source`, 'sources end in .te, .if or .fc')
  }
  return [source(io, name)]
})

/** `.te`, `.if` and `.fc` files in a folder, without those below it. */
export const sourcesIn = (io: Io, folder: string): SourceFile[] =>
  reading(folder, () => readdirSync(resolve(io.cwd, folder))).filter((name) => /\.(te|if|fc)$/.test(name)).sort()
    .map((name) => join(folder, name)).filter((name) => isFile(io, name)).map((name) => source(io, name))

/** Files of the policies of folders beside their modules: classes, permissions, which modules are in the base. */
export const policyFiles = (io: Io, names: readonly string[]): SourceFile[] =>
  names.filter((name) => isFolder(io, name))
    .flatMap((name) => filesWithin(io, name, isPolicyFile).map((path) => source(io, join(name, path))))

/** The installed headers; null where they are not asked for. */
export const develParts = (io: Io, { devel }: HeaderFlags): Headers | null =>
  devel === undefined || devel === false ? null : develHeaders(io, typeof devel === 'string' ? devel : DEVEL)

/** Interfaces and macros of the installed headers, for sources of a module by itself. */
export const develSources = (io: Io, flags: HeaderFlags): SourceFile[] => {
  const parts = develParts(io, flags)
  return parts === null ? [] : [...parts.support, ...parts.interfaces]
}

/** Files that a build of refpolicy reads. */
const isPart = (path: string): boolean =>
  /^policy\/(modules\/[^/]+\/[^/]+\.(te|if|fc|in|m4)|support\/[^/]+\.spt|flask\/[^/]+|[^/]+)$/.test(path) ||
  /^(build\.conf|config\/appconfig-[^/]+\/seusers)$/.test(path)

/** The files of a whole policy by their paths in its folder. */
export const treeFiles = (io: Io, folder: string): Map<string, SourceFile> =>
  new Map(filesWithin(io, folder, isPart).map((path) => [path, source(io, join(folder, path))]))

/** Throws SourceError. */
export const treeOf = (io: Io, folder: string, list?: ModuleList): RefpolicyTree => {
  const files = treeFiles(io, folder)
  if (list === undefined) return new RefpolicyTree(files)
  const known = [...files.keys()].flatMap((path) => /^policy\/modules\/[^/]+\/([^/]+)\.te$/.exec(path)?.[1] ?? [])
  return new RefpolicyTree(files.set(MODULES_CONF, list.asModulesConf(files.get(MODULES_CONF), known)))
}

const MODULES_CONF = 'policy/modules.conf'
