import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { LegName } from '../../../media-node/src/ports/media-plane.ts';
import type { VoiceLeg } from '../../../media-node/src/ports/transcoder.ts';
import type { NgClient } from '../media/relays/ng-client.ts';
import { startRtpengine } from '../media/relays/rtpengine.ts';

const HOST = '127.0.0.1';

/** Debian's own libavcodec has no encoders of AMR; that of libavcodec-extra has. */
export function rtpengineEncodes(codec: string): boolean {
  const { stdout } = spawnSync('rtpengine', ['--codecs'], { encoding: 'utf8' });
  return new RegExp(`^\\s*${codec}: fully supported`, 'm').test(stdout);
}

/** A call between two peers that are sockets of ours; plain RTP on both sides. */
export interface PeerCall {
  /** Payload type that rtpengine expects of the phone. */
  readonly phonePayload: number;
  send(from: LegName, packet: Uint8Array): void;
  onPacket(at: LegName, take: (packet: Buffer) => void): void;
  close(): void;
}

export interface Rtpengine {
  readonly pid: number;
  open(browser: VoiceLeg, ims: VoiceLeg): Promise<PeerCall>;
  stop(): Promise<void>;
}

export async function openRtpengine(
  start?: Parameters<typeof startRtpengine>[0],
): Promise<Rtpengine> {
  const { child, client } = await startRtpengine(start);
  let calls = 0;
  return {
    pid: child.pid,
    open: (browser, ims) => openCall(client, { number: ++calls, browser, ims }),
    async stop() {
      client.close();
      await child.stop();
    },
  };
}

async function aSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  return socket;
}

const portOf = (socket: Socket): number => socket.address().port;

async function openCall(
  client: NgClient,
  of: { readonly number: number; readonly browser: VoiceLeg; readonly ims: VoiceLeg },
): Promise<PeerCall> {
  const { browser, ims } = of;
  const sockets = { browser: await aSocket(), ims: await aSocket() };
  const about = {
    'call-id': `transcoded-${String(of.number)}`,
    ...{ 'from-tag': 'a', ICE: 'remove', 'transport-protocol': 'RTP/AVP' },
    replace: ['origin', 'session-connection'],
  };
  const isSame = browser.codec === ims.codec;
  const codec = { mask: [nameOf(browser)], transcode: [nameOf(ims)] };
  const offered = await client.ask({
    ...about,
    ...(isSame ? {} : { codec }),
    command: 'offer',
    sdp: sdpOf(browser, browser.arriving, portOf(sockets.browser)),
  });
  const phonePayload = payloadIn(String(offered['sdp']), ims);
  const answered = await client.ask({
    ...about,
    ...{ command: 'answer', 'to-tag': 'b' },
    sdp: sdpOf(ims, phonePayload, portOf(sockets.ims)),
  });
  const ports = { browser: audioPort(answered['sdp']), ims: audioPort(offered['sdp']) };
  if (!(ports.browser && ports.ims)) throw new Error(`refused: ${JSON.stringify(answered)}`);
  return {
    phonePayload,
    send(from, packet) {
      sockets[from].send(packet, ports[from], HOST);
    },
    onPacket(at, take) {
      sockets[at].on('message', take);
    },
    close() {
      sockets.browser.close();
      sockets.ims.close();
    },
  };
}

const audioPort = (sdp: unknown): number => Number(/^m=audio (\d+)/m.exec(String(sdp))?.[1]);
const nameOf = ({ codec }: VoiceLeg): string => codec;

/** Of the codec, as rtpengine numbered it; its static number where it has one. */
function payloadIn(sdp: string, leg: VoiceLeg): number {
  const map = new RegExp(`^a=rtpmap:(\\d+) ${leg.codec}/`, 'im').exec(sdp)?.[1];
  return map === undefined ? leg.arriving : Number(map);
}

function sdpOf(leg: VoiceLeg, payload: number, port: number): string {
  const rate = leg.codec === 'opus' ? '48000/2' : String(leg.clockRateHz);
  const format = FORMATS.get(leg.codec);
  const lines = [
    ...['v=0', `o=- 1 1 IN IP4 ${HOST}`, 's=-', `c=IN IP4 ${HOST}`, 't=0 0'],
    `m=audio ${String(port)} RTP/AVP ${String(payload)}`,
    `a=rtpmap:${String(payload)} ${leg.codec}/${rate}`,
    ...(format ? [`a=fmtp:${String(payload)} ${format}`] : []),
    ...['a=ptime:20', 'a=sendrecv'],
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** 12.65 and 12.2 kbit/s: the modes that we send in. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['opus', 'useinbandfec=1'],
  ['AMR-WB', 'mode-set=2'],
  ['AMR', 'mode-set=7'],
]);
