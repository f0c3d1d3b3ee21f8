/**
 * The verifier beside a real one: small programs of every kind, accepted or refused, with which errno and after how
 * many instructions. `--kernel RELEASE` names the kernel that answered (6.12 unless given) and `--btf VMLINUX` gives
 * its types; without it lsmkit's own stand for them, and programs that depend on missing ones are left out and counted.
 * A line `# kernel RELEASE` of a table names the release for the lines after it.
 */
import { readFileSync } from 'node:fs'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { Btf } from '@lsmkit/bpf/btf'
import { verify } from '@lsmkit/bpf/verifier'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import { releaseOf } from '../bpf/release.ts'
import { HEADER, parseCase, programOf, targetId } from '../bpf-sweep/case.ts'
import type { SweepCase } from '../bpf-sweep/case.ts'
import type { Options, Row, Suite } from '../suite.ts'
import { UsageError } from '../suite.ts'

const nobody = { bpf: false, perfmon: false, bypass_spec: false }
const COLUMNS = HEADER.split('\t').length

interface Answer {
  /** 0 or -errno. */
  readonly errno: number
  readonly processed: number
  /** The last line of the log that says something. */
  readonly message: string
}

/** `types` are those of the kernel; the verifier is `release`'s. */
export const answer = (one: SweepCase, types: Btf, release: KernelRelease): Answer => {
  const { object, program } = programOf(one, types)
  const { errno, processed, log } = verify(program,
    { object, kernelBtf: types, kernel: release, ...(one.isRoot ? {} : { rights: nobody }) })
  const lines = log.split('\n').filter((line) => line !== '' && !/^processed \d+ insns/.test(line))
  return { errno, processed, message: errno === 0 ? '' : lines.at(-1) ?? '' }
}

const counts = { falseAccepts: 0, falseRejects: 0, errnos: 0, processed: 0, messages: 0, refused: 0, leftOut: 0 }

/** Whether what it hangs on and calls by name is in the types. */
export const hasTypes = (one: SweepCase, kernel: Btf): boolean =>
  (one.target === '' || targetId(one, kernel) !== 0) && one.kfuncs.every(([, name]) => kernel.find(name, 'func') !== 0)

/** Addresses and numbers of types differ from kernel to kernel. */
const plain = (message: string): string => message.slice(0, 100).trim().replace(/btf_id \d+|#\d{4,}/g, 'id')

const word = (errno: number): string => (errno === 0 ? 'accepted' : `refused ${errno}`)

const compare = (id: string, columns: readonly string[], kernel: Btf, release: KernelRelease): Row | null => {
  const one = columns.length === COLUMNS ? parseCase(columns) : null
  const [errno, processed] = [Number(columns[6]), Number(columns[7])]
  if (one === null || !Number.isInteger(errno) || !Number.isInteger(processed))
    return { id, expected: 'a program and an answer', got: 'a line that is neither' }
  if (!hasTypes(one, kernel)) {
    counts.leftOut++
    return null
  }
  let got: Answer
  try {
    got = answer(one, kernel, release)
  } catch (error) {
    return { id, expected: word(errno), got: `not played: ${error as Error}` }
  }
  const isAccepted = errno === 0
  if (isAccepted !== (got.errno === 0)) counts[isAccepted ? 'falseRejects' : 'falseAccepts']++
  if (errno === got.errno) counts.errnos++
  if (processed === got.processed) counts.processed++
  if (!isAccepted) {
    counts.refused++
    if (plain(columns[8]!) === plain(got.message)) counts.messages++
  }
  const because = (message: string): string => (isAccepted === (got.errno === 0) ? '' : ` (${message})`)
  return {
    id: `${id} ${one.topic}`,
    expected: `${word(errno)}${because(columns[8]!)}`, got: `${word(got.errno)}${because(got.message)}`,
  }
}

/** Types that were given; null: our own, with the hooks of the release that answered. */
const givenTypes = ({ btf }: Options): Btf | null => {
  if (btf === undefined) return null
  try {
    return new Btf(readFileSync(btf))
  } catch (error) {
    throw new UsageError(`no types in \`${btf}\`: ${(error as Error).message}`)
  }
}

const RELEASE_LINE = /^# kernel (\S+)$/

export const bpfSweep: Suite = {
  options: ['btf', 'kernel'],
  *run(inputs, options) {
    Object.assign(counts,
      { falseAccepts: 0, falseRejects: 0, errnos: 0, processed: 0, messages: 0, refused: 0, leftOut: 0 })
    const given = givenTypes(options)
    for (const { text } of inputs) {
      let release = releaseOf(options)
      for (const [index, line] of text.split('\n').entries()) {
        const named = RELEASE_LINE.exec(line)
        if (named !== null) release = releaseOf({ kernel: named[1] })
        if (line === '' || line.startsWith('#') || line === HEADER) continue
        const row = compare(`${index + 1}`, line.split('\t'), given ?? vmlinuxBtf(release), release)
        if (row !== null) yield row
      }
    }
    if (counts.leftOut === 0) return
    console.error(`left out: ${counts.leftOut} programs that hang on what these types do not have`)
  },
  totals: () => [
    [`${counts.falseAccepts}`, 'false accepts'], [`${counts.falseRejects}`, 'false rejects'],
    ['errnos', counts.errnos], ['processed', counts.processed], ['messages', `${counts.messages}/${counts.refused}`],
  ],
}
