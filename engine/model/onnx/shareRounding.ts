/**
 * How far beyond 0 and 1 a probability can come out because float32 rounds, as the model's file bounds it. What lies farther out is no
 * probability.
 */
import type { OnnxNode } from './onnxFile.js'

/** Half of the distance from 1 to the next float32: what one sum rounds at most, in parts of it. */
const HALF_ULP = 2 ** -24

/** What any sum of shares may show: the float32 next to 1. */
export const ONE_ULP = 2 * HALF_ULP

/**
 * Softmax, the logistic function, sums over classes and means of a few estimators: two of twenty million rows of a logistic regression came
 * out one number after 1, and networks a few. Sixteen of them, about 2e-6.
 */
const FEW_SUMS = 32 * HALF_ULP

/** Each tree of a forest adds a share to the sum: so many roundings, and what an operation or two around them add. */
export const shareRounding = (nodes: readonly Pick<OnnxNode, 'shareTrees'>[]): number =>
  FEW_SUMS + HALF_ULP * nodes.reduce((sum, { shareTrees = 0 }) => sum + shareTrees, 0)
