/** Runs a set-up command and shows on stderr how far it is: a bar with the time left on a terminal, else one line. */
import { spawn } from 'node:child_process'

/** Cells of the bar, and milliseconds between two drawings. */
const CELLS = 20
const EVERY = 500

/**
 * `seconds` is what the step took on a laptop; `after` is that of the steps behind it. One that takes longer stays
 * short of the end.
 */
export function progressText({ what, at, of, seconds, after }, ms) {
  const part = Math.min(0.95, ms / 1000 / seconds)
  const full = Math.floor(part * CELLS)
  const bar = `[${'#'.repeat(full)}${'.'.repeat(CELLS - full)}]`
  const left = Math.ceil(Math.max(seconds - ms / 1000, 1) + after)
  return `lsmkit: ${at}/${of} ${what} ${bar} about ${left} s left`
}

/**
 * Draws until it is stopped; on a stream that is not a terminal it writes one line.
 * @param {{ isTTY: boolean, columns: number, write(part: string | Uint8Array): unknown }} stream
 */
function show(step, stream) {
  const from = performance.now()
  if (!stream.isTTY) {
    stream.write(`lsmkit: ${step.at}/${step.of} ${step.what}, about ${step.seconds + step.after} s\n`)
    return () => {}
  }
  const clear = '\r\x1b[K'
  const passed = () => performance.now() - from
  const draw = () => stream.write(clear + progressText(step, passed()).slice(0, stream.columns - 1))
  draw()
  const timer = setInterval(draw, EVERY)
  return () => {
    clearInterval(timer)
    stream.write(`${clear}lsmkit: ${step.at}/${step.of} ${step.what}: ${Math.round(passed() / 1000)} s\n`)
  }
}

/**
 * The exit status, null for a program that a signal has ended. Its output is written, to stderr, if it fails.
 * @param {{ isTTY: boolean, columns: number, write(part: string | Uint8Array): unknown }} stream
 */
export function runQuietly(step, command, args, options, stream = process.stderr) {
  const stop = show(step, stream)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (bytes) => output.push(bytes))
    child.on('error', (error) => {
      stop()
      reject(error)
    })
    child.on('close', (status) => {
      stop()
      if (status !== 0) stream.write(Buffer.concat(output))
      resolve(status)
    })
  })
}
