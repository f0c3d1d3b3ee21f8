/** The initial contents of the editors, and commands for a newcomer to try at the shell. */
import browser from '../../../../examples/scenarios/browser.yaml?raw'
import broker from '../../../../examples/scenarios/broker.yaml?raw'
import locked from '../../../../examples/scenarios/locked.yaml?raw'
import sandbox from '../../../../examples/scenarios/sandbox.yaml?raw'
import tracer from '../../../../examples/scenarios/tracer.yaml?raw'

export const scenarios: Readonly<Record<string, string>> = { sandbox, tracer, browser, broker, locked }

export const script = `# Each call asks the hooks of the stack; see Live.
puts "Ruby #{RUBY_VERSION} on #{RUBY_PLATFORM}"
def attempt(what)
  yield
  puts "#{what}: ok"
rescue SystemCallError => error
  puts "#{what}: #{error.class.name[/\\w+$/]}"
end

attempt('read /etc/passwd') { File.read('/etc/passwd') }
attempt('read /etc/shadow') { File.read('/etc/shadow') }
attempt('write /bin/login') { File.write('/bin/login', 'own code') }
attempt('relabel itself') { File.open('/proc/self/attr/current', 'r+b') { |f| f.syswrite('unconfined') } }
`

export interface Try {
  readonly command: string
  readonly does: string
  /** Modules that refuse it on a stack with capability alone beside them. */
  readonly by: readonly string[]
}

const commands: readonly Try[] = [
  {
    command: 'echo x > /srv/tool',
    does: 'an executable that everybody may write',
    by: ['smack', 'selinux', 'apparmor'],
  },
  { command: 'ls /sys', does: 'a folder that the program has given up', by: ['landlock'] },
  { command: 'echo root > /proc/self/attr/current', does: 'a label of its own choice', by: ['warden'] },
  { command: 'cat /etc/shadow', does: 'secrets', by: ['capability'] },
  { command: 'id', does: 'who am I, and with which label', by: [] },
  { command: 'echo mine > /usr/bin/login', does: 'programs of the system', by: [] },
  { command: 'cat /srv/report', does: 'a file that everybody may read', by: [] },
  { command: 'ls -l /proc/1', does: 'another process', by: [] },
  { command: 'capraise sys_admin setuid 0', does: 'more capabilities', by: [] },
  { command: 'cat /sys/kernel/security/lsm', does: 'the stack, as the kernel shows it', by: [] },
]

/** Those that a module of the stack refuses come first, and the module with them; capability's behind the others'. */
export const triesFor = (order: readonly string[]): readonly (Omit<Try, 'by'> & { readonly by: string | null })[] => {
  const found = commands.map(({ by, ...rest }) => ({ ...rest, by: order.find((name) => by.includes(name)) ?? null }))
  const rank = ({ by }: { readonly by: string | null }): number => (by === null ? 2 : by === 'capability' ? 1 : 0)
  return found.toSorted((a, b) => rank(a) - rank(b))
}
