/** `--btf FILE|DIR|ARCHIVE`: types of kernels, one file for all of them or one a release. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { kernelTypes } from '@lsmkit/bpf/btf'
import type { Btf } from '@lsmkit/bpf/btf'
import type { KernelRelease } from '@lsmkit/bpf/kernels'
import { parseTar } from 'nanotar'
import xz from 'xz-decompress'
import { CommandError } from '../../command-error.ts'
import { readHostFile, reading } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { withFileErrors } from './open.ts'

interface TypeFile {
  /** `6.1.0-50-amd64.btf`, without folders. */
  readonly name: string
  readonly bytes: Uint8Array
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, at) => bytes[at] === byte)

const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]
const GZIP = [0x1f, 0x8b]

const unpacked = async (name: string, bytes: Uint8Array): Promise<Uint8Array> => {
  try {
    if (startsWith(bytes, GZIP)) return gunzipSync(bytes)
    if (!startsWith(bytes, XZ)) return bytes
    const stream = new xz.XzReadableStream(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream())
    return new Uint8Array(await new Response(stream).arrayBuffer())
  } catch (error) {
    throw new CommandError('badInput', `\`${name}\` cannot be unpacked: ${(error as Error).message}`)
  }
}

const isTar = (bytes: Uint8Array): boolean => new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar'

/** The files of types in a file: itself, or those of an archive. */
const filesIn = async (io: Io, path: string): Promise<TypeFile[]> => {
  const bytes = await unpacked(path, readHostFile(io, path))
  if (!isTar(bytes)) return [{ name: basename(path), bytes }]
  return parseTar(bytes, { filter: ({ name }) => name.endsWith('.btf') })
    .flatMap(({ name, data }) => (data === undefined ? [] : [{ name: basename(name), bytes: data }]))
}

const isOf = (release: KernelRelease, name: string): boolean =>
  name.startsWith(release) && /^(?:\.btf|[.-])/.test(name.slice(release.length))

/** `6.1.btf` before all others, then the newest of the series. */
const bestOf = (release: KernelRelease, names: readonly string[]): string | undefined => {
  const own = names.filter((name) => isOf(release, name))
  const exact = own.find((name) => name.startsWith(`${release}.btf`))
  return exact ?? own.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
}

const PLACES =
  'types lie in /sys/kernel/btf/vmlinux of a running kernel; BTFHub has archives of the kernels of distributions'

const typesOf = ({ name, bytes }: TypeFile): Btf => withFileErrors(name, () => kernelTypes(bytes))

const inFolder = async (
  io: Io, folder: string, kernels: readonly KernelRelease[],
): Promise<Map<KernelRelease, Btf>> => {
  const names = reading(folder, () => readdirSync(resolve(io.cwd, folder)))
  const found = new Map<KernelRelease, Btf>()
  for (const kernel of kernels) {
    const name = bestOf(kernel, names.filter((each) => /\.btf(?:\.tar)?(?:\.[gx]z)?$/.test(each)))
    const [file] = name === undefined ? [] : await filesIn(io, join(folder, name))
    if (file !== undefined) found.set(kernel, typesOf(file))
  }
  return found
}

/** Types by release; a release that is not in the map has none. Throws CommandError. */
export const readTypes = async (
  io: Io, path: string, kernels: readonly KernelRelease[],
): Promise<ReadonlyMap<KernelRelease, Btf>> => {
  const isFolder = reading(path, () => statSync(resolve(io.cwd, path)).isDirectory())
  const files = isFolder ? [] : await filesIn(io, path)
  if (files.length === 1) {
    const types = typesOf(files[0]!)
    return new Map(kernels.map((kernel) => [kernel, types]))
  }
  const found = isFolder ? await inFolder(io, path, kernels) : new Map(kernels.flatMap((kernel) => {
    const name = bestOf(kernel, files.map((file) => file.name))
    const file = files.find((each) => each.name === name)
    return file === undefined ? [] : [[kernel, typesOf(file)] as const]
  }))
  if (found.size > 0) return found
  throw new CommandError('badInput', `\`${path}\` has types of none of these kernels: ${kernels.join(', ')}`,
    isFolder ? `a file RELEASE.btf for each; ${PLACES}` : PLACES)
}
