/** Decisions as spans of OpenTelemetry's own SDK, below the span that was active when the call was made. */
import { EACCES } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { AuditRecord } from '@lsmkit/core'
import { context, trace } from '@opentelemetry/api'
import type { LogRecord } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Telemetry } from './index.ts'

const exporter = new InMemorySpanExporter()
const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => context.disable())

const stackOf = (telemetry: Telemetry, answer = -EACCES) => createStack({
  lsms: [defineLsm({ name: 'own', abi: '1.0', id: 1000, hooks: { task_getsid: () => answer } })], capability: 'none',
  audit: { sinks: [telemetry.sink], now: () => 1_700_000_000_123, allows: ['task_getsid'] },
})

test('a span of the moment, whose parent is the caller', () => {
  const logs: LogRecord[] = []
  const loggerProvider = { getLogger: () => ({ emit: (record: LogRecord) => void logs.push(record) }) }
  const telemetry = new Telemetry({ loggerProvider, tracerProvider })
  const stack = stackOf(telemetry)
  tracerProvider.getTracer('app').startActiveSpan('request', (request) => {
    stack.lsm.task_getsid.ask(stack.current.task)
    request.end()
  })
  telemetry.flush()
  const [request, decision] = exporter.getFinishedSpans()
  expect(decision).toMatchObject({
    name: 'lsmkit task_getsid', startTime: [1_700_000_000, 123_000_000], endTime: [1_700_000_000, 123_000_000],
    status: { code: 2, message: 'EACCES' }, instrumentationScope: { name: '@lsmkit/otel' },
    attributes: { 'lsmkit.decision': 'denied', 'lsmkit.module': 'own', 'error.type': 'EACCES' },
  })
  expect(decision!.parentSpanContext?.spanId).toBe(request!.spanContext().spanId)
  // the log belongs to the same trace
  expect(trace.getSpanContext(logs[0]!.context!)?.traceId).toBe(request!.spanContext().traceId)
  exporter.reset()
})

test.each<[options: ConstructorParameters<typeof Telemetry>[0], spans: number]>([
  [{}, 0], [{ tracerProvider }, 1], [{ tracerProvider, spans: false }, 0], [{ tracerProvider, spans: true }, 1],
])('%o: %i spans', (options, spans) => {
  const telemetry = new Telemetry(options)
  const stack = stackOf(telemetry)
  stack.lsm.task_getsid.ask(stack.current.task)
  telemetry.flush()
  expect(exporter.getFinishedSpans()).toHaveLength(spans)
  exporter.reset()
})

test('only a refusal is an error', () => {
  const telemetry = new Telemetry({ tracerProvider })
  const call = { kind: 'call', by: 'mount', call: 'chmod', rc: -30, path: '/a', time: 5 } as const
  const subject = {
    pid: 1, tid: 1, comm: 'cat', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0, ses: 0, label: null,
  }
  const allow: AuditRecord = {
    kind: 'allow', serial: 1, time: 5, hook: 'file_open', rc: 0, subject, args: {}, object: null,
  }
  const text = { kind: 'text', serial: 2, time: 5, lsm: 'selinux', type: 1400, text: 'avc', details: null } as const
  for (const record of [call, allow, text]) telemetry.sink(record)
  telemetry.flush()
  expect(exporter.getFinishedSpans().map(({ name, status }) => [name, status.code])).toEqual([
    ['lsmkit chmod', 2], ['lsmkit file_open', 0], ['lsmkit text', 0],
  ])
  exporter.reset()
})
