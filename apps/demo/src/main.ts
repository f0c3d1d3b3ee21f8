/**
 * The tour: boots a kernel for each stack, lets Ruby and a C program work and try what they should not, and shows who
 * refused what. Exits with 0 whatever is denied.
 */
import pc from 'picocolors'
import { askStack } from './ask-stack.ts'
import { parseFlags, usage } from './flags.mjs'
import { fullLines } from './full.ts'
import { runOwn } from './own-denial.ts'
import { readPolicy } from './read-policy.ts'
import { detailLines, storyLines } from './story.ts'
import { takeTour } from './take-tour.ts'

/** Columns where there is no terminal to ask. */
const WIDTH = 100

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const main = async (): Promise<number> => {
  const flags = parseFlags(process.argv.slice(2))
  if (typeof flags === 'string') {
    process.stderr.write(`error: ${flags}\n\n${usage}\n`)
    return 2
  }
  if (flags.help) {
    print(usage)
    return 0
  }
  if (flags.ask && !(process.stdin.isTTY && process.stderr.isTTY)) {
    process.stderr.write('error: there is no terminal to ask at\n(name the LSMs: --lsm smack,yama)\n')
    return 2
  }
  const lsms = flags.ask ? await askStack() : flags.lsms
  if (flags.ask && lsms === null) return 0
  const policy = await readPolicy(flags)
  if (typeof policy === 'string') {
    process.stderr.write(`error: ${policy}\n`)
    return 2
  }
  const tour = await takeTour({ ...flags, lsms }, policy, flags.full || flags.json)
  if (flags.json) print(JSON.stringify(tour, null, 2))
  else {
    const { columns: width = WIDTH, isTTY } = process.stdout
    const colors = pc.createColors(pc.isColorSupported && isTTY)
    if (flags.full) {
      for (const line of [...detailLines(tour, width, colors), ...fullLines(tour, width, colors), '']) print(line)
    }
    for (const line of storyLines(tour, width, colors, runOwn())) print(line)
  }
  return 0
}

// A reader that has had enough (`npm start | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
process.exitCode = await main()
