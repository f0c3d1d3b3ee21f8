/** The attempts and their words: a table, and the two programs made of it. */

export interface Attempt {
  readonly id: string
  readonly title: string
  /** Ruby; an error that it raises is the outcome. `neighbour` is a pid. */
  readonly ruby: string
}

/** Attempts on `/srv/report` while a program comes to `file_open` and goes; the last two only make sense then. */
export const REPORT = { before: 'report-before', attached: 'report-attached', after: 'report-after' } as const

const report = "File.read('/srv/report')"

export const attempts: readonly Attempt[] = [
  { id: 'shadow', title: 'read /etc/shadow', ruby: "File.read('/etc/shadow')" },
  // By the link /bin: the image of Ruby has a /usr of its own, packed with its library, in front of the kernel's.
  { id: 'usr-bin', title: 'write /bin/login', ruby: "File.write('/bin/login', 'own code')" },
  { id: 'mem', title: "open a neighbour's /proc/N/mem", ruby: 'File.open("/proc/#{neighbour}/mem", "rb") { }' },
  {
    id: 'attr', title: 'write /proc/self/attr/current',
    ruby: "File.open('/proc/self/attr/current', 'r+b') { |file| file.syswrite('unconfined') }",
  },
  { id: REPORT.before, title: 'read /srv/report', ruby: report },
  { id: REPORT.attached, title: 'read /srv/report, program attached', ruby: report },
  { id: REPORT.after, title: 'read /srv/report, detached again', ruby: report },
]

/** A write to an executable while the deflector of `packages/bpf/objects` comes and goes: where it is in the stack. */
export const TOOL = { before: 'tool-before', attached: 'tool-attached', after: 'tool-after' } as const

const tool = "File.write('/srv/tool', 'own code')"

export const toolAttempts: readonly Attempt[] = [
  { id: TOOL.before, title: 'write /srv/tool', ruby: tool },
  { id: TOOL.attached, title: 'write /srv/tool, deflector attached', ruby: tool },
  { id: TOOL.after, title: 'write /srv/tool, detached again', ruby: tool },
]

/** Not Ruby's: an execve of a program on a file system that can be written, with the deflector's other rule. */
export const execAttempt = { id: 'exec-writable', title: 'execute from a writable mount' } as const

/** Steps of the C program `capraise`, as it prints them. */
export const capraiseArgs = ['sys_admin', 'setuid', '0'] as const
export const capraiseAttempts: readonly { readonly id: string; readonly title: string; readonly line: string }[] = [
  { id: 'raise', title: 'C: raise CAP_SYS_ADMIN', line: 'raise cap_sys_admin' },
  { id: 'setuid', title: 'C: setuid(0)', line: 'setuid 0' },
]

const rubyCase = ({ id, ruby }: Attempt): string => `attempt('${id}') { ${ruby} }`

/** Runs as a script of its own; the beginning and the end of each attempt are printed as a line of JSON. */
export const visitScript = (tried: readonly Attempt[] = attempts): string => `#!/usr/bin/ruby --disable-gems
require 'json'
$stdout.sync = true
tell = ->(what) { $stdout.write(JSON.generate(what) + "\\n") }
neighbour = Integer(ARGV.fetch(0))

define_method(:attempt) do |id, &block|
  tell.call(begin: id)
  block.call
  tell.call(end: id, errno: nil)
rescue SystemCallError => error
  tell.call(end: id, errno: error.class.name[/\\w+$/])
end

notes = File.join(Dir.home, "notes.json")
File.write(notes, JSON.pretty_generate(users: File.readlines('/etc/passwd').map { |line| line[/^\\w+/] }))
users = JSON.parse(File.read(notes)).fetch('users')
primes = (2..).lazy.select { |n| (2..Integer.sqrt(n)).none? { |d| (n % d).zero? } }.first(1000)
found = "noted #{users.join(' and ')}; the 1000th prime is #{primes.last}"
label = File.read('/proc/self/attr/current').delete("\\0").strip rescue nil
tell.call(label: label)
tell.call(work: "Ruby #{RUBY_VERSION} (#{RUBY_PLATFORM}) #{found}")
File.delete(notes)

${tried.map(rubyCase).join('\n')}
`
