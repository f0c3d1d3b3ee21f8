/** For tests: components of wasi:http, as text. */
import { componentOfText } from './components.ts'
import { exported, LIBC, lowered, strings } from './component-parts.ts'

const IMPORTS = `
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type (sub resource))) (export "[method]pollable.block" (func (param "self" (borrow 0))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "input-stream" (type (sub resource))) (export "output-stream" (type (sub resource)))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow 0)) (param "len" u64) (result (result (list u8)))))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow 1)) (param "contents" (list u8)) (result (result (error u64)))))))
  (alias export $streams "input-stream" (type $input)) (alias export $streams "output-stream" (type $output))`

/**
 * A command that asks for a page and writes it. Without an answer it writes one character: `@` and the number of the
 * error-code, in the order of ASCII.
 */
export const fetcher = (authority: string, path = '/'): Promise<Uint8Array<ArrayBuffer>> => {
  const { words: [host, asked], data } = strings(authority, path)
  return componentOfText(`(component ${IMPORTS}
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $output (type $o)) (export "output-stream" (type $own (eq $o)))
    (export "get-stdout" (func (result (own $own))))))
  (import "wasi:http/types@0.2.0" (instance $types
    (alias outer 1 $pollable (type $p)) (export "pollable" (type $poll (eq $p)))
    (alias outer 1 $input (type $in)) (export "input-stream" (type $input (eq $in)))
    (export "fields" (type $fields (sub resource))) (export "outgoing-request" (type $request (sub resource)))
    (export "request-options" (type $options (sub resource)))
    (export "incoming-response" (type $response (sub resource)))
    (export "incoming-body" (type $body (sub resource)))
    (export "future-incoming-response" (type $future (sub resource)))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[constructor]outgoing-request" (func (param "headers" (own $fields)) (result (own $request))))
    (export "[method]outgoing-request.set-authority"
      (func (param "self" (borrow $request)) (param "a" (option string)) (result (result))))
    (export "[method]outgoing-request.set-path-with-query"
      (func (param "self" (borrow $request)) (param "a" (option string)) (result (result))))
    (type $scheme' (variant (case "HTTP") (case "HTTPS") (case "other" string)))
    (export "scheme" (type $scheme (eq $scheme')))
    (export "[method]outgoing-request.set-scheme"
      (func (param "self" (borrow $request)) (param "a" (option $scheme)) (result (result))))
    (export "[method]future-incoming-response.subscribe"
      (func (param "self" (borrow $future)) (result (own $poll))))
    (export "[method]future-incoming-response.get"
      (func (param "self" (borrow $future)) (result (option (result (own $response))))))
    (export "[method]incoming-response.consume"
      (func (param "self" (borrow $response)) (result (result (own $body)))))
    (export "[method]incoming-body.stream" (func (param "self" (borrow $body)) (result (result (own $input)))))))
  (alias export $types "outgoing-request" (type $request)) (alias export $types "request-options" (type $options))
  (alias export $types "future-incoming-response" (type $future))
  (import "wasi:http/outgoing-handler@0.2.0" (instance $handler
    (alias outer 1 $request (type $r)) (export "outgoing-request" (type $request (eq $r)))
    (alias outer 1 $options (type $o)) (export "request-options" (type $options (eq $o)))
    (alias outer 1 $future (type $f)) (export "future-incoming-response" (type $future (eq $f)))
    (export "handle" (func (param "request" (own $request)) (param "options" (option (own $options)))
      (result (result (own $future) (error u64)))))))
  ${LIBC}
  ${lowered('poll', { block: '[method]pollable.block' })}
  ${lowered('stdout', { stdout: 'get-stdout' })}
  ${lowered('streams', { read: '[method]input-stream.blocking-read',
    write: '[method]output-stream.blocking-write-and-flush' })}
  ${lowered('types', {
    fields: '[constructor]fields', request: '[constructor]outgoing-request',
    authority: '[method]outgoing-request.set-authority', path: '[method]outgoing-request.set-path-with-query',
    scheme: '[method]outgoing-request.set-scheme', subscribe: '[method]future-incoming-response.subscribe',
    get: '[method]future-incoming-response.get', consume: '[method]incoming-response.consume',
    stream: '[method]incoming-body.stream',
  })}
  ${lowered('handler', { handle: 'handle' })}
  ${exported('block', 'stdout', 'read', 'write', 'fields', 'request', 'authority', 'path', 'scheme', 'subscribe', 'get',
    'consume', 'stream', 'handle')}
  (core module $main
    (import "m" "memory" (memory 2))
    (import "h" "block" (func $block (param i32)))
    (import "h" "stdout" (func $stdout (result i32)))
    (import "h" "read" (func $read (param i32 i64 i32)))
    (import "h" "write" (func $write (param i32 i32 i32 i32)))
    (import "h" "fields" (func $fields (result i32)))
    (import "h" "request" (func $request (param i32) (result i32)))
    (import "h" "authority" (func $authority (param i32 i32 i32 i32) (result i32)))
    (import "h" "path" (func $path (param i32 i32 i32 i32) (result i32)))
    (import "h" "scheme" (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
    (import "h" "subscribe" (func $subscribe (param i32) (result i32)))
    (import "h" "get" (func $get (param i32 i32)))
    (import "h" "consume" (func $consume (param i32 i32)))
    (import "h" "stream" (func $stream (param i32 i32)))
    (import "h" "handle" (func $handle (param i32 i32 i32 i32)))
    ${data}
    (func $fails (param i32) (result i32)
      (i32.store8 (i32.const 512) (i32.add (i32.const 64) (local.get 0)))
      (call $write (call $stdout) (i32.const 512) (i32.const 1) (i32.const 520)) (i32.const 1))
    (func (export "run") (result i32) (local $r i32) (local $f i32)
      (local.set $r (call $request (call $fields)))
      (drop (call $scheme (local.get $r) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
      (drop (call $authority (local.get $r) (i32.const 1) ${host}))
      (drop (call $path (local.get $r) (i32.const 1) ${asked}))
      (call $handle (local.get $r) (i32.const 0) (i32.const 0) (i32.const 0))
      (if (i32.load8_u (i32.const 0)) (then (return (call $fails (i32.load8_u (i32.const 8))))))
      (local.set $f (i32.load (i32.const 8)))
      (call $block (call $subscribe (local.get $f)))
      (call $get (local.get $f) (i32.const 0))
      (if (i32.load8_u (i32.const 16)) (then (return (call $fails (i32.load8_u (i32.const 24))))))
      (call $consume (i32.load (i32.const 24)) (i32.const 0))
      (call $stream (i32.load (i32.const 4)) (i32.const 0))
      (call $read (i32.load (i32.const 4)) (i64.const 1000) (i32.const 0))
      (call $write (call $stdout) (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.const 32))
      (i32.const 0)))
  (core instance $i (instantiate $main (with "h" (instance $h)) (with "m" (instance $m))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))`)
}

/** How a handler answers. */
export type Answering = 'whole' | 'without a body' | 'without an end' | 'not at all' | 'with an error' | 'with a trap'

const ANSWERS: Readonly<Record<Answering, string>> = {
  'whole': `(call $set (local.get 1) (i32.const 0) (local.get $r) (i32.const 0) (i64.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0))
    (call $finish (local.get $b) (i32.const 0) (i32.const 0) (i32.const 64))`,
  'without a body': `(call $set (local.get 1) (i32.const 0) (call $response (call $fields)) (i32.const 0) (i64.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`,
  'without an end': `(call $set (local.get 1) (i32.const 0) (local.get $r) (i32.const 0) (i64.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0))`,
  'not at all': '',
  'with an error': `(call $set (local.get 1) (i32.const 1) (i32.const 15) (i32.const 0) (i64.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0))`,
  'with a trap': 'unreachable',
}

/** A server whose answer is the path and the body of the request, with status 201. */
export const echo = (answering: Answering = 'whole'): Promise<Uint8Array<ArrayBuffer>> =>
  componentOfText(`(component ${IMPORTS}
  (import "wasi:http/types@0.2.0" (instance $types
    (alias outer 1 $input (type $in)) (export "input-stream" (type $input (eq $in)))
    (alias outer 1 $output (type $on)) (export "output-stream" (type $output (eq $on)))
    (export "fields" (type $fields (sub resource))) (export "incoming-request" (type $request (sub resource)))
    (export "response-outparam" (type $outparam (sub resource)))
    (export "outgoing-response" (type $response (sub resource)))
    (export "incoming-body" (type $body (sub resource))) (export "outgoing-body" (type $out (sub resource)))
    (type $error' (variant (case "a" (option string)) (case "b" (option u64))
      (case "c" (tuple (option string) (option u32) u32))))
    (export "error-code" (type $error (eq $error')))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[constructor]outgoing-response" (func (param "headers" (own $fields)) (result (own $response))))
    (export "[method]outgoing-response.set-status-code"
      (func (param "self" (borrow $response)) (param "status" u16) (result (result))))
    (export "[method]outgoing-response.body"
      (func (param "self" (borrow $response)) (result (result (own $out)))))
    (export "[method]outgoing-body.write" (func (param "self" (borrow $out)) (result (result (own $output)))))
    (export "[static]outgoing-body.finish"
      (func (param "this" (own $out)) (param "trailers" (option (own $fields))) (result (result (error u64)))))
    (export "[method]incoming-request.path-with-query"
      (func (param "self" (borrow $request)) (result (option string))))
    (export "[method]incoming-request.consume"
      (func (param "self" (borrow $request)) (result (result (own $body)))))
    (export "[method]incoming-body.stream" (func (param "self" (borrow $body)) (result (result (own $input)))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $outparam)) (param "response" (result (own $response) (error $error)))))))
  (alias export $types "incoming-request" (type $request)) (alias export $types "response-outparam" (type $outparam))
  ${LIBC}
  ${lowered('streams', { read: '[method]input-stream.blocking-read',
    write: '[method]output-stream.blocking-write-and-flush' })}
  ${lowered('types', {
    fields: '[constructor]fields', response: '[constructor]outgoing-response',
    status: '[method]outgoing-response.set-status-code', body: '[method]outgoing-response.body',
    stream: '[method]outgoing-body.write', finish: '[static]outgoing-body.finish',
    path: '[method]incoming-request.path-with-query', consume: '[method]incoming-request.consume',
    input: '[method]incoming-body.stream', set: '[static]response-outparam.set',
  })}
  ${exported('read', 'write', 'fields', 'response', 'status', 'body', 'stream', 'finish', 'path', 'consume', 'input',
    'set')}
  (core module $main
    (import "m" "memory" (memory 2))
    (import "h" "read" (func $read (param i32 i64 i32)))
    (import "h" "write" (func $write (param i32 i32 i32 i32)))
    (import "h" "fields" (func $fields (result i32)))
    (import "h" "response" (func $response (param i32) (result i32)))
    (import "h" "status" (func $status (param i32 i32) (result i32)))
    (import "h" "body" (func $body (param i32 i32)))
    (import "h" "stream" (func $stream (param i32 i32)))
    (import "h" "finish" (func $finish (param i32 i32 i32 i32)))
    (import "h" "path" (func $path (param i32 i32)))
    (import "h" "consume" (func $consume (param i32 i32)))
    (import "h" "input" (func $input (param i32 i32)))
    (import "h" "set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (func (export "handle") (param i32 i32) (local $r i32) (local $b i32) (local $o i32)
      (local.set $r (call $response (call $fields)))
      (drop (call $status (local.get $r) (i32.const 201)))
      (call $body (local.get $r) (i32.const 0))
      (local.set $b (i32.load (i32.const 4)))
      (call $stream (local.get $b) (i32.const 0))
      (local.set $o (i32.load (i32.const 4)))
      (call $path (local.get 0) (i32.const 0))
      (call $write (local.get $o) (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.const 32))
      (call $consume (local.get 0) (i32.const 0))
      (call $input (i32.load (i32.const 4)) (i32.const 0))
      (call $read (i32.load (i32.const 4)) (i64.const 1000) (i32.const 0))
      (if (i32.eqz (i32.load8_u (i32.const 0))) (then
        (call $write (local.get $o) (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.const 32))))
      ${ANSWERS[answering]}))
  (core instance $i (instantiate $main (with "h" (instance $h)) (with "m" (instance $m))))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
    (canon lift (core func $i "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))`)
