/** `lsm learn -- PROGRAM ARGS…`: runs a native program under a policy without secrets, and learns from its needs. */
import { createNativeBox, learnPolicy, NativeError, openWatch, recordingPolicy, settledStatus } from '@lsmkit/native'
import type { Preset, WatchedCall } from '@lsmkit/native'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, printLines } from '../../output.ts'
import { environment, withVariables } from '../../run/environment.ts'
import { readPolicy } from '../../run/policy-file.ts'
import { noteRefusal } from '../exec.ts'
import type { LearnFlags } from './learn-flags.ts'

const wideFor = (io: Io, program: string, base: string | undefined): Preset =>
  (base === undefined ? recordingPolicy(program, { folder: io.cwd })
    : { policy: readPolicy(io, base).named, accept: ['attributes'] })

/** Each place once, whichever process asked; /proc has one for each of them. */
const printRefused = (io: Io, refused: readonly Pick<WatchedCall, 'act' | 'path' | 'port'>[]): void => {
  const lines = new Set(refused.map(({ act, path, port }) =>
    `  ${act} ${path === null ? `port ${port}` : path.replace(/^\/proc\/\d+(?=\/)/, '/proc/PID')}`))
  if (lines.size === 0) return
  io.note('lsm: refused, and not in the policy:')
  for (const line of lines) io.note(line)
}

/** The policy on stdout, the program's own output and a summary on stderr. Ends with 1 where the program failed. */
export const recordCommand = async (
  io: Io, [program, ...args]: readonly string[], { base, json = false }: LearnFlags & { json?: boolean },
): Promise<number> => {
  const { policy: wide, accept } = wideFor(io, program!, base)
  const needs: WatchedCall[] = []
  const watch = await openWatch({ allow: wide.allow ?? null, onNeed: (need) => needs.push(need) })
  try {
    const box = createNativeBox(wide, { accept })
    const env = withVariables(wide, environment([]))
    const started = box.start(program!, args, { cwd: io.cwd, env, watch, stdio: ['inherit', 'pipe', 'pipe'] })
    for (const stream of [started.process.stdout, started.process.stderr]) {
      stream?.on('data', (bytes: Uint8Array) => io.stderr(bytes))
    }
    const { status } = settledStatus(await started.process.ended, started.reason())
    await watch.end()
    const { policy, refused } = learnPolicy(wide, needs)
    if (json) printJson(io, { status, policy, refused })
    else printLines(io, JSON.stringify(policy, null, 2))
    printRefused(io, refused)
    const options = accept.length === 0 ? '' : `--accept ${accept.join(',')} `
    io.note(`lsm: ${counted(needs.length, 'need')}; enforce the policy with`)
    io.note(`  lsm exec --policy FILE ${options}-- ${program}`)
    return status === 0 ? EXIT.ok : EXIT.denied
  } catch (error) {
    if (!(error instanceof NativeError)) throw error
    noteRefusal(io, error)
    return EXIT.usage
  } finally {
    await watch.end()
  }
}
