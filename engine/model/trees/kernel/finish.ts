/** What the ONNX runtime makes of the sums of a record, in its order and with its float32 steps. */

/** The bits of 2^(i/32), less those that i adds to the exponent. */
const powers = memory.data<u64>([
  0x3ff0000000000000, 0x3fefd9b0d3158574, 0x3fefb5586cf9890f, 0x3fef9301d0125b51, 0x3fef72b83c7d517b, 0x3fef54873168b9aa,
  0x3fef387a6e756238, 0x3fef1e9df51fdee1, 0x3fef06fe0a31b715, 0x3feef1a7373aa9cb, 0x3feedea64c123422, 0x3feece086061892d,
  0x3feebfdad5362a27, 0x3feeb42b569d4f82, 0x3feeab07dd485429, 0x3feea47eb03a5585, 0x3feea09e667f3bcd, 0x3fee9f75e8ec5f74,
  0x3feea11473eb0187, 0x3feea589994cce13, 0x3feeace5422aa0db, 0x3feeb737b0cdc5e5, 0x3feec49182a3f090, 0x3feed503b23e255d,
  0x3feee89f995ad3ad, 0x3feeff76f2fb5e47, 0x3fef199bdd85529c, 0x3fef3720dcef9069, 0x3fef5818dcfba487, 0x3fef7c97337b9b5f,
  0x3fefa4afa2a490da, 0x3fefd0765b6e4540,
])
const TABLE: f64 = 32
/** Added to a number and taken off again, it leaves the nearest whole one. */
const SHIFT: f64 = 6755399441055744
/** Of 2^x - 1 for |x| <= 1/64, highest power first. */
const CUBE: f64 = 0.05550361559341535 / TABLE / TABLE / TABLE
const SQUARE: f64 = 0.2402284522445722 / TABLE / TABLE
const LINE: f64 = 0.6931471806916203 / TABLE
const INVERSE_LN2: f64 = Math.LOG2E * TABLE

/**
 * e^x for x <= 0 as the C library of Linux gives it for float32: 2^(k/32) from a table, times a cubic for the rest, in float64, rounded
 * once (ARM Optimized Routines, expf; in glibc from 2.28 on). Where the library multiplies and adds in one step, one of all float32 from
 * -104 to 0 comes out with another last bit: -63.0994606.
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
