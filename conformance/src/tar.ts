/** The files of a tar archive (ustar), for inputs that come by the hundred. */

const BLOCK = 512
const decoder = new TextDecoder()

const field = (header: Uint8Array, from: number, length: number): string => {
  const bytes = header.subarray(from, from + length)
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** Whether bytes begin as a ustar archive does. */
export const isTar = (bytes: Uint8Array): boolean => bytes.length > BLOCK && field(bytes, 257, 5) === 'ustar'

/** Regular files only, in the order of the archive. */
export const untar = (bytes: Uint8Array): { name: string; bytes: Uint8Array }[] => {
  const files: { name: string; bytes: Uint8Array }[] = []
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK)
    const name = field(header, 0, 100)
    if (name === '') break
    const size = Number.parseInt(field(header, 124, 12), 8) || 0
    const type = field(header, 156, 1)
    at += BLOCK
    if (type === '' || type === '0') files.push({ name, bytes: bytes.subarray(at, at + size) })
    at += Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}
