/** Values of C types as people read them. */
import { hexText } from '@lsmkit/abi'
import type { Value } from './value-codec.ts'

/** `7`, `"text"`, `[1, 2]`, `{ pid: 1 }`; bytes in hexadecimal. */
export const valueText = (value: Value): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return hexText(value)
  if (Array.isArray(value)) return `[${value.map((one) => valueText(one as Value)).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  return `{ ${Object.entries(value).map(([name, one]) => `${name}: ${valueText(one as Value)}`).join(', ')} }`
}
