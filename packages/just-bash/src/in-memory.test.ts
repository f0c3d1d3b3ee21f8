/** Random calls on a kernel and on just-bash's own `InMemoryFs`: the same answers, errors and trees. */
import { InMemoryFs } from 'just-bash'
import type { FsStat, IFileSystem } from 'just-bash'
import { expect, test } from 'vitest'
import { KernelFs } from './index.ts'
import { boot } from '../test/boot.ts'
import { leftOut, operationOf, randomOf, TOP } from '../test/operations.ts'
import type { Kind, Operation, View } from '../test/operations.ts'

const SEEDS = 60
const CALLS = 80

const isStat = (value: unknown): value is FsStat => typeof value === 'object' && value !== null && 'mtime' in value

/** InMemoryFs has no sizes of directories; times are compared by themselves. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return [...value].join()
  if (!isStat(value)) return value
  const { isFile, isDirectory, isSymbolicLink, mode, size } = value
  return { isFile, isDirectory, isSymbolicLink, mode, size: isDirectory ? 0 : size }
}

/** Code, call and path. The words between are Node's here; InMemoryFs has its own now and then, and other calls. */
const told = ({ message }: Error): string => {
  const code = /^[A-Z]+/.exec(message)?.[0]
  const own = /^EINVAL|^ELOOP|^EISDIR.*, (write|open) /.test(message)
  return own ? `${code}` : `${code} ${/, (\w+ '.*')$/s.exec(message)?.[1]}`
}

const answer = async (fs: IFileSystem, { method, args }: Operation): Promise<unknown> => {
  try {
    const call = fs[method] as (...given: readonly unknown[]) => unknown
    return plain(await call.apply(fs, args as unknown[]))
  } catch (error) {
    return told(error as Error)
  }
}

const dump = async (fs: IFileSystem, path: string): Promise<unknown[]> => {
  const stat = await fs.lstat(path)
  const here = [path, plain(stat), stat.isFile ? await fs.readFile(path, 'hex') : '']
  if (!stat.isDirectory) return [here]
  const below: unknown[] = []
  for (const name of await fs.readdir(path)) below.push(...await dump(fs, `${path}/${name}`))
  return [here, ...below]
}

const viewOf = (fs: IFileSystem): View => ({
  kind: async (path): Promise<Kind> => {
    const stat = await fs.lstat(path).catch(() => null)
    return stat === null ? 'none' : stat.isFile ? 'file' : stat.isDirectory ? 'directory' : 'link'
  },
  isEmpty: async (path) => (await fs.readdir(path)).length === 0,
  mode: async (path) => (await fs.lstat(path)).mode,
})

const ready = async (): Promise<{ memory: InMemoryFs; kernel: KernelFs }> => {
  const { kernel, root, user } = boot()
  root.mkdirs(TOP)
  root.chown(TOP, user.cred.uid, user.cred.gid)
  const memory = new InMemoryFs()
  await memory.mkdir(TOP)
  return { memory, kernel: new KernelFs(kernel, user) }
}

test(`${SEEDS} runs of ${CALLS} calls`, async () => {
  const compared = new Map<string, number>()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomOf(seed)
    const { memory, kernel } = await ready()
    const view = viewOf(kernel)
    for (let call = 0; call < CALLS; call++) {
      const operation = operationOf(random)
      if (await leftOut(operation, view) !== null) continue
      const where = `seed ${seed}, call ${call}: ${JSON.stringify(operation)}`
      const [expected, got] = [await answer(memory, operation), await answer(kernel, operation)]
      if (JSON.stringify(got) !== JSON.stringify(expected)) expect(got, where).toEqual(expected)
      const { method, args } = operation
      compared.set(method, (compared.get(method) ?? 0) + 1)
      if (method === 'utimes' && typeof got !== 'string') {
        const path = String(args[0])
        expect((await kernel.stat(path)).mtime, where).toEqual((await memory.stat(path)).mtime)
      }
      if (typeof got === 'string') continue
      for (const fs of [memory, kernel]) {
        // InMemoryFs copies: what is written to one name is not seen by the other
        if (method === 'link') await fs.rm(String(args[1]))
        // and makes a directory anew that is moved, so that its mode is lost
        const [path] = args as [string]
        if (method === 'chmod' && (await fs.stat(path)).isDirectory) await fs.chmod(path, 0o755)
      }
    }
    expect(await dump(kernel, TOP), `seed ${seed}`).toEqual(await dump(memory, TOP))
    const below = (fs: IFileSystem): string[] => fs.getAllPaths().filter((path) => path.startsWith(TOP)).sort()
    expect(below(kernel), `seed ${seed}`).toEqual(below(memory))
  }
  expect(compared.size).toBe(21)
  expect(Math.min(...compared.values())).toBeGreaterThan(30)
})
