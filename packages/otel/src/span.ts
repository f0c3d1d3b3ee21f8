/** One decision as a span: a moment, in the trace of the code whose call was decided about. */
import { errnoName } from '@lsmkit/abi'
import { kernelText } from '@lsmkit/core'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Context, Tracer } from '@opentelemetry/api'
import { logOf } from './log-record.ts'
import { decisionOf, operationOf, rcOf } from './telemetry-record.ts'
import type { TelemetryRecord } from './telemetry-record.ts'

type Attributes = NonNullable<NonNullable<Parameters<Tracer['startSpan']>[1]>['attributes']>

/** Few names: the question, `file_open`, or what kind of record it is. */
const nameOf = (record: TelemetryRecord): string => `lsmkit ${operationOf(record) ?? record.kind}`

const messageOf = (record: TelemetryRecord): string => {
  const rc = rcOf(record)
  if (record.kind === 'fault') return kernelText(record)
  return rc === null || rc >= 0 ? decisionOf(record) : errnoName(rc)
}

/** `context`: where the call was made; the span's parent is the one that was active there. */
export const traceDecision = (tracer: Tracer, record: TelemetryRecord, context: Context): void => {
  const decision = decisionOf(record)
  const span = tracer.startSpan(nameOf(record), {
    kind: SpanKind.INTERNAL, startTime: record.time, attributes: logOf(record).attributes as Attributes,
  }, context)
  if (decision === 'denied' || decision === 'fault') {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(record) })
  }
  span.end(record.time)
}
