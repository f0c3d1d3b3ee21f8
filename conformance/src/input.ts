/** Reads a table from disk: plain, gzip or xz, recognised by its first bytes. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import xz from 'xz-decompress'
import { UsageError } from './suite.ts'
import type { Input } from './suite.ts'

const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte)
const GZIP = [0x1f, 0x8b]
const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]

/** The bytes that `bytes` stand for. */
export const decompress = async (bytes: Uint8Array): Promise<Uint8Array> => {
  if (startsWith(bytes, GZIP)) return gunzipSync(bytes)
  if (!startsWith(bytes, XZ)) return bytes
  const packed = new Blob([new Uint8Array(bytes)]).stream()
  return new Uint8Array(await new Response(new xz.XzReadableStream(packed)).arrayBuffer())
}

/** Reads and decompresses `path`, taken from the folder the user typed the command in. */
export const readInput = async (path: string): Promise<Input> => {
  const from = resolve(process.env.INIT_CWD ?? process.cwd(), path)
  let packed: Uint8Array
  try {
    packed = await readFile(from)
  } catch (error) {
    throw new UsageError(`cannot read \`${path}\`: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    const bytes = await decompress(packed)
    return { path, bytes, text: new TextDecoder().decode(bytes) }
  } catch {
    throw new UsageError(`cannot decompress \`${path}\``, 'it starts like a gzip or xz file but is not one')
  }
}
