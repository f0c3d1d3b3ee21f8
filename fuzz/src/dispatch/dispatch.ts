/** Changes at run time, in bursts and spaced, from outside and from within: every strategy does as a plain model. */
import { playText, randomScript, scriptText } from '@lsmkit/core/fuzz'
import { inputFuzzer } from '../frame/input-fuzzer.ts'

export const dispatch = inputFuzzer({
  make: (random) => scriptText(randomScript(random)),
  attempt(input, session) {
    const { asks, difference } = playText(new TextDecoder().decode(input))
    session.step(asks)
    if (difference !== null) session.found('wrong-allow', input, difference)
  },
})
