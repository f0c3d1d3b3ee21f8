/** The end of a run whose folders are copied on write: the changes are shown, and applied if somebody says so. */
import { SandboxError } from '@lsmkit/sandbox'
import type { Change, Place, Policy, Sandbox } from '@lsmkit/sandbox'
import { CommandError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { counted, EXIT, noteLines } from '../output.ts'
import { typedLine } from './typed-line.ts'

export interface CowOptions {
  readonly cow?: boolean
  readonly yes?: boolean
  readonly no?: boolean
  readonly apply?: readonly string[]
}

/** The result, for JSON: null where no folder is copied on write. */
export interface Review {
  readonly code: number
  readonly changes: readonly Change[]
  readonly applied: readonly string[]
}

/** Throws a usage error for answers that contradict each other. */
export const checkCow = ({ yes, no, apply }: CowOptions, isCopied: boolean): void => {
  const said = [yes === true ? '--yes' : null, no === true ? '--no' : null, apply === undefined ? null : '--apply']
    .filter((name) => name !== null)
  if (said.length > 1) {
    throw new CommandError('usage', `\`${said[0]}\` and \`${said[1]}\` contradict each other`, 'say one')
  }
  if (said.length > 0 && !isCopied) {
    throw new CommandError('usage', `\`${said[0]}\` answers for folders that are copied on write`, '--cow')
  }
}

export const isCopied = ({ mounts = {} }: Pick<Policy, 'mounts'>): boolean =>
  Object.values(mounts).some((place) => place.kind === 'host-folder' && place.copyOnWrite === true)

/** All folders of the host as copies. */
export const copied = (mounts: NonNullable<Policy['mounts']>): Record<string, Place> =>
  Object.fromEntries(Object.entries(mounts).map(([path, place]) =>
    [path, place.kind === 'host-folder' ? { ...place, writable: false, copyOnWrite: true } : place]))

/** Shows the changes, asks where nothing was said, and applies them. Without a terminal nobody can be asked. */
export const review = async (box: Sandbox, io: Io, options: CowOptions, isQuiet: boolean): Promise<Review> => {
  const changes = await box.changes()
  if (changes.length === 0) return { code: EXIT.ok, changes, applied: [] }
  if (!isQuiet) tell(io, changes)
  if (options.no === true) return { code: EXIT.ok, changes, applied: [] }
  const said = options.yes === true ? ['**'] : options.apply ?? null
  if (said === null && io.terminal() === null) {
    io.note('lsm: nothing was applied: standard input is not a terminal (say --yes, --no, or --apply PATTERN)')
    return { code: EXIT.denied, changes, applied: [] }
  }
  const patterns = said ?? await asked(io, changes)
  return patterns === null ? { code: EXIT.ok, changes, applied: [] } : applied(box, io, changes, patterns)
}

const applied = async (
  box: Sandbox, io: Io, changes: readonly Change[], patterns: readonly string[],
): Promise<Review> => {
  try {
    const done = await box.apply(patterns)
    io.note(`lsm: ${counted(done.applied.length, 'change')} applied`)
    for (const { path, why } of done.left) io.note(`lsm: ${path} was left: ${WHY[why]}`)
    return { code: EXIT.ok, changes, applied: done.applied }
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error
    io.note(`lsm: nothing was applied: ${error.summary}`)
    for (const { path, reason } of error.places) io.note(`lsm:   ${path}: ${reason}`)
    return { code: EXIT.denied, changes, applied: [] }
  }
}

const WHY = {
  special: 'a folder of the host gets no devices, FIFOs and sockets', attributes: 'it has attributes',
} as const

const lineOf = ({ kind, type, path, from, mode, target, leadsOut, labels, host }: Change): string => {
  const name = from === null ? path : `${from} -> ${path}`
  const { before = null, after = null } = mode ?? {}
  const more = [
    ...(type === 'file' ? [] : [type]),
    ...(target === null ? [] : [`to ${target}${leadsOut ? ', out of the folder' : ''}`]),
    ...(before === null || after === null ? [] : [`mode ${before.toString(8)} -> ${after.toString(8)}`]),
    ...(kind === 'added' ? [] : labels.map((label) => `new label ${label}`)),
    ...(host === null ? [] : [`the host has ${host} it meanwhile`]),
  ]
  return `${kind} ${name}${more.length === 0 ? '' : ` (${more.join(', ')})`}`
}

const tell = (io: Io, changes: readonly Change[]): void => {
  io.note(`lsm: ${counted(changes.length, 'change')} in folders of the host, which are as they were:`)
  for (const change of changes) io.note(`  ${lineOf(change)}`)
}

const tellDiffs = (io: Io, changes: readonly Change[]): void => {
  for (const { diff, noDiff, path } of changes) {
    if (diff !== null) noteLines(io, diff.replace(/\n$/, ''))
    else if (noDiff !== null) io.note(`${path}: no diff (${noDiff})`)
  }
}

/** Patterns to apply, or null for none of them. */
const asked = async (io: Io, changes: readonly Change[]): Promise<readonly string[] | null> => {
  for (;;) {
    io.note('lsm: apply them? y: all, n: nothing, d: show the differences, or patterns such as src/**')
    const line = await typedLine(io)
    const answer = line?.trim() ?? 'n'
    if (answer === 'n' || answer === 'no') return null
    if (answer === 'y' || answer === 'yes') return ['**']
    if (answer === 'd') tellDiffs(io, changes)
    else if (answer !== '') return answer.split(/\s+/)
  }
}
