/** Entry of every root script: sets the clone up, then runs one thing under the pinned Node. `node scripts/run.mjs` lists them. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { bootstrap, root, SetupError, toolEnv } from './bootstrap.mjs'

const source = '--conditions=lsmkit:source'
const here = (path) => join(root, path)

/** name: [command line, needs the packages built, runs in the caller's folder, what it does] */
const commands = {
  start: [['node', here('apps/demo/src/main.ts')], true, true, 'the demo tour'],
  test: [['vitest', 'run'], true, false, 'all tests'],
  lsm: [['node', here('packages/cli/dist/lsm.js')], true, true, 'the command line tool, as published'],
  conform: [['node', here('conformance/src/main.ts')], true, true, 'replays an oracle table'],
  bench: [['node', here('bench/src/main.ts')], true, true, 'runs a bench'],
  build: [['turbo', 'run', 'build'], false, false, 'builds the packages'],
  vitest: [['vitest'], false, false, 'tests on sources, no build: `vitest run --project core`'],
  source: [['node', source], false, true, 'a TypeScript file on sources, no build: `source bench/src/main.ts`'],
  exec: [[], false, true, 'any command with the pinned tools first on PATH'],
}

function usage() {
  const lines = Object.entries(commands).map(([name, [, , , does]]) => `  ${name.padEnd(8)} ${does}\n`)
  process.stderr.write(`usage: node scripts/run.mjs COMMAND [ARGS]\n${lines.join('')}`)
  return 2
}

/** Exit code of the command, as a shell tells it: 126 and 127 when it cannot be run, 128+n when signal n ended it. */
function run(command, args, cwd) {
  const child = spawn(command, args, { cwd, env: toolEnv(), stdio: 'inherit', shell: process.platform === 'win32' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`lsmkit: cannot run \`${command}\`: ${error.message}\n`)
      resolve(error.code === 'ENOENT' ? 127 : 126)
    })
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

async function main([name, ...args]) {
  if (!Object.hasOwn(commands, name ?? '')) return usage()
  const [[...line], build, inCallersFolder] = commands[name]
  await bootstrap({ build })
  const [command, ...rest] = [...line, ...args]
  if (command === undefined) return usage()
  return run(command, rest, inCallersFolder ? (process.env.INIT_CWD ?? process.cwd()) : root)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`lsmkit: ${error.message}\n${error.hint}\n`)
  process.exitCode = 1
}
