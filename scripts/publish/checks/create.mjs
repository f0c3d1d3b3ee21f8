/** The projects that `npm create lsmkit` makes: each template under the oldest Node, and the guide step by step. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools.mjs'
import { blocksOf } from '../document.mjs'

export const templateNames = ['lsm', 'policy', 'bpf', 'policy-test']

/** Scripts of templates that have a module in TypeScript, and a line that they print of its hook. */
const measures = [
  ['coverage', /^file_open +[1-9]\d* +(\d+) of \1 +(\d+) of \2 *$/m],
  ['bench', /^file_open( +[\d.]+ [nµm]s){5} +0$/m],
]

/** Node that loads TypeScript. */
const forPlay = ({ version }) => version.localeCompare('22.18.0', 'en', { numeric: true }) >= 0

/** What is typed at `npm run play`, and what comes of it under each template's module. */
const plays = {
  'src/play.ts': ['cat /proc/self/status > /dev/null; echo =$?', /^=0$/m],
  'first-come.o': ["echo mine > x; chmod 666 x; other-user -c 'cat x'; echo =$?", /x: Operation not permitted[^]*^=1$/m],
}

async function play(environment, project, scripts) {
  const node = environment.nodes.find(forPlay)
  const [typed, wanted] = Object.entries(plays).find(([word]) => scripts.play.includes(word))[1]
  if (node === undefined) return
  project.write('.typed', `${typed}\n`)
  const printed = await environment.under(project, node).shell('npm run play < .typed 2>&1')
  if (!wanted.test(printed)) throw new Error(`\`npm run play\` printed\n${printed}`)
}

/** Made, installed and tested; what can be published is packed, too, and has no sources in it. */
async function template(environment, name) {
  const parent = environment.outside('templates')
  const folder = `made-${name}-lsm`
  await parent.run('npm', 'create', 'lsmkit@latest', folder, '--', '--template', name, '--yes')
  const project = environment.outside(join('templates', folder))
  await project.install()
  await project.run('npm', 'test')
  const { private: isPrivate, scripts } = JSON.parse(project.read('package.json'))
  for (const [script, wanted] of measures) {
    if (scripts[script] === undefined) continue
    const printed = await project.run('npm', 'run', script)
    if (!wanted.test(printed)) throw new Error(`\`npm run ${script}\` printed\n${printed}`)
  }
  if (isPrivate === true) return
  await play(environment, project, scripts)
  await project.run('npm', 'pack')
  const files = await project.run('tar', '-tzf', `${folder}-0.0.0.tgz`)
  const sources = files.split('\n').filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  if (!files.includes('package/dist/index.js') || sources.length > 0) throw new Error(files)
}

/**
 * Every block with a file's name is written there, every sh block is run, in the order of the page; what text blocks
 * say is printed.
 */
async function guide(environment) {
  const outside = environment.outside('guide')
  const blocks = blocksOf(readFileSync(join(root, 'docs', 'create.md'), 'utf8'))
  const steps = blocks.filter(({ language, file }) => language === 'sh' || file !== null)
  // one shell for all, so that `cd` lasts
  const lines = steps.map(({ file, text }, at) => {
    if (file === null) return text
    outside.write(join('.blocks', String(at)), text)
    return `mkdir -p "$(dirname '${file}')" && cp '${join(outside.folder, '.blocks', String(at))}' '${file}'\n`
  })
  const printed = await outside.shell(lines.join(''))
  for (const { text } of blocks.filter(({ language }) => language === 'text')) {
    if (!printed.includes(text)) throw new Error(`it did not print\n${text}\nbut\n${printed}`)
  }
  return `${steps.length} steps`
}

export const createChecks = [
  ...templateNames.map((name) => ({
    name: `template ${name}: made, installed, tested, packed`,
    quick: name === 'lsm',
    run: (environment) => template(environment, name),
  })),
  { name: 'docs/create.md, step by step', quick: false, run: guide },
]
