/** `@lsmkit/otel`: decisions as OpenTelemetry logs and metrics. The exports of this file are the public interface. */
export { logOf } from './log-record.ts'
export { ocsfOf } from './ocsf.ts'
export type { OcsfEvent } from './ocsf.ts'
export type { CallRefusal, TelemetryRecord } from './telemetry-record.ts'
/** @deprecated The name is `TelemetryRecord`. */
export type { TelemetryRecord as Told } from './telemetry-record.ts'
export { Telemetry } from './telemetry.ts'
export type { TelemetryOptions, TelemetryStats } from './telemetry.ts'
