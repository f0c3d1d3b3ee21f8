/** `@lsmkit/otel`: decisions as OpenTelemetry logs and metrics. What is exported here is what we promise. */
export { logOf } from './log-record.ts'
export { ocsfOf } from './ocsf.ts'
export type { OcsfEvent } from './ocsf.ts'
export type { CallRefusal, Told } from './told.ts'
export { Telemetry } from './telemetry.ts'
export type { TelemetryOptions, TelemetryStats } from './telemetry.ts'
