/** Policy: loaded, replaced, removed and asked by files. */
import { O_RDWR } from '@lsmkit/abi'
import { percentText } from '../percent.ts'
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

const write = (file: string): Play => (world, { task }, [name = '', namespace]) =>
  writeTo(world, task, fileOf(file, namespace), binaryOf(world, name))

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
