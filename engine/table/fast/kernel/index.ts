/**
 * The kernel has the innermost loops over the bytes of a table, in WebAssembly. It knows bytes and records. What they mean, and everything
 * out of the ordinary, is left to the host. AssemblyScript compiles it from a strict subset of TypeScript.
 */
export { checkIntegerTexts, checkTexts, readDays, readListed, readNumbers, setDayForm } from './columns'
export { setPattern, splitJson } from './json'
export { addKeys, keyBytes, keys, prepareKeys } from './keys'
export { allocate } from './memory'
export { full, fullLength, prepareLines, setLengths, skipped, steady, steadyLength, writeLines } from './output'
export {
  at,
  bounds,
  bytes,
  careful,
  count,
  counted,
  countLines,
  ends,
  line,
  lines,
  passed,
  prepareRecords,
  seek,
  slots,
  split,
  starts,
} from './records'
