/** Capability texts as libcap 2.75 reads and prints them. */
import { capToShortHex } from '@lsmkit/abi'
import { CapsError } from '@lsmkit/capability'
import { capFromText, capToText } from '@lsmkit/capability/engine'
import { played, UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'

/** Every refusal of libcap is the same errno. */
const REFUSED = 'EINVAL'

const unescape = (text: string) => text.replace(/\\([nt])/g, (_, letter) => (letter === 'n' ? '\n' : '\t'))

/** Text and masks (effective, permitted, inheritable), or errno, as one line. */
const answer = (text: string): string => {
  try {
    const state = capFromText(text)
    const masks = [state.effective, state.permitted, state.inheritable].map(capToShortHex)
    return [capToText(state), ...masks].join('\t')
  } catch (error) {
    if (error instanceof CapsError) return REFUSED
    throw error
  }
}

export const capText: Suite = {
  *run(inputs) {
    for (const { text: table, path } of inputs) {
      // A text may be empty or begin with `#`: only a line without columns is a comment.
      const lines = table.split('\n').filter((line) => line.includes('\t'))
      for (const [i, line] of lines.entries()) {
        const [text, ...columns] = line.split('\t')
        if (columns.length < 1) throw new UsageError(`\`${path}\` has a row without an answer: ${line}`)
        const expected = columns.filter((cell) => cell !== '').join('\t')
        yield { id: `${i + 1} \`${text}\``, expected, got: played(() => answer(unescape(text!))) }
      }
    }
  },
}
