/**
 * `definePipeline`: one typed definition says what file, what contract, what features, what model, what checks, when, whom to tell.
 * Nothing here runs a pipeline, reads a file or validates at run time; `engine/loader/` checks what this file only types.
 */
import type { Channel } from './channels.js'
import type { AnyColumns, ColumnsOf } from './columns.js'
import type { Day } from './dates.js'
import type { Duration } from './durations.js'
import type { ClassColumn, ResultColumn } from './resultColumns.js'
import type { Rule, RuleAction, SoftCheck } from './rules.js'
import type { Task, TaskKind } from './tasks.js'

/** What the model gets for a feature that is null. */
export interface Missing {
  /** For number inputs: NaN, or a number. */
  readonly number?: 'nan' | number
  /** For string inputs. */
  readonly text?: string
}

export interface FeatureContext {
  /** The data date. */
  readonly date: Day
}

type FeatureValue<M> = number | string | boolean | (M extends Missing ? null : never)

/** A feature: computed from one row and the data date, nothing else. NaN or Infinity rejects the row. The row must not be kept. */
export type Feature<R, V> = (row: Readonly<R>, context: FeatureContext) => V

/** One indicator feature (0 or 1) for each value of a category, named `<feature>_<value>`. */
export interface OneHot<R> {
  readonly oneHot: keyof R & string
  /** The values and their order. @default the category's values; required for text columns */
  readonly values?: readonly string[]
}

/** `R`, closed to inference: the row type comes from `columns` alone. */
type Fixed<R> = [R][R extends unknown ? 0 : never]

export interface Arrival {
  /** Time between two looks. @default '5m' */
  readonly poll?: Duration
  /** How long to wait in total. @default '1h' */
  readonly timeout?: Duration
  /** The file must not have changed for this long, unless a `<file>.done` sidecar stands beside it. @default '30s' */
  readonly settle?: Duration
}

/** Lines around the header that are no data. */
export interface HeaderPlace {
  /** Lines above it, such as a title or a blank line. @default 0 */
  readonly linesBefore?: number
  /** Lines below it, such as units or a second header. @default 0 */
  readonly linesAfter?: number
}

export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'latin1',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'iso-8859-2',
  'iso-8859-7',
  'iso-8859-15',
] as const
export type Encoding = (typeof ENCODINGS)[number]

export interface InputDefinition<R> {
  /**
   * Path template with `{date}` (YYYY-MM-DD) or `{yyyymmdd}`; relative paths start at the project's root. `*` and `?` in the file's name
   * stand for any characters and for one: all files that match are the day's input, in the order of their names.
   */
  readonly path: string
  /** A table with a delimiter, or JSON Lines: an object on each line. Either may be compressed with gzip. */
  readonly format: 'csv' | 'jsonl'
  /** @default ',' */
  readonly delimiter?: ',' | ';' | '\t' | '|'
  /** Each record ends with a delimiter, and the header does not: the blank field behind it is none. @default false */
  readonly trailingDelimiter?: boolean
  /** How characters are written. @default 'utf-8' */
  readonly encoding?: Encoding
  /** `false`: there is none, the first line is a record. Or what stands around it. @default the first line */
  readonly header?: false | HeaderPlace
  readonly arrival?: Arrival
  /** The column that identifies a record. Without one records are known by their line, and duplicates are not looked for. */
  readonly key?: keyof R & string
  readonly columns: ColumnsOf<R>
  /** Warn about a column whose share of blank cells is strictly above this. @default { warnAbove: 0.1 } */
  readonly nulls?: { readonly warnAbove?: number }
  /** What a key that occurs more than once means. @default 'warn' */
  readonly duplicates?: 'ignore' | 'warn' | 'fail'
  /** How many rejected rows a day may have before it fails; a limit itself is still allowed. @default { maxRatio: 0.01 } */
  readonly rejects?: RejectBudget
}

/** What the labels mean that a classifier gives itself beside its scores. Predictions follow from the scores; the labels are compared with them. */
export interface OwnLabelsOptions {
  /** The output that holds them. @default the one that the file shows, or the likeliest */
  readonly output?: string
  /** Warn about a day of which a larger share of the compared records has another label. @default 0.005 */
  readonly warnAbove?: number
  /** Refuse such a day. 1: never. @default 0.25 */
  readonly failAbove?: number
}

export interface ModelDefinition<F extends string, T extends Task, M extends Missing | undefined> {
  /** The ONNX file, relative to the pipeline's folder. `{version}` in it is replaced. */
  readonly file: string
  /** `'latest'` with `{version}` in the file's path: the highest name there is, chosen when a run begins and kept until it ends. */
  readonly version: string
  /**
   * Preprocessing steps: ONNX files that the features go through before the model, in this order: a scaler or an encoder that was fitted beside it. Each takes
   * what the one before it gives. `{version}` is replaced.
   */
  readonly steps?: readonly string[]
  readonly task: T
  /** The output that holds the scores. @default the only one that can */
  readonly output?: string
  /** How the labels that the model gives itself are compared with its scores; `false`: they are not. */
  readonly ownLabels?: false | OwnLabelsOptions
  /**
   * How features reach the model: as one tensor of all features in their order, each feature to the input of its name, or
   * named inputs with the features each takes; a feature may go to several. @default 'one-tensor'
   */
  readonly inputs?: 'one-tensor' | 'by-name' | Readonly<Record<string, readonly F[]>>
  /** What the model gets for null. Without it no feature may return null. */
  readonly missing?: M
  /**
   * Rows with the answers the model's author got, tried before data is read: a CSV file (relative to the pipeline's folder)
   * with the input's columns, `expected_prediction` and `expected_score`; `date` is their data date. @default tolerance 1e-5
   */
  readonly golden?: { readonly file: string; readonly date: string; readonly tolerance?: number }
}

export interface OutputDefinition<C extends string> {
  /** The format of predictions and rejects. JSON Lines have numbers and booleans as such. @default 'csv' */
  readonly format?: 'csv' | 'jsonl'
  /** Number of files the predictions are spread over, in record order. @default one file, no folder */
  readonly shards?: number
  /**
   * The columns of the predictions file: columns of the input, and results. `probability` is that of the predicted class, `score` that of the
   * positive class (or of the predicted one of several), `probability.<class>` that of one class. @default [key or 'line', 'prediction', 'probability', 'timestamp']; in JSON Lines 'model_version' too
   */
  readonly columns?: readonly C[]
  /** In `rejects.csv` an apostrophe goes before what a spreadsheet would take for a formula. @default true */
  readonly neutralizeFormulas?: boolean
}

export interface ReportOptions {
  /** Keys of records show only their first and last characters. @default true */
  readonly maskKeys?: boolean
}

export interface Schedule {
  /** Five-field cron. */
  readonly cron: string
  /** IANA name. @default 'UTC' */
  readonly timeZone?: string
  /** Which day the data of a run is about. @default 'previous-day' */
  readonly dataDate?: 'previous-day' | 'same-day' | { readonly daysBefore: number }
}

export interface Retries {
  /** Further tries of a step after one that failed for a reason that can heal. @default 2 */
  readonly maximum?: number
  /** Time before the first further try. @default '5m' */
  readonly delay?: Duration
  /** Factor by which the delay grows. @default 1 */
  readonly backoff?: number
}

export interface Notify {
  /** A day was published. */
  readonly success?: readonly Channel[]
  /** A day failed, was refused or was cancelled. */
  readonly failure?: readonly Channel[]
  /** A day was published with an anomaly: told here and to `success`, once to each channel. */
  readonly anomaly?: readonly Channel[]
  /** The input did not arrive. @default the channels of `failure` */
  readonly missing?: readonly Channel[]
  /** A run is still going after `lateAfter`. @default the channels of `failure` */
  readonly late?: readonly Channel[]
  /** A day waits for `approve` or `reject`. @default the channels of `anomaly` and `failure` */
  readonly held?: readonly Channel[]
}

export interface Hold {
  /** A held day that nobody approved in this time can no longer be approved. @default '7d' */
  readonly expires?: Duration
}

/** How many rejected rows are still allowed; a limit itself is allowed, and of two limits the smaller counts. */
export interface RejectLimits {
  readonly maxRatio?: number
  readonly maxRows?: number
}

export interface RejectBudget extends RejectLimits {
  /** Limits of single rules, such as `{ 'number.max': { maxRows: 3 } }`, besides those of all rejects together. */
  readonly rules?: Readonly<Record<string, RejectLimits>>
}

export interface PipelineDefinition<R, F extends string, T extends Task, M extends Missing | undefined = undefined> {
  /** Letters, digits, `-` and `_`; the name of the pipeline's folder. */
  readonly name: string
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  readonly input: InputDefinition<R>
  /** Named numbers (or texts) for the model; their order is the model's input order. */
  readonly features: Readonly<Record<F, Feature<Fixed<R>, FeatureValue<M>> | OneHot<Fixed<R>>>>
  readonly model: ModelDefinition<F, T, M>
  readonly output?: OutputDefinition<(keyof Fixed<R> & string) | ResultColumn | ClassColumn>
  readonly report?: ReportOptions
  /** Confidence strictly above is high, strictly below is low. @default { highConfidence: 0.8, lowConfidence: 0.6 } */
  readonly metrics?: { readonly highConfidence?: number; readonly lowConfidence?: number }
  /** What a result check that fails does. @default 'fail' for each */
  readonly checks?: Readonly<Partial<Record<SoftCheck, RuleAction>>>
  readonly anomalies?: readonly Rule<T['kind']>[]
  /** How long a day waits that a rule or check holds. */
  readonly hold?: Hold
  readonly schedule?: Schedule
  readonly retries?: Retries
  /** A run still going this long after its time is announced as late. */
  readonly lateAfter?: Duration
  /** A run ends, with a report, after this long. @default '20h' */
  readonly deadline?: Duration
  readonly notify?: Notify
}

/** A definition with its row, feature and task types. */
export type Pipeline<R, F extends string, T extends Task> = PipelineDefinition<R, F, T, Missing | undefined>

/** Defines a pipeline. Returns its argument: the types are the point. */
export function definePipeline<R, F extends string, T extends Task, M extends Missing | undefined = undefined>(
  definition: PipelineDefinition<R, F, T, M>,
): PipelineDefinition<R, F, T, M> {
  return definition
}

/** Declares features that several pipelines share. */
export function defineFeatures<R, const S extends Readonly<Record<string, Feature<Fixed<R>, FeatureValue<Missing>> | OneHot<Fixed<R>>>>>(
  _columns: ColumnsOf<R>,
  features: S,
): S {
  return features
}

/** Any pipeline, whatever its rows: what the product's rooms work with. */
export interface AnyPipeline
  extends Omit<Pipeline<Record<string, unknown>, string, Task>, 'input' | 'features' | 'model' | 'output' | 'anomalies'> {
  readonly input: Omit<InputDefinition<Record<string, unknown>>, 'columns' | 'key'> & {
    readonly key?: string
    readonly columns: AnyColumns
  }
  readonly features: Readonly<
    Record<string, Feature<never, number | string | boolean | null> | { readonly oneHot: string; readonly values?: readonly string[] }>
  >
  readonly model: Omit<ModelDefinition<string, Task, Missing | undefined>, 'inputs'> & {
    readonly inputs?: 'one-tensor' | 'by-name' | Readonly<Record<string, readonly string[]>>
  }
  readonly output?: OutputDefinition<string>
  readonly anomalies?: readonly Rule<TaskKind>[] | readonly Rule<never>[]
}

/** Describes a pipeline in a line, for a server's UI: description, owner, tags. */
export function aboutText({ name, description, owner, tags = [] }: Pick<AnyPipeline, 'name' | 'description' | 'owner' | 'tags'>): string {
  return [description ?? name, ...(owner ? [`owner: ${owner}`] : []), ...(tags.length > 0 ? [`tags: ${tags.join(', ')}`] : [])].join(' · ')
}
