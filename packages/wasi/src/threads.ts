/** Node's options for a thread: the one rule for the threads of this package and of those above it. */

const FROM_SOURCE = ['--conditions=lsmkit:source', '--no-warnings']

/**
 * For `new Worker(url, …)`. A thread has the options of the process, `own`, such as a loader for modules of yours; but
 * none where they say of what type a program on the command line is (`--input-type`): no file may be given that. A
 * thread that loads only its own file gives null and has no options. One that is run from its source has what resolves
 * our packages to theirs.
 */
export const threadOptions = (url: URL, own: readonly string[] | null): { execArgv?: string[] } => {
  if (url.pathname.endsWith('.ts')) return { execArgv: [...FROM_SOURCE] }
  return own === null || own.some((option) => option.startsWith('--input-type')) ? { execArgv: [] } : {}
}
