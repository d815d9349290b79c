import { readdir, readFile, readlink } from 'node:fs/promises';

/** Linux counts in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10;
const KIB = 1_024;

/** CPU of a process with all its threads, also those that have ended (`proc_pid_stat(5)`). */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  // The name before the bracket may hold blanks; what follows it starts with the third field.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const [userTicks, systemTicks] = [fields[11], fields[12]];
  return (Number(userTicks) + Number(systemTicks)) * TICK_MS;
}

export async function residentBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * KIB;
}

const ESTABLISHED = '01';

/** Established TCP connections of this machine to an IPv4 address and port. */
export async function tcpConnectionsTo(to: {
  readonly host: string;
  readonly port: number;
}): Promise<number> {
  const table = await readFile('/proc/net/tcp', 'utf8');
  const remote = `${hexOf(to.host)}:${to.port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , address, state]) => address === remote && state === ESTABLISHED).length;
}

/** As the kernel prints an address: its bytes in the order of a little-endian machine. */
const hexOf = (host: string): string =>
  host
    .split('.')
    .reverse()
    .map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
    .join('');

/** What the system keeps for one process. */
export interface ProcessCount {
  readonly threads: number;
  readonly openFiles: number;
  readonly sockets: number;
  /** Its own memory: neither files nor what it shares. */
  readonly anonymousBytes: number;
}

export async function countProcess(pid: number): Promise<ProcessCount> {
  const fds = `/proc/${String(pid)}/fd`;
  const files = await readdir(fds);
  const targets = await Promise.all(files.map((it) => readlink(`${fds}/${it}`).catch(() => '')));
  return {
    ...memoryAndThreadsIn(await readFile(`/proc/${String(pid)}/status`, 'utf8')),
    openFiles: files.length,
    sockets: targets.filter((it) => it.startsWith('socket:')).length,
  };
}

/** Of `/proc/PID/status`. */
export const memoryAndThreadsIn = (
  status: string,
): Pick<ProcessCount, 'threads' | 'anonymousBytes'> => ({
  threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]),
  anonymousBytes: Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * KIB,
});

/** Those that live now. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${String(pid)}/task`);
  const lists = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${String(pid)}/task/${thread}/children`, 'utf8').catch(() => ''),
    ),
  );
  return lists.flatMap((list) => list.split(' ').filter((it) => it !== '')).map(Number);
}

/** With its children, those that have ended among them: a plane may have workers. */
export async function processTreeCpuMs(pid: number): Promise<number> {
  const ofChildren = await Promise.all((await childrenOf(pid)).map(processTreeCpuMs));
  return ofChildren.reduce((sum, cpuMs) => sum + cpuMs, await cpuMsOf(pid));
}
