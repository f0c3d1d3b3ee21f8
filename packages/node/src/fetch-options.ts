/** Options of `fetch`: what is done, what does no harm here, and what is refused because nothing would hold it. */
import { aBoolean, anything, aString, instanceOf, oneOf, OptionError, orNull } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'

const UNCHECKED = 'what comes is not compared with it'

type Taken = Omit<RequestInit, 'dispatcher' | 'integrity'> & { readonly duplex?: 'half'; readonly priority?: string }

const shape: OptionShape<Taken> = {
  takes: {
    method: aString, headers: anything, body: anything, redirect: aString, signal: orNull(instanceOf(AbortSignal)),
    // nothing of it is sent or kept: there are no referrers, cookies, caches and pools
    referrer: aString, referrerPolicy: aString, credentials: aString, keepalive: aBoolean, window: oneOf(null),
    duplex: oneOf('half'), priority: aString,
    cache: oneOf('default', 'no-store', 'reload', 'no-cache', 'force-cache'),
    mode: oneOf('cors', 'no-cors'),
  },
  refuses: {
    integrity: { why: UNCHECKED, but: [''] },
    dispatcher: 'it would connect by itself',
  },
}

/** A request that nothing changes any more. Throws OptionError, and TypeError as `Request` does. */
export const plainRequest = (input: string | URL | Request, init: RequestInit | undefined): Request => {
  const request = new Request(input, plainOptions(init, shape, 'fetch'))
  const refused = request.integrity !== '' ? 'integrity' : request.mode === 'same-origin' ? 'mode' : null
  if (refused === null) return request
  throw new OptionError('refused-option', `\`${refused}\` is not taken: ${UNCHECKED}`, { place: 'fetch' })
}

/** For the test that compares them with what Node knows. */
export const fetchShape = shape
