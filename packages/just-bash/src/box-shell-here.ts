/** The shell of a box where the host has no threads. */
import type { BoxInside, BoxShellOptions } from './box-inside.ts'
import { largestReadOf, lineOptions, within } from './box-shell.ts'
import type { BoxShell } from './box-shell.ts'
import { Shell } from './shell.ts'

/** Lines run beside the kernel, and end between two statements. */
export const shellWithoutThreads = (inside: BoxInside, options: BoxShellOptions): BoxShell => {
  const shell = new Shell(inside.kernel, {
    ...options, largestRead: largestReadOf(inside, options), runProgram: inside.runProgram,
    ...(inside.fetch === null ? {} : { fetch: inside.fetch }),
  }, inside.whenThere)
  return {
    sh: (command, request) => within(inside, request, (task) => {
      const { signal } = request
      request.onStart?.()
      return shell.sh(task, command, { ...lineOptions(request), ...(signal === undefined ? {} : { signal }) })
    }),
    close: () => {},
  }
}
