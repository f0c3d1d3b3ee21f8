/** A changed text is noticed: the proof of each format finds what no item explains. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { expect, test } from 'vitest'
import type { FormatName } from './formats/index.ts'
import { formats } from './formats/index.ts'
import { plainOf } from './plain.ts'
import { prove } from './prove.ts'

const policy: Policy = {
  allow: { read: ['/data'], write: ['/out'], exec: ['/usr'], listen: [8080], hosts: ['93.184.216.34:443'] },
}

test.each<{ format: FormatName; from: string | RegExp; to: string; found: string }>([
  { format: 'landlockconfig', from: '"/data"', to: '"/"', found: 'read /' },
  { format: 'landlockconfig', from: '8080', to: '8081', found: 'listen on port 8080' },
  { format: 'landlockconfig', from: ',\n      "scoped": [\n        "abi.all"\n      ]', to: '', found: 'signal' },
  { format: 'landlockconfig-toml', from: '"execute", ', to: '', found: 'execute /usr' },
  { format: 'sandbox-runtime', from: '"/out"', to: '"/out", "/etc"', found: 'write /etc' },
  { format: 'sandbox-runtime', from: '93.184.216.34:443', to: '93.184.216.34', found: '93.184.216.34:80' },
  { format: 'oci', from: /("source": "\/data",[^\]]*)"ro"/, to: '$1"rw"', found: 'write /data' },
  { format: 'oci', from: /("source": "\/data",[^\]]*)"noexec"/, to: '$1"sync"', found: 'execute /data' },
  { format: 'oci', from: /("source": "proc",[^\]]*)"ro"/, to: '$1"rw"', found: 'write /proc' },
  { format: 'docker', from: '"valueTwo": 1', to: '"valueTwo": 2', found: 'socket(2, 1, 0)' },
  { format: 'docker', from: '"openat",', to: '', found: 'call openat' },
  { format: 'docker', from: '"openat",', to: '"openat", "mount",', found: 'call mount' },
  { format: 'systemd', from: 'BindReadOnlyPaths=/data:/data', to: 'BindPaths=/data:/data', found: 'write /data' },
  { format: 'systemd', from: 'NoExecPaths=/data', to: '', found: 'execute /data' },
  { format: 'systemd', from: '\nExecPaths=/usr', to: '\nNoExecPaths=/usr', found: 'execute /usr' },
  // of both lines the second one holds: the tree of the host is there
  { format: 'systemd', from: '/:ro,noexec', to: '/:ro\nNoExecPaths=/', found: 'read /etc' },
  { format: 'systemd', from: 'PrivateIPC=yes', to: '', found: 'open a queue' },
  { format: 'systemd', from: 'RestrictNamespaces=yes', to: '', found: 'call unshare' },
  { format: 'systemd', from: 'SocketBindDeny=any', to: '', found: 'listen on port' },
  { format: 'bubblewrap', from: '--ro-bind /data', to: '--bind /data', found: 'write /data' },
  { format: 'bubblewrap', from: '--unshare-pid\n', to: '', found: 'send a signal' },
  { format: 'bubblewrap', from: /--bind \/out \/out\n/, to: '', found: 'write /out' },
  { format: 'apparmor', from: '/data{,/,/**} rk', to: '/data** rk', found: '/datax' },
  { format: 'apparmor', from: /signal \(send, receive\) peer=\S+/, to: 'signal (send),', found: 'signal' },
  { format: 'apparmor', from: ' {\n', to: ' { capability sys_admin,\n', found: 'call mount' },
  { format: 'k8s', from: 'localhostProfile: lsmkit-sandbox\n', to: 'localhostProfile: other\n', found: 'read /etc' },
])('$format: $from', ({ format, from, to, found }) => {
  const form = formats[format]
  const plain = plainOf(policy)
  const written = form.write(plain)
  const text = written.text.replace(from, to)
  expect(text).not.toBe(written.text)
  const unexplained = (changed: string): string[] =>
    prove(plain, form, { ...written, text: changed }, { count: 3_000 }).differences
      .filter(({ because }) => because.length === 0).map((one) => one.text)
  expect(unexplained(written.text)).toEqual([])
  expect(unexplained(text).find((one) => one.includes(found))).toBeDefined()
})
