import { readCandidate } from '../../../media-node/src/core/sdp/candidate.ts';
import type { Impairment } from '../../support/impairment.ts';
import { ImpairmentRelay } from '../../support/impairment-relay.ts';

/** Both ways, between the browser and the node. */
export const BAD = {
  lossShare: 0.03,
  bursts: { share: 0.005, packets: 3 },
  delayMs: 40,
  jitterMs: 20,
  reorderShare: 0.02,
};

export interface BadPath {
  readonly relay: ImpairmentRelay;
  readonly answer: string;
  /** A later description of the node, so that the browser finds no better way. */
  readonly there: (sdp: string) => string;
}

/** Of a description of the browser, so that the node finds no better way. */
export const withoutCandidates = (sdp: string): string => sdp.replaceAll(/a=candidate:.*\r\n/g, '');

/** The browser finds the relay where the node was, and the node only what comes through it. */
export async function throughABadPath(accessAnswer: string, network: Impairment): Promise<BadPath> {
  const line = /^a=(candidate:.*)$/m.exec(accessAnswer)?.[1] ?? '';
  const candidate = readCandidate(line.trim());
  if (!candidate) throw new Error('the node named no candidate');
  const { address, port } = candidate;
  const relay = await ImpairmentRelay.open({
    target: { address, port },
    listen: { address: '127.0.0.1', port: 0 },
    speakFrom: '127.0.0.2',
    ...{ seed: 20_261, toTarget: network, fromTarget: network },
  });
  const there = (sdp: string) =>
    sdp.replaceAll(` ${address} ${String(port)} `, ` 127.0.0.1 ${String(relay.port)} `);
  return { relay, answer: there(accessAnswer), there };
}
