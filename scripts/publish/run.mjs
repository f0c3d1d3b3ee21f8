/** Runs one program to its end; its output is returned, or is in the error. */
import { spawn } from 'node:child_process'

/** No step of a check takes this long, in milliseconds. */
const limit = 600_000

/** What runs now: it does not outlive this process. */
const running = new Set()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** `{ status, output, stdout }`, whatever the status; 124 for what was stopped because it took too long. */
export function attempt(command, args, { cwd, env, shell = process.platform === 'win32' }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] })
    let [output, stdout] = ['', '']
    running.add(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), limit)
    child.stdout.on('data', (data) => {
      stdout += data
      output += data
    })
    child.stderr.on('data', (data) => (output += data))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ status: code ?? 124, output, stdout })
    })
  })
}

/** Its output on stdout; throws with all output if it fails. */
export async function run(command, args, options) {
  const { status, output, stdout } = await attempt(command, args, options)
  if (status !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` ended with ${status}:\n${output}`)
  return stdout
}

/** Its output; throws if it does not fail. */
export async function runToFail(command, args, options) {
  const { status, output } = await attempt(command, args, options)
  if (status === 0) throw new Error(`\`${[command, ...args].join(' ')}\` did not fail:\n${output}`)
  return output
}
