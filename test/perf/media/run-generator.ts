import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ACCESS_PEER_PORT, GENERATOR_KEY, IMS_PEER_PORT, type Suite } from './keys.ts';
import type { MediaPlan, Traffic } from './plan.ts';
import { type Relay, runBeside } from './relay.ts';
import type { Tools } from './tools.ts';

/** What the generator has seen of one relay in one window. */
export interface Seen {
  readonly packetsPerS: number;
  readonly cpuUsPerPacket: number;
  readonly relayCores: number;
  readonly generatorCores: number;
  readonly sent: number;
  readonly lost: number;
  /** Spoilt, not authentic, or of nobody. */
  readonly bad: number;
  readonly verified: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export async function runGenerator(
  { dir, generator }: Tools,
  relay: Relay,
  load: Traffic & Pick<MediaPlan, 'warmUpS' | 'measuredS'> & { readonly suite: Suite },
): Promise<Seen> {
  const map = join(dir, 'map');
  const lines = relay.calls
    .slice(0, load.calls)
    .map(({ accessPort, imsPort, key }) => [accessPort, imsPort, key].join(' '));
  await writeFile(map, `${lines.join('\n')}\n`);
  const options = {
    ...{ map, key: GENERATOR_KEY, suite: load.suite, pid: relay.pid },
    ...{ portA: ACCESS_PEER_PORT, portB: IMS_PEER_PORT, calls: load.calls },
    ...{ packetsPerS: load.packetsPerS, burst: load.burst, payloadBytes: load.payloadBytes },
    ...{ warmUpS: load.warmUpS, measuredS: load.measuredS },
  };
  const args = Object.entries(options).map(([name, value]) => `${name}=${String(value)}`);
  return JSON.parse(await runBeside(generator, args)) as Seen;
}
