/** What a worker registers: the workflows by name. */
export { dailyPrediction } from './dailyPrediction.js'
