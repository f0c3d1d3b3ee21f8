/** Policy: loaded, replaced, removed and asked by files. */
import { O_RDONLY, O_RDWR } from '@lsmkit/abi'
import { percentText } from '../percent.ts'
import { POLICIES, writeFile } from '../world.ts'
import type { World } from '../world.ts'
import { writeTo } from './files.ts'
import { bytes } from './play.ts'
import type { Play } from './play.ts'

const ROOT = '/sys/kernel/security/apparmor/'

/** The file of the root, or of a namespace. */
const fileOf = (file: string, namespace: string | undefined): string =>
  namespace === undefined ? ROOT + file : `${ROOT}policy/namespaces/${namespace}/${file}`

/** Binaries by name; the world has them ready. */
export const binaryOf = ({ binaries }: World, name: string): Uint8Array => {
  const found = binaries.get(name)
  if (found === undefined) throw new Error(`no binary \`${name}\``)
  return found
}

/** The actor reads the binary first, under its own profile. */
const write = (file: string): Play => (world, { task }, [name = '', namespace]) => {
  const binary = binaryOf(world, name)
  const path = `${POLICIES}/${name}.bin`
  writeFile(world.kernel, path, binary, 0o644)
  const fd = world.kernel.sys.open(task, path, O_RDONLY, 0)
  if (fd < 0) return [fd, 'nofile']
  world.kernel.sys.close(task, fd)
  return writeTo(world, task, fileOf(file, namespace), binary)
}

const query: Play = ({ kernel: { sys } }, { task }, [text]) => {
  const fd = sys.open(task, `${ROOT}.access`, O_RDWR, 0)
  if (fd < 0) return [fd, 'open']
  const rc = sys.write(task, fd, bytes(text))
  const buf = new Uint8Array(4096)
  const size = rc < 0 ? 0 : sys.read(task, fd, buf)
  sys.close(task, fd)
  return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, Math.max(size, 0)), true)]
}

export const policyOperations: Readonly<Record<string, Play>> = {
  load: write('.load'),
  replace: write('.replace'),
  remove: (world, { task }, [name, namespace]) => writeTo(world, task, fileOf('.remove', namespace), bytes(name)),
  query,
}
