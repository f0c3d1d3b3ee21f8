/** `curl` of just-bash over the requests that a box makes for a process. */
import type { SecureFetch } from 'just-bash'
import type { Errands } from './errands.ts'
import type { FetchAnswer, FetchRequest, ShellCalls } from './shell-calls.ts'

const MOST_REDIRECTS = 20
const TIMEOUT = 30_000

type Options = Parameters<SecureFetch>[1]

const headersOf = (given: NonNullable<Options>['headers']): FetchRequest['headers'] =>
  given === undefined ? [] : [...new Headers(given).entries()]

const requestOf = (url: string, options: Options, largest: number): FetchRequest => {
  const { method = 'GET', headers, body, followRedirects = true, timeoutMs, maxRedirects } = options ?? {}
  const most = Math.min(maxRedirects ?? MOST_REDIRECTS, MOST_REDIRECTS)
  return {
    url, method: method.toUpperCase(), headers: headersOf(headers), largest,
    body: body === undefined || method === 'HEAD' ? null : new TextEncoder().encode(body),
    redirects: followRedirects ? most : 0, timeout: Math.min(timeoutMs ?? TIMEOUT, TIMEOUT),
  }
}

/** just-bash finds the exit status of curl by these words. */
const words = (error: { readonly code?: unknown; readonly message: string }): string => {
  switch (error.code) {
    case 'refused': return `Network access denied: ${error.message}`
    case 'redirect-refused': return `Redirect target not in allow-list: ${error.message}`
    default: return error.message
  }
}

/** One line for each name, as HTTP lets fields be joined. */
const record = (headers: FetchAnswer['headers']): Record<string, string> => {
  const all = new Map<string, string>()
  for (const [name, value] of headers) {
    const before = all.get(name)
    all.set(name, before === undefined ? value : `${before}${name === 'set-cookie' ? '\n' : ', '}${value}`)
  }
  return Object.fromEntries(all)
}

/** The fetch of a process; null where there is no network. */
export const fetchOf = (
  { fetch }: ShellCalls, pid: number, largest: number, errands: Errands,
): SecureFetch | null => (fetch === null ? null : async (url, options) => {
  const request = requestOf(url, options, largest)
  try {
    const { headers, ...answer } = await errands.run(async () => fetch(pid, request))
    return { ...answer, headers: record(headers) }
  } catch (error) {
    throw new Error(words(error as Error & { code?: unknown }), { cause: error })
  }
})
