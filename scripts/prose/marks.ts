/**
 * Marks of prose that is hard to read: a line per mark, with what to write in its place. A pattern matches one
 * sentence, in which code spans are the letter `x` in backticks.
 */
export interface Mark {
  readonly name: string
  readonly pattern: RegExp
  readonly advice: string
  /** A sentence with the mark, and the same in plain English. */
  readonly before: string
  readonly after: string
}

export const marks: readonly Mark[] = [
  {
    name: 'predicate-none',
    pattern: /(?<!\b[Tt]here )\b(?:is|are|was|were|be) none\b(?! of)/,
    advice: 'say what the thing is not: "is not a valid rule"',
    before: 'Throws SmackError for a line that is none.',
    after: 'Throws SmackError if a line is not a valid rule.',
  },
  {
    name: 'predicate-no',
    pattern: /(?<!\b[Tt]here )\b(?:is|are|was|were) no (?!longer|more\b|less\b|other|such|better|worse|different|further|fewer|slower|faster)[a-z`]/,
    advice: '"is not a …"',
    before: '`x` is no path of a program',
    after: '`x` is not the path of a program',
  },
  {
    name: 'headless-clause',
    pattern: /(?:^(?:What|Who|Whoever|Whatever|Whose|Whom)|; (?:what|who|whoever|whatever))\b(?![^?]*\?)/,
    advice: 'begin with a noun: "The modules that …", "A task that …"',
    before: 'Who is not answered fails with ETIMEDOUT.',
    after: 'A connection that nobody answers fails with ETIMEDOUT.',
  },
  {
    name: 'machine-speaks',
    pattern: /(?:\b(?:tells?|told|telling|hears?|heard|hearing)|^(?:Tells?|Told|Hears?))\b(?!.* apart\b)/,
    advice: 'machines report, print, return, notify or receive',
    before: 'Tells the parent of the exit.',
    after: 'Notifies the parent of the exit.',
  },
  {
    name: 'nobodys',
    pattern: /\b(?:nobody|somebody|anybody)(?:'s| else's)(?! (?:who|that))/i,
    advice: 'name the owner: "no module has", "another user\'s"',
    before: 'A port that is nobody\'s.',
    after: 'A port that no task has bound.',
  },
  {
    name: 'as-it-is',
    pattern: /\b(?:stays?|left|leaves?|leaving|keeps?|kept|stands?|remains?|printed|passed|written|copied|taken|shown)(?: [`\w]+)? as (?:it|they) (?:is|are|was|were|has been|stands?)\b(?! [a-z]+(?:ed|en)\b)|\bas ever\b/,
    advice: '"unchanged"',
    before: 'The file stays as it is.',
    after: 'The file stays unchanged.',
  },
  {
    name: 'but-for',
    pattern: /\bbut for\b|\b(?:all|nothing|none|anything|any|nobody|everything|nowhere) but\b|\belse than\b/i,
    advice: '"except for", "only", "other than"',
    before: 'It does nothing but arithmetic.',
    after: 'It only does arithmetic.',
  },
  {
    name: 'exception-first',
    pattern: /^(?:Except|But for|Save for)\b/,
    advice: 'the rule first and the exception after it',
    before: 'Except for uid 0, all tasks need the capability.',
    after: 'All tasks need the capability, except those of uid 0.',
  },
  {
    name: 'inverted',
    pattern: /^(?:Nor|Not until|Not before|Only then|Nowhere|Never (?:is|are|does|do|has|have)|So (?:is|are|does|do|has|have|was|were))\b/,
    advice: 'subject, verb, object',
    before: 'Nor does it leave an answer at birth.',
    after: 'It also sets no answer when it is made.',
  },
]
