/** `lsm learn -- PROGRAM ARGS…`: runs a native program under a policy without secrets, and learns from its needs. */
import { createNativeBox, learnPolicy, NativeError, openWatch, recordingPolicy, settledStatus } from '@lsmkit/native'
import type { Preset, WatchedCall } from '@lsmkit/native'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, printLines } from '../../output.ts'
import { environment, withVariables } from '../../run/environment.ts'
import { readPolicy } from '../../run/policy-file.ts'
import type { LearnFlags } from './learn-flags.ts'

const wideFor = (io: Io, program: string, base: string | undefined): Preset =>
  (base === undefined ? recordingPolicy(program, { folder: io.cwd })
    : { policy: readPolicy(io, base).named, accept: ['attributes'] })

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
    for (const { act, path, port } of refused) {
      io.note(`lsm: refused, and not in the policy: ${act} ${path ?? `port ${port}`}`)
    }
    const options = accept.map((id) => `--accept ${id}`).join(' ')
    io.note(`lsm: ${counted(needs.length, 'need')}; enforce with lsm exec --policy FILE ${options} -- ${program}`)
    return status === 0 ? EXIT.ok : EXIT.denied
  } catch (error) {
    if (!(error instanceof NativeError)) throw error
    io.note(`lsm: ${error.toString()}`)
    return EXIT.usage
  } finally {
    await watch.end()
  }
}
