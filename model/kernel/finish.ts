/** What the ONNX runtime makes of the sums of a record, in its order and with its float32 steps. */

/** 2^(i/32) without its exponent's share, u64 each: set by the host. */
const powers = memory.data(256)
const TABLE: f64 = 32
/** Added to a number and taken off again, it leaves the nearest whole one. */
const SHIFT: f64 = 6755399441055744
/** Of 2^x - 1 for |x| <= 1/64, highest power first. */
const CUBE: f64 = 0.05550361559341535 / TABLE / TABLE / TABLE
const SQUARE: f64 = 0.2402284522445722 / TABLE / TABLE
const LINE: f64 = 0.6931471806916203 / TABLE
const INVERSE_LN2: f64 = Math.LOG2E * TABLE

export function powersAt(): usize {
  return powers
}

/**
 * e^x for x <= 0 as the C library of Linux gives it for float32: 2^(k/32) from a table, times a cubic for the rest, in float64, rounded
 * once (ARM Optimized Routines, expf; in glibc from 2.28 on).
 */
function exponential(x: f32): f32 {
  if (x < -150) return 0
  const scaled = INVERSE_LN2 * <f64>x
  const shifted = scaled + SHIFT
  const bits = reinterpret<i64>(shifted)
  const rest = scaled - (shifted - SHIFT)
  const scale = reinterpret<f64>(load<i64>(powers + ((<i32>bits & 31) << 3)) + (bits << 47))
  return <f32>(((CUBE * rest + SQUARE) * (rest * rest) + (LINE * rest + 1)) * scale)
}

function logistic(x: f32): f32 {
  const value: f32 = 1 / (1 + exponential(-abs(x)))
  return x < 0 ? 1 - value : value
}

/** Adds to each sum of some records its base. */
export function addBases(sums: usize, records: i32, outputs: i32, bases: usize): void {
  for (let at = 0; at < records * outputs; at += 1) {
    const to = sums + 4 * at
    store<f32>(to, load<f32>(to) + load<f32>(bases + 4 * (at % outputs)))
  }
}

export function applyLogistic(sums: usize, many: i32): void {
  for (let at = 0; at < many; at += 1) store<f32>(sums + 4 * at, logistic(load<f32>(sums + 4 * at)))
}

export function applySoftmax(sums: usize, records: i32, outputs: i32): void {
  for (let record = 0; record < records; record += 1) {
    const row = sums + 4 * outputs * record
    let most: f32 = -f32.MAX_VALUE
    for (let output = 0; output < outputs; output += 1) {
      const value = load<f32>(row + 4 * output)
      if (value > most) most = value
    }
    let sum: f32 = 0
    for (let output = 0; output < outputs; output += 1) {
      const value = exponential(load<f32>(row + 4 * output) - most)
      store<f32>(row + 4 * output, value)
      sum += value
    }
    for (let output = 0; output < outputs; output += 1) store<f32>(row + 4 * output, load<f32>(row + 4 * output) / sum)
  }
}

/** Two classes from the one sum that a record has, negative and positive: by the logistic function, as a probability, or as a margin. */
export function makePairs(sums: usize, pairs: usize, records: i32, transform: bool, probability: bool): void {
  for (let record = 0; record < records; record += 1) {
    const sum = load<f32>(sums + 4 * record)
    const to = pairs + 8 * record
    store<f32>(to, transform ? logistic(-sum) : probability ? 1 - sum : -sum)
    store<f32>(to, transform ? logistic(sum) : sum, 4)
  }
}
