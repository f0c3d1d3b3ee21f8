/** A component calls a function that answers later, and reads the text that it gets. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { runWasiAsync } from '@lsmkit/wasi'
import { equal } from './equal.mjs'

/**
 * A command that imports `ask: func(of: string) -> string` of `docs:a/b`. It ends with 0 if the answer to `who` is five
 * bytes that begin with `hell`.
 */
const asking = [
  'AGFzbQ0AAQAHFAFCAgFAAQJvZnMAcwQAA2FzawEACg0BAAhkb2NzOmEvYgUABggBAQAAA2FzawFsAGFzbQEAAAABCQFgBH9/f38B',
  'fwMCAQAFAwEAAQYHAX8BQYAICwcUAgZtZW1vcnkCAAdyZWFsbG9jAAAKDQELACMAIwAgA2okAAsLCQEAQQgLA3dobwAVBG5hbWUA',
  'BQRsaWJjBwcBAARmcmVlAgQBAAAABhgCAAIBAAZtZW1vcnkAAAEAB3JlYWxsb2MICQEBAAACAwAEAAF4AGFzbQEAAAABCwJgA39/',
  'fwBgAAF/AhUCAW0GbWVtb3J5AgABAWgDYXNrAAADAgEBBwcBA3J1bgABCicBJQBBCEEDQcAAEABBxAAoAgBBBUdBwAAoAgAoAgBB',
  '6Mqx4wZHcgsAFARuYW1lAAUEbWFpbgEGAQADYXNrAhQCAQEDYXNrAAEAAQIBbRIAAWgSAQcIAmoAAEAAAAEGCQEAAAECA3J1bggG',
  'AQAAAgACBQoBAQEAA3J1bgEBCxgBABJ3YXNpOmNsaS9ydW5AMC4yLjAFAQAATw5jb21wb25lbnQtbmFtZQEIAAABAQNhc2sBDwAR',
  'AgAEbGliYwEEbWFpbgEJABICAAFtAgFpAQwBAgADYXNrAQNydW4BCgUCAAFiAQNydW4=',
].join('')

/** `waiting`: how it waits; undefined for the first way that the host has. */
export const askLater = async (waiting) => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  const program = Uint8Array.from(atob(asking), (char) => char.charCodeAt(0))
  const asked = []
  const ask = async (of) => {
    asked.push(of)
    await new Promise((resolve) => setTimeout(resolve, 5))
    return 'hello'
  }
  const { status, reason } = await runWasiAsync(kernel, kernel.init, {
    program, imports: { 'docs:a/b': { ask } }, ...waiting !== undefined && { waiting },
  })
  equal(`${status} ${reason} ${asked}`, '0  who')
}
