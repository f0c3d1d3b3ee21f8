/**
 * `@lsmkit/core`: the hook table, stacking, blobs, dispatch and audit. The exports of this file are the public
 * interface.
 */
export * from './audit/index.ts'
export { defineBlob } from './blob.ts'
export type { BlobAccessor, BlobOptions } from './blob.ts'
export type {
  BpfEngine, EngineBtf, EngineLink, EngineMap, EngineProgram, InfoRecords, MapRequest, OwnedValue, ProgramRequest,
  ProgramVerdict, TargetProgram, TestInput, TestOutput,
} from './bpf-engine.ts'
export * from './commoncap/index.ts'
export * from './current.ts'
export { defineLsm } from './define-lsm.ts'
export type {
  BesideModule, BlobObjects, Blobs, HookGroup, Lsm, LsmOptions, RefusedBeside, TaskAttrDir, TaskAttrFile, TaskLabels,
} from './define-lsm.ts'
export { bindHooks } from './hook-table.ts'
export type { HookTable } from './hook-table.ts'
export * from './did-you-mean.ts'
export * from './errors.ts'
export type { PolicyChange } from './policy/change.ts'
export { OptionError } from './option-rules.ts'
export * from './hooks/hook-defs.ts'
export type * from './hooks/hook-types.ts'
export { int, nil } from './hooks/own-hook.ts'
export type {
  OwnEntryMap, OwnHookDefs, OwnHookMap, OwnHookName, OwnHooks, OwnKeyMap,
} from './hooks/own-hooks.ts'
export { noHost } from './host.ts'
export { landlockEngineOf } from './landlock-engine.ts'
export type {
  LandlockCalls, LandlockEngine, LandlockHandled, LandlockHost, LandlockMemory, LandlockRuleset, LandlockTopology,
} from './landlock-engine.ts'
export type { CgroupTree, Host, KernelServices, SockName } from './host.ts'
export { intSysctl } from './int-sysctl.ts'
export type { IntSysctl } from './int-sysctl.ts'
export { kstrtoint, kstrtou32 } from './kstrto.ts'
export { DEFAULT_PROFILE, kernelRules, profiles } from './kernel-rules.ts'
export type { KernelRules, Profile } from './kernel-rules.ts'
export type { LsmContext } from './lsm-context.ts'
export type { Objects } from './objects/factories.ts'
export { plainObjects } from './objects/factories.ts'
export { objectKinds } from './objects/kinds.ts'
export type { ObjectKind } from './objects/kinds.ts'
export * from './objects/index.ts'
export { ref } from './objects/ref.ts'
export type { Ref } from './objects/ref.ts'
export type { BootParameter } from './order/command-line.ts'
export { kstrdup_quotable_cmdline, kstrdup_quotable_file, printkRatelimited } from './printk.ts'
export * from './pseudo-fs.ts'
export { createStack } from './stack.ts'
export type { Stack } from './stack.ts'
export type { Beside } from './stack/beside.ts'
export type { Explanation } from './stack/explain.ts'
export type { ExplanationData } from './stack/explanation-data.ts'
export type { StackOptions } from './stack/options.ts'
export type { StackOrder } from './stack/stack-order.ts'
export { lsm_fill_user_ctx, lsm_get_self_attr, lsm_list_modules, lsm_set_self_attr } from './attributes.ts'
export type { AttributeSlot, GetSelfAttr, SetSelfAttr } from './attributes.ts'
export { AttachError } from './programs/attach-error.ts'
export type { AttachCode } from './programs/attach-error.ts'
export type {
  AttachOptions, CgroupAttachOptions, CgroupProgram, FreeHook, Link, ObserveOptions, ObserverOf, TypedObserver,
} from './attach.ts'
export type { Observer } from './programs/trampoline.ts'
export { createDispatch } from './dispatch/create-dispatch.ts'
export type { Dispatch, HookReport } from './dispatch/create-dispatch.ts'
export { alwaysBlocks, isAlwaysBlocking } from './dispatch/always-blocks.ts'
export { answersPositive } from './dispatch/range.ts'
export type { Blocks } from './dispatch/always-blocks.ts'
export { isUnused } from './dispatch/key.ts'
export { linuxNext } from './dispatch/next-profile.ts'
export { hookProfile, linux618, linux73 } from './dispatch/release-profiles.ts'
export { linux612 } from './dispatch/profile.ts'
export type { HookProfile } from './dispatch/profile.ts'
export type {
  BlobPool, CapabilityCalls, Cgroup, CgroupMap, ColdPath, DispatchEnv, DispatchOptions, FaultKind, Member, MemberTable,
  ProgramPlace, StrategyName,
} from './dispatch/strategy.ts'
export * from './hooks/next-hook-defs.ts'
export * from './hooks/release-hook-defs.ts'
export type * from './hooks/release-maps.ts'
export {
  currentAuditId, inodeAuditId, ipcAuditId, matchesAuditRule, taskAuditId,
} from './stack/audit-ids.ts'
export type { AuditId } from './stack/audit-ids.ts'
export { credContext, currentLabel, secidContext, securityNames } from './stack/label.ts'
export { LsmTable } from './generated/lsm-table.ts'
export { Linux618Table } from './generated/linux618-table.ts'
export { Linux73Table } from './generated/linux73-table.ts'
export { NextLsmTable } from './generated/next-lsm-table.ts'
export { lsm_get_xattr_slot } from './special/inode-init-security.ts'
export type { Registers } from './tracing/registers.ts'
export { functionDefs, functionNames } from './tracing/function-defs.ts'
export type { FunctionName } from './tracing/function-defs.ts'
export type { TracedFunction } from './tracing/functions.ts'
export { silentTracepoints, tracepointDefs, tracepointNames } from './tracing/tracepoint-defs.ts'
export type { TracepointName } from './tracing/tracepoint-defs.ts'
export { Tracing } from './tracing/tracing.ts'
export type { Tracepoint } from './tracing/tracepoint.ts'
export { SecurityOff, securityOff } from './security-off.ts'
export { configSecurityOff } from './config-security-off.ts'
export type { SecurityOffOptions } from './config-security-off.ts'
