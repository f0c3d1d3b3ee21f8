/**
 * Installs one LSM with its peers in a folder outside the clone, from tarballs, and uses it there as a stranger would:
 * under the Node that calls this script (20.19 is promised), under the pinned one, and type-checked by TypeScript 6
 * and 7.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { packAll } from './pack.mjs'
import { callersEnv, root, toolEnv } from './tools.mjs'

const program = `
import { createStack } from '@lsmkit/core'
import { capability } from '@lsmkit/capability'
import { smack } from '@lsmkit/smack'

const stack = createStack({ lsms: [capability(), smack()] })
const names = stack.names.join(',')
if (names !== 'capability,smack') throw new Error('the stack is ' + names)
const sb = stack.objects.super_block(0, { name: 'outside', fs_flags: 0 }, stack.current.task.cred.user_ns)
const inode = stack.objects.inode(0o100644, sb, 1)
const rc = stack.lsm.inode_alloc_security.ask(inode)
if (rc !== 0 || inode.security === null) throw new Error('the inode has no label')
console.log('a stack of ' + names + ' runs under Node ' + process.versions.node)
`
const installed = ['@lsmkit/abi', '@lsmkit/core', '@lsmkit/capability', '@lsmkit/smack']
const compiler = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2023', lib: ['es2023'], types: ['node'] }
const checks = [
  { ...compiler, module: 'nodenext', moduleResolution: 'nodenext' },
  { ...compiler, module: 'esnext', moduleResolution: 'bundler' },
]

await bootstrap('packages')
const outside = mkdtempSync(join(tmpdir(), 'lsmkit-outside-'))
const run = (command, args, env) => execFileSync(command, args, { cwd: outside, env, stdio: ['ignore', 1, 2] })
try {
  const files = packAll(outside)
    .filter(({ manifest }) => installed.includes(manifest.name))
    .map(({ file }) => file)
  writeFileSync(join(outside, 'package.json'), '{ "private": true, "type": "module" }\n')
  run('npm', ['install', '--no-audit', '--no-fund', ...files, `@types/node@${typesVersion()}`], callersEnv())
  writeFileSync(join(outside, 'program.mjs'), program)
  run(process.execPath, ['program.mjs'], callersEnv())
  run('node', ['program.mjs'], toolEnv())
  writeFileSync(join(outside, 'program.ts'), program)
  for (const compilerOptions of checks) {
    writeFileSync(join(outside, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['program.ts'] }))
    for (const tsc of ['tsc', 'tsc6']) run(tsc, ['-p', 'tsconfig.json'], toolEnv())
  }
} finally {
  rmSync(outside, { recursive: true, force: true })
}

function typesVersion() {
  const list = execFileSync('pnpm', ['list', '@types/node', '--json', '--depth=0'], { cwd: root, env: toolEnv() })
  return JSON.parse(list)[0].devDependencies['@types/node'].version
}
