/** The bytes of struct lsm_ctx, which lsm_get_self_attr(2) fills and lsm_set_self_attr(2) reads. */

export interface LsmCtx {
  readonly id: bigint
  readonly flags: bigint
  /** The value, with its terminating NUL when it is text: its length is `ctx_len`. */
  readonly ctx: Uint8Array
}

/** Bytes before the value: id, flags, len, ctx_len. */
export const LSM_CTX_HEADER_SIZE = 32

/** As the `len` that `lsm_fill_user_ctx` writes: header and value, rounded up to 8 bytes. */
export const lsmCtxSize = (ctxLength: number): number => (LSM_CTX_HEADER_SIZE + ctxLength + 7) & ~7

export const packLsmCtx = (entry: LsmCtx): Uint8Array => {
  const bytes = new Uint8Array(lsmCtxSize(entry.ctx.length))
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, entry.id, true)
  view.setBigUint64(8, entry.flags, true)
  view.setBigUint64(16, BigInt(bytes.length), true)
  view.setBigUint64(24, BigInt(entry.ctx.length), true)
  bytes.set(entry.ctx, LSM_CTX_HEADER_SIZE)
  return bytes
}

/** The four header fields at `at`, as they stand; undefined when fewer than 32 bytes are left. */
export const unpackLsmCtxHeader = (
  bytes: Uint8Array,
  at = 0,
): { id: bigint; flags: bigint; len: bigint; ctx_len: bigint } | undefined => {
  if (at < 0 || bytes.length - at < LSM_CTX_HEADER_SIZE) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, LSM_CTX_HEADER_SIZE)
  return {
    id: view.getBigUint64(0, true),
    flags: view.getBigUint64(8, true),
    len: view.getBigUint64(16, true),
    ctx_len: view.getBigUint64(24, true),
  }
}

/** Reads entries that follow one another, each `len` bytes; undefined when a length leads outside. */
export const unpackLsmCtxs = (bytes: Uint8Array): LsmCtx[] | undefined => {
  const entries: LsmCtx[] = []
  let at = 0
  while (at < bytes.length) {
    const header = unpackLsmCtxHeader(bytes, at)
    if (!header || header.len > BigInt(bytes.length - at)) return undefined
    if (header.len < BigInt(LSM_CTX_HEADER_SIZE) || header.ctx_len > header.len - BigInt(LSM_CTX_HEADER_SIZE)) {
      return undefined
    }
    const start = at + LSM_CTX_HEADER_SIZE
    entries.push({ id: header.id, flags: header.flags, ctx: bytes.slice(start, start + Number(header.ctx_len)) })
    at += Number(header.len)
  }
  return entries
}
