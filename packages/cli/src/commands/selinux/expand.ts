/** `lsm selinux expand FILE.te`: the statements that macros and interfaces came to, under the calls they are from. */
import { compileTe, expandedStatements } from '@lsmkit/selinux/source'
import type { Io } from '../../io.ts'
import { EXIT, printJson, printLines } from '../../output.ts'
import { reported } from '../../reporting.ts'
import { orRefusal } from './source-errors.ts'
import { headersOf, teOf } from './source-inputs.ts'
import type { HeaderFlags } from './source-inputs.ts'

export interface ExpandFlags extends HeaderFlags {
  readonly json?: boolean
}

/** Ends with 3 when the source is wrong. */
export const expandCommand = (io: Io, name: string, flags: ExpandFlags): number =>
  reported(io, 'selinux expand', flags, () => orRefusal([name], () => {
    const headers = headersOf(io, [name], flags)
    const { te } = teOf(io, name)
    const statements = expandedStatements(compileTe(te, headers === undefined ? {} : { headers }))
    return {
      code: EXIT.ok,
      checks: [{ name, file: name, findings: [] }],
      json: (out) => printJson(out, { statements }),
      pretty(out) {
        let last = ''
        for (const { file, line, call, text } of statements) {
          const head = call === null ? '' : `# ${file}:${line}: ${call}`
          if (head !== '' && head !== last) out.print(head)
          last = head
          printLines(out, text)
        }
      },
    }
  }))
