/** Loading and attaching a program that returns a constant, for every hook. */
import { errnoName } from '@lsmkit/abi'
import { bpf, BpfLoadError } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { AttachError, createStack } from '@lsmkit/core'
import { constantProgram } from '../bpf/constant-program.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = ['n', 'hook', 'returns', 'sleepable', 'load_errno', 'attach_errno']

export const bpfHooks: Suite = {
  *run(inputs) {
    for (const { text, path } of inputs) {
      const programs = bpf()
      const stack = createStack({ lsms: [capability(), programs] })
      for (const row of parseTable(text, path, columns)) {
        const got = played(() => {
          const object = constantProgram(`row_${row.n}`, row.hook!, Number(row.returns), row.sleepable === '1')
          const { load, attach } = attempt(() => programs.load(stack, object).attachAll(), row.attach_errno === '-')
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
}

/** The errno of either step. Where the recording did not attach, it is not compared. */
const attempt = (
  run: () => readonly { detach(): void }[], wasNotAttached: boolean,
): { load: string; attach: string } => {
  try {
    for (const link of run()) link.detach()
    return { load: 'OK', attach: wasNotAttached ? '-' : 'OK' }
  } catch (error) {
    if (error instanceof BpfLoadError) return { load: errnoName(-error.errno), attach: '-' }
    if (error instanceof AttachError) return { load: 'OK', attach: errnoName(-error.errno) }
    throw error
  }
}
