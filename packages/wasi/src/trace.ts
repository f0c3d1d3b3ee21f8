/** One line a preview 1 call, as strace would print it. */
import { wasiErrnoName, wasiRightsText } from '@lsmkit/abi'
import type { GuestMemory } from './memory.ts'
import { preview1Table } from './preview1/table.ts'
import type { Preview1Name } from './preview1/table.ts'

/** The description of a call after it has returned. */
export interface PreviewCall {
  readonly name: string
  readonly args: readonly (number | bigint)[]
  /** WASI errno; null when the call did not return (proc_exit, a limit). */
  readonly errno: number | null
  /** `path_open(3, 1, "etc/passwd", 0, fd_read, 0, 0, 0x10f0) = 2 acces`; made when it is asked for. */
  toString(): string
}

const TEXT_MAX = 64

export const previewCall = (
  memory: GuestMemory, name: Preview1Name, args: readonly (number | bigint)[], errno: number | null,
): PreviewCall => ({
  name, args, errno, toString: () => `${name}(${argsText(memory, name, args)})${resultText(errno)}`,
})

const resultText = (errno: number | null): string => {
  if (errno === null) return ' = ?'
  return errno === 0 ? ' = 0' : ` = ${errno} ${wasiErrnoName(errno)}`
}

const argsText = (memory: GuestMemory, name: Preview1Name, args: readonly (number | bigint)[]): string => {
  let next = 0
  const take = (): number | bigint => args[next++] ?? 0
  const { params } = preview1Table[name]
  if (params === '') return ''
  return params
    .split(', ')
    .map((param) => {
      switch (param.slice(param.indexOf(' ') + 1)) {
        case 'str': return stringText(memory, Number(take()) >>> 0, Number(take()) >>> 0)
        case 'ptr': return `0x${(Number(take()) >>> 0).toString(16)}`
        case 'rights': return wasiRightsText(Number(take()))
        case 'u64': return String(BigInt.asUintN(64, BigInt(take())))
        default: return String(take())
      }
    })
    .join(', ')
}

const stringText = (memory: GuestMemory, address: number, length: number): string => {
  if (!memory.has(address, length)) return `0x${address.toString(16)}`
  const text = memory.text(address, Math.min(length, TEXT_MAX))
  if (text === null) return `0x${address.toString(16)}`
  return length > TEXT_MAX ? `${JSON.stringify(text)}...` : JSON.stringify(text)
}
