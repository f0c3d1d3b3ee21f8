/** What a command loads before it does anything: the table of limits, for help, and no kernel where none boots. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const program = new URL('./start.ts', import.meta.url).href

/** Runs a command line in a process of its own, and tells the packages whose files it has loaded. */
const packagesOf = (line: string): string[] => {
  const script = `
    import { registerHooks } from 'node:module'
    const seen = new Set()
    registerHooks({ load(url, context, next) {
      const [, name] = /\\/packages\\/(\\w+)\\/src\\//.exec(url) ?? []
      // small files that import nothing: safe text for printing, hints for misspelt words
      const isSmall = url.endsWith('/abi/src/safe-text.ts') || url.endsWith('/core/src/did-you-mean.ts')
      if (name !== undefined && name !== 'cli' && !isSmall) seen.add(name)
      return next(url, context)
    } })
    const { runLsm } = await import(${JSON.stringify(program)})
    const colors = new Proxy({}, { get: () => String })
    const io = { print() {}, note() {}, stdout() {}, stderr() {}, stdin: () => 0, cwd: '/', colors }
    await runLsm(io, ${JSON.stringify(line.split(' '))})
    console.log('\\n' + [...seen].sort().join(' '))`
  const args = ['--conditions=lsmkit:source', '--input-type=module', '-e', script]
  const told = execFileSync(process.execPath, args, { encoding: 'utf8' }).split('\n').at(-2)!
  return told === '' ? [] : told.split(' ')
}

test.each<[line: string, packages: string[]]>([
  ['--help', ['wasi']],
  ['--version', ['wasi']],
  ['selinux query --help', ['wasi']],
  ['completion bash', ['wasi']],
  ['complete -- ord', ['wasi']],
  ['order lsm=smack', ['abi', 'core', 'wasi']],
  ['hooks file_open', ['abi', 'core', 'wasi']],
  ['caps text all=p', ['abi', 'capability', 'core', 'wasi']],
  ['explain', ['abi', 'capability', 'core', 'smack', 'wasi', 'yama']],
  ['run /nowhere.wasm', ['abi', 'capability', 'core', 'kernel', 'wasi']],
])('lsm %s loads %j', (line, packages) => {
  expect(packagesOf(line)).toEqual(packages)
})
