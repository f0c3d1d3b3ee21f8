/** /proc/sys/kernel/yama/ptrace_scope, as `yama_dointvec_minmax` and the parser behind it read it. */
import { CAP_SYS_PTRACE, EINVAL, EPERM, PAGE_SIZE, PROC_SUPER_MAGIC } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import { YAMA_SCOPE_DISABLED, YAMA_SCOPE_NO_ATTACH } from './scope.ts'
import type { PtraceScope, Yama } from './scope.ts'

/** One number, hexadecimal, octal or decimal by its prefix, that ends with a blank; blanks behind it are read too. */
const numberText = /^[ \t\n\v\f\r]*(-?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)(?:$|[ \t\n][ \t\n\v\f\r]*)/i
/** Longer digits are no number (TMPBUFLEN). */
const MAX_DIGITS = 20

/** The first number of a write and the bytes it took with the blanks around it; null when there is none. */
export const parseInt32 = (data: Uint8Array): { readonly value: number; readonly length: number } | null => {
  const text = String.fromCharCode(...data.subarray(0, PAGE_SIZE - 1))
  const match = numberText.exec(text)
  if (match === null) return null
  const [all, sign = '', digits = ''] = match
  if (sign.length + digits.length > MAX_DIGITS) return null
  const size = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return { value: sign === '-' && size !== 0 ? -size : size, length: all.length }
}

const scopeFile = (yama: Yama): PseudoFile => ({
  name: 'kernel/yama/ptrace_scope',
  mode: 0o644,
  read: () => `${yama.scope}\n`,
  /** Answers the bytes taken; what stands behind the number is left for the next write, which is ignored. */
  write(io, data) {
    const { lsm, current } = yama.ctx
    if (!capable(lsm, current, CAP_SYS_PTRACE)) return -EPERM
    // sysctl_writes_strict: only what is written at the beginning counts
    if (data.length === 0 || io.pos !== 0) return data.length
    const parsed = parseInt32(data)
    // at the highest value the lowest is the same: the lock
    const min = yama.scope === YAMA_SCOPE_NO_ATTACH ? YAMA_SCOPE_NO_ATTACH : YAMA_SCOPE_DISABLED
    if (parsed === null || parsed.value < min || parsed.value > YAMA_SCOPE_NO_ATTACH) return -EINVAL
    yama.scope = parsed.value as PtraceScope
    return parsed.length
  },
})

export const yamaSysctl = (yama: Yama): PseudoFs => {
  const files = [scopeFile(yama)]
  return { type: 'sysctl', magic: PROC_SUPER_MAGIC, mountPoint: '/proc/sys', files: () => files }
}
