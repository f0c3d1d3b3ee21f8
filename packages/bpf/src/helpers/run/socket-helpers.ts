/** Helpers that set and read options of sockets: those of SOL_SOCKET. */
import * as id from '@lsmkit/abi'
import { given, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

const INT_SIZE = 4

const setOption = (env: HelperEnv, sock = 0, level = 0, name = 0, at = 0, size = 0): number => {
  const bytes = given(env, at, size)
  if (level !== id.SOL_SOCKET || size !== INT_SIZE) return -id.EINVAL
  const value = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true)
  return env.host.setSockOption?.(sock >>> 0, name, value) ?? -id.EINVAL
}

/** What cannot be read is zeroes. */
const getOption = (env: HelperEnv, sock = 0, level = 0, name = 0, at = 0, size = 0): number => {
  const bytes = wanted(env, at, size)
  bytes.fill(0)
  if (level !== id.SOL_SOCKET || size !== INT_SIZE) return -id.EINVAL
  const out = { value: 0 }
  const rc = env.host.getSockOption?.(sock >>> 0, name, out) ?? -id.EINVAL
  if (rc === 0) new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, out.value, true)
  return rc
}

export const socketHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_setsockopt, 'iiiii', 's', setOption],
  [id.BPF_FUNC_getsockopt, 'iiiii', 's', getOption],
]
