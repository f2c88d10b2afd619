/** Says what is known of one input or output of a model, and what it can hold. Nothing is opened here. */

export interface TensorInfo {
  readonly name: string
  /** `float32`, `int64`, `string`, …; `map` for what is no tensor. */
  readonly type: string
  /** -1: free. Empty: a single value, or the runtime cannot tell. */
  readonly shape: readonly number[]
  /** Only an input that leaves open how many values it takes has it: so many, at least, the trees behind it look at. */
  readonly leastValues?: number
}

/** Outputs that can hold scores: a number, or a row of numbers, for each record. */
export const isScoreOutput = ({ type, shape }: TensorInfo): boolean => (type === 'float32' || type === 'float64') && shape.length <= 2

/** Scores, but for their type: Node has no numbers of 16 bits. */
export const isHalf = ({ type, shape }: TensorInfo): boolean => type === 'float16' && shape.length <= 2

/** Outputs that can hold a label, or a whole number, for each record. */
export const isLabelOutput = ({ type, shape }: TensorInfo): boolean =>
  /^(u?int(8|16|32|64)|bool|string)$/.test(type) && (shape.length < 2 || (shape.length === 2 && (shape[1] ?? 1) <= 1))

/** Says how many records the inputs take together when they do not take any number, or why that cannot be. */
export function recordsAtATime(inputs: readonly TensorInfo[]): { readonly size?: number; readonly problem?: string } {
  const [size = -1, ...others] = [...new Set(inputs.map(({ shape }) => shape[0] ?? -1))].sort((a, b) => b - a)
  if (others.length === 0) return size < 0 ? {} : { size }
  if (others.at(-1)! >= 0) return { problem: `Its inputs want different numbers of records at a time: ${[size, ...others].join(', ')}.` }
  // What does not grow with the records holds no value of each: it is a weight, and records would share it.
  const fixed = inputs.filter(({ shape }) => (shape[0] ?? -1) >= 0)
  return { problem: `Some of its inputs take any number of records, and ${fixed.map(tensorText).join(', ')} a fixed one.` }
}

/** `"income" float32 [n, 4]`. */
export function tensorText({ name, type, shape }: TensorInfo): string {
  const dimensions = shape.map((size, index) => (size >= 0 ? size : index === 0 ? 'n' : '?'))
  return `${JSON.stringify(name)} ${type}${shape.length === 0 ? '' : ` [${dimensions.join(', ')}]`}`
}
