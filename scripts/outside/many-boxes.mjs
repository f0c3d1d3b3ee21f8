/**
 * Makes many boxes under load and checks every answer: `node many-boxes.mjs [FOLDER] [--boxes 10000] [--alive 50]
 * [--busy 4] [--lines 200]`. FOLDER has `@lsmkit/sandbox`, and for `--lines` `@lsmkit/just-bash`, installed; the
 * working folder unless you name one. Nothing is fetched.
 *
 * `alive` boxes exist at a time, half of them inline. Each keeps a text that no other box has, prints it by a program,
 * is refused the text of the other tenant, and in one of `lines` boxes does both by its shell. `busy` threads compute
 * meanwhile. An answer is right, or says why it is not (`reason`, or an error with a code); a wrong one fails the run.
 * Some runs have a limit of 1 ms, which they exceed or not. The last line is `N of M answers right`.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

const number = (text) => ({ type: 'string', default: text })
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { boxes: number('10000'), alive: number('50'), busy: number('4'), lines: number('200') },
})
const [boxes, alive, busy, lines] = ['boxes', 'alive', 'busy', 'lines'].map((name) => Number(values[name]))
const folder = resolve(positionals[0] ?? '.')
const require = createRequire(join(folder, 'package.json'))
/** The entry point of an installed package; they are ES modules, which Node's resolver of CommonJS finds too. */
const installed = (name) => import(pathToFileURL(require.resolve(name)).href)

const { createSandbox, memory } = await installed('@lsmkit/sandbox')
const shell = lines > 0 ? (await installed('@lsmkit/just-bash')).bash() : undefined
const cat = readFileSync(join(dirname(require.resolve('@lsmkit/sandbox/package.json')), '../wasi/programs/cat.wasm'))

const load = Array.from({ length: busy }, () => new Worker('for (;;) Math.random()', { eval: true }))
for (const thread of load) thread.unref()

const counts = { right: 0, reasons: new Map(), wrong: 0 }
const reason = (why) => counts.reasons.set(why, (counts.reasons.get(why) ?? 0) + 1)
const wrong = (i, what, answer) => {
  counts.wrong++
  console.log(`WRONG box ${i}, ${what}: ${JSON.stringify(answer)}`)
}

/** Right if it is what is wanted; a reason if it gives one; wrong otherwise. */
const check = (i, what, answer, isRight) => {
  if (answer.reason !== '') reason(answer.reason)
  else if (isRight(answer)) counts.right++
  else wrong(i, what, answer)
}

const own = (text) => ({ status, stdout, stderr, denials }) =>
  status === 0 && stdout === text && stderr === '' && denials.length === 0
const refused = ({ status, stdout, denials }) =>
  status !== 0 && stdout === '' && denials.length === 1 && denials[0].path.startsWith('/other')

async function useBox(i) {
  const text = `box ${i} of tenant ${i % 2}\n`
  const hasShell = lines > 0 && i % lines === 0
  const options = {
    inline: i % 2 === 0, allow: { read: ['/data', '/out'], write: ['/out'], exec: ['/bin'] },
    mounts: { '/data': memory(), '/out': memory(), '/other': memory() },
    ...(hasShell ? { shell } : {}),
  }
  const box = await createSandbox(options)
  try {
    await box.fs.writeFile('/data/own', text)
    await box.fs.writeFile('/other/key', 'not yours\n')
    check(i, 'its own text', await box.run(cat, { args: ['/data/own'] }), own(text))
    check(i, 'the other tenant', await box.run(cat, { args: ['/other/key'] }), refused)
    if (hasShell) {
      check(i, 'its own text by the shell', await box.sh('cat /data/own > /out/copy; cat /out/copy'), own(text))
      check(i, 'the other tenant by the shell', await box.sh('cat /other/key'), refused)
    }
    if (i % 100 === 0) {
      const ended = await box.run(cat, { args: ['/data/own'], limits: { time: 1 } })
      check(i, 'a limit of 1 ms', ended, own(text))
    }
    const kept = await box.fs.readFile('/data/own', 'utf8')
    if (kept === text) counts.right++
    else wrong(i, 'its file', kept)
  } finally {
    await box.close()
  }
}

const failed = (i) => (error) =>
  error.code === undefined ? wrong(i, 'an error', String(error)) : reason(error.code)

let next = 0
const start = performance.now()
const timer = setInterval(() => {
  console.log(`${next} boxes in ${((performance.now() - start) / 1000).toFixed(0)} s, ${counts.wrong} wrong`)
}, 30_000)
await Promise.all(Array.from({ length: alive }, async () => {
  while (next < boxes) {
    const i = next++
    await useBox(i).catch(failed(i))
  }
}))
clearInterval(timer)
await Promise.all(load.map((thread) => thread.terminate()))

const reasons = [...counts.reasons].map(([why, times]) => `  ${times} × ${why}`)
console.log([
  `${boxes} boxes in ${((performance.now() - start) / 1000).toFixed(0)} s: ${counts.right} answers right, ` +
  `${counts.wrong} wrong, with a reason:`, ...(reasons.length === 0 ? ['  0'] : reasons),
  `${counts.right} of ${counts.right + counts.wrong} answers right`,
].join('\n'))
process.exit(counts.wrong === 0 ? 0 : 1)
