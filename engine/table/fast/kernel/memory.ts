/**
 * Hands out the kernel's memory while a table is set up. There is as much as the host gave, and nothing is ever given back. Pages that
 * nobody touches cost nothing.
 */

let top: usize = __heap_base

/** Gives so many bytes at a multiple of 16, all of them zero. It traps when the host gave too little. */
export function allocate(bytes: i32): usize {
  const at = (top + 15) & ~15
  top = at + <usize>bytes
  if (top > (<usize>memory.size()) << 16) unreachable()
  return at
}
