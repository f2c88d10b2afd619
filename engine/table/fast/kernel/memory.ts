/**
 * Memory of the kernel: as much as the host gives, handed out while a table is set up, and never given back. Pages that nobody touches
 * cost nothing.
 */

let top: usize = __heap_base

/** So many bytes, at a multiple of 16; fresh memory is zero. Beyond what the host gave it traps. */
export function allocate(bytes: i32): usize {
  const at = (top + 15) & ~15
  top = at + <usize>bytes
  if (top > (<usize>memory.size()) << 16) unreachable()
  return at
}
