/**
 * How long `lsm` takes to start where nothing is booted, as processor time in multiples of `node -e 0`: other programs
 * on the machine slow both alike. On the slowest machine we know 150 ms are three of them.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './tools.mjs'

const MOST = 4
const TIMES = 7
const lsm = join(root, 'packages/cli/dist/lsm.js')

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

const least = (program) => Math.min(...Array.from({ length: TIMES }, () => cpuOf(program)))

const base = least(['-e', '0'])
for (const line of ['--help', '--version', 'order', 'hooks file_open', 'caps text all=p']) {
  const ratio = least([lsm, ...line.split(' ')]) / base
  console.log(`${ratio <= MOST ? 'ok    ' : 'FAILED'} lsm ${line.padEnd(16)} ${ratio.toFixed(1)} times node -e 0`)
  if (!(ratio <= MOST)) process.exitCode = 1
}
