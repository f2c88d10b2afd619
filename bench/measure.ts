/** Runs a command and measures the whole process: wall time, peak memory and processor time, with all its threads and children. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

export interface Measured {
  readonly wallMs: number
  /** Largest sum of resident memory of the process and its children, MB. */
  readonly peakMb: number
  /** Processor time of all threads, ms; a last tick before the end may be missing. */
  readonly cpuMs: number
}

const LOOK_MS = 15
/** Of /proc/<pid>/stat. */
const TICKS_PER_SECOND = 100

/** The command on some processors, as taskset takes them. @default on all */
export const onProcessors = (cpus: string | undefined, command: string, args: readonly string[]): readonly [string, readonly string[]] =>
  cpus ? ['taskset', ['-c', cpus, command, ...args]] : [command, args]

/** @throws Error with what the command said when it fails */
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

/** A process and all below it. */
function familyOf(pid: number): readonly number[] {
  let children: readonly number[] = []
  try {
    children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    )
  } catch {
    // It has ended meanwhile.
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
