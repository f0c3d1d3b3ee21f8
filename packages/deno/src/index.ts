/** `@lsmkit/deno`: a policy decides for Deno's permissions. The exports of this file are the public interface. */
export { DenoBroker, DenoError } from './broker.ts'
export type { BrokerOptions, DenoRecord } from './broker.ts'
export type { Decision } from './decide.ts'
export type { DenoRequest } from './protocol.ts'
