/**
 * What must hold between the values of a definition: names that refer to each other, limits in order, rules that fit the task.
 * Reads the value before it is known to have the right shape, so that all problems are told at once; what has a wrong shape is
 * passed over here, because `definitionSchema.ts` names it.
 */
import { hasOffset } from '../../definition/dateFormat.js'
import { parseDay } from '../../definition/dates.js'
import { classOf, RESULT_COLUMNS, resultsOf } from '../../definition/resultColumns.js'
import { RULE_FACTS, type RuleName } from '../../definition/rules.js'
import { hasProbability, isScoreKind, isTaskKind, TASK_FACTS, type TaskAnswers, type TaskKind } from '../../definition/tasks.js'
import { didYouMean } from '../protocol/nearestNames.js'
import { quoted } from './definitionSchema.js'

/** A problem and the path of the value it is about. */
export interface DefinitionProblem {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

type Fields = Readonly<Record<string, unknown>>

/** Everything that does not fit together in a definition, in the order of its keys. */
export function relationProblems(value: unknown): readonly DefinitionProblem[] {
  const definition = fields(value)
  const input = fields(definition.input)
  const columns = fields(input.columns)
  const model = fields(definition.model)
  const task = fields(model.task)
  const features = fields(definition.features)
  return [
    ...mapProblems(['input', 'columns'], input.columns, 'column'),
    ...Object.entries(columns).flatMap(([name, column]) => columnProblems(['input', 'columns', name], fields(column))),
    ...sourceProblems(columns),
    ...formatProblems(input, columns),
    ...unknownColumn(['input', 'key'], input.key, columns),
    ...mapProblems(['features'], definition.features, 'feature'),
    ...featureProblems(features, columns),
    ...taskProblems(task),
    ...versionProblems(model),
    ...limitsInOrder(['model', 'ownLabels'], fields(model.ownLabels), 'warnAbove', 'failAbove'),
    ...groupProblems(model.inputs, Object.keys(features)),
    ...outputProblems(fields(definition.output).columns, columns, input.key, task),
    ...limitsInOrder(['metrics'], fields(definition.metrics), 'lowConfidence', 'highConfidence'),
    ...list(definition.anomalies).flatMap((rule, index) => ruleProblems(['anomalies', index], fields(rule), task)),
  ]
}

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {})
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const dayOf = (value: unknown) => (typeof value === 'string' ? parseDay(value) : undefined)
const own = (map: Fields, name: unknown): name is string => typeof name === 'string' && Object.hasOwn(map, name)

/** `{ __proto__: … }` sets the prototype: the entry is not there, and nothing would say so. */
function mapProblems(path: readonly string[], map: unknown, noun: string): readonly DefinitionProblem[] {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return []
  const prototype: unknown = Object.getPrototypeOf(map)
  const hidden = Object.hasOwn(map, '__proto__') || (prototype !== null && prototype !== Object.prototype)
  return [
    ...(Object.keys(map).length === 0 ? [{ path, message: `has no ${noun}` }] : []),
    ...(hidden ? [{ path, message: `a ${noun} cannot be named "__proto__"` }] : []),
  ]
}

function columnProblems(path: readonly PropertyKey[], column: Fields): readonly DefinitionProblem[] {
  if (column.kind === 'date') {
    const days = { min: dayOf(column.min), max: dayOf(column.max) }
    return [...limitsInOrder(path, days, 'min', 'max', column), ...zoneProblems(path, column)]
  }
  if (column.kind !== 'boolean') return limitsInOrder(path, column, 'min', 'max')
  const both = list(column.true).filter((text) => list(column.false).includes(text))
  return both.map((text) => ({ path, message: `${quoted(text)} is a spelling of true and of false` }))
}

/** A zone says which day an instant is; a day that is written alone is the same everywhere. */
function zoneProblems(path: readonly PropertyKey[], { format = 'YYYY-MM-DD', timeZone }: Fields): readonly DefinitionProblem[] {
  if (timeZone === undefined || typeof format !== 'string' || hasOffset(format)) return []
  const message = `says nothing of the format ${quoted(format)}, which has no offset from UTC (XXX, XX or X); leave it out`
  return [{ path: [...path, 'timeZone'], message }]
}

/** Two limits that are both numbers and in the wrong order; `shown` has them as written. */
function limitsInOrder(
  path: readonly PropertyKey[],
  limits: Fields,
  low: string,
  high: string,
  shown = limits,
): readonly DefinitionProblem[] {
  const [smaller, larger] = [limits[low], limits[high]]
  if (typeof smaller !== 'number' || typeof larger !== 'number' || smaller <= larger) return []
  return [{ path, message: `${low} ${quoted(shown[low])} is above ${high} ${quoted(shown[high])}` }]
}

function sourceProblems(columns: Fields): readonly DefinitionProblem[] {
  const takenBy = new Map<unknown, string>()
  return Object.entries(columns).flatMap(([name, column]) => {
    const { from } = fields(column)
    const source = typeof from === 'string' || typeof from === 'number' ? from : name
    const other = takenBy.get(source)
    takenBy.set(source, name)
    const message = `reads ${quoted(source)} of the file, as the column ${quoted(other)} does`
    return other === undefined ? [] : [{ path: ['input', 'columns', name], message }]
  })
}

/** What only makes sense for one of the formats, or only with others. */
function formatProblems({ format, header, delimiter, trailingDelimiter }: Fields, columns: Fields): readonly DefinitionProblem[] {
  const json = format === 'jsonl'
  const only = (key: string, value: unknown) =>
    json && value !== undefined ? [{ path: ['input', key], message: 'says nothing of JSON Lines; leave it out' }] : []
  const placed = Object.entries(columns).filter(([, column]) => typeof fields(column).from === 'number')
  const place = (name: string, message: string) => ({ path: ['input', 'columns', name, 'from'], message })
  const named = header === false && !json ? Object.entries(columns).filter(([, column]) => typeof fields(column).from === 'string') : []
  const unplaced =
    header === false && placed.length > 0 ? Object.entries(columns).filter(([, column]) => fields(column).from === undefined) : []
  return [
    ...only('delimiter', delimiter),
    ...only('trailingDelimiter', trailingDelimiter),
    ...only('header', header),
    ...(json ? Object.entries(columns).flatMap(([name, column]) => markProblems(name, fields(column))) : []),
    ...(json ? placed.map(([name]) => place(name, 'is a place, and fields of JSON have names')) : []),
    ...named.map(([name]) => place(name, 'is a name, and the file has no header; give the place, from 1')),
    ...unplaced.map(([name]) => place(name, 'is missing; without a header every column says its place, or none does')),
    ...Object.entries(columns).flatMap(([name, column]) => {
      const { decimal = '.', thousands } = fields(column)
      const path = ['input', 'columns', name]
      return thousands !== undefined && thousands === decimal
        ? [{ path, message: `decimal and thousands are both ${quoted(decimal)}` }]
        : []
    }),
  ]
}

/** Numbers of JSON are written in one way, and a text in a number column is none. */
function markProblems(name: string, column: Fields): readonly DefinitionProblem[] {
  return ['decimal', 'thousands'].flatMap((mark) => {
    if (column[mark] === undefined) return []
    const message = 'says nothing of JSON Lines, whose numbers have no marks of their own; leave it out'
    return [{ path: ['input', 'columns', name, mark], message }]
  })
}

function unknownColumn(path: readonly PropertyKey[], name: unknown, columns: Fields): readonly DefinitionProblem[] {
  if (typeof name !== 'string' || own(columns, name)) return []
  return [{ path, message: `${quoted(name)} is not a column${didYouMean(name, Object.keys(columns))}` }]
}

function featureProblems(features: Fields, columns: Fields): readonly DefinitionProblem[] {
  const takenBy = new Map<string, string>()
  return Object.entries(features).flatMap(([name, feature]) => {
    const path = ['features', name]
    const { oneHot, values } = fields(feature)
    const column = own(columns, oneHot) ? fields(columns[oneHot]) : {}
    const problems = [...unknownColumn([...path, 'oneHot'], oneHot, columns), ...indicatorProblems(path, oneHot, column, values)]
    if (/^(0|[1-9]\d*)$/.test(name)) {
      problems.push({ path, message: 'JavaScript puts names that are whole numbers first, whatever their order here; use another name' })
    }
    const indicated = list(values ?? column.values).filter((value) => typeof value === 'string')
    for (const expanded of oneHot === undefined ? [name] : indicated.map((value) => `${name}_${value}`)) {
      const other = takenBy.get(expanded)
      if (other !== undefined) problems.push({ path, message: `gives the name ${quoted(expanded)}, as ${quoted(other)} does` })
      takenBy.set(expanded, name)
    }
    return problems
  })
}

function indicatorProblems(path: readonly PropertyKey[], name: unknown, column: Fields, values: unknown): readonly DefinitionProblem[] {
  const { kind } = column
  if (typeof kind !== 'string') return []
  if (kind === 'category') {
    const strangers = list(values).filter((value) => !list(column.values).includes(value))
    return strangers.map((value) => ({ path: [...path, 'values'], message: `${quoted(value)} is not a value of ${quoted(name)}` }))
  }
  if (kind !== 'text') {
    return [{ path: [...path, 'oneHot'], message: `${quoted(name)} is of kind ${kind}; only a category or text can be one-hot` }]
  }
  return values === undefined ? [{ path: [...path, 'values'], message: 'is missing; a text column does not name its values' }] : []
}

function taskProblems(task: Fields): readonly DefinitionProblem[] {
  if (!isTaskKind(task.kind)) return []
  const idle = task.logits !== undefined && task.scores !== 'logit'
  const message = `says nothing of scores that are ${quoted(task.scores ?? 'probability')}; it goes with scores: 'logit'`
  return [...TASK_RELATIONS[task.kind](task), ...(idle ? [{ path: [...TASK, 'logits'], message }] : [])]
}

/** What must hold between the options of a task: each kind has options of its own, so this is where kinds differ. */
const TASK_RELATIONS: Readonly<Record<TaskKind, (task: Fields) => readonly DefinitionProblem[]>> = {
  binary: ({ positive, negative, classes, threshold, scores }) => {
    if (scores !== 'margin' && typeof threshold === 'number' && !(threshold > 0 && threshold < 1))
      return [{ path: [...TASK, 'threshold'], message: `${quoted(threshold)} is not between 0 and 1` }]
    if (negative !== undefined && negative === positive)
      return [{ path: [...TASK, 'negative'], message: `${quoted(negative)} is the positive class` }]
    if (classes === undefined) return []
    if (list(classes).length !== 2)
      return [{ path: [...TASK, 'classes'], message: `has ${list(classes).length} classes; a binary task has two` }]
    const strangers = [positive, negative].filter((label) => label !== undefined && !list(classes).includes(label))
    return strangers.map((label) => ({
      path: [...TASK, 'classes'],
      message: `does not hold ${quoted(label)}, which is ${label === positive ? 'positive' : 'negative'}`,
    }))
  },
  multiclass: ({ classes }) =>
    list(classes).length === 1 ? [{ path: [...TASK, 'classes'], message: 'has one class; there must be two or more' }] : [],
  regression: (task) => limitsInOrder(TASK, task, 'min', 'max'),
}

const TASK = ['model', 'task']

function versionProblems({ file, version }: Fields): readonly DefinitionProblem[] {
  if (version !== 'latest' || typeof file !== 'string' || file.includes('{version}')) return []
  return [{ path: ['model', 'version'], message: "'latest' needs {version} in model.file, where its folders are" }]
}

/** Named inputs must take all features. */
function groupProblems(inputs: unknown, features: readonly string[]): readonly DefinitionProblem[] {
  const groups = Object.entries(fields(inputs))
  if (groups.length === 0 && typeof inputs !== 'object') return []
  const uses = groups.flatMap(([, group]) => list(group))
  return [
    ...groups.flatMap(([input, group]) => {
      const path = ['model', 'inputs', input]
      const strangers = list(group).filter((name): name is string => typeof name === 'string' && !features.includes(name))
      return [
        ...(Array.isArray(group) && group.length === 0 ? [{ path, message: 'takes no feature' }] : []),
        ...strangers.map((name) => ({ path, message: `${quoted(name)} is not a feature${didYouMean(name, features)}` })),
      ]
    }),
    ...features.flatMap((name) => {
      if (!uses.includes(name)) return [{ path: ['model', 'inputs'], message: `no input takes the feature ${quoted(name)}` }]
      // Several inputs may take a feature; what one of them takes twice is a slip.
      const times = Math.max(...groups.map(([, group]) => list(group).filter((use) => use === name).length))
      return times === 1 ? [] : [{ path: ['model', 'inputs'], message: `the feature ${quoted(name)} is taken ${times} times` }]
    }),
  ]
}

const NAMED_LIKE_A_RESULT = 'is a column of the input and a result; give the column another name, and the name in the file as `from`'

/** As much of a task as is in order; a kind that is none is named elsewhere, and may have had any result. */
function answersOf({ kind, scores }: Fields): TaskAnswers {
  return { kind: isTaskKind(kind) ? kind : 'binary', ...(isScoreKind(scores) ? { scores } : {}) }
}

function outputProblems(names: unknown, columns: Fields, key: unknown, task: Fields): readonly DefinitionProblem[] {
  const answers = answersOf(task)
  const results: readonly string[] = resultsOf(answers)
  if (names === undefined && own(columns, key) && results.includes(key)) {
    return [{ path: ['input', 'key'], message: `${quoted(key)} ${NAMED_LIKE_A_RESULT}` }]
  }
  return list(names).flatMap((name, index) => {
    if (typeof name !== 'string') return []
    const problem = (message: string) => [{ path: ['output', 'columns', index], message: `${quoted(name)} ${message}` }]
    const label = hasProbability(answers) ? classOf(name) : undefined
    const [isColumn, isResult] = [own(columns, name), results.includes(name) || label !== undefined]
    if (list(names).indexOf(name) < index) return problem('is listed twice')
    if (isColumn && isResult) return problem(NAMED_LIKE_A_RESULT)
    const classes = knownClasses(task).flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []))
    if (label !== undefined && classes.length > 0 && !classes.includes(label))
      return problem(`is about none of the classes ${classes.map(quoted).join(', ')}`)
    if (isColumn || isResult) return []
    if (classOf(name) !== undefined) return problem('is no result of a task that has no probabilities of classes')
    if ((RESULT_COLUMNS as readonly string[]).includes(name)) {
      const taken = (resultsOf({ kind: answers.kind }) as readonly string[]).includes(name)
      return problem(`is no result of a ${quoted(task.kind)} task${taken ? ` whose scores are ${quoted(task.scores)}` : ''}`)
    }
    return problem(`is neither a column nor a result${didYouMean(name, [...Object.keys(columns), ...results])}`)
  })
}

const isRuleName = (name: string): name is RuleName => Object.hasOwn(RULE_FACTS, name)

function ruleProblems(path: readonly PropertyKey[], rule: Fields, task: Fields): readonly DefinitionProblem[] {
  if (typeof rule.rule !== 'string') return []
  const messages: string[] = []
  const { limits, needsProbability } = isRuleName(rule.rule) ? RULE_FACTS[rule.rule] : { limits: 'numbers', needsProbability: false }
  if (isTaskKind(task.kind) && !own(fields(rule.fits), task.kind)) messages.push(`${rule.rule} does not fit a ${task.kind} task`)
  if (rule.below === undefined && rule.above === undefined) messages.push(`${rule.rule} has neither below nor above and never fires`)
  for (const side of ['below', 'above']) {
    const limit = rule[side]
    if (typeof limit !== 'number') continue
    if (limits === 'shares' && !(limit >= 0 && limit <= 1)) messages.push(`${side} ${limit} is not a share from 0 to 1`)
    if (limits === 'rows' && limit < 0) messages.push(`${side} ${limit} is not a number of rows`)
  }
  if (needsProbability && isScoreKind(task.scores) && !hasProbability(answersOf(task)))
    messages.push(`${rule.rule} needs probabilities, and the scores are ${quoted(task.scores)}`)
  if (rule.rule === 'class-share') messages.push(...labelMessages(rule.label, task))
  return [...messages.map((message) => ({ path, message })), ...limitsInOrder(path, rule, 'below', 'above')]
}

function labelMessages(label: unknown, task: Fields): readonly string[] {
  if (label === undefined) return ['class-share names no class']
  const known = knownClasses(task)
  return known.length === 0 || known.includes(label) ? [] : [`${quoted(label)} is not one of the classes ${known.map(quoted).join(', ')}`]
}

/** The classes that a task declares; empty when the model has to tell. */
function knownClasses(task: Fields): readonly unknown[] {
  const { hasPositive } = TASK_FACTS[answersOf(task).kind]
  return hasPositive && task.classes === undefined && task.negative !== undefined ? [task.positive, task.negative] : list(task.classes)
}
