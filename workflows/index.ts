/** A worker registers these workflows, by their names. */
export { backfill } from './backfill.js'
export { dailyPrediction } from './dailyPrediction.js'
export { scheduledDay } from './scheduledDay.js'
