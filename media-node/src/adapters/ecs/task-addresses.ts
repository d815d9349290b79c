import { isIPv4 } from 'node:net';
import type { Clock } from '../../ports/clock.ts';
import { ask, PATIENCE, type Patience } from './ask.ts';

export interface TaskAddressesDeps {
  readonly clock: Pick<Clock, 'after'>;
}

/** The private IPv4 address of this task, from the task metadata endpoint, version 4. */
export const privateAddressOfTask = (
  { clock }: TaskAddressesDeps,
  metadataUrl: string,
  patience: Patience = PATIENCE,
): Promise<string> =>
  ask(
    clock,
    { url: `${metadataUrl}/task`, wanted: 'the private address', read: addressInMetadata },
    patience,
  );

/** The address we are seen under: that of the task, as its interface has one public address. */
export const publicAddressOfTask = (
  { clock }: TaskAddressesDeps,
  url: string,
  patience: Patience = PATIENCE,
): Promise<string> =>
  ask(clock, { url, wanted: 'the public address', read: addressInText }, patience);

function addressInText(body: string): string | undefined {
  const text = body.trim();
  return isIPv4(text) ? text : undefined;
}

/** All containers of a task share its one interface: whichever tells its address tells ours. */
function addressInMetadata(body: string): string | undefined {
  return listIn(json(body), 'Containers')
    .flatMap((container) => listIn(container, 'Networks'))
    .flatMap((network) => listIn(network, 'IPv4Addresses'))
    .find((address) => typeof address === 'string' && isIPv4(address)) as string | undefined;
}

function json(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // Not metadata, then: the caller says that there is no address in it.
    return undefined;
  }
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const inner = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return Array.isArray(inner) ? inner : [];
}
