/** Entry of every root script: sets the clone up, then runs one thing under the pinned Node; alone, it lists them. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { parseFlags, usage as usageOfStart } from '../apps/demo/src/flags.mjs'
import { bootstrap } from './bootstrap.mjs'
import { projects } from './projects.mjs'
import { root, SetupError, toolEnv } from './tools.mjs'

/** A program of this repository, run on built packages; npm tells the caller's folder as INIT_CWD. */
const program = (path, does, needs = 'packages') =>
  ({ does, line: ['node', join(root, path)], needs, from: 'INIT_CWD' })

/** The same on sources, for what needs no built packages. */
const sourceProgram = (path, does, needs) =>
  ({ does, line: ['node', '--conditions=lsmkit:source', join(root, path)], needs, from: 'INIT_CWD' })

/**
 * What can be run. `needs`: how far set-up goes, one step or several. `from`: the folder that relative paths start
 * from.
 */
const commands = {
  start: program('apps/demo/src/main.ts', 'the demo tour; with `--serve` the console'),
  serve: sourceProgram('apps/console/src/server/main.ts', 'the console: `serve [--port N]`', 'console'),
  site: sourceProgram('apps/console/src/server/site.ts', 'the console as a static site: `site OUT`', 'console'),
  record: program('apps/demo/src/record.ts', 'the tour, into its record and README.md; `--text`: README.md alone'),
  test: {
    does: 'all tests; `test core cli`: those of these packages, on sources',
    line: ['vitest', 'run'],
    needs: 'packages',
    from: 'root',
  },
  check: {
    does: 'types, lint, and tests of what has changed',
    line: ['node', join(root, 'scripts/check.mjs')],
    needs: 'dependencies',
    from: 'root',
  },
  lint: { does: 'lint, import layers', line: ['oxlint', '--format=unix'], needs: 'dependencies', from: 'root' },
  format: {
    does: 'formats sources: mends what the lint can mend',
    line: ['oxlint', '--fix', '--format=unix'],
    needs: 'dependencies',
    from: 'root',
  },
  lsm: program('packages/cli/dist/lsm.cjs', 'the `lsm` command'),
  conform: program('conformance/src/main.ts', 'replays an oracle table'),
  bench: program('bench/src/main.ts', 'runs a bench'),
  fuzz: {
    does: 'the standing fuzzers, on the sources',
    line: ['node', '--conditions=lsmkit:source', join(root, 'fuzz/src/main.ts')],
    needs: 'dependencies',
    from: 'root',
  },
  docs: {
    does: 'builds the documentation site, with the console: `docs OUT`',
    line: ['node', '--conditions=lsmkit:source', join(root, 'site/src/build.ts')],
    needs: ['packages', 'console'],
    from: 'INIT_CWD',
  },
  install: {
    does: 'takes in a changed dependency: updates pnpm-lock.yaml',
    line: ['pnpm', 'install', '--no-frozen-lockfile'],
    needs: 'tools',
    from: 'root',
  },
  build: {
    does: 'builds the packages, or some: `build --filter=@lsmkit/core`',
    line: ['node', join(root, 'scripts/build.mjs')],
    needs: 'dependencies',
    from: 'root',
  },
  vitest: {
    does: 'tests on sources: `vitest run --project core`',
    line: ['vitest'],
    needs: 'dependencies',
    from: 'root',
  },
  source: {
    does: 'a program on sources: `source FILE.ts`',
    line: ['node', '--conditions=lsmkit:source'],
    needs: 'dependencies',
    from: 'cwd',
  },
  exec: { does: 'any command, with the pinned tools first on PATH', line: [], needs: 'dependencies', from: 'cwd' },
}

function usage() {
  const lines = Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(8)} ${does}\n`)
  process.stderr.write(`usage: node scripts/run.mjs COMMAND [ARGS]\n${lines.join('')}`)
  return 2
}

/** Exit code of the command, as a shell tells it: 126 and 127 when it cannot be run, 128+n when signal n ended it. */
function run(command, args, cwd) {
  const child = spawn(command, args, { cwd, env: toolEnv(), stdio: 'inherit', shell: process.platform === 'win32' })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // A terminal sends SIGINT to the child as well.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`lsmkit: cannot run \`${command}\`: ${error.message}\n`)
      resolve(error.code === 'ENOENT' ? 127 : 126)
    })
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

/** Names of projects as vitest takes them, with whatever options stand beside them; null where none is named. */
function projectArguments(args) {
  const isNamed = (arg) => projects.has(arg.replace(/^@lsmkit\//, ''))
  if (!args.some(isNamed)) return null
  return args.flatMap((arg) => (isNamed(arg) ? ['--project', arg.replace(/^@lsmkit\//, '')] : [arg]))
}

/** Help and mistakes of the tour need nothing that is built; null for a tour that is to be taken. */
function answeredAtOnce(args) {
  const flags = parseFlags(args)
  if (typeof flags === 'string') {
    process.stderr.write(`error: ${flags}\n\n${usageOfStart}\n`)
    return 2
  }
  if (!flags.help) return null
  process.stdout.write(`${usageOfStart}\n`)
  return 0
}

async function main([asked, ...given]) {
  const serves = asked === 'start' && given.includes('--serve')
  const name = serves ? 'serve' : asked
  const args = serves ? given.filter((arg) => arg !== '--serve') : given
  if (!Object.hasOwn(commands, name ?? '')) return usage()
  const answered = name === 'start' ? answeredAtOnce(args) : null
  if (answered !== null) return answered
  const { line, needs, from } = commands[name]
  const chosen = name === 'test' ? projectArguments(args) : null
  for (const step of chosen === null ? [needs].flat() : ['dependencies']) await bootstrap(step)
  const [command, ...rest] = [...line, ...(chosen ?? args)]
  if (command === undefined) return usage()
  const folders = { root, cwd: process.cwd(), INIT_CWD: process.env.INIT_CWD ?? process.cwd() }
  return run(command, rest, folders[from])
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`lsmkit: ${error.message}\n${error.hint}\n`)
  process.exitCode = 1
}
