/** The bundled pages as answers of a server: their types, and the headers that every one of them has. */
import { ownValue } from '@lsmkit/abi'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** As `run.mjs` has bundled them. */
export const dist = fileURLToPath(new URL('../../dist', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/** Inline style is what the terminal and the editor insert; code runs from this server alone, and WebAssembly. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

/**
 * The kernel's worker alone may also run what it has made itself: a module that the reader wrote. The page may not, and
 * a worker has the policy of its own answer.
 */
export const workerHeaders: Readonly<Record<string, string>> = {
  ...headers,
  'content-security-policy': policy.replace("script-src 'self'", "script-src 'self' blob:"),
}

/** As the bundler names the file of the kernel's worker. */
export const isWorker = (path: string): boolean => /^assets\/worker-[\w-]+\.js$/.test(path)

export interface Page {
  readonly type: string
  readonly body: Uint8Array
}

/** The file of `--fleet`, as it is now. Null where it cannot be read. */
export const fleetPage = async (file: string): Promise<Page | null> => {
  try {
    return { type: types['.json']!, body: await readFile(file) }
  } catch {
    return null
  }
}

/** Null for what is not there, or lies elsewhere. */
export const pageAt = async (path: string): Promise<Page | null> => {
  const file = normalize(join(dist, path === '' ? 'index.html' : path))
  if (!file.startsWith(dist + sep)) return null
  try {
    return { type: ownValue(types, extname(file)) ?? 'application/octet-stream', body: await readFile(file) }
  } catch {
    return null
  }
}
