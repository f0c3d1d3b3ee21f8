/** The names `fs` and `fs/promises` for `require`, `import` and `process.getBuiltinModule`. */
import Module, { register } from 'node:module'
import type { TaskFs } from '../fs/task-fs-types.ts'
import { KEY, sourceOf, SCHEME } from './source.ts'

type Load = (request: string, ...rest: readonly unknown[]) => unknown

const valueOf = (fs: TaskFs, request: unknown): object | undefined => {
  switch (request) {
    case 'fs':
    case 'node:fs':
      return fs
    case 'fs/promises':
    case 'node:fs/promises':
      return fs.promises
    default:
      return undefined
  }
}

export const replaceForRequire = (fs: TaskFs): void => {
  const module = Module as unknown as { _load: Load }
  const load = module._load
  module._load = function (request, ...rest) {
    return valueOf(fs, request) ?? load.call(this, request, ...rest)
  }
  const own = process.getBuiltinModule?.bind(process) as ((id: string) => unknown) | undefined
  if (own === undefined) return
  Object.assign(process, { getBuiltinModule: (id: string) => valueOf(fs, id) ?? own(id) })
}

type Resolve = (specifier: string, context: object, next: Resolve) => object
type LoadSource = (url: string, context: object, next: LoadSource) => object
interface WithHooks {
  readonly registerHooks?: (hooks: { readonly resolve: Resolve; readonly load: LoadSource }) => void
}

/** In this thread where Node can do so (22.15), otherwise in the thread of its loader. */
export const replaceForImport = (fs: TaskFs): void => {
  (globalThis as Record<symbol, unknown>)[Symbol.for(KEY)] = fs
  const sources = { fs: sourceOf(fs, ''), 'fs/promises': sourceOf(fs.promises, '.promises') }
  const { registerHooks } = Module as unknown as WithHooks
  if (registerHooks === undefined) {
    register(`data:text/javascript,${encodeURIComponent(threadSource)}`, { data: { sources, scheme: SCHEME } })
    return
  }
  registerHooks({
    resolve: (specifier, context, next) => {
      const name = specifier.replace(/^node:/, '')
      if (!Object.hasOwn(sources, name)) return next(specifier, context, next)
      return { url: `${SCHEME}${name}`, shortCircuit: true }
    },
    load: (url, context, next) => {
      if (!url.startsWith(SCHEME)) return next(url, context, next)
      const source = sources[url.slice(SCHEME.length) as keyof typeof sources]
      return { format: 'module', shortCircuit: true, source }
    },
  })
}

/** The same hooks as a module of their own. */
const threadSource = `
let sources, scheme
export const initialize = (data) => { ({ sources, scheme } = data) }
export const resolve = (specifier, context, next) => {
  const name = specifier.replace(/^node:/, '')
  return Object.hasOwn(sources, name) ? { url: scheme + name, shortCircuit: true } : next(specifier, context)
}
export const load = (url, context, next) => url.startsWith(scheme)
  ? { format: 'module', shortCircuit: true, source: sources[url.slice(scheme.length)] }
  : next(url, context)
`
