/** Text and bytes as just-bash names their encodings. Its own file systems take `ascii` for UTF-8, so this does too. */
import { hexText } from '@lsmkit/abi'
import type { FileContent, IFileSystem, unsafeBytesFromLatin1 } from 'just-bash'

type ByteString = ReturnType<typeof unsafeBytesFromLatin1>
type EncodingOption = Parameters<IFileSystem['readFile']>[1] | Parameters<IFileSystem['writeFile']>[2]

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** More arguments than this overflow the stack of some engines. */
const PART = 8192

export const encodingOf = (options: EncodingOption): string =>
  (typeof options === 'string' ? options : options?.encoding) ?? 'utf8'

const isAscii = (bytes: Uint8Array): boolean => {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > 0x7f) return false
  return true
}

/** A character a byte. What is ASCII reads the same in UTF-8, and engines decode that fast. */
const latin1 = (bytes: Uint8Array): string => {
  if (isAscii(bytes)) return decoder.decode(bytes)
  let text = ''
  for (let at = 0; at < bytes.length; at += PART) {
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(at, at + PART))
  }
  return text
}
const fromLatin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length >> 1 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))

export const textOf = (bytes: Uint8Array, encoding: string): string => {
  switch (encoding) {
    case 'binary':
    case 'latin1':
      return latin1(bytes)
    case 'base64':
      return btoa(latin1(bytes))
    case 'hex':
      return hexText(bytes)
    default:
      return decoder.decode(bytes)
  }
}

export const bytesOf = (content: FileContent, encoding: string): Uint8Array => {
  if (typeof content !== 'string') return content
  switch (encoding) {
    case 'binary':
    case 'latin1':
      return fromLatin1(content)
    case 'base64':
      return fromLatin1(atob(content))
    case 'hex':
      return fromHex(content)
    default:
      return encoder.encode(content)
  }
}

export const byteString = (bytes: Uint8Array): ByteString => latin1(bytes) as unknown as ByteString
