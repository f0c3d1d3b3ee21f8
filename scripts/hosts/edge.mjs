/** A worker of Cloudflare's runtime (workerd), by miniflare: no Node, no threads, no code that is made as it runs. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { esbuild } from './esbuild.mjs'

const entry = (folder, name, names) => `
  import { tryFeature } from ${JSON.stringify(join(folder, 'hosts/try.mjs'))}
  ${names.map((program) => `
  import ${program} from '${program}.wasm'
  import ${program}Bytes from '${program}.bin'`).join('')}
  const host = {
    folder: null, port: null,
    bytes: async (name) => new Uint8Array({ ${names.map((one) => `${one}: ${one}Bytes`)} }[name]),
    compiled: (name) => ({ ${names} })[name],
  }
  export default { fetch: async () => Response.json(await tryFeature(
    () => import(${JSON.stringify(join(folder, `hosts/features/${name}.mjs`))}), host,
  )) }
`

/** Programs as the runtime has them: compiled, and as bytes. */
const programModules = (programs, names) => names.flatMap((name) => {
  const contents = readFileSync(join(programs, `${name}.wasm`))
  return [
    { type: 'CompiledWasm', path: `${name}.wasm`, contents }, { type: 'Data', path: `${name}.bin`, contents },
  ]
})

/** In pieces, so that what a feature does not use is not loaded. */
const modulesOf = async (folder, name, names) => {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: entry(folder, name, names), resolveDir: folder }, bundle: true, write: false, splitting: true,
    outdir: folder, format: 'esm', conditions: ['workerd', 'worker'], external: ['node:*', '*.wasm', '*.bin'],
    logLevel: 'silent', target: 'es2023',
  })
  const modules = outputFiles.map(({ path, text }) =>
    ({ type: 'ESModule', path: path.slice(folder.length + 1), contents: text }))
  return [...modules.filter(({ path }) => path === 'stdin.js'), ...modules.filter(({ path }) => path !== 'stdin.js')]
}

/** Results by feature. `tools`: a folder in which miniflare is installed. */
export const onEdge = async (tools, folder, names, programs, programNames) => {
  const { Miniflare } = createRequire(join(tools, 'package.json'))('miniflare')
  const results = []
  for (const name of names) {
    try {
      const worker = new Miniflare({
        compatibilityDate: '2026-01-01', handleRuntimeStdio: () => {},
        modules: [...await modulesOf(folder, name, programNames), ...programModules(programs, programNames)],
      })
      try {
        results.push({ name, ...await (await worker.dispatchFetch('http://edge/')).json() })
      } finally {
        await worker.dispose()
      }
    } catch (error) {
      const [line] = String(error?.message ?? error).split('\n')
      const isNode = /Build failed|failed to start/.test(line)
      results.push({ name, works: false, why: isNode ? 'it needs modules of Node' : line })
    }
  }
  return results
}
