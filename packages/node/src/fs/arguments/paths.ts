/** Paths and names as arguments, and in the encoding that the caller wants them back in. */
import { fileURLToPath } from 'node:url'
import { decodeName, encodeName } from '@lsmkit/kernel'
import { mistake, wrongType, wrongValue } from './argument-error.ts'

/** Bytes need not be UTF-8. A URL is one of `file:`. */
export type Path = string | URL | Uint8Array
/** `buffer` gives bytes. */
export type NameEncoding = BufferEncoding | 'buffer' | null

/** A path as text; names that are not UTF-8 have lone surrogates (see `decodeName`). */
export const pathOf = (path: unknown, name = 'path'): string => {
  if (typeof path === 'string') return withoutNul(path, path, name)
  if (path instanceof Uint8Array) return withoutNul(decodeName(new Uint8Array(path)), path, name)
  if (path instanceof URL) return withoutNul(urlPath(path), path, name)
  throw wrongType(name, ['string', 'Buffer', 'URL'], path)
}

const withoutNul = (text: string, given: unknown, name: string): string => {
  if (!text.includes('\0')) return text
  const shown = given instanceof URL ? text : given
  throw wrongValue(name, shown, 'must be a string, Uint8Array, or URL without null bytes')
}

/** Paths of the tree are those of Linux on every host. */
const urlPath = (url: URL): string => {
  try {
    return fileURLToPath(url, { windows: false })
  } catch (error) {
    throw asMistake(error)
  }
}

/** An error of Node about a URL is one of ours about an argument. */
const asMistake = (error: unknown): unknown => {
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined ? error : mistake(code, message)
}

/**
 * A name of the tree in the encoding that was asked for. As text it stays one that opens the file again: bytes that are
 * no UTF-8 are lone surrogates, where Node puts U+FFFD.
 */
export const nameIn = (name: string, encoding: NameEncoding): string | Buffer => {
  if (encoding === null || encoding === 'utf8' || encoding === 'utf-8') return name
  const bytes = Buffer.from(encodeName(name))
  return encoding === 'buffer' ? bytes : bytes.toString(encoding)
}
