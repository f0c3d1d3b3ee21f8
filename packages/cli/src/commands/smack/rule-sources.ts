/** Rule files as the commands take them: a file, a folder of them as in /etc/smack/accesses.d, or stdin. */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadRules, Policy, SmackError } from '@lsmkit/smack/engine'
import { readBounded } from '../../bounded-read.ts'
import { CommandError } from '../../command-error.ts'
import { reading } from '../../host-file.ts'
import { stdinText } from '../../io.ts'
import type { Io } from '../../io.ts'

export interface RuleSource {
  /** As it was named. */
  readonly name: string
  /** A character a byte, as labels are bytes. */
  readonly text: string
}

const STDIN = '-'

/** Files in the order they are named, those of a folder by name. */
export const readSources = (io: Io, names: readonly string[]): readonly RuleSource[] =>
  names.flatMap((name) => {
    if (name === STDIN) return [{ name: 'stdin', text: latin1(new TextEncoder().encode(stdinText(io))) }]
    const path = resolve(io.cwd, name)
    return reading(name, () =>
      statSync(path).isDirectory()
        ? readdirSync(path, { withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(name, entry.name))
          .sort()
          .map((each) => ({ name: each, text: latin1(readBounded(resolve(io.cwd, each))) }))
        : [{ name, text: latin1(readBounded(path)) }])
  })

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** One policy of all sources, each on top of those in front. Throws a CommandError that names file and line. */
export const policyOf = (sources: readonly RuleSource[]): Policy => {
  const policy = new Policy()
  for (const { name, text } of sources) {
    try {
      loadRules(policy, text)
    } catch (error) {
      if (!(error instanceof SmackError)) throw error
      const place = error.place === null ? name : `${name}: ${error.place}`
      throw new CommandError('badInput', `${place}: ${error.summary}`, error.hint ?? undefined)
    }
  }
  return policy
}
