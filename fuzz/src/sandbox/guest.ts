/** The attempts of a guest: calls on files, and programs. It answers with all that it has got. */
import { ownValue } from '@lsmkit/abi'
import { readFileSync } from 'node:fs'
import type { Sandbox, SandboxFs } from '@lsmkit/sandbox'
import type { Random } from '../frame/random.ts'
import { anyPath, anyTarget } from './names.ts'

const programs = new URL('../../../packages/wasi/programs/', import.meta.url)
const tools = new Map(['cat', 'cp', 'mv', 'rm', 'mkdir', 'ls', 'chmod'].map((name) =>
  [name, new Uint8Array(readFileSync(new URL(`${name}.wasm`, programs)))] as const))

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const calls: readonly ((fs: SandboxFs, a: string, b: string, random: Random) => Promise<unknown>)[] = [
  async (fs, a, _b, random) => fs.symlink(anyTarget(random), a),
  async (fs, a, _b, random) => fs.symlink(anyTarget(random), a),
  async (fs, a, b) => fs.rename(a, b),
  async (fs, a, b) => fs.rename(a, b),
  async (fs, a, b) => fs.link(a, b),
  async (fs, a) => fs.mkdir(a, { recursive: true }),
  async (fs, a) => fs.rmdir(a),
  async (fs, a) => fs.unlink(a),
  async (fs, a) => text(await fs.readFile(a)),
  async (fs, a) => text(await fs.readFile(`${a}/canary`)),
  async (fs, a) => text(await fs.readFile(`${a}/canary`)),
  async (fs, a) => fs.writeFile(a, 'WRITTEN'),
  async (fs, a) => fs.writeFile(`${a}/canary`, 'WRITTEN'),
  async (fs, a) => fs.appendFile(`${a}/canary`, 'WRITTEN'),
  async (fs, a) => fs.truncate(`${a}/canary`, 1),
  async (fs, a) => fs.chmod(`${a}/canary`, 0o777),
  async (fs, a, b) => fs.copyFile(`${a}/canary`, b),
  async (fs, a, b) => fs.cp(a, b, { recursive: true }),
  async (fs, a) => fs.rm(a, { recursive: true, force: true }),
]

/** Throws what the file system throws. */
export const guestCall = async (box: Sandbox, random: Random, near: readonly string[]): Promise<string> => {
  const fs = box.fs.as(random.oneIn(4) ? 'root' : 'guest')
  const got = await random.pick(calls)(fs, anyPath(random, true, near), anyPath(random, true, near), random)
  return typeof got === 'string' ? got : ''
}

/** A file with a name gives it to a link. */
export const giveAway = async (box: Sandbox, random: Random, name: string): Promise<void> => {
  const fs = box.fs.as('guest')
  await fs.rename(name, `${name}-${random.below(3)}`)
  await fs.symlink(anyTarget(random), name)
}

/** Its output, and what the run was refused. */
export const guestRun = async (
  box: Sandbox, random: Random, near: readonly string[],
): Promise<Awaited<ReturnType<Sandbox['run']>>> => {
  const name = random.pick([...tools.keys()])
  const [a, b] = [anyPath(random, true, near), anyPath(random, true, near)]
  const path = random.oneIn(2) ? `${a}/canary` : a
  const args: Readonly<Record<string, string[]>> = {
    cat: [path], cp: [path, b], mv: [path, b], rm: [path], mkdir: [a], ls: [a], chmod: ['777', path],
  }
  return box.run(tools.get(name)!, { args: ownValue(args, name)!, name, user: random.oneIn(4) ? 'root' : 'guest' })
}
