/**
 * Boxes of the installed packages, as a program of a user: `WHAT inline|worker COUNT`, numbers as JSON on stdout. Runs
 * in the folder that the packages are installed in.
 */
import { readFileSync } from 'node:fs'

const start = performance.now()
const { createSandbox, memory } = await import('@lsmkit/sandbox')
const imported = performance.now()

const [what, where, count = '1'] = process.argv.slice(2)
const base = {
  inline: where === 'inline', allow: { read: ['/data'], write: ['/out'], exec: ['/bin'] },
  mounts: { '/data': memory(), '/out': memory() },
}

const used = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const rss = () => {
  for (let i = 0; i < 4; i++) globalThis.gc()
  return process.memoryUsage().rss / 2 ** 20
}

/** Megabytes that `count` boxes add, each after `use` of it. */
const memoryOf = async (options, use) => {
  const boxes = []
  const before = rss()
  for (let i = 0; i < Number(count); i++) {
    const box = await createSandbox(options)
    await use(box)
    boxes.push(box)
  }
  // an idle thread ends after a while
  await new Promise((resolve) => setTimeout(resolve, 1500))
  return [boxes.length === Number(count) ? rss() - before : 0]
}

const greet = async (box) => {
  const { stdout } = await box.run(readFileSync('hello.wasm'))
  if (stdout !== 'hello\n') throw new Error(`it printed ${stdout}`)
}
const line = async (box) => {
  const { stdout } = await box.sh('echo hello')
  if (stdout !== 'hello\n') throw new Error(`it printed ${stdout}`)
}

const measures = {
  /** From the import on, from the call on, and the processor's time of both. */
  first: async () => {
    await createSandbox(base)
    const end = performance.now()
    return [end - start, end - imported, used()]
  },
  /** Each after one that does not count. */
  more: async () => {
    await createSandbox(base)
    const times = []
    for (let i = 0; i < Number(count); i++) {
      const from = performance.now()
      const box = await createSandbox(base)
      times.push(performance.now() - from)
      await box.close()
    }
    return times
  },
  memory: () => memoryOf(base, greet),
  'memory sh': async () => {
    const { bash } = await import('@lsmkit/just-bash')
    return memoryOf({ ...base, shell: bash() }, line)
  },
}

process.stdout.write(JSON.stringify(await measures[what]()), () => process.exit())
