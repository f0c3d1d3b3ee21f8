/**
 * A newcomer's walk: an empty folder, the install line of README.md, its first program, a denial of one's own, and the
 * program on the small kernel that the README names for bundles. Reports the time on the clock and of processors.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { firstProgram, smallProgram } from '../../readme-program.mjs'
import { root } from '../../tools.mjs'
import { blocksOf } from '../document.mjs'

/** The comments that end a program are what it prints. */
const endingComments = (program) => /(?<=\n)(?:\/\/ .*\n)+$/.exec(program)[0].replace(/^\/\/ /gm, '')

function same(what, printed, promised) {
  if (printed !== promised) throw new Error(`${what} printed\n${printed}and not\n${promised}`)
}

/** `times` prints minutes and seconds of the shell's own, then of its children: `0m2.130s 0m0.410s`. */
function processorSeconds(times) {
  const [, children] = times.trim().split('\n').slice(-2)
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)]
    .reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

async function timed(name, outside, lines) {
  const from = performance.now()
  const printed = await outside.shell(`${lines}\ntimes >times.txt`)
  const clock = (performance.now() - from) / 1000
  const processors = processorSeconds(outside.read('times.txt'))
  return { printed, time: `${name} ${clock.toFixed(1)} s (${processors.toFixed(1)} s)` }
}

async function walk(environment, node) {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const program = firstProgram(readme)
  const outside = environment.outside(`newcomer-${node.major}`, node)
  const install = await timed('install', outside, blocksOf(readme).find(({ language }) => language === 'sh').text)

  outside.write('first.mjs', program)
  const first = await timed('first.mjs', outside, 'node first.mjs')
  same('first.mjs', first.printed, endingComments(program))

  outside.write('mine.mjs', program.replace("endsWith('.key')", "endsWith('.txt')"))
  const mine = await outside.run('node', 'mine.mjs')
  same('the module with another suffix', mine.split('\n').slice(0, 2).join('\n'), '/notes.txt EACCES\n/host.key opens')

  outside.write('small.mjs', smallProgram(readme))
  same('the program on the small kernel', await outside.run('node', 'small.mjs'), endingComments(program))
  return `clock (processors): ${install.time}, ${first.time}`
}

export const walkChecks = [{ name: 'a newcomer takes README.md at its word', quick: true, each: 'node', run: walk }]
