import { readCandidate } from '../../../media-node/src/core/sdp/candidate.ts';
import type { Impairment } from '../../support/impairment.ts';
import { ImpairmentRelay } from '../../support/impairment-relay.ts';

export interface Network {
  readonly relay: ImpairmentRelay;
  /** The description of the node, as it is for a browser in this network. */
  readonly sdp: string;
}

export const PERFECT: Impairment = {};

/** The browser finds the relay where the node was, and the node only what comes through it. */
export async function throughRelay(sdp: string, impairment = PERFECT): Promise<Network> {
  const line = /^a=(candidate:.*)$/m.exec(sdp)?.[1] ?? '';
  const candidate = readCandidate(line.trim());
  if (!candidate) throw new Error('the node named no candidate');
  const { address, port } = candidate;
  const relay = await ImpairmentRelay.open({
    target: { address, port },
    listen: { address: '127.0.0.1', port: 0 },
    speakFrom: '127.0.0.2',
    ...{ seed: 20_261, toTarget: impairment, fromTarget: impairment },
  });
  const there = ` 127.0.0.1 ${String(relay.port)} `;
  return { relay, sdp: sdp.replaceAll(` ${address} ${String(port)} `, there) };
}
