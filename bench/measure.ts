/**
 * Runs a command and measures wall time, peak memory and processor time, with all its threads and children. It reads /proc, so it needs
 * Linux.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

export interface Measured {
  readonly wallMs: number
  /** Largest sum of the resident memory of the process and its children, in MB. */
  readonly peakMb: number
  /** Processor time of all threads, in ms. What was used since the last look before the end is missing. */
  readonly cpuMs: number
}

/** Memory and processor time are looked at this often: a peak that is shorter may be missed. */
const LOOK_MS = 15
/** Unit of the times in /proc/<pid>/stat, which Linux keeps at 100 for all programs. */
const TICKS_PER_SECOND = 100

/** Makes the command that runs another one on some processors. @param cpus processors as taskset takes them; all when left out */
export const onProcessors = (cpus: string | undefined, command: string, args: readonly string[]): readonly [string, readonly string[]] =>
  cpus ? ['taskset', ['-c', cpus, command, ...args]] : [command, args]

/** Runs a command to its end. @throws Error with what the command said when it fails */
export async function measure(
  command: string,
  args: readonly string[],
  options: { readonly cpus?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Measured> {
  const [program, words] = onProcessors(options.cpus, command, args)
  const started = performance.now()
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-4000)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-4000)
  })
  let [peakMb, cpuMs] = [0, 0]
  const look = () => {
    const family = child.pid === undefined ? [] : familyOf(child.pid)
    peakMb = Math.max(
      peakMb,
      family.reduce((sum, pid) => sum + residentMb(pid), 0),
    )
    cpuMs = Math.max(
      cpuMs,
      family.reduce((sum, pid) => sum + processorMs(pid), 0),
    )
  }
  const timer = setInterval(look, LOOK_MS)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  const wallMs = performance.now() - started
  clearInterval(timer)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`)
  return { wallMs, peakMb, cpuMs }
}

/** Lists a process and all processes below it. */
function familyOf(pid: number): readonly number[] {
  let children: readonly number[] = []
  try {
    children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    )
  } catch {
    // The process has ended meanwhile.
  }
  return [pid, ...children.flatMap(familyOf)]
}

function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

function processorMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND
  } catch {
    return 0
  }
}
