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

export const tries: readonly (readonly [command: string, does: string])[] = [
  ['echo x > /srv/tool', 'an executable that everybody may write: a module of the stack refuses'],
  ['echo root > /proc/self/attr/current', 'a label of its own choice'],
  ['id', 'who am I, and with which label'],
  ['cat /etc/shadow', 'secrets'],
  ['echo mine > /usr/bin/login', 'programs of the system'],
  ['cat /srv/report', 'a file that everybody may read'],
  ['ls -l /proc/1', 'another process'],
  ['capraise sys_admin setuid 0', 'more capabilities'],
  ['cat /sys/kernel/security/lsm', 'the stack, as the kernel shows it'],
]
