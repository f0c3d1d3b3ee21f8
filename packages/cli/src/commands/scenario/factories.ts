/** The LSMs that a scenario may name, with the options it gives them. */
import { capability } from '@lsmkit/capability'
import { smack } from '@lsmkit/smack'
import type { LsmFactories } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'

export const factories: LsmFactories = { capability, smack, yama }
