/** `lsm emit POLICY --to FORMAT`: a policy for another wall, with all that it cannot say there. */
import { join } from 'node:path'
import { emit, prove } from '@lsmkit/emit'
import type { Emitted, FormatName, Proof, UnsaidItem } from '@lsmkit/emit'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, tableWithin } from '../../output.ts'
import { makeFolder, writeFiles } from '../../output-files.ts'
import { putBytes } from '../../safe-output.ts'
import { readPolicyFile } from './policy-file.ts'

export interface EmitFlags {
  readonly to: FormatName
  readonly accept?: readonly string[]
  readonly out?: string
  readonly prove?: boolean
  readonly json?: boolean
}

/** Ends with 1 while something that cannot be said is not accepted, and when the proof finds what no item explains. */
export const emitCommand = (io: Io, file: string, flags: EmitFlags): number => {
  const policy = readPolicyFile(io, file)
  const emitted = emit(policy, flags.to)
  const accepted = new Set(flags.accept ?? [])
  checkAccepted(emitted, accepted)
  const open = emitted.unsaid.filter(({ id }) => !accepted.has(id))
  const proof = flags.prove === true ? prove(policy, flags.to) : null
  const unexplained = proof?.differences.filter(({ because }) => because.length === 0) ?? []
  const code = open.length > 0 || unexplained.length > 0 ? EXIT.denied : EXIT.ok
  if (flags.json === true) printEmitted(io, emitted, open, proof)
  else {
    printUnsaid(io, emitted, open)
    if (proof !== null) printProof(io, proof)
  }
  if (code === EXIT.ok) put(io, emitted, flags)
  return code
}

const checkAccepted = ({ unsaid, format }: Emitted, accepted: ReadonlySet<string>): void => {
  const known = new Set(unsaid.map(({ id }) => id))
  const other = [...accepted].find((id) => !known.has(id))
  if (other === undefined) return
  throw new CommandError('usage', `\`${other}\` is nothing that ${format} cannot say of this policy`,
    known.size === 0 ? 'it can say everything' : [...known].join(', '))
}

/** One file goes to stdout; several go to a folder. */
const put = (io: Io, { file, text, files }: Emitted, { out, json }: EmitFlags): void => {
  if (out === undefined) {
    if (json === true) return
    if (files.length > 0) {
      io.note(`lsm: --out FOLDER writes ${files.map(({ name }) => name).join(', ')} too`)
    }
    putBytes(io, text)
    return
  }
  makeFolder(io, out)
  const written = [{ name: file, contents: text }, ...files].map((each) => ({ ...each, name: join(out, each.name) }))
  writeFiles(io, written)
  for (const { name } of written) io.note(`lsm: ${name} is written`)
}

const effects: Readonly<Record<UnsaidItem['effect'], string>> =
  { wider: 'lets more', narrower: 'refuses more', lost: 'lost' }

const printUnsaid = (io: Io, { format, unsaid }: Emitted, open: readonly UnsaidItem[]): void => {
  if (unsaid.length === 0) return
  io.note(`${format} cannot say ${counted(unsaid.length, 'line')} of the policy:`)
  const rows = unsaid.map(({ id, place, text, effect }) => [
    `  ${open.some((one) => one.id === id) ? '-' : '✓'} ${id}`, effects[effect], `${place}: ${text}`,
  ])
  for (const line of tableWithin(rows)) io.note(line)
  if (open.length > 0) for (const line of acceptLines([...new Set(open.map(({ id }) => id))])) io.note(line)
}

/** Of the options that would accept all of it, in lines to copy. */
const MOST_ACCEPTED = 60

const acceptLines = (ids: readonly string[]): string[] => {
  const lists: string[] = []
  for (const id of ids) {
    const last = lists.at(-1)
    if (last === undefined || `${last},${id}`.length > MOST_ACCEPTED) lists.push(id)
    else lists[lists.length - 1] = `${last},${id}`
  }
  return ['nothing is written; this takes it as it is:', ...lists.map((list, at) =>
    `  --accept ${list}${at < lists.length - 1 ? ' \\' : ''}`)]
}

const MOST_SHOWN = 20

const printProof = (io: Io, { asked, differences }: Proof): void => {
  const unexplained = differences.filter(({ because }) => because.length === 0)
  io.note(`${asked - differences.length} of ${asked} questions have the same answer, ` +
    `${unexplained.length} differ without a reason`)
  for (const { text, policy, because } of [...unexplained, ...differences].slice(0, MOST_SHOWN)) {
    io.note(`  ${text}: allowed by the ${policy ? 'policy' : 'wall'} alone (${because.join(', ') || 'not said'})`)
  }
}

const printEmitted = (
  io: Io, { format, text, files, unsaid }: Emitted, open: readonly UnsaidItem[], proof: Proof | null,
): void => printJson(io, {
  format, accepted: open.length === 0, unsaid,
  text: open.length === 0 ? text : null,
  files: files.map(({ name, contents }) => (typeof contents === 'string' ? { name, text: contents }
    : { name, base64: Buffer.from(contents).toString('base64') })),
  ...(proof === null ? {} : {
    proof: {
      asked: proof.asked,
      differences: proof.differences
        .map(({ text: question, policy, wall, because }) => ({ question, policy, wall, because })),
    },
  }),
})
