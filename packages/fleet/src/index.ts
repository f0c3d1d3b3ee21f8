/** `@lsmkit/fleet`: one signed policy over many hosts. */
export { joinFleet } from './agent/agent.ts'
export type { FleetAgent } from './agent/agent.ts'
export type { TwoAnswers } from './agent/holding.ts'
export type { BundleCounts, Counters } from './agent/counts.ts'
export type { StackHandles } from './agent/attached.ts'
export type { Application, FleetOptions } from './agent/options.ts'
export { parseHave, readHave, writeWant } from './agent/records.ts'
export type { Have, HaveError, Held, Mode, Want } from './agent/records.ts'
export { buildBundle, buildBundleOf } from './bundle/build.ts'
export type { PartSource } from './bundle/build.ts'
export { readBundle, signerOf } from './bundle/container.ts'
export type { Bundle, Signature } from './bundle/container.ts'
export { bundleChanges } from './bundle/diff.ts'
export type { BundleChange } from './bundle/diff.ts'
export { generateKeys, keyId, parsePublicKey, parseSecretKey } from './bundle/keys.ts'
export type { KeyPair, PublicKey, SecretKey, Trust } from './bundle/keys.ts'
export type { BundleSettings, Least, Manifest, Needs, PartEntry } from './bundle/manifest.ts'
export { policyKinds } from './bundle/part-kinds.ts'
export type { PartKind, PolicyKindName } from './bundle/part-kinds.ts'
export { signBundle, signersOf } from './bundle/sign.ts'
export { thisHost } from './bundle/this-host.ts'
export { verifyBundle } from './bundle/verify.ts'
export type { Highest, HostFacts, VerifyContext } from './bundle/verify.ts'
export { decisionFields, fieldNames, maskable, verdicts } from './decisions/decision.ts'
export type {
  Counted, CountsLine, DecisionFields, DecisionLine, DecisionRecord, FieldName, FleetDecision, FleetRecord, GapLine,
  Maskable, Verdict,
} from './decisions/decision.ts'
export type { DecisionOptions, DecisionRule, Mask, MaskWay } from './decisions/options.ts'
export { parseFilter } from './decisions/filter.ts'
export type { DecisionFilter } from './decisions/filter.ts'
export { readDecisions } from './decisions/read.ts'
export type { ReadDecisionsOptions } from './decisions/read.ts'
export type { Gap, GapReason, Range } from './spool/gap.ts'
export { openSpool } from './spool/open.ts'
export type { SpoolOptions } from './spool/options.ts'
export type { Chunk, Spool, SpoolStatus } from './spool/spool.ts'
export { FleetError } from './fleet-error.ts'
export type { FleetErrorCode } from './fleet-error.ts'
export { checkUsers, parseUsers } from './permissions/description.ts'
export type { FleetUsers, TenantUsers, Users } from './permissions/description.ts'
export { fleetJwts } from './permissions/jwt.ts'
export type { FleetJwts, JwtUser, Signers } from './permissions/jwt.ts'
export { generateNkey, nkeyOfSeed } from './permissions/nkeys.ts'
export type { Nkey, NkeyKind } from './permissions/nkeys.ts'
export { rightsOf, roles } from './permissions/rights.ts'
export type { Rights, Role } from './permissions/rights.ts'
export { serverConfig } from './permissions/server-config.ts'
export { folder } from './store/folder/index.ts'
export type { FolderOptions } from './store/folder/index.ts'
export { getLarge, putLarge } from './store/large.ts'
export { nats } from './store/nats/index.ts'
export type { NatsOptions, NatsStreams, NatsTls } from './store/nats/index.ts'
export { compileBundle } from './policy/compiled-bundle.ts'
export type { Compiled } from './policy/compiled-bundle.ts'
export type { Answer, Assumption, CompiledPolicy, Excess, PartFiles, Proof } from './policy/kind.ts'
export { proveBundle } from './policy/prove.ts'
export type { Proved, RecordedQuestion } from './policy/prove.ts'
export { compiledWithin, policyIsWithin, requireWithin } from './within/index.ts'
export type { PolicySource, WithinOptions, WithinResult } from './within/index.ts'
export {
  isOver, judge, pauseRollout, readRollout, resumeRollout, rollBack, rolloutDenials, runRollout, startRollout,
  stepRollout,
} from './rollout/index.ts'
export type {
  ControllerOptions, DenialOptions, Gate, GateFigures, HostStanding, Ring, RingOptions, Rollout, RolloutDenial,
  RolloutHost, RolloutNote,
  StartOptions, Step, Tally,
} from './rollout/index.ts'
export type {
  Appended, BucketName, Entry, GetOptions, LargeOptions, ListOptions, LogName, LogRecord, NewRecord, ReadOptions, Store,
  WatchOptions,
} from './store/store.ts'
