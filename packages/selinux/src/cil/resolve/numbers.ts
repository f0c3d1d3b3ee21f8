/** Numbers as statements write them. */

/** Digits of one number, decimal, `0x…` or `0…` when `anyBase`; null for anything else or more than 32 bits. */
export const parseNumber = (text: string, anyBase = false): number | null => {
  const decimal = /^\d+$/.test(text)
  let value: number
  if (anyBase && /^0[xX][\da-fA-F]+$/.test(text)) value = Number.parseInt(text.slice(2), 16)
  else if (anyBase && /^0[0-7]+$/.test(text)) value = Number.parseInt(text, 8)
  else if (decimal && !(anyBase && text.length > 1 && text.startsWith('0'))) value = Number.parseInt(text, 10)
  else return null
  return value <= 0xffffffff ? value : null
}
