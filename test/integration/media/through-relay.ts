import { readCandidate } from '../../../media-node/src/core/sdp/candidate.ts';
import type { Impairment } from '../../support/impairment.ts';
import { ImpairmentRelay } from '../../support/impairment-relay.ts';

export interface Network {
  readonly relay: ImpairmentRelay;
  /** The description of the node, as it is for a browser in this network. */
  readonly sdp: string;
  /** A later description of the node, so that the browser finds no other way. */
  readonly there: (sdp: string) => string;
}

export const PERFECT: Impairment = {};

/** What a browser knows of its own addresses stays with it: the node hears of them by checks alone. */
export const withoutCandidates = (sdp: string): string =>
  sdp.replaceAll(/^a=candidate:.*\r\n/gm, '');

const BY_TCP = /^a=candidate:\S+ \d+ tcp .*\r\n/gm;

/**
 * The browser finds the relay where the node was, and the node only what comes through it: UDP. `at`: the
 * address of the relay that the browser can reach.
 */
export async function throughRelay(
  sdp: string,
  impairment = PERFECT,
  at = '127.0.0.1',
): Promise<Network> {
  const line = /^a=(candidate:.*)$/m.exec(sdp)?.[1] ?? '';
  const candidate = readCandidate(line.trim());
  if (!candidate) throw new Error('the node named no candidate');
  const { address, port } = candidate;
  const relay = await ImpairmentRelay.open({
    target: { address, port },
    listen: { address: at, port: 0 },
    speakFrom: '127.0.0.2',
    ...{ seed: 20_261, toTarget: impairment, fromTarget: impairment },
  });
  const there = (later: string) =>
    later
      .replaceAll(BY_TCP, '')
      .replaceAll(` ${address} ${String(port)} `, ` ${at} ${String(relay.port)} `);
  return { relay, sdp: there(sdp), there };
}
