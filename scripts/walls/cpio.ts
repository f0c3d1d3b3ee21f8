/** An archive in the `newc` form that the kernel takes as its first root (Documentation/driver-api/early-userspace). */

export interface CpioEntry {
  /** Without a slash in front. */
  readonly path: string
  readonly folder: boolean
  /** Type and permissions. Default: for everybody. */
  readonly mode?: number
  readonly contents: Uint8Array
}

const FOLDER = 0o40777
const PROGRAM = 0o100755
const GUEST = 65534

const padded = (bytes: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  whole.set(bytes)
  return whole
}

const entry = ({ path, folder, contents, mode = folder ? FOLDER : PROGRAM }: CpioEntry, at: number): Uint8Array[] => {
  const owner = path.startsWith('tmp/') ? GUEST : 0
  const fields = [at + 1, mode, owner, owner, 1, 0, contents.length, 0, 0, 0, 0, path.length + 1, 0]
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${path}\0`
  return [padded(new TextEncoder().encode(head)), padded(contents)]
}

/** Parents come before what lies in them. */
export const cpio = (entries: readonly CpioEntry[]): Uint8Array => {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const end = { path: 'TRAILER!!!', folder: false, contents: new Uint8Array() }
  return Buffer.concat([...sorted, end].flatMap(entry))
}
