/** For tests: components of wasi:sockets/udp, as text. */
import { exported, LIBC, lowered, strings } from './component-parts.ts'
import { componentOfText } from './components.ts'
import { componentOfWorld, LIBC as LIBC3 } from './components3.ts'

const NETWORK = `
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type (sub resource))) (export "[method]pollable.block" (func (param "self" (borrow 0))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type (sub resource)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow 0)) (param "contents" (list u8)) (result (result (error u64)))))))
  (alias export $streams "output-stream" (type $output))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $output (type $o)) (export "output-stream" (type $own (eq $o)))
    (export "get-stdout" (func (result (own $own))))))
  (import "wasi:sockets/network@0.2.0" (instance $network
    (export "network" (type (sub resource)))
    (type $v4' (record (field "port" u16) (field "address" (tuple u8 u8 u8 u8))))
    (export "ipv4-socket-address" (type $v4 (eq $v4')))
    (type $v6' (record (field "port" u16) (field "flow-info" u32)
      (field "address" (tuple u16 u16 u16 u16 u16 u16 u16 u16)) (field "scope-id" u32)))
    (export "ipv6-socket-address" (type $v6 (eq $v6')))
    (type $at' (variant (case "ipv4" $v4) (case "ipv6" $v6))) (export "ip-socket-address" (type $at (eq $at')))
    (type $ip' (variant (case "ipv4" (tuple u8 u8 u8 u8)) (case "ipv6" (tuple u16 u16 u16 u16 u16 u16 u16 u16))))
    (export "ip-address" (type $ip (eq $ip')))))
  (alias export $network "network" (type $net)) (alias export $network "ip-socket-address" (type $at))
  (alias export $network "ip-address" (type $ip))
  (import "wasi:sockets/instance-network@0.2.0" (instance $instance
    (alias outer 1 $net (type $n)) (export "network" (type $net (eq $n)))
    (export "instance-network" (func (result (own $net))))))
  (import "wasi:sockets/ip-name-lookup@0.2.0" (instance $lookup
    (alias outer 1 $pollable (type $p)) (export "pollable" (type $pollable (eq $p)))
    (alias outer 1 $net (type $n)) (export "network" (type $net (eq $n)))
    (alias outer 1 $ip (type $i)) (export "ip-address" (type $ip (eq $i)))
    (export "resolve-address-stream" (type $found (sub resource)))
    (export "resolve-addresses"
      (func (param "network" (borrow $net)) (param "name" string) (result (result (own $found) (error u8)))))
    (export "[method]resolve-address-stream.resolve-next-address"
      (func (param "self" (borrow $found)) (result (result (option $ip) (error u8)))))
    (export "[method]resolve-address-stream.subscribe" (func (param "self" (borrow $found)) (result (own $pollable))))))
  (import "wasi:sockets/udp@0.2.0" (instance $udp
    (alias outer 1 $pollable (type $p)) (export "pollable" (type $pollable (eq $p)))
    (alias outer 1 $net (type $n)) (export "network" (type $net (eq $n)))
    (alias outer 1 $at (type $a)) (export "ip-socket-address" (type $at (eq $a)))
    (type $got' (record (field "data" (list u8)) (field "remote-address" $at)))
    (export "incoming-datagram" (type $got (eq $got')))
    (type $sent' (record (field "data" (list u8)) (field "remote-address" (option $at))))
    (export "outgoing-datagram" (type $sent (eq $sent')))
    (export "udp-socket" (type $socket (sub resource)))
    (export "incoming-datagram-stream" (type $in (sub resource)))
    (export "outgoing-datagram-stream" (type $out (sub resource)))
    (export "[method]udp-socket.start-bind" (func (param "self" (borrow $socket)) (param "network" (borrow $net))
      (param "local-address" $at) (result (result (error u8)))))
    (export "[method]udp-socket.finish-bind" (func (param "self" (borrow $socket)) (result (result (error u8)))))
    (export "[method]udp-socket.stream" (func (param "self" (borrow $socket)) (param "remote-address" (option $at))
      (result (result (tuple (own $in) (own $out)) (error u8)))))
    (export "[method]incoming-datagram-stream.receive"
      (func (param "self" (borrow $in)) (param "max-results" u64) (result (result (list $got) (error u8)))))
    (export "[method]incoming-datagram-stream.subscribe" (func (param "self" (borrow $in)) (result (own $pollable))))
    (export "[method]outgoing-datagram-stream.check-send"
      (func (param "self" (borrow $out)) (result (result u64 (error u8)))))
    (export "[method]outgoing-datagram-stream.send"
      (func (param "self" (borrow $out)) (param "datagrams" (list $sent)) (result (result u64 (error u8)))))))
  (alias export $udp "udp-socket" (type $socket))
  (import "wasi:sockets/udp-create-socket@0.2.0" (instance $create
    (alias outer 1 $socket (type $s)) (export "udp-socket" (type $socket (eq $s)))
    (export "create-udp-socket" (func (param "family" u8) (result (result (own $socket) (error u8)))))))
  ${LIBC}
  ${lowered('poll', { block: '[method]pollable.block' })}
  ${lowered('stdout', { stdout: 'get-stdout' })}
  ${lowered('streams', { write: '[method]output-stream.blocking-write-and-flush' })}
  ${lowered('instance', { net: 'instance-network' })}
  ${lowered('lookup', {
    resolve: 'resolve-addresses', next: '[method]resolve-address-stream.resolve-next-address',
    resolved: '[method]resolve-address-stream.subscribe',
  })}
  ${lowered('create', { create: 'create-udp-socket' })}
  ${lowered('udp', {
    startBind: '[method]udp-socket.start-bind', finishBind: '[method]udp-socket.finish-bind',
    stream: '[method]udp-socket.stream', receive: '[method]incoming-datagram-stream.receive',
    arrived: '[method]incoming-datagram-stream.subscribe', permits: '[method]outgoing-datagram-stream.check-send',
    send: '[method]outgoing-datagram-stream.send',
  })}
  ${exported('block', 'stdout', 'write', 'net', 'resolve', 'next', 'resolved', 'create', 'startBind', 'finishBind',
    'stream', 'receive', 'arrived', 'permits', 'send')}`

const i32s = (count: number): string => Array.from({ length: count }, () => 'i32').join(' ')
const zeros = (count: number): string => Array.from({ length: count }, () => '(i32.const 0)').join(' ')

/** What a command does: `body` leaves its exit code. An error is one character: `@` and its number, as in ASCII. */
const command = (data: string, body: string): Promise<Uint8Array<ArrayBuffer>> => componentOfText(`(component ${NETWORK}
  (core module $main
    (import "m" "memory" (memory 2))
    (import "h" "block" (func $block (param i32)))
    (import "h" "stdout" (func $stdout (result i32)))
    (import "h" "write" (func $write (param i32 i32 i32 i32)))
    (import "h" "net" (func $net (result i32)))
    (import "h" "resolve" (func $resolve (param i32 i32 i32 i32)))
    (import "h" "next" (func $next (param i32 i32)))
    (import "h" "resolved" (func $resolved (param i32) (result i32)))
    (import "h" "create" (func $create (param i32 i32)))
    (import "h" "startBind" (func $startBind (param ${i32s(15)})))
    (import "h" "finishBind" (func $finishBind (param i32 i32)))
    (import "h" "stream" (func $stream (param ${i32s(15)})))
    (import "h" "receive" (func $receive (param i32 i64 i32)))
    (import "h" "arrived" (func $arrived (param i32) (result i32)))
    (import "h" "permits" (func $may (param i32 i32)))
    (import "h" "send" (func $send (param i32 i32 i32 i32)))
    ${data}
    (global $socket (mut i32) (i32.const 0)) (global $in (mut i32) (i32.const 0)) (global $out (mut i32) (i32.const 0))
    (func $fails (param i32) (result i32)
      (i32.store8 (i32.const 512) (i32.add (i32.const 64) (local.get 0)))
      (call $write (call $stdout) (i32.const 512) (i32.const 1) (i32.const 520)) (i32.const 1))
    (func $open (param $n i32) (param $port i32)
      (call $create (i32.const 0) (i32.const 0))
      (if (i32.load8_u (i32.const 0)) (then (i32.store8 (i32.const 1) (i32.load8_u (i32.const 4))) (return)))
      (global.set $socket (i32.load (i32.const 4)))
      (call $startBind (global.get $socket) (local.get $n) (i32.const 0) (local.get $port)
        (select (i32.const 127) (i32.const 0) (local.get $port)) (i32.const 0) (i32.const 0)
        (select (i32.const 1) (i32.const 0) (local.get $port)) ${zeros(6)} (i32.const 0)))
    (func $sends (param $datagram i32) (result i32)
      (call $may (global.get $out) (i32.const 0))
      (call $send (global.get $out) (local.get $datagram) (i32.const 1) (i32.const 0))
      (if (i32.load8_u (i32.const 0)) (then (return (call $fails (i32.load8_u (i32.const 8)))))) (i32.const 0))
    (func $receives (call $block (call $arrived (global.get $in)))
      (call $receive (global.get $in) (i64.const 1) (i32.const 0)))
    (func (export "run") (result i32) (local $n i32) (local $found i32) (local $one i32)
      (local.set $n (call $net))
      ${body}))
  (core instance $i (instantiate $main (with "h" (instance $h)) (with "m" (instance $m))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))`)

const failing = (at: number): string =>
  `(if (i32.load8_u (i32.const 0)) (then (return (call $fails (i32.load8_u (i32.const ${at}))))))`

/** A command that sends `text` to a name and writes what comes back. `connects`: over a socket with a peer. */
export const datagramClient = (
  name: string, port: number, text: string, { connects = false }: { readonly connects?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> => {
  const { words: [host], placed: [, said], data } = strings(name, text)
  const address = [18, 19, 20, 21].map((place) => `(i32.load8_u (i32.const ${2000 + place}))`).join(' ')
  return command(data, `
      (call $resolve (local.get $n) ${host} (i32.const 0)) ${failing(4)}
      (local.set $found (i32.load (i32.const 4)))
      (call $block (call $resolved (local.get $found)))
      (call $next (local.get $found) (i32.const 0)) ${failing(2)}
      (i32.store (i32.const 2000) (i32.const ${said!.place})) (i32.store (i32.const 2004) (i32.const ${text.length}))
      (i32.store16 (i32.const 2016) (i32.const ${port}))
      (i32.store (i32.const 2018) (i32.load (i32.const 6)))
      (call $open (local.get $n) (i32.const 0)) ${failing(1)}
      (call $finishBind (global.get $socket) (i32.const 0)) ${failing(1)}
      (call $stream (global.get $socket) ${connects
        ? `(i32.const 1) (i32.const 0) (i32.const ${port}) ${address} ${zeros(6)}` : zeros(13)} (i32.const 0))
      ${failing(4)}
      (global.set $in (i32.load (i32.const 4))) (global.set $out (i32.load (i32.const 8)))
      (i32.store8 (i32.const 2008) (i32.const ${connects ? 0 : 1}))
      (if (call $sends (i32.const 2000)) (then (return (i32.const 1))))
      (call $receives) ${failing(4)}
      (local.set $one (i32.load (i32.const 4)))
      (call $write (call $stdout) (i32.load (local.get $one)) (i32.load offset=4 (local.get $one)) (i32.const 520))
      (i32.const 0)`)
}

/** A command that writes `.`, waits for one datagram at a port of 127.0.0.1, writes it and sends it back. */
export const datagramServer = (port: number): Promise<Uint8Array<ArrayBuffer>> => command('', `
      (call $open (local.get $n) (i32.const ${port})) ${failing(1)}
      (call $finishBind (global.get $socket) (i32.const 0)) ${failing(1)}
      (call $stream (global.get $socket) ${zeros(13)} (i32.const 0)) ${failing(4)}
      (global.set $in (i32.load (i32.const 4))) (global.set $out (i32.load (i32.const 8)))
      (i32.store8 (i32.const 512) (i32.const 46))
      (call $write (call $stdout) (i32.const 512) (i32.const 1) (i32.const 520))
      (call $receives) ${failing(4)}
      (local.set $one (i32.load (i32.const 4)))
      (call $write (call $stdout) (i32.load (local.get $one)) (i32.load offset=4 (local.get $one)) (i32.const 520))
      (i64.store (i32.const 2000) (i64.load (local.get $one)))
      (i32.store8 (i32.const 2008) (i32.const 1))
      (memory.copy (i32.const 2012) (i32.add (local.get $one) (i32.const 8)) (i32.const 32))
      (call $sends (i32.const 2000))`)

/** As `datagramClient`, by WASI 0.3: synchronous calls of its asynchronous functions. */
export const datagramClient3 = (
  name: string, port: number, text: string, { connects = false }: { readonly connects?: boolean } = {},
): Promise<Uint8Array<ArrayBuffer>> => {
  const { words: [host, said], data } = strings(name, text)
  const address = `(i32.const 0) (i32.const ${port}) ${[2, 3, 4, 5].map((at) =>
    `(i32.load8_u offset=${at} (local.get $ip))`).join(' ')} ${zeros(6)}`
  const failing3 = '(if (i32.load8_u (i32.const 0)) (then (return (call $fails (i32.load8_u (i32.const 4))))))'
  return componentOfWorld(
    `import wasi:sockets/types@0.3.0; import wasi:sockets/ip-name-lookup@0.3.0; import wasi:cli/stdout@0.3.0;
    export wasi:cli/run@0.3.0;`,
    `(module
    (import "wasi:sockets/ip-name-lookup@0.3.0" "resolve-addresses" (func $resolve (param i32 i32 i32)))
    (import "wasi:sockets/types@0.3.0" "[static]udp-socket.create" (func $create (param i32 i32)))
    (import "wasi:sockets/types@0.3.0" "[method]udp-socket.connect" (func $connect (param ${i32s(14)})))
    (import "wasi:sockets/types@0.3.0" "[method]udp-socket.send" (func $send (param ${i32s(17)})))
    (import "wasi:sockets/types@0.3.0" "[method]udp-socket.receive" (func $receive (param i32 i32)))
    (import "wasi:cli/stdout@0.3.0" "write-via-stream" (func $out (param i32) (result i32)))
    (import "wasi:cli/stdout@0.3.0" "[stream-new-0]write-via-stream" (func $new (result i64)))
    (import "wasi:cli/stdout@0.3.0" "[stream-write-0]write-via-stream" (func $put (param i32 i32 i32) (result i32)))
    (import "wasi:cli/stdout@0.3.0" "[stream-drop-writable-0]write-via-stream" (func $close (param i32)))
    ${LIBC3} ${data}
    (func $write (param $at i32) (param $length i32) (local $pair i64) (local $end i32)
      (local.set $pair (call $new))
      (local.set $end (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (drop (call $out (i32.wrap_i64 (local.get $pair))))
      (drop (call $put (local.get $end) (local.get $at) (local.get $length)))
      (call $close (local.get $end)))
    (func $fails (param i32) (result i32)
      (i32.store8 (i32.const 512) (i32.add (i32.const 64) (local.get 0)))
      (call $write (i32.const 512) (i32.const 1)) (i32.const 1))
    (func (export "wasi:cli/run@0.3.0#run") (result i32) (local $s i32) (local $ip i32)
      (call $resolve ${host} (i32.const 0)) ${failing3}
      (local.set $ip (i32.load (i32.const 4)))
      (call $create (i32.const 0) (i32.const 0)) ${failing3}
      (local.set $s (i32.load (i32.const 4)))
      ${connects ? `(call $connect (local.get $s) ${address} (i32.const 0)) ${failing3}` : ''}
      (call $send (local.get $s) ${said} ${connects ? zeros(13) : `(i32.const 1) ${address}`} (i32.const 0)) ${failing3}
      (call $receive (local.get $s) (i32.const 0)) ${failing3}
      (call $write (i32.load (i32.const 4)) (i32.load (i32.const 8)))
      (i32.const 0)))`)
}
