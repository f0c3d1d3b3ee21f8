/** Helpers that write what an iterator's reader will read. */
import * as id from '@lsmkit/abi'
import { formatText } from './format-text.ts'
import { given, textAt, wordsAt } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

const write = (env: HelperEnv, seq: number, bytes: Uint8Array): number =>
  env.host.seqWrite?.(seq >>> 0, bytes) ?? -id.EINVAL

const printf = (env: HelperEnv, seq = 0, format = 0, size = 0, args = 0, length = 0): number => {
  const text = formatText(env, textAt(env, format, size), wordsAt(env, args, length))
  return write(env, seq, new TextEncoder().encode(text))
}

export const seqHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_seq_printf, 'iiiii', 's', printf],
  [id.BPF_FUNC_seq_write, 'iii', 's', (env, seq, data, size) => write(env, seq!, given(env, data!, size!))],
]
