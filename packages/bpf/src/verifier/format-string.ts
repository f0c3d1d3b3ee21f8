/** Format strings of bpf_snprintf: constant, and no more conversions than arguments. */
import { EINVAL } from '@lsmkit/abi'
import { toUnsignedNumber } from './i64.ts'
import type { Session } from './session.ts'

const conversion = /%(?:%|[0+\- ]*(?:[1-9]\d*)?(?:c|s|p(?:[ku]s|[iI][46]|[KxsSB]|(?=$|\s|[^\w]))|l{0,2}[diuxX]))/y

/** Conversions that take an argument; -1 when the text is not allowed. */
const countConversions = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at)) {
    conversion.lastIndex = at
    const found = conversion.exec(text)
    if (found === null) return -1
    if (found[0] !== '%%') count++
    at += found[0].length
  }
  return count
}

export const checkFormat = (session: Session): void => {
  const { regs } = session.frame
  const format = regs[3]!
  const data = format.map?.frozen
  if (data === null || data === undefined) return session.refuse('Invalid format string', -EINVAL)
  const start = format.off + format.num.vl
  const text = String.fromCharCode(...data.subarray(start, data.indexOf(0, start)))
  const size = regs[5]!.num
  const given = toUnsignedNumber(size.umaxl, size.umaxh) / 8
  const count = countConversions(text)
  if (count < 0 || count > given || /[^\x20-\x7e\s]/.test(text)) session.refuse('Invalid format string', -EINVAL)
}
