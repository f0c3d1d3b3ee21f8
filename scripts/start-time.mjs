/**
 * How long `lsm` takes to start, as processor time: in multiples of `node -e 0` where nothing is booted, of a program
 * that node:wasi runs where a kernel is. Other programs on the machine slow both alike.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './tools.mjs'

const TIMES = 9
const lsm = join(root, 'packages/cli/dist/lsm.cjs')
const bench = (file) => join(root, 'bench/src/wasi', file)
const hello = bench('guest/hello.wasm')

/** What is measured, by what, and how many times that it may take. */
const groups = [
  {
    rival: ['node -e 0', ['-e', '0']],
    most: 3,
    lines: ['--help', '--version', 'order', 'hooks file_open', 'caps text all=p'],
  },
  { rival: ['node:wasi', [bench('node-hello.mjs'), hello]], most: 3, lines: [`run ${hello}`] },
]

/** Milliseconds of the processor: the program tells its own at the end. */
function cpuOf(program) {
  const script = `process.on('exit', () => {
    const { user, system } = process.cpuUsage()
    console.error((user + system) / 1000)
  })`
  const told = `data:text/javascript,${encodeURIComponent(script)}`
  const { stderr } = spawnSync(process.execPath, ['--import', told, ...program], { encoding: 'utf8' })
  return Number(stderr.trim().split('\n').at(-1))
}

/** The least of each, taken in turns, so that a machine that is busy for a while is so for both. */
function leastOf(...programs) {
  const rounds = Array.from({ length: TIMES }, () => programs.map(cpuOf))
  return programs.map((_, at) => Math.min(...rounds.map((round) => round[at])))
}

for (const { rival: [name, program], most, lines } of groups) {
  for (const line of lines) {
    const args = line.split(' ')
    // the first run compiles, and leaves that to those that follow
    cpuOf([lsm, ...args])
    const [base, own] = leastOf(program, [lsm, ...args])
    const ratio = own / base
    const title = `lsm ${line.replace(/\/\S*\//, '')}`.padEnd(22)
    console.log(`${ratio <= most ? 'ok    ' : 'FAILED'} ${title} ${ratio.toFixed(1)} times ${name}, at most ${most}`)
    if (!(ratio <= most)) process.exitCode = 1
  }
}
