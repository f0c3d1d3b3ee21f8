/** Numbers and constants as descriptions write them: `O_RDWR|O_APPEND`, `R|W|X`, `0x1234`, `4 MiB`. */
import * as abi from '@lsmkit/abi'

const constants = abi as unknown as Readonly<Record<string, unknown>>
const SHORT: Readonly<Record<string, number>> = {
  R: abi.PROT_READ, W: abi.PROT_WRITE, X: abi.PROT_EXEC, RW: abi.PROT_READ | abi.PROT_WRITE,
  anonymous: abi.MAP_ANONYMOUS,
}

const atom = (word: string): number | null => {
  if (Object.hasOwn(SHORT, word)) return SHORT[word]!
  const number = /^(-?(?:0x[\da-f]+|\d+))(?: (Mi|Ki)B)?$/i.exec(word)
  if (number !== null) {
    const scale = number[2] === undefined ? 1 : number[2] === 'Mi' ? 1 << 20 : 1024
    const digits = number[1]!
    return (/^0[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number(digits)) * scale
  }
  for (const prefix of ['', 'PROT_', 'MAP_', 'LINUX_REBOOT_CMD_']) {
    const value = constants[prefix + word]
    if (typeof value === 'number') return value
  }
  return null
}

/** Alternatives joined by `|`; null when one of them is no number. */
export const numberOf = (text: string): number | null => {
  let all = 0
  for (const word of text.split('|')) {
    const value = atom(word.trim())
    if (value === null) return null
    all |= value
  }
  return text.includes('|') ? all : atom(text.trim())
}

export const needNumber = (text: string | undefined): number => {
  const value = text === undefined ? null : numberOf(text)
  if (value === null) throw new Error(`\`${text}\` is no number`)
  return value
}

/** Those constants among the words of a text that begin with a prefix. */
export const flagsIn = (text: string, prefix: string): number => {
  let all = 0
  for (const [word] of text.matchAll(/\b[A-Z][A-Z0-9_]+\b/g)) {
    if (word.startsWith(prefix)) all |= atom(word) ?? 0
  }
  return all
}

export const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1')
