/** Builds the policy of a store, as semodule does after each change. */
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import type { Compiled } from '@lsmkit/selinux/cil'
import type { ModuleStore } from '@lsmkit/selinux/module'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { policyInfo } from '@lsmkit/selinux/query'
import { CommandError } from '../../../command-error.ts'
import { reading } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { writeFiles } from '../../../output-files.ts'
import { withCommandErrors } from '../errors.ts'
import { changesIn, localContexts, withChanges, withLocalUsers } from '../local.ts'

export interface BuildFlags {
  readonly policy?: string
  readonly fileContexts?: string
  readonly seusers?: string
  readonly usersExtra?: string
  readonly policyVersion?: number
  readonly neverallow: boolean
  readonly optimise: boolean
}

/** A policy that was built, with the texts that go with it. */
export interface Built extends Pick<Compiled, 'policy' | 'fileContexts'> {
  /** Texts that go beside file_contexts, by what their names end in. */
  readonly beside?: ReadonlyMap<string, string>
  readonly seusers?: string
  readonly usersExtra?: string
}

/**
 * The policy of a store, with the local changes that the store has. Throws CommandError for modules that do not make a
 * policy and for changes that do not fit it, with the place and the hint.
 */
export const buildStore = (io: Io, name: string, store: ModuleStore, flags: BuildFlags): Built & Compiled => {
  const compiled = compiledStore(store, flags)
  const changes = changesIn(io, store.local, name)
  const policy = withChanges(compiled.policy, changes)
  return {
    ...compiled, policy, beside: localContexts(changes, policy.mls),
    ...withLocalUsers(compiled.seusers, compiled.usersExtra, changes),
  }
}

const compiledStore = (store: ModuleStore, flags: BuildFlags): Compiled => withCommandErrors(() => {
  const sources = store.sources()
  if (sources.length === 0) throw new CommandError('badInput', 'the store has no module that is enabled')
  try {
    return compileCil(sources, {
      multipleDeclarations: true, disableNeverallow: !flags.neverallow, optimise: flags.optimise,
      disableDontaudit: store.disableDontaudit, preserveTunables: store.preserveTunables,
      ...(flags.policyVersion === undefined ? {} : { version: flags.policyVersion }),
    })
  } catch (error) {
    if (error instanceof CilError) throw CommandError.inSource(error, error.code)
    throw error
  }
})

/** Writes what was asked for, and one line about the policy. */
export const writeBuilt = (
  io: Io, { policy, fileContexts, beside, seusers = '', usersExtra = '' }: Built,
  flags: Pick<BuildFlags, 'policy' | 'fileContexts' | 'seusers' | 'usersExtra'>,
): void => {
  const bytes = withCommandErrors(() => writePolicy(policy))
  const named: readonly (readonly [name: string | undefined, contents: string | Uint8Array])[] = [
    [flags.policy, bytes], [flags.fileContexts, fileContexts], [flags.seusers, seusers],
    [flags.usersExtra, usersExtra],
  ]
  const local = flags.fileContexts === undefined || beside === undefined ? [] : filesBeside(flags.fileContexts, beside)
  writeFiles(io, [...named, ...local].flatMap(([name, contents]) =>
    (name === undefined || contents === undefined ? [] : [{ name, contents }])))
  for (const [name, contents] of local) {
    if (contents === undefined) reading(name, () => rmSync(resolve(io.cwd, name), { force: true }), 'removed')
  }
  const { version, counts } = policyInfo(policy)
  io.note(`${flags.policy ?? 'policy'}: version ${version}, ${bytes.length} bytes; ` +
    `${counts.Types} types, ${counts.Attributes} attributes, ${counts.Allow} allow rules`)
}

/** A store without such changes has no such file: one of an earlier build would still count. */
const filesBeside = (name: string, beside: ReadonlyMap<string, string>): [name: string, text: string | undefined][] =>
  ['local', 'subs'].map((suffix) => [`${name}.${suffix}`, beside.get(suffix)])
