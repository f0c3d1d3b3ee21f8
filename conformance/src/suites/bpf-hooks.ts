/**
 * Loading and attaching a program that returns a constant, for every hook. `--kernel RELEASE` names the kernel that
 * answered (6.12 unless given). Another release's verifier is asked about loading, and a stack of that release about
 * attaching; a hook that it lacks is counted as absent.
 */
import { errnoName } from '@lsmkit/abi'
import { bpf, BpfLoadError } from '@lsmkit/bpf'
import type { BpfLsm } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { AttachError, createStack, hookProfile } from '@lsmkit/core'
import type { HookName, Profile, Stack } from '@lsmkit/core'
import { constantProgram } from '../bpf/constant-program.ts'
import { verifyConstant } from '../bpf/verify-constant.ts'
import { profileOf } from '../profile.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = ['n', 'hook', 'returns', 'sleepable', 'load_errno', 'attach_errno']

type Line = Readonly<Record<string, string>>

const counts = { absent: 0, refused: 0, lines: 0 }

export const bpfHooks: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const release = profileOf(options)
    Object.assign(counts, { absent: 0, refused: 0, lines: 0 })
    for (const { text, path } of inputs) {
      const programs = bpf()
      const stack = createStack({ lsms: [capability(), programs], profile: release })
      for (const row of parseTable(text, path, columns)) {
        const got = played(() => {
          const { load, attach } = release === '6.12' ? onStack(programs, stack, row) : onRelease(release, stack, row)
          return `load ${load}, attach ${attach}`
        })
        yield {
          id: `${row.n} ${row.hook} ${row.returns}${row.sleepable === '1' ? ' sleepable' : ''}`,
          got,
          expected: `load ${row.load_errno}, attach ${row.attach_errno}`,
        }
      }
    }
  },
  totals: () => counts.refused + counts.absent === 0 ? []
    : [['absent', counts.absent], ['messages', `${counts.lines}/${counts.refused}`]],
}

interface Answers {
  readonly load: string
  readonly attach: string
}

/** The errno of either step. Where the recording did not attach, it is not compared. */
const onStack = (programs: BpfLsm, stack: Stack, row: Line): Answers => {
  const object = constantProgram(`row_${row.n}`, row.hook!, Number(row.returns), row.sleepable === '1')
  try {
    for (const link of programs.load(stack, object).attachAll()) link.detach()
    return { load: 'OK', attach: row.attach_errno === '-' ? '-' : 'OK' }
  } catch (error) {
    if (error instanceof BpfLoadError) return { load: errnoName(-error.errno), attach: '-' }
    if (error instanceof AttachError) return { load: 'OK', attach: errnoName(-error.errno) }
    throw error
  }
}

/** Numbers of types are each kernel's own. */
const plain = (line: string): string => line.replace(/btf_id \d+/, 'btf_id')

const onRelease = (release: Profile, stack: Stack, row: Line): Answers => {
  const { errno, line } = verifyConstant(row.hook!, Number(row.returns), row.sleepable === '1', release)
  if (errno !== 0) {
    counts.refused++
    if (plain(line) === plain(row.verifier_line ?? '')) counts.lines++
    return { load: errnoName(-errno), attach: '-' }
  }
  return { load: 'OK', attach: row.attach_errno === '-' ? '-' : attached(release, stack, row) }
}

const isHook = (hook: string, hooks: object): hook is HookName => Object.hasOwn(hooks, hook)

/** Whether the program of the row sleeps counts only where the stack lets it. */
const attached = (release: Profile, stack: Stack, { hook, returns, sleepable }: Line): string => {
  const { hooks } = hookProfile(release)
  if (!isHook(hook!, hooks)) {
    counts.absent++
    return 'absent: the stack does not have the hook'
  }
  try {
    const sleeps = sleepable === '1' && hooks[hook].bpf.sleepable
    stack.attach(hook, (() => Number(returns)) as never, { sleepable: sleeps }).detach()
    return 'OK'
  } catch (error) {
    if (error instanceof AttachError) return errnoName(-error.errno)
    throw error
  }
}
