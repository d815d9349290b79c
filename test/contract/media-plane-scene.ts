import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { readCandidate } from '../../media-node/src/core/sdp/candidate.ts';
import type { MediaCall, MediaEvent, MediaPlane } from '../../media-node/src/ports/media-plane.ts';
import { callId } from '../../shared/src/domain/ids.ts';
import { until } from '../support/until.ts';
import { ImsPeer } from './ims-peer.ts';
import {
  type CreatePlane,
  OPEN,
  obeyed,
  PCMU_TO_PCMA,
  type PlaneSettings,
  SETTINGS,
} from './media-plane.contract.ts';
import { type BrowserOptions, type Restart, WeriftBrowser } from './werift-browser.ts';

export interface NodeAddress {
  readonly address: string;
  readonly port: number;
}

export interface Scene {
  readonly plane: MediaPlane;
  readonly call: MediaCall;
  readonly events: readonly MediaEvent[];
  readonly browser: WeriftBrowser;
  readonly ims: ImsPeer;
  /** Where browsers send to. */
  readonly node: NodeAddress;
}

export interface SceneOptions extends Partial<BrowserOptions> {
  readonly settings?: Partial<PlaneSettings>;
  /** Instead of a plane of its own. */
  readonly plane?: MediaPlane;
}

/** Somebody who has no part in the call. */
export interface Stranger {
  readonly heard: readonly Buffer[];
  readonly port: number;
  send(packet: Uint8Array, to: NodeAddress): void;
}

/** Calls with everything around them, taken down after each test. */
export function createScenes(createPlane: CreatePlane) {
  const cleanups: (() => Promise<void> | void)[] = [];

  async function aScene(options: SceneOptions = {}): Promise<Scene> {
    const { settings, plane = await aPlane(settings), ...browserOptions } = options;
    const events: MediaEvent[] = [];
    const call = await plane.open(callId('call-0001'), (event) => events.push(event));
    cleanups.push(() => call.close());
    const browser = await WeriftBrowser.open({ offers: true, ...browserOptions });
    cleanups.push(() => browser.vanish());
    const ims = await anImsPeer(settings?.imsAddress);
    const at = readCandidate(call.access.candidates[0] ?? '');
    const node = { address: at?.address ?? '', port: at?.port ?? 0 };
    return { plane, call, events, browser, ims, node };
  }

  async function aPlane(settings: Partial<PlaneSettings> = {}): Promise<MediaPlane> {
    const plane = await createPlane({ ...SETTINGS, ...settings });
    cleanups.push(() => plane.close());
    return plane;
  }

  async function anImsPeer(address = '127.0.0.1'): Promise<ImsPeer> {
    const peer = await ImsPeer.open(address);
    cleanups.push(() => {
      peer.close();
    });
    return peer;
  }

  async function aStranger(address = '127.0.0.1'): Promise<Stranger> {
    const socket = createSocket('udp4').bind(0, address);
    await once(socket, 'listening');
    cleanups.push(() => {
      socket.close();
    });
    return strangerAt(socket);
  }

  /** ICE and DTLS done, both gates open. */
  async function aTalk(options: SceneOptions = {}): Promise<Scene> {
    const scene = await aScene(options);
    await connect(scene);
    scene.call.connectIms(scene.ims.endpoint);
    await openGates(scene);
    return scene;
  }

  const takeDown = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  return { aScene, aPlane, anImsPeer, aStranger, aTalk, takeDown };
}

function strangerAt(socket: Socket): Stranger {
  const heard: Buffer[] = [];
  socket.on('message', (packet) => heard.push(packet));
  const { port } = socket.address();
  const send: Stranger['send'] = (packet, to) => {
    socket.send(packet, to.port, to.address);
  };
  return { heard, port, send };
}

export const isTold = ({ events }: Pick<Scene, 'events'>, kind: MediaEvent['kind']): boolean =>
  events.some((it) => it.kind === kind);

export function start({ call, browser }: Scene): Promise<void> {
  call.addCandidates(browser.candidates);
  call.connectAccess(browser.parameters);
  return browser.connect(call.access);
}

export async function connect(scene: Scene): Promise<void> {
  await start(scene);
  await until(() => isTold(scene, 'access-connected'));
}

/** Of ICE, to another socket of the browser; media has moved once something has come by it. */
export async function restart({ browser, call }: Scene): Promise<Restart> {
  const restarted = await browser.prepareRestart();
  const ours = call.restartAccess(restarted.names);
  if (!ours) throw new Error('the plane restarts nothing');
  call.addCandidates(restarted.candidates);
  await restarted.connect(ours);
  return restarted;
}

/** Whatever was ordered before has taken effect. */
export const obeyedBy = ({ plane }: Pick<Scene, 'plane'>): Promise<void> => obeyed(plane);

export async function openGates(scene: Pick<Scene, 'plane' | 'call'>): Promise<void> {
  scene.call.setRewrite(PCMU_TO_PCMA);
  scene.call.setGate(OPEN);
  await obeyedBy(scene);
}

export const voice = (sequence: number, more: { ssrc?: number; payloadType?: number } = {}) => ({
  payloadType: 111,
  sequence,
  ssrc: 0x1234,
  payload: `voice ${String(sequence)}`,
  ...more,
});

export const imsVoice = (sequence: number, more: { ssrc?: number; payloadType?: number } = {}) =>
  writeRtp(
    {
      ...{ marker: false, payloadType: 8, sequence, timestamp: sequence * 160, ssrc: 0x77 },
      ...more,
    },
    Buffer.from(`ims ${String(sequence)}`),
  );

/** Both directions still carry what is said now. */
export async function expectVoice(scene: Scene, sequence = 30_000): Promise<void> {
  const { call, browser, ims } = scene;
  await browser.sendRtp(voice(sequence));
  await until(() => heardByIms(scene).includes(`voice ${String(sequence)}`));
  ims.send(imsVoice(sequence), call.ims);
  await until(() => browser.heard.some((it) => it.payload === `ims ${String(sequence)}`));
}

export const heardByIms = ({ ims }: Pick<Scene, 'ims'>): readonly string[] =>
  ims.heard.map((packet) => packet.subarray(12).toString());
