/** Ready policies for programs that build scripts and agents start: git, python, and npm with its lifecycle scripts. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { aString, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { programPath } from '../exec/program-path.ts'
import { NativeError } from '../native-error.ts'
import type { GapId } from '../plan/gaps.ts'
import { filesOfGitConfig, gitConfigPlaces } from './git-config.ts'
import { devices, realPaths, systemFiles, systemPrograms } from './system-paths.ts'

export interface PresetOptions {
  /** The folder that the program may change. Default: the current one. */
  readonly folder?: string
}

export interface Preset {
  readonly policy: Policy
  /** Ids that the programs need. */
  readonly accept: readonly GapId[]
}

const rules: OptionRules<PresetOptions> = { folder: aString }

interface Recipe {
  /** Programs whose folders are needed where they do not belong to the system. */
  readonly programs: readonly string[]
  readonly accept: readonly GapId[]
  /** The Node that runs now is found in PATH at the end, where there is no other one. */
  readonly needsNode?: boolean
  /** More that may be read. */
  readonly read?: (folder: string) => readonly string[]
  /** More that may be changed beside the folder. */
  readonly write?: (folder: string) => readonly string[]
  readonly env?: (folder: string) => Readonly<Record<string, string>>
}

/** No path of the host, so that a folder in /tmp stays what it is. */
const TEMPORARY = '/lsmkit/tmp'

const hasNode = (path: string): boolean => {
  try {
    return programPath('node', path, '/') !== ''
  } catch {
    return false
  }
}

/**
 * The PATH of the program. An editor or a service may run this Node without it being in PATH, since only an interactive
 * shell loads a version manager (nvm); npm and the scripts of packages look for `node` there.
 */
const pathVariable = ({ needsNode = false }: Recipe): string => {
  const path = process.env.PATH ?? ''
  if (!needsNode || basename(process.execPath) !== 'node' || hasNode(path)) return path
  return [path, dirname(process.execPath)].filter((part) => part !== '').join(delimiter)
}

/** The installation that a program belongs to: the folder above its `bin`. */
const installationOf = (program: string, path: string): string[] => {
  try {
    const found = programPath(program, path, '/')
    return [found, realpathSync(found)].map((file) => dirname(file))
      .flatMap((folder) => (/\/(bin|shims)$/.test(folder) ? [dirname(folder)] : [folder]))
      .filter((folder) => folder !== '/' && folder !== homedir())
  } catch {
    return []
  }
}

/** The folders of a repository that lie elsewhere: those of a work tree, and of a submodule. */
const gitFolders = (folder: string): string[] => {
  const file = join(folder, '.git')
  try {
    const named = /^gitdir: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]
    if (named === undefined) return []
    const own = resolve(folder, named)
    const common = join(own, 'commondir')
    return [own, ...existsSync(common) ? [resolve(own, readFileSync(common, 'utf8').trim())] : []]
  } catch {
    return []
  }
}

/**
 * Where Node keeps compiled code. Compilers keep theirs in the folder for temporary files, which is a new one for each
 * program here, so that all of their code would be compiled each time. Only programs of this folder read it back, and
 * they may change `node_modules` anyway.
 */
const compileCache = (folder: string): Readonly<Record<string, string>> => {
  const modules = join(folder, 'node_modules')
  return existsSync(modules) ? { NODE_COMPILE_CACHE: join(modules, '.cache/node-compile-cache') } : {}
}

const recipes = {
  git: {
    programs: ['git'],
    // git sets the mode of its configuration, and the times of objects
    accept: ['attributes'],
    read: (folder) => [...gitConfigPlaces(homedir()), ...filesOfGitConfig(homedir(), folder)],
    write: gitFolders,
    env: () => ({ HOME: homedir(), GIT_TERMINAL_PROMPT: '0' }),
  },
  // an environment's programs and what pip installs get modes
  python: { programs: ['python3', 'python'], accept: ['attributes'], env: () => ({ PYTHONDONTWRITEBYTECODE: '1' }) },
  npm: {
    programs: ['node', 'npm', 'pnpm'],
    needsNode: true,
    // package managers set modes of programs, and times of what they unpack; development servers watch their sources
    accept: ['attributes', 'file-events'],
    env: (folder) => ({
      npm_config_update_notifier: 'false', npm_config_audit: 'false', npm_config_fund: 'false', ...compileCache(folder),
    }),
  },
} as const satisfies Readonly<Record<string, Recipe>>

export type PresetName = keyof typeof recipes

export const presetNames = Object.keys(recipes) as readonly PresetName[]

/**
 * The policy for a kind of program: it may execute the system's programs, read the system's files and change one
 * folder. It has a private folder for temporary files and no network, and sees nothing else of your home.
 */
export const nativePreset = (name: PresetName, options: PresetOptions = {}): Preset => {
  checkOptions(options, rules, 'nativePreset')
  if (!Object.hasOwn(recipes, name)) {
    throw new NativeError('no-preset', `there is no preset \`${name}\``, { hint: presetNames.join(', ') })
  }
  const recipe: Recipe = recipes[name]
  const { programs, accept, read, write, env } = recipe
  const path = pathVariable(recipe)
  const folder = realpathSync(options.folder ?? '.')
  const written = write?.(folder) ?? []
  const exec = realPaths([...systemPrograms(), ...programs.flatMap((program) => installationOf(program, path)), folder])
  return {
    policy: {
      version: 1,
      allow: {
        read: realPaths([...exec, ...systemFiles(), ...read?.(folder) ?? [], ...written]).concat(TEMPORARY),
        write: realPaths([folder, ...devices(), ...written]).concat(TEMPORARY),
        exec: [...exec, TEMPORARY],
      },
      mounts: { [TEMPORARY]: { kind: 'memory' } },
      env: { PATH: path, LANG: process.env.LANG ?? 'C.UTF-8', ...env?.(folder) },
    },
    accept: [...accept],
  }
}
