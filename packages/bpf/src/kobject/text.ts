/** Text of kernel objects as bytes. A lone surrogate U+DC80..U+DCFF is a byte of a name that is not UTF-8. */

const encoder = new TextEncoder()

export const encodeText = (text: string): Uint8Array =>
  /[\udc80-\udcff]/.test(text) ? mixed(text) : encoder.encode(text)

const mixed = (text: string): Uint8Array => {
  const bytes: number[] = []
  for (const char of text) {
    const unit = char.charCodeAt(0)
    if (char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff) bytes.push(unit - 0xdc00)
    else bytes.push(...encoder.encode(char))
  }
  return Uint8Array.from(bytes)
}
