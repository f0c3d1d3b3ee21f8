/**
 * `encode SESSIONS` prints what the runner reads, `settings SESSIONS` the settings of the header by their files;
 * `merge SESSIONS ANSWERS` prints the sessions with the answers the runner gave;
 * `generate SEED COUNT SESSIONS [THEME…]` prints new sessions in the manner of recorded ones.
 */
import { ownValue } from '@lsmkit/abi'
import type { Call } from '../../src/posix/session.ts'
import { encodeHeader, encodeSession } from './encode.ts'
import { generate } from './generate.ts'
import { readAnswers } from './answers.ts'
import { readSessions, readText } from './read-sessions.ts'

const print = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`)

const encode = (path: string): void => {
  const { header, preludes, sessions } = readSessions(path)
  process.stdout.write(encodeHeader(header))
  for (const session of sessions) process.stdout.write(encodeSession(session, preludes.get(session.prelude)))
}

/** Those of the header that a machine can be given. */
const FOLDERS: Readonly<Record<string, string>> = {
  protected_hardlinks: 'fs', protected_symlinks: 'fs', protected_regular: 'fs', protected_fifos: 'fs',
  suid_dumpable: 'fs',
  'pipe-max-size': 'fs', 'pipe-user-pages-soft': 'fs', sem: 'kernel', msgmax: 'kernel', msgmnb: 'kernel',
  msgmni: 'kernel', shmmax: 'kernel', shmmni: 'kernel', shmall: 'kernel',
}
const settings = (path: string): void => {
  for (const [name, value] of Object.entries(readSessions(path).header.sysctl)) {
    const folder = ownValue(FOLDERS, name)
    if (folder !== undefined) process.stdout.write(`/proc/sys/${folder}/${name} ${value}\n`)
  }
}

const answered = (calls: readonly Call[], answers: readonly unknown[][]): Call[] =>
  calls.map(([actor, name, args], i) => [actor, name, args, ...answers[i]!] as unknown as Call)

/** The header's kernel, where it is given, becomes the one that answered. */
const merge = (path: string, answersPath: string, kernel?: string): void => {
  const { header, preludes, sessions } = readSessions(path)
  print(kernel === undefined ? header : { ...header, kernel })
  for (const prelude of preludes.values()) print(prelude)
  const answers = readAnswers(readText(answersPath))
  for (const session of sessions) {
    const found = answers.get(session.id)
    const before = preludes.get(session.prelude)?.calls.length ?? 0
    const isWhole = found !== undefined && found.status === 0 && found.calls.length === before + session.calls.length
    if (!isWhole) {
      process.stderr.write(`session ${session.id}: not played to its end (${found?.status ?? 'absent'})\n`)
      continue
    }
    print({ ...session, calls: answered(session.calls, found.calls.slice(before)), final: found.final })
  }
}

const [command, ...args] = process.argv.slice(2)
if (command === 'encode') encode(args[0]!)
else if (command === 'settings') settings(args[0]!)
else if (command === 'merge') merge(args[0]!, args[1]!, args[2])
else if (command === 'generate') {
  const [seed, count, path, ...themes] = args
  for (const line of generate(readSessions(path!), Number(seed), Number(count), themes)) print(line)
} else {
  process.stderr.write(
    'usage: encode SESSIONS | settings SESSIONS | merge SESSIONS ANSWERS [KERNEL] | ' +
      'generate SEED COUNT SESSIONS [THEME…]\n',
  )
  process.exitCode = 2
}
