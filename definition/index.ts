/** What a pipeline definition imports from `daybreak`. */
export { type Channel, email, slack } from './channels.js'
export { type Column, type ColumnsOf, column, defineColumns } from './columns.js'
export { type Day, day, formatDay, weekday } from './dates.js'
export {
  type AnyPipeline,
  defineFeatures,
  definePipeline,
  type Feature,
  type FeatureContext,
  type OneHot,
  type Pipeline,
  type PipelineDefinition,
} from './pipeline.js'
export { classShare, lowConfidenceShare, meanConfidence, meanPrediction, positiveRate, type Rule, rowCount } from './rules.js'
export { binary, multiclass, regression, type Task } from './tasks.js'
