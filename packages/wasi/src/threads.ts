/** Node's options for a thread: the one rule for the threads of this package and of those above it. */
import { threadCache } from './thread-cache.ts'
import type { Host } from './thread-cache.ts'

const FROM_SOURCE = ['--conditions=lsmkit:source', '--no-warnings']

/**
 * For `new Worker(url, …)`. A thread has the options of the process, `own`, such as a loader for modules of yours; but
 * none where they say of what type a program on the command line is (`--input-type`): no file may be given that. A
 * thread that loads only its own file gives null and has no options. One that is run from its source has what resolves
 * our packages to theirs. A thread that loads more than its own file also finds the code that Node compiled of it in an
 * earlier process.
 */
export const threadOptions = (url: URL, own: readonly string[] | null): ThreadOptions => {
  if (url.pathname.endsWith('.ts')) return { execArgv: [...FROM_SOURCE] }
  if (own === null) return { execArgv: [] }
  return { ...(own.some((option) => option.startsWith('--input-type')) ? { execArgv: [] } : {}), ...withCache(url) }
}

interface ThreadOptions {
  execArgv?: string[]
  env?: Record<string, string | undefined>
}

const withCache = (url: URL): ThreadOptions => {
  const host = (globalThis as { readonly process?: Host }).process
  const folder = host === undefined ? null : threadCache(url.href, host)
  return folder === null ? {} : { env: { ...host!.env, NODE_COMPILE_CACHE: folder } }
}
