/** `lsm sandbox init [FILE]`: writes the policy of a box, out of options, or of answers at a terminal. */
import { existsSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { checkPolicy } from '@lsmkit/sandbox'
import type { Place, Policy } from '@lsmkit/sandbox'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { EXIT } from '../output.ts'
import { typedLine } from '../run/typed-line.ts'

export type FolderUse = 'read' | 'copy' | 'write'

export interface InitOptions {
  readonly folder?: readonly string[]
  readonly use?: string
  readonly read?: readonly string[]
  readonly write?: readonly string[]
  readonly exec?: readonly string[]
  readonly connect?: readonly string[]
  readonly host?: readonly string[]
  readonly time?: string
  readonly memory?: string
  readonly files?: string
  readonly yes?: boolean
  readonly force?: boolean
}

const FILE = 'policy.json'
const USES: readonly string[] = ['read', 'copy', 'write'] satisfies FolderUse[]
const useOf = (text: string): FolderUse => {
  if (USES.includes(text)) return text as FolderUse
  throw new CommandError('usage', `a folder cannot be used as \`${text}\``, USES.join(', '))
}

/** Answers to all questions. */
interface Answers extends Omit<InitOptions, 'yes' | 'force' | 'use'> {
  readonly use: FolderUse
}

/** Exit code 0 when the file is written. Throws CommandError. */
export const sandboxInit = async (io: Io, name = FILE, options: InitOptions): Promise<number> => {
  const path = resolve(io.cwd, name)
  if (existsSync(path) && options.force !== true) {
    throw new CommandError('usage', `\`${name}\` is there already`, 'another name, or --force')
  }
  const { use = 'copy', yes, force, ...rest } = options
  const isAsked = yes !== true && Object.keys(rest).length === 0 && options.use === undefined
  const answers = isAsked ? await asked(io) : { ...rest, use: useOf(use) }
  const policy = checkPolicy(policyOf(io, path, answers), name)
  writeFileSync(path, `${JSON.stringify(policy, null, 2)}\n`, { flag: force === true ? 'w' : 'wx' })
  io.note(`lsm: ${name} is written; lsm sandbox --policy ${name} --explain shows what it means`)
  return EXIT.ok
}

const placeOf = (path: string, use: FolderUse): Place => ({
  kind: 'host-folder', path, ...(use === 'copy' ? { copyOnWrite: true } : use === 'write' ? { writable: true } : {}),
})

/** `./repo:/project`, or a folder alone, which is then `/work`, `/work2` and so on. */
const foldersOf = (io: Io, file: string, { folder = ['.'], use }: Answers): [target: string, place: Place][] =>
  folder.map((text, i) => {
    const [, host = text, target = i === 0 ? '/work' : `/work${i + 1}`] = /^(.*?):(\/.*)$/.exec(text) ?? []
    const inner = relative(resolve(file, '..'), resolve(io.cwd, host))
    return [target, placeOf(inner === '' || !inner.startsWith('.') ? `./${inner}` : inner, use)]
  })

const listed = <T>(name: string, list: readonly T[]): Record<string, readonly T[]> =>
  (list.length === 0 ? {} : { [name]: [...new Set(list)] })

const portsOf = (texts: readonly string[] = []): (number | 'unix')[] => texts.map((text) => {
  if (text === 'unix') return text
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(port <= 65535)) throw new CommandError('usage', `\`${text}\` is not a port`, '--connect 443')
  return port
})

const policyOf = (io: Io, file: string, answers: Answers): Policy => {
  const { use, read = [], write = [], exec = [], connect, host = [], time = '1 min', memory, files } = answers
  const mounts = foldersOf(io, file, answers)
  const targets = mounts.map(([target]) => target)
  return {
    version: 1,
    allow: {
      ...listed('read', [...targets, ...read]), ...listed('write', [...use === 'read' ? [] : targets, ...write]),
      ...listed('exec', exec), ...listed('connect', portsOf(connect)), ...listed('hosts', host),
    },
    mounts: Object.fromEntries(mounts),
    limits: { time, ...(memory === undefined ? {} : { memory }), ...(files === undefined ? {} : { files }) },
  }
}

const question = async (io: Io, text: string, usual: string): Promise<string> => {
  io.note(`lsm: ${text} [${usual}]`)
  const answer = (await typedLine(io))?.trim() ?? ''
  return answer === '' ? usual : answer
}

const words = (text: string): string[] => (text === 'none' ? [] : text.split(/[\s,]+/).filter((word) => word !== ''))

const asked = async (io: Io): Promise<Answers> => {
  if (io.terminal() === null) {
    throw new CommandError('usage', 'nobody can be asked: standard input is not a terminal', '--yes, or options')
  }
  const folder = words(await question(io, 'which folders of the host? DIR, or DIR:/PLACE in the box; none', '.'))
  const use = folder.length === 0 ? 'read'
    : useOf(await question(io, 'how? read: only that; copy: changes are yours to review; write: at once', 'copy'))
  const host = words(await question(io, 'which hosts of the network? api.example.org:443 …; none', 'none'))
  const time = await question(io, 'how long may a program run?', '1 min')
  const memory = await question(io, 'how much memory may it have?', '256 MiB')
  return { folder, use, host, time, memory }
}
