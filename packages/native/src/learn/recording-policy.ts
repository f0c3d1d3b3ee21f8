/** The policy that a program is recorded under: wide, and without the secrets of its user. */
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { aString, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { nativePreset, presetNames } from '../presets/presets.ts'
import type { Preset, PresetName } from '../presets/presets.ts'

export interface RecordingOptions {
  /** The folder that the program may change. Default: the current one. */
  readonly folder?: string
}

const rules: OptionRules<RecordingOptions> = { folder: aString }

/** Names of a home folder that hold keys, tokens, passwords and histories. */
const secrets: ReadonlySet<string> = new Set([
  '.ssh', '.npmrc', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.netrc', '.pgpass', '.my.cnf', '.password-store',
  '.vault-token', '.git-credentials', '.pypirc', '.cargo', '.mozilla', '.thunderbird', '.config', '.local',
  '.bash_history', '.zsh_history', '.python_history', '.node_repl_history', '.psql_history', '.lesshst', '.viminfo',
])

/** Caches that package managers write to. */
const caches = ['.npm', '.cache', '.pnpm-store', 'go/pkg']

const WEB: readonly number[] = [80, 443]

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The preset for a program by its name; that of npm for one that is not known, whose folder may be changed. */
const presetFor = (program: string): PresetName => {
  const name = basename(program)
  if (name.startsWith('python') || name.startsWith('pip')) return 'python'
  return presetNames.find((one) => one === name) ?? 'npm'
}

/**
 * The permissions of a recorded run: the preset of the program, the web, caches, and the home folder without its
 * secrets. Keys of the system (`/etc/shadow`) and other homes are left out as well.
 */
export const recordingPolicy = (program: string, options: RecordingOptions = {}): Preset => {
  checkOptions(options, rules, 'recordingPolicy')
  const { policy, accept } = nativePreset(presetFor(program), options)
  const home = homedir()
  const open = namesIn(home).filter((name) => !secrets.has(name)).map((name) => join(home, name))
  const write = caches.map((name) => join(home, name))
  const { allow = {} } = policy
  return {
    policy: {
      ...policy, resolve: true,
      allow: {
        ...allow, read: [...allow.read ?? [], ...open, ...write], write: [...allow.write ?? [], ...write],
        connect: [...WEB],
      },
      env: { HOME: home, ...policy.env },
    },
    accept: [...new Set([...accept, 'attributes' as const, 'udp' as const])],
  }
}
