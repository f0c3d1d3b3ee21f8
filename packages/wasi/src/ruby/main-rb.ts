/**
 * The surroundings of a program in `ruby FILE`, in Ruby, because the module's own main is not exported: -r, at_exit
 * blocks, the exit status, the report of an uncaught exception, flushing.
 *
 * `END { }` cannot be reached this way and does not run.
 */

/** The name its frames go by; reports leave them out, and the three below them. */
const FILE = '<internal:lsmkit>'
const FRAMES_BELOW = 3

const main = `
lambda do |kind, name, text, libraries|
  blocks = []
  verbose, $VERBOSE = $VERBOSE, nil
  Kernel.module_eval do
    define_method(:at_exit) do |&block|
      raise ArgumentError, "called without block" unless block
      blocks << block
      block
    end
    module_function :at_exit
  end
  $VERBOSE = verbose
  report = lambda do |error|
    trace = (error.backtrace || [])[0...-${FRAMES_BELOW}].reject { |at| at.start_with?("${FILE}") }
    error.set_backtrace(trace.empty? ? [name] : trace)
    $stderr.write(error.full_message(highlight: false, order: :top))
  end
  finish = lambda do |status|
    until blocks.empty?
      begin
        blocks.pop.call
      rescue SystemExit => error
        status = error.status
      rescue Exception => error
        report.call(error)
        status = 1
      end
    end
    status
  end
  run = lambda do
    libraries.each { |library| require library }
    $0 = name
    next eval(kind == :stdin ? $stdin.read : text, TOPLEVEL_BINDING, name, 1) unless kind == :file
    begin
      file = File.open(name, "rb")
    rescue SystemCallError => error
      $stderr.write("ruby: #{error.message.split(" @ ").first} -- #{name} (LoadError)\\n")
      exit(1)
    end
    while (line = file.gets)
      next unless line.chomp == "__END__"
      file.set_encoding(Encoding.default_external)
      Object.const_set(:DATA, file)
      break
    end
    file.close if file.eof? && !Object.const_defined?(:DATA)
    RubyVM::InstructionSequence.compile_file(name).eval
  end
  status =
    begin
      run.call
      finish.call(0)
    rescue SystemExit => error
      finish.call(error.status)
    rescue SignalException => error
      finish.call(128 + error.signo)
    rescue Exception => error
      status = finish.call(1)
      report.call(error)
      status
    end
  ObjectSpace.each_object(IO) { |io| io.flush rescue nil }
  exit!(status)
end
`

/** A program given as a file, as text (`-e`), or read from standard input. */
export interface RubyScript {
  readonly kind: 'file' | 'text' | 'stdin'
  /** The value of `$0` and `__FILE__`. */
  readonly name: string
  readonly text: string
  readonly libraries: readonly string[]
}

/** The source to evaluate; no text of the caller's is ever part of it but as hexadecimal digits. */
export const rubyMain = ({ kind, name, text, libraries }: RubyScript): string =>
  `eval(${literal(main)}, TOPLEVEL_BINDING, ${literal(FILE)}, 1)` +
  `.call(:${kind}, ${literal(name)}, ${literal(text)}, [${libraries.map(literal).join(', ')}])`

const literal = (text: string): string => {
  const hex = Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `["${hex}"].pack("H*").force_encoding("UTF-8")`
}
