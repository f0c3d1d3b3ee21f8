/** Modules that take milliseconds to load and that few commands use: loaded when something of them is touched. */
import { createRequire } from 'node:module'

const SLOW = /^(?:(?:node:)?(?:assert|child_process|net)|picocolors)$/
const require = createRequire(import.meta.url)

/**
 * A function, as `assert` itself is one. Its names are those of the module, so that an import of one of them finds it.
 */
const standIn = (path) => `const load = () => require(${JSON.stringify(path)})
  module.exports = new Proxy(() => {}, {
    get: (_, name) => (name === '__esModule' ? undefined : load()[name]), apply: (_, self, args) => load()(...args),
    ownKeys: () => ${JSON.stringify(Object.keys(require(path)))},
  })`

/** A plugin of esbuild. `resolveDir`: a folder that has the modules. */
export const lazyModules = (resolveDir) => ({
  name: 'lazy-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: SLOW }, ({ path, namespace }) => (namespace === 'slow' ? null : { path, namespace: 'slow' }))
    onLoad({ filter: /^/, namespace: 'slow' }, ({ path }) => ({ contents: standIn(path), resolveDir }))
  },
})
