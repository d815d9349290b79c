import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../../support/ims-lab/child.ts';
import { findFreePort } from '../../../support/ims-lab/free-port.ts';
import { requireTools } from '../../../support/ims-lab/required-tools.ts';
import { inTurn, range } from '../../in-turn.ts';
import { ACCESS_PEER_PORT, GENERATOR_KEY, IMS_PEER_PORT, peerAddress } from '../keys.ts';
import { pinned, type RelayedCall, type RelaySubject } from '../relay.ts';
import { NgClient } from './ng-client.ts';

export const RTPENGINE = 'rtpengine';
const HOST = '127.0.0.1';
const AT_A_TIME = 8;
const SUITE = 'AES_CM_128_HMAC_SHA1_80';

/**
 * Debian's, in user space (no kernel module) with one worker for its one processor, which was better
 * than two. SDES instead of DTLS: what it does to a packet is the same.
 */
export const rtpengineSubject: RelaySubject = {
  name: RTPENGINE,
  suite: 'cm',
  ramp: 'native',
  async start(calls) {
    const { child, client } = await startRtpengine();
    try {
      const opened: RelayedCall[] = [];
      await inTurn(range(calls), AT_A_TIME, async (call) => {
        opened[call] = await openCall(client, call);
      });
      return { pid: child.pid, calls: opened, stop: () => child.stop() };
    } catch (error) {
      await child.stop();
      throw error;
    } finally {
      client.close();
    }
  },
};

/** On a processor of its own where it is to be fast, and what gives it orders. */
export async function startRtpengine(
  start: (command: string, args: readonly string[]) => Promise<Child> = pinned,
): Promise<{ child: Child; client: NgClient }> {
  requireTools(['rtpengine']);
  const port = await findFreePort(HOST);
  const child = await start('rtpengine', [
    ...[
      '--foreground',
      '--log-stderr',
      '--log-level=4',
      '--config-file=none',
      '--table=-1',
      '--num-threads=1',
    ],
    ...[`--interface=${HOST}`, `--listen-ng=${HOST}:${String(port)}`],
    ...['--endpoint-learning=off', '--port-min=22000', '--port-max=29999', '--timeout=600'],
  ]);
  const client = await NgClient.open(port);
  try {
    await untilAnswering(client);
    return { child, client };
  } catch (error) {
    client.close();
    await child.stop();
    throw error;
  }
}

const READY_MS = 10_000;
const POLL_MS = 100;

/** One that came before it listened is never answered. */
const ping = (client: NgClient) => client.ask({ command: 'ping' }).catch(() => undefined);

async function untilAnswering(client: NgClient): Promise<void> {
  const until = performance.now() + READY_MS;
  for (;;) {
    const answer = await Promise.race([ping(client), sleep(POLL_MS, undefined)]);
    if (answer?.['result'] === 'pong') return;
    if (performance.now() > until) throw new Error('rtpengine did not start');
  }
}

async function openCall(client: NgClient, call: number): Promise<RelayedCall> {
  const about = { 'call-id': `bench-${String(call)}`, 'from-tag': 'a', ICE: 'remove' };
  const replace = { replace: ['origin', 'session-connection'] };
  const protocol = { 'transport-protocol': 'RTP/AVP' };
  const offered = await client.ask({
    ...{ ...about, ...replace, ...protocol, command: 'offer' },
    sdp: sdpOf(call, ACCESS_PEER_PORT, true),
  });
  const answered = await client.ask({
    ...{ ...about, ...replace, command: 'answer', 'to-tag': 'b' },
    sdp: sdpOf(call, IMS_PEER_PORT, false),
  });
  const inline = /^a=crypto:\d+ \S+ inline:([^|\r\n]+)/m.exec(String(answered['sdp']))?.[1];
  if (inline === undefined) throw new Error(`rtpengine refused: ${JSON.stringify(answered)}`);
  const key = Buffer.from(inline, 'base64').toString('hex');
  return { accessPort: portOf(answered['sdp']), imsPort: portOf(offered['sdp']), key };
}

const portOf = (sdp: unknown): number => Number(/^m=audio (\d+)/m.exec(String(sdp))?.[1]);

function sdpOf(call: number, port: number, isSecure: boolean): string {
  const address = peerAddress(call);
  const key = Buffer.from(GENERATOR_KEY, 'hex').toString('base64');
  const lines = [
    ...['v=0', `o=- 1 1 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0'],
    `m=audio ${String(port)} RTP/${isSecure ? 'SAVP' : 'AVP'} 8`,
    ...['a=rtpmap:8 PCMA/8000', 'a=sendrecv'],
    ...(isSecure ? [`a=crypto:1 ${SUITE} inline:${key}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n`;
}
