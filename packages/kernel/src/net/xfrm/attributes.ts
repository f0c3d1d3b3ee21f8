/** Attributes of an IPsec message: `struct nlattr` after the message's own structure. */
import { EINVAL } from '@lsmkit/abi'
import type { XfrmUserSecCtx } from '@lsmkit/core'

const XFRMA_SEC_CTX = 8
const HEADER = 4
const CTX_HEADER = 8

/** Values by the type of the attribute, as far as their lengths fit. The last of a type counts. */
export const attributesOf = (data: Uint8Array): ReadonlyMap<number, Uint8Array> => {
  const found = new Map<number, Uint8Array>()
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  for (let at = 0; at + HEADER <= data.length;) {
    const length = view.getUint16(at, true)
    if (length < HEADER || at + length > data.length) break
    found.set(view.getUint16(at + 2, true) & 0x3fff, data.subarray(at + HEADER, at + length))
    at += (length + 3) & ~3
  }
  return found
}

/** The label of a message: null without one, -EINVAL where its lengths differ (`verify_sec_ctx_len`). */
export const labelOf = (attributes: ReadonlyMap<number, Uint8Array>): XfrmUserSecCtx | null | number => {
  const value = attributes.get(XFRMA_SEC_CTX)
  if (value === undefined) return null
  if (value.length < CTX_HEADER) return -EINVAL
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const [whole, text] = [view.getUint16(0, true), view.getUint16(6, true)]
  if (whole > value.length || whole !== CTX_HEADER + text) return -EINVAL
  const bytes = value.subarray(CTX_HEADER, whole)
  const end = bytes.indexOf(0)
  return {
    ctx_alg: value[4]!, ctx_doi: value[5]!,
    ctx_str: new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)),
  }
}
