/**
 * Runs Lua and SQLite, as `build.sh` has built them, on the user-space kernel: every case of cases/ says
 * behind `-->` what it prints and behind `--=` with what status it ends.
 * `node scripts/run.mjs source conformance/wasi/run.ts OUT`
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { AT_FDCWD, ownValue } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { runWasi } from '@lsmkit/wasi'

const CASES = new URL('./cases/', import.meta.url)

/** How each language is started, and where its source goes. */
const languages: Readonly<Record<string, { readonly program: string; readonly argv: readonly string[] }>> = {
  '.lua': { program: 'lua.wasm', argv: ['lua', '-'] },
  '.sql': { program: 'sqlite3.wasm', argv: ['sqlite3', '-batch', '-bail', '/tmp/first.db'] },
}

const expected = (source: string): { readonly lines: readonly string[]; readonly status: number } => ({
  lines: [...source.matchAll(/^--> ?(.*)$/gm)].map(([, line]) => line!),
  status: Number(/^--= ?(\d+)$/m.exec(source)?.[1] ?? 0),
})

const run = (program: Uint8Array, argv: readonly string[], source: string) => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  kernel.sys.mkdirat(kernel.init, AT_FDCWD, '/tmp', 0o1777)
  const printed: Uint8Array[] = []
  const end = runWasi(kernel, kernel.init, {
    program, argv, stdin: source, stdout: (bytes) => void printed.push(bytes.slice()), stderr: () => {},
  })
  const lines = Buffer.concat(printed).toString().split('\n').slice(0, -1)
  return { lines, status: end.status }
}

const folder = process.argv[2]
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write('usage: run.ts OUT, the folder that build.sh has filled\n')
  process.exit(2)
}
let agree = 0
const files = readdirSync(CASES).sort()
for (const file of files) {
  const { program, argv } = ownValue(languages, extname(file))!
  const source = readFileSync(new URL(file, CASES), 'utf8')
  const want = expected(source)
  const got = run(readFileSync(join(folder, program)), argv, source)
  if (JSON.stringify(got) === JSON.stringify(want)) agree++
  else console.log(`${file}: expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}`)
}
console.log(`${agree} of ${files.length} agree`)
process.exitCode = agree === files.length ? 0 : 1
