/** `@lsmkit/otel`: decisions as OpenTelemetry logs and metrics. The exports of this file are the public interface. */
export { logOf } from './log-record.ts'
export { ocsfOf } from './ocsf.ts'
export type { OcsfEvent } from './ocsf.ts'
export type { CallRefusal, Told } from './told.ts'
export { Telemetry } from './telemetry.ts'
export type { TelemetryOptions, TelemetryStats } from './telemetry.ts'
