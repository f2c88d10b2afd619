/** What a worker registers: the workflows by name. */
export { backfill } from './backfill.js'
export { dailyPrediction } from './dailyPrediction.js'
export { scheduledDay } from './scheduledDay.js'
