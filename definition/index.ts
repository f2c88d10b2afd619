/**
 * What a pipeline definition imports from `daybreak`. Every type that the compiler may have to name for a definition is here: else it
 * could not write down the type of `export default definePipeline(…)`, which it does where `declaration` is on, as `tsc --init` sets it.
 */
export { type Channel, type EmailChannel, email, type SlackChannel, slack } from './channels.js'
export {
  type AnyColumns,
  type BooleanOptions,
  type Column,
  type ColumnKind,
  type ColumnsOf,
  column,
  type DateOptions,
  type DecimalMark,
  defineColumns,
  type NumberOptions,
  type TextOptions,
  type ThousandsMark,
} from './columns.js'
export { type Day, day, formatDay, weekday } from './dates.js'
export type { Duration } from './durations.js'
export {
  type AnyPipeline,
  type Arrival,
  defineFeatures,
  definePipeline,
  type Encoding,
  type Feature,
  type FeatureContext,
  type HeaderPlace,
  type Hold,
  type InputDefinition,
  type Missing,
  type ModelDefinition,
  type Notify,
  type OneHot,
  type OutputDefinition,
  type Pipeline,
  type PipelineDefinition,
  type RejectBudget,
  type RejectLimits,
  type ReportOptions,
  type Retries,
  type Schedule,
} from './pipeline.js'
export type { ResultColumn } from './resultColumns.js'
export {
  classShare,
  type Limits,
  lowConfidenceShare,
  meanConfidence,
  meanPrediction,
  positiveRate,
  type Rule,
  type RuleAction,
  type RuleName,
  rowCount,
  type SoftCheck,
} from './rules.js'
export {
  type BinaryTask,
  binary,
  type Label,
  type MulticlassTask,
  multiclass,
  type RegressionTask,
  regression,
  type ScoreKind,
  type Task,
  type TaskKind,
} from './tasks.js'
