/** One measurement in a process of its own, on the built packages, as users have them: `WHAT COUNT`, JSON on stdout. */
import { ownValue } from '@lsmkit/abi'
import { readdirSync, readFileSync } from 'node:fs'
import { bash } from '@lsmkit/just-bash'
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { Sandbox, SandboxOptions } from '@lsmkit/sandbox'
import { Bash } from 'just-bash'
import { getQuickJS } from 'quickjs-emscripten'

const hello = new Uint8Array(readFileSync(new URL('../wasi/guest/hello.wasm', import.meta.url)))
const policy: SandboxOptions = {
  allow: { read: ['/data'], write: ['/out'] }, mounts: { '/data': memory(), '/out': memory() },
}

/** Milliseconds of each, after one that does not count. */
const timed = async (count: number, act: () => Promise<unknown>): Promise<number[]> => {
  const times: number[] = []
  for (let i = 0; i <= count; i++) {
    const start = performance.now()
    await act()
    if (i > 0) times.push(performance.now() - start)
  }
  return times
}

const greet = async (box: Sandbox): Promise<void> => {
  const { stdout } = await box.run(hello)
  if (stdout !== 'hello\n') throw new Error(`it said ${stdout}`)
}

/** WASI as little as this program needs, by hand. */
const bare = async (): Promise<void> => {
  let said = ''
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(hello), {
    wasi_snapshot_preview1: new Proxy({}, {
      get: (_, name) => (fd: number, iovs: number, count: number, done: number) => {
        if (name !== 'fd_write') return name === 'fd_prestat_get' ? 8 : 0
        const view = new DataView((exports.memory as WebAssembly.Memory).buffer)
        let length = 0
        for (let i = 0; i < count; i++) {
          const at = view.getUint32(iovs + i * 8, true)
          const size = view.getUint32(iovs + i * 8 + 4, true)
          said += new TextDecoder().decode(new Uint8Array(view.buffer, at, size))
          length += size
        }
        view.setUint32(done, length, true)
        return 0
      },
    }),
  })
  ;(exports._start as () => void)()
  if (said !== 'hello\n') throw new Error(`it said ${said}`)
}

const used = (): number => {
  for (let i = 0; i < 6; i++) globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
const settled = async (): Promise<number> => {
  for (let i = 0; i < 5; i++) {
    used()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return used()
}
const threads = (): number => readdirSync('/proc/self/task').length
const descriptors = (): number => readdirSync('/proc/self/fd').length

const makeAndDrop = async (count: number, inline: boolean): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const box = await createSandbox({ ...policy, inline })
    await box.fs.writeFile('/data/a', 'a')
    await box.close()
  }
}

/** After over before: what is held, threads, descriptors. V8 compiles during the first hundreds, and keeps the code. */
const dropped = async (count: number, inline: boolean): Promise<number[]> => {
  await makeAndDrop(Math.max(20, count / 5), inline)
  const before = [await settled(), threads(), descriptors()]
  await makeAndDrop(count, inline)
  const after = [await settled(), threads(), descriptors()]
  return after.map((value, i) => value / before[i]!)
}

const measures: Record<string, (count: number) => Promise<number[]>> = {
  first: async () => {
    const start = performance.now()
    const box = await createSandbox(policy)
    const took = performance.now() - start
    await box.close()
    return [took]
  },
  'first run': async () => {
    const start = performance.now()
    await greet(await createSandbox(policy))
    return [performance.now() - start]
  },
  warm: async (count) => {
    await createSandbox(policy)
    return timed(count, async () => (await createSandbox(policy)).close())
  },
  'warm run': async (count) => {
    const box = await createSandbox(policy)
    return timed(count, () => greet(box))
  },
  inline: (count) => timed(count, async () => (await createSandbox({ inline: true, allow: {} })).close()),
  'inline run': async (count) => {
    const box = await createSandbox({ ...policy, inline: true })
    return timed(count, () => greet(box))
  },
  bare: (count) => timed(count, bare),
  memory: async (count) => {
    const boxes = [await createSandbox({ ...policy, inline: true })]
    const before = await settled()
    for (let i = 0; i < count; i++) boxes.push(await createSandbox({ ...policy, inline: true }))
    const each = (await settled() - before) / count
    return [boxes.length > count ? each / 2 ** 20 : 0]
  },
  dropped: (count) => dropped(count, false),
  'dropped inline': (count) => dropped(count, true),
  quickjs: async (count) => {
    const { newContext } = await getQuickJS().then((quickjs) => ({ newContext: () => quickjs.newContext() }))
    return timed(count, async () => {
      const context = newContext()
      context.unwrapResult(context.evalCode('"hel" + "lo"')).dispose()
      context.dispose()
    })
  },
  'just-bash': (count) => timed(count, async () => {
    const { stdout } = await new Bash().exec('echo hello')
    if (stdout !== 'hello\n') throw new Error(`it said ${stdout}`)
  }),
}

/** Commands on a tree of 300 files: `box.sh` inline over just-bash on its own InMemoryFs, processor time, in turn. */
const commands = [
  'ls -lR /data > /dev/null', 'find /data -type f -name "*.txt" | wc -l', 'grep -r TODO /data | sort | head',
  'cat /data/*/*.txt | wc -c', 'cp -r /data/d1 /data/copy; rm -r /data/copy', 'du -a /data | tail -1',
  'sed -i s/line/LINE/ /data/d2/*.txt', 'mkdir -p /data/n/m; touch /data/n/m/f; mv /data/n /data/o; rm -r /data/o',
]
const shells = async (count: number): Promise<number[]> => {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) =>
    [`/data/d${i % 20}/f${i}.txt`, `line ${i}\nTODO ${i}\n`.repeat(20)]))
  const box = await createSandbox({
    inline: true, allow: { read: ['/data'], write: ['/data'], exec: ['/bin'] }, mounts: { '/data': memory() },
    shell: bash(),
  })
  for (const [path, text] of Object.entries(files)) {
    await box.fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true })
    await box.fs.writeFile(path, text)
  }
  const plain = new Bash({ files })
  const all = async (run: (command: string) => Promise<unknown>): Promise<number> => {
    const start = process.cpuUsage()
    for (const command of commands) await run(command)
    const { user, system } = process.cpuUsage(start)
    return user + system
  }
  for (const command of commands) {
    const [theirs, ours] = [await plain.exec(command), await box.sh(command)]
    if (theirs.stdout !== ours.stdout && !command.startsWith('du')) throw new Error(`${command}: ${ours.stdout}`)
  }
  const ratios: number[] = []
  for (let i = 0; i < count; i++) {
    const theirs = await all((command) => plain.exec(command))
    ratios.push(await all((command) => box.sh(command)) / theirs)
  }
  return ratios
}
measures['box.sh'] = shells

const [what = '', count = '1'] = process.argv.slice(2)
process.stdout.write(`${JSON.stringify(await ownValue(measures, what)!(Number(count)))}\n`, () => process.exit())
